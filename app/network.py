"""Where the explorer listens, and the addresses at which browsers find it there."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Sequence
from typing import Any, TypeAlias

LOCALHOST = "localhost"
"""This machine alone, by both of its addresses: browsers try either."""
EVERYWHERE = "::"
"""Every address of this machine, of both kinds."""
EVERY_IPV4 = "0.0.0.0"
PORTS = 65536
TRIES = 20
"""Ports that are tried one after the other where the first is taken."""

Place: TypeAlias = tuple[socket.AddressFamily, tuple[Any, ...]]
"""A kind of address, and the address as a socket takes it, with any port."""

_BOTH: dict[str, list[Place]] = {
    LOCALHOST: [(socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_INET6, ("::1", 0))],
    EVERYWHERE: [(socket.AF_INET, (EVERY_IPV4, 0)), (socket.AF_INET6, ("::", 0))],
}
_ABSENT = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL}


_serving = [""]


def serves(host: str) -> None:
    """Note what this process serves the explorer on."""
    _serving[0] = host


def serving() -> str:
    """What this process serves the explorer on; "" where another program does that."""
    return _serving[0]


def listening(host: str, port: int) -> list[socket.socket]:
    """Listening sockets of one port, a socket for each address of the host that is there.

    Port 0 takes any free one, a taken port the next of twenty that is free.

    Raises:
        OSError: there is no such host, it is not this machine, or no port is free: one sentence.
    """
    places = _places(host)
    last = min(port + TRIES, PORTS) - 1
    for candidate in [0] * TRIES if port == 0 else range(port, last + 1):
        try:
            return _bound(places, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise OSError(_why_not(host, candidate, error)) from error
    tried = f"Ports {port} to {last} are" if last > port else f"Port {port} is"
    raise OSError(f"{tried} taken here: name another with --port, or 0 for any that is free.")


def _places(host: str) -> list[Place]:
    if host in _BOTH:
        return _BOTH[host]
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OSError(
            f"There is no host {host!r} that this machine knows: name one of its own addresses "
            f"({_listed(addresses())}) with --host, or leave --host out."
        ) from None
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _bound(places: Sequence[Place], port: int) -> list[socket.socket]:
    """A socket at each place, all at one port; a place that is not there is left out."""
    made: list[socket.socket] = []
    absent: OSError | None = None
    try:
        for family, (address, _, *scope) in places:
            try:
                made.append(_socket(family, (address, port, *scope)))
            except OSError as error:
                if error.errno not in _ABSENT:
                    raise
                absent = error
                continue
            port = made[0].getsockname()[1]
        if absent is not None and not made:
            raise absent
    except OSError:
        for one in made:
            one.close()
        raise
    return made


def _socket(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    made = socket.socket(family)
    try:
        # On Windows the usual option would let two programs listen at one port.
        alone = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
        made.setsockopt(socket.SOL_SOCKET, alone, 1)
        if family == socket.AF_INET6:  # the other kind has a socket of its own
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(128)
    except OSError:
        made.close()
        raise
    return made


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno in _ABSENT:
        return (
            f"{host} is not an address of this machine, which has {_listed(addresses())}: name "
            "one of them with --host, or leave --host out."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} may not be taken by you: name one from 1024 on with --port."
    return f"The explorer cannot listen on {host}, port {port} ({error.strerror or error})."


def addresses(family: socket.AddressFamily | None = None) -> list[str]:
    """The addresses by which other machines reach this one, of one kind or both; IPv4 first.

    One of each kind for each interface that is up; none that only this machine understands.
    """
    import psutil

    up = psutil.net_if_stats()
    found: dict[socket.AddressFamily, list[str]] = {socket.AF_INET: [], socket.AF_INET6: []}
    for interface, entries in psutil.net_if_addrs().items():
        if interface not in up or not up[interface].isup:
            continue
        for kind, kept in found.items():
            own = [entry.address for entry in entries if entry.family == kind]
            kept += [address for address in own if _is_reached(address)][:1]
    kinds = list(found) if family is None else [family]
    return [address for kind in kinds for address in found[kind]]


def _is_reached(address: str) -> bool:
    known = ipaddress.ip_address(address.partition("%")[0])
    return not (known.is_loopback or known.is_link_local)


def _listed(found: Sequence[str]) -> str:
    words = [*found, "127.0.0.1"]
    return f"{', '.join(words[:-1])} and {words[-1]}" if found else words[0]


def url(host: str, port: int, path: str = "") -> str:
    """The address as a browser takes it; wherever this machine listens, that is localhost."""
    if host in (EVERYWHERE, EVERY_IPV4):
        host = LOCALHOST
    if ":" in host:
        host = f"[{host.replace('%', '%25')}]"
    return f"http://{host}:{port}{path}"


def shared_hosts(host: str) -> list[str]:
    """The addresses to tell others where this machine listens at all of its own."""
    kinds = {EVERYWHERE: None, EVERY_IPV4: socket.AF_INET}
    return addresses(kinds[host]) if host in kinds else []
