"""Streamlit's own files, answered without a walk through all that stands before them.

A page asks for a hundred while the server is busy with its imports, and each costs four
milliseconds of the interpreter there, a tenth of it here.
"""

from __future__ import annotations

import mimetypes
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

KEPT = "public, immutable, max-age=31536000"
"""As Streamlit has it: the names hold a hash of the content."""


@cache
def files() -> dict[str, Path]:
    """Where each file is, by the path that a page at the server's root asks for."""
    import streamlit

    root = Path(streamlit.__file__).parent / "static"
    found = (path for path in (root / "static").rglob("*") if path.is_file())
    return {f"/{path.relative_to(root).as_posix()}": path for path in found}


class Front:
    """Answers for the files that are known by their exact path, and leaves all else alone.

    Under another folder, or with anything in the request that asks for less than the whole file,
    Streamlit answers itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        """`app` is asked for whatever is no such file."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        path = None
        if scope["type"] == "http" and scope["method"] == "GET":
            path = files().get(scope["path"])
        if path is None or _is_partial(scope):
            await self.app(scope, receive, send)
            return
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        headers = {"Cache-Control": KEPT, "X-Content-Type-Options": "nosniff"}
        await Response(path.read_bytes(), media_type=kind, headers=headers)(scope, receive, send)


def _is_partial(scope: Scope) -> bool:
    return any(
        name in (b"range", b"if-none-match", b"if-modified-since") for name, _ in scope["headers"]
    )
