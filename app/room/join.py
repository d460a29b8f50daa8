"""Where students join: the addresses at which their phones reach this server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from app import network
from app.live.server.origin import own_address

LOCAL = ("localhost", "127.0.0.1", "::1")
LOCAL_ONLY = "Start lmx with --public, so that phones can reach it."


@dataclass(frozen=True)
class Join:
    """The addresses of a room's page; `hint` says why there are none."""

    code: str
    headers: Mapping[str, str]
    host: str
    addresses: tuple[str, ...] = ()
    hint: str = ""

    def seen_from(self, base: object) -> Join:
        """The same for a browser whose page lies in that folder of this server."""
        found = own_address(self.headers, base if isinstance(base, str) else "")
        if not found:
            found = "http://" + self.headers.get("host", "")
        made = tuple(f"{one}/room/{self.code}" for one in reached(found, self.host))
        return replace(self, addresses=made, hint="" if made else LOCAL_ONLY)


def reached(base: str, host: str) -> list[str]:
    """The address of the explorer for other machines, as seen from a browser's own; may be none.

    What is no address of this machine alone is the same for all. `host` is what the server listens
    on.
    """
    parts = urlsplit(base)
    if parts.hostname not in LOCAL:
        return [base.rstrip("/")]
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 80)
    path = parts.path.rstrip("/")
    return [network.url(one, port, path) for one in network.shared_hosts(host)]
