"""Where the explorer listens, and what it says of it."""

import contextlib
import errno
import socket
from types import SimpleNamespace

import pytest

from app import network
from app.cli.explore import _told


@contextlib.contextmanager
def listening(host: str, port: int = 0):
    """The port and the sockets of a host."""
    made = network.listening(host, port)
    try:
        yield made[0].getsockname()[1], made
    finally:
        for one in made:
            one.close()


@contextlib.contextmanager
def taken(host: str = "127.0.0.1", family: int = socket.AF_INET, port: int = 0):
    with socket.socket(family) as other:
        if family == socket.AF_INET6:
            other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind((host, port))
        other.listen()
        yield other.getsockname()[1]


def reached(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True


def has_ipv6() -> bool:
    try:
        with taken("::1", socket.AF_INET6):
            return True
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@needs_ipv6
@pytest.mark.parametrize("host", [network.LOCALHOST, network.EVERYWHERE])
def test_both_kinds_of_address_answer_at_one_port(host):
    with listening(host) as (port, made):
        assert {one.getsockname()[1] for one in made} == {port}
        assert reached("127.0.0.1", port)
        assert reached("::1", port)


def test_without_one_kind_the_other_is_served(monkeypatch):
    real = network._socket

    def only_ipv4(family, address):
        if family == socket.AF_INET6:
            raise OSError(errno.EADDRNOTAVAIL, "no IPv6 here")
        return real(family, address)

    monkeypatch.setattr(network, "_socket", only_ipv4)
    with listening(network.LOCALHOST) as (port, made):
        assert len(made) == 1
        assert reached("127.0.0.1", port)


def test_a_taken_port_gives_way_to_the_next():
    with taken() as port, listening(network.LOCALHOST, port) as (bound, _):
        assert port < bound <= port + network.TRIES


@needs_ipv6
def test_a_port_that_another_has_by_one_kind_of_address_is_taken():
    with taken("::1", socket.AF_INET6) as port, listening(network.LOCALHOST, port) as (bound, _):
        assert bound != port
        assert reached("127.0.0.1", bound)


def test_where_the_last_ports_are_taken_it_is_said(monkeypatch):
    def never(family, address):
        raise OSError(errno.EADDRINUSE, "Address already in use")

    monkeypatch.setattr(network, "_socket", never)
    with pytest.raises(OSError, match=r"^Ports 65530 to 65535 are taken here: name another "):
        network.listening(network.LOCALHOST, 65530)
    with pytest.raises(OSError, match=r"^Ports 8501 to 8520 are taken"):
        network.listening(network.LOCALHOST, 8501)
    with pytest.raises(OSError, match=r"^Port 65535 is taken"):
        network.listening(network.LOCALHOST, 65535)


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("203.0.113.1", "203.0.113.1 is not an address of this machine, which has "),
        ("2001:db8::1", "2001:db8::1 is not an address of this machine, which has "),
        ("nowhere.invalid", "There is no host 'nowhere.invalid' that this machine knows: "),
        ("fd00::zz", "There is no host 'fd00::zz'"),
        ("a..b", "There is no host 'a..b'"),
        ("x" * 70, "There is no host 'xxx"),
    ],
)
@pytest.mark.parametrize("port", [0, 65530])
def test_a_host_that_is_not_here_is_one_sentence_with_those_that_are(host, port, said):
    with pytest.raises(OSError, match=r"with --host, or leave --host out\.$") as refused:
        network.listening(host, port)
    words = str(refused.value)
    assert words.startswith(said)
    assert "127.0.0.1" in words
    assert words.count(". ") == 0


def test_a_port_of_the_system_is_refused_in_a_sentence(monkeypatch):
    def refused(family, address):
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(network, "_socket", refused)
    with pytest.raises(OSError, match=r"^Port 80 may not be taken by you: "):
        network.listening(network.LOCALHOST, 80)


