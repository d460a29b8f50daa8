"""The files a browser needs for the live part of a page, and the word that it will need them."""

from __future__ import annotations

import functools
import gzip
import hashlib
from collections.abc import Callable, Iterable
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
    """Tells a browser with the page itself what its live part will ask for.

    Streamlit's own modules come first and ask for ours a second later; by then these are there.
    """

    def __init__(self, app: ASGIApp, is_live: Callable[[str], bool]) -> None:
        """`is_live(path)` says which pages have a live part."""
        self.app, self.is_live = app, is_live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add `Link` to the answers that are such a page."""
        if scope["type"] != "http" or not self.is_live(scope["path"]):
            await self.app(scope, receive, send)
            return
        root = scope.get("root_path", "").rstrip("/")

        async def announcing(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("Link", ", ".join(_links(root)))
            await send(message)

        await self.app(scope, receive, announcing)


def _links(root: str) -> Iterable[str]:
    yield f"<{root}/lmx/plotly.js>; rel=preload; as=script"
    for name in ASSETS:
        if name.endswith(".js"):
            yield f"<{root}/lmx/{VERSION}/{name}>; rel=modulepreload"
