"""Whether a request comes from a page of this very server."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

MOST_ADDRESS = 200


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether a browser's page came from this server; a request without Origin is refused."""
    origin = _split(headers.get("origin", ""))
    hosts = [headers.get("host", ""), headers.get("x-forwarded-host", "")]
    return bool(origin.netloc) and any(
        _without_port(origin.netloc, origin.scheme) == _without_port(h, origin.scheme)
        for h in hosts
        if h
    )


def own_address(headers: Mapping[str, str], address: str) -> str:
    """The address that a browser says its page has; '' unless it is of this very host."""
    address = address[:MOST_ADDRESS]
    parts = _split(address)
    known = {"host": "", "x-forwarded-host": "", **headers, "origin": address}
    is_page = parts.scheme in ("http", "https") and not (parts.query or parts.fragment)
    return address.rstrip("/") if is_page and same_origin(known) else ""


def _split(address: str) -> SplitResult:
    """The parts of an address; those of none where it is no address at all."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _without_port(host: str, scheme: str) -> str:
    """The host, without the scheme's own port."""
    return host.lower().removesuffix({"http": ":80", "https": ":443"}.get(scheme, ""))
