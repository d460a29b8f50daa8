"""The files a browser needs for the live part of a page, and the word that it will need them."""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, Response

from app.assets import asset as kept
from app.live.component import ASSETS, VERSION

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOREVER = "public, max-age=31536000, immutable"
ASSET_TYPES = {".js": "text/javascript", ".css": "text/css"}
PALETTE = "palette.css"
CONNECTION = "connection.js"
# At once, not after Streamlit's modules.
WATCHED = f'<script type="module" async src="./lmx/{VERSION}/{CONNECTION}"></script>'.encode()
PLOTLY = kept("plotly/plotly-cartesian.min.js")
"""Plotly without its maps and its third dimension, a third of the whole to read: npm's
`plotly.js-cartesian-dist-min`, in the version that the installed Python package draws for."""
_WORDS = PLOTLY.read_bytes()[:200].decode()
PLOTLY_VERSION = "".join(re.findall(r"^\* plotly\.js .*v([\d.]+)$", _WORDS, re.MULTILINE))
SCRIPT = f'<script defer src="./lmx/plotly.js?{PLOTLY_VERSION}"></script>'.encode()
PARTS = (
    "Alert", "BidiComponent", "Block", "Button", "ButtonGroup", "Checkbox", "Expander", "Html",
    "NumberInput", "PageLink", "Popover", "Selectbox", "Slider", "TextInput", "rehype-katex",
)  # fmt: skip
"""What an experiment's page is drawn with: modules that Streamlit fetches when it first must."""
ELSEWHERE = (CONNECTION, "room/", "session/recording.js")
"""Modules that no page of the explorer waits for: those of rooms, and what its head asks for."""
LINKS = ", ".join(
    f"<./lmx/{VERSION}/{name}>; rel=modulepreload"
    for name in ASSETS
    if name.endswith(".js") and not name.startswith(ELSEWHERE)
)
"""Relative, as Streamlit's own: a page may lie under another folder of its host."""


@functools.cache
def _plotly() -> bytes:
    """The library, compressed once."""
    return gzip.compress(PLOTLY.read_bytes(), 5)


@functools.cache
def _ahead() -> bytes:
    """A script that fetches these modules while the browser would wait for the first turn.

    It stands behind Streamlit's own, so that it holds up none of them. In the turn itself they
    would come one after another, from a server that is busy.
    """
    import streamlit

    modules = Path(streamlit.__file__).parent / "static" / "static" / "js"
    names = [path.name for part in PARTS for path in sorted(modules.glob(f"{part}.*.js"))]
    fetched = ";".join(f'import("./static/js/{name}").catch(()=>{{}})' for name in names)
    return f'<script type="module">{fetched}</script>'.encode()


def prepare() -> None:
    """Do beforehand what the first visitor would wait for."""
    _plotly()


async def plotly_js(request: Request) -> Response:
    """The endpoint `/lmx/plotly.js`, kept for ever where the query says which version it is."""
    versioned = request.url.query == PLOTLY_VERSION
    headers = {"Cache-Control": FOREVER if versioned else "no-cache", "Vary": "Accept-Encoding"}
    headers["ETag"] = etag = f'"{PLOTLY_VERSION}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    data = await run_in_threadpool(_plotly)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        data = await run_in_threadpool(gzip.decompress, data)
    return Response(data, media_type="text/javascript", headers=headers)


@functools.cache
def _palette() -> bytes:
    """The colours of both modes as CSS variables, for words outside of Streamlit's page."""
    from app.figures.style import PAGE

    rules = []
    for mode, colours in PAGE.items():
        names = (f"--{role.replace('_', '-')}: {colour};" for role, colour in colours.items())
        rules.append(f"[data-mode={mode}] {{ {' '.join(names)} }}\n")
    return "".join(rules).encode()


async def asset(request: Request) -> Response:
    """The endpoints `/lmx/{version}/{name}` (kept forever) and `/lmx/{name}` (no folders)."""
    name = request.path_params["name"]
    if name == PALETTE:
        read, kind = _palette, ".css"
    elif name in ASSETS:
        read, kind = ASSETS[name].read_bytes, ASSETS[name].suffix
    else:
        return PlainTextResponse("There is no such file.", 404)
    data = await run_in_threadpool(read)
    etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
    versioned = "version" in request.path_params
    headers = {"Cache-Control": FOREVER if versioned else "no-cache", "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=ASSET_TYPES[kind], headers=headers)


class Announced:
    """Adds to every page the words for when it stays empty, and speeds up those with a live part.

    Streamlit's own modules come first and mount ours seconds later; by then ours are there, and
    Plotly has been read while the browser waited for the server.
    """

    def __init__(
        self,
        app: ASGIApp,
        is_live: Callable[[str], bool],
        is_whole: Callable[[str], bool] = lambda _path: False,
    ) -> None:
        """`is_live(path)` says which pages have a live part, `is_whole` which are left alone."""
        self.app, self.is_live, self.is_whole = app, is_live, is_whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the scripts, and a `Link` where there is a live part, to what is a page."""
        if scope["type"] != "http" or scope["method"] != "GET" or not self._is_added_to(scope):
            await self.app(scope, receive, send)
            return
        plain = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
        scope = {**scope, "headers": plain}  # what is compressed could not be added to
        await self.app(scope, receive, _Page(send, self.is_live(scope["path"])))

    def _is_added_to(self, scope: Scope) -> bool:
        return "." not in _last(scope["path"]) and not self.is_whole(scope["path"])


def _last(path: str) -> str:
    return path.rpartition("/")[2]


class _Page:
    """Holds an answer back until it is whole, if it is a page as plain text."""

    def __init__(self, send: Send, has_live_part: bool) -> None:
        self.send, self.has_live_part = send, has_live_part
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
        scripts = WATCHED + (_ahead() + SCRIPT if self.has_live_part else b"")
        body = self.body.replace(b"</head>", scripts + b"</head>", 1)
        headers = MutableHeaders(scope=start)
        headers["Content-Length"] = str(len(body))
        if self.has_live_part:
            headers.append("Link", LINKS)
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    headers = MutableHeaders(scope=start)
    plain = "content-encoding" not in headers
    return plain and headers.get("content-type", "").startswith("text/html")
