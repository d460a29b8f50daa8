"""Whoever asks for a page by nearly its address is led to it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from app import addresses
from app.live.server import routes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Corrected:
    """Leads whoever asks for a page by nearly its address to it, and else home, which says so.

    Where it leads is written relative to what was asked: what lies above, a proxy may have hidden.
    """

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        """`base` is the folder of the host that pages lie in."""
        self.app, self.base = app, f"/{base}" if base else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a wrong address of a page; all else is handed on."""
        to = None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            to = await self._leads_to(
                _within(scope, self.base), scope["query_string"].decode("latin-1")
            )
        await (self.app if to is None else RedirectResponse(to))(scope, receive, send)

    async def _leads_to(self, path: str | None, query: str) -> str | None:
        """Where a path beneath the base leads, as written in an answer; None: it is right."""
        if path is None or path == "/":
            return None
        asked = path.strip("/")
        folders = path.split("/")[1:]
        if folders[0] in addresses.ELSEWHERE or "_stcore" in folders or "." in folders[-1]:
            return None
        if not routes.opened():
            if folders == [asked] and addresses.is_shipped(asked):
                return None  # nobody waits for imports whose address is right
            await run_in_threadpool(routes.load)
        page = addresses.page_for(asked)
        if folders == [page]:
            return None
        up = "../" * (len(folders) - 1) or "./"
        if page is None:
            return f"{up}?{addresses.LOST}={quote(asked[: addresses.MOST_KEPT])}"
        return f"{up}{page}{'?' + query if query else ''}"


def _within(scope: Scope, base: str) -> str | None:
    """The path asked for beneath the base, from its slash on; None where it is not beneath."""
    above = scope.get("root_path", "") + base
    path = scope["path"]
    return path.removeprefix(above) if path.startswith(above + "/") else None
