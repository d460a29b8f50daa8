"""The files a browser needs for the live part of a page, and the word that it will need them."""

from __future__ import annotations

import functools
import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, Response

from app.live.component import ASSETS, VERSION

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOREVER = "public, max-age=31536000, immutable"
ASSET_TYPES = {".js": "text/javascript", ".css": "text/css"}
SCRIPT = b'<script defer src="./lmx/plotly.js"></script>'
LINKS = ", ".join(
    f"<./lmx/{VERSION}/{name}>; rel=modulepreload" for name in ASSETS if name.endswith(".js")
)
"""Relative, as Streamlit's own: a page may lie under another folder of its host."""


@functools.cache
def _plotly() -> bytes:
    """plotly.min.js of the installed package, compressed once."""
    import plotly

    source = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return gzip.compress(source.read_bytes(), 5)


def prepare() -> None:
    """Do beforehand what the first visitor would wait for."""
    _plotly()


async def plotly_js(request: Request) -> Response:
    """The endpoint `/lmx/plotly.js`; the component asks for it with the version in the query."""
    data = await run_in_threadpool(_plotly)
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        data = await run_in_threadpool(gzip.decompress, data)
    return Response(data, media_type="text/javascript", headers=headers)


async def asset(request: Request) -> Response:
    """The endpoints `/lmx/{version}/{name}` (kept forever) and `/lmx/{name}`."""
    path = ASSETS.get(request.path_params["name"])
    if path is None:
        return PlainTextResponse("There is no such file.", 404)
    data = await run_in_threadpool(path.read_bytes)
    etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
    versioned = "version" in request.path_params
    headers = {"Cache-Control": FOREVER if versioned else "no-cache", "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=ASSET_TYPES[path.suffix], headers=headers)


class Announced:
    """Lets a page with a live part ask at once for what that will need.

    Streamlit's own modules come first and mount ours seconds later; by then ours are there, and
    Plotly has been read while the browser waited for the server.
    """

    def __init__(self, app: ASGIApp, is_live: Callable[[str], bool]) -> None:
        """`is_live(path)` says which pages have a live part."""
        self.app, self.is_live = app, is_live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add a `Link` and Plotly's script to the answers that are such a page."""
        asked = scope["type"] == "http" and scope["method"] == "GET"
        if not asked or not self.is_live(scope["path"]):
            await self.app(scope, receive, send)
            return
        plain = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
        scope = {**scope, "headers": plain}  # what is compressed could not be added to
        await self.app(scope, receive, _Page(send))


class _Page:
    """Holds an answer back until it is whole, if it is a page as plain text."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self.start = message
        elif message["type"] == "http.response.body" and self.start is not None:
            self.body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._sent(self.start)
        else:
            await self.send(message)

    async def _sent(self, start: Message) -> None:
        body = self.body.replace(b"</head>", SCRIPT + b"</head>", 1)
        headers = MutableHeaders(scope=start)
        headers["Content-Length"] = str(len(body))
        headers.append("Link", LINKS)
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    headers = MutableHeaders(scope=start)
    plain = "content-encoding" not in headers
    return plain and headers.get("content-type", "").startswith("text/html")
