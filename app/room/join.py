"""Where students join: the addresses at which their phones reach this server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app import network
from app.live.server.origin import own_address

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
        made = tuple(
            f"{one}/room/{self.code}" for one in network.reached(found.rstrip("/"), self.host)
        )
        return replace(self, addresses=made, hint="" if made else LOCAL_ONLY)