def test_nothing_is_left_open_where_it_fails(monkeypatch):
    opened = []
    real = network._socket

    def second_fails(family, address):
        if opened:
            raise OSError(errno.EACCES, "Permission denied")
        opened.append(real(family, address))
        return opened[-1]

    monkeypatch.setattr(network, "_socket", second_fails)
    with pytest.raises(OSError, match="may not be taken"):
        network.listening(network.LOCALHOST, 0)
    assert opened[0].fileno() == -1


@pytest.mark.parametrize(
    ("host", "address"),
    [
        (network.LOCALHOST, "http://localhost:8501"),
        (network.EVERYWHERE, "http://localhost:8501"),
        (network.EVERY_IPV4, "http://localhost:8501"),
        ("127.0.0.1", "http://127.0.0.1:8501"),
        ("fd00::2", "http://[fd00::2]:8501"),
        ("fe80::1%eth0", "http://[fe80::1%25eth0]:8501"),
        ("lab.example", "http://lab.example:8501"),
    ],
)
def test_an_address_is_one_that_a_browser_takes(host, address):
    assert network.url(host, 8501) == address
    assert network.url(host, 8501, "/explorer/") == f"{address}/explorer/"


def test_the_addresses_to_tell_others_are_this_machines_own(monkeypatch):
    import psutil

    def entry(family, address):
        return SimpleNamespace(family=family, address=address)

    kinds = {
        "lo": [entry(socket.AF_INET, "127.0.0.1"), entry(socket.AF_INET6, "::1")],
        "eth0": [
            entry(socket.AF_INET, "192.0.2.2"), entry(socket.AF_INET6, "fe80::1%eth0"),
            entry(socket.AF_INET6, "fd00::2"), entry(socket.AF_INET6, "fd00::3"),
        ],
        "off": [entry(socket.AF_INET, "192.0.2.9")],
    }  # fmt: skip

    up, down = SimpleNamespace(isup=True), SimpleNamespace(isup=False)
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: kinds)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: dict.fromkeys(kinds, up) | {"off": down})
    assert network.shared_hosts(network.EVERYWHERE) == ["192.0.2.2", "fd00::2"]
    assert network.shared_hosts(network.EVERY_IPV4) == ["192.0.2.2"]
    assert network.shared_hosts(network.LOCALHOST) == []
    assert network.shared_hosts("192.0.2.2") == []


def test_it_says_where_it_is_for_others_and_why_not_at_the_port_asked_for():
    here, others = "http://localhost:8502", ["http://192.0.2.2:8502", "http://[fd00::2]:8502"]
    assert _told(here, [], 0) == "The explorer is open at http://localhost:8502 (Ctrl-C ends it)."
    assert _told(here, others, 8501) == (
        "Port 8501 is taken, so the explorer is open at http://localhost:8502, to everyone who "
        "can reach this machine at http://192.0.2.2:8502 or http://[fd00::2]:8502 "
        "(Ctrl-C ends it)."
    )


def test_a_page_that_others_see_is_where_it_is(monkeypatch):
    monkeypatch.setattr(network, "addresses", lambda family=None: ["192.0.2.7"])
    for host in ("", "localhost", network.EVERYWHERE):
        seen = "https://lmx.example/class/lazy_rich-parity"
        assert network.reached(seen, host) == [seen]


@pytest.mark.parametrize("seen", ["localhost", "127.0.0.1", "[::1]"])
def test_a_page_of_this_machine_alone_is_elsewhere_for_others(monkeypatch, seen):
    monkeypatch.setattr(network, "addresses", lambda family=None: ["192.0.2.7", "2001:db8::7"])
    page = f"http://{seen}:8502/class/lazy_rich-parity"
    assert network.reached(page, network.EVERYWHERE) == [
        "http://192.0.2.7:8502/class/lazy_rich-parity",
        "http://[2001:db8::7]:8502/class/lazy_rich-parity",
    ]
    assert network.reached(f"http://{seen}:8502", network.EVERYWHERE)[0] == "http://192.0.2.7:8502"
    for host in ("", "localhost"):
        assert network.reached(page, host) == []
