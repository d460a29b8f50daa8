"""Which pages of other hosts may show this server's own in a frame."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.datastructures import MutableHeaders

from app import switches

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PARENTS = "LMX_FRAME_PARENTS"
"""The environment variable that names them, for servers that `lmx` does not start."""
PARENT = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:(\d{1,5}|\*))?|\*|'self'")
POLICY = "Content-Security-Policy"


def parents(text: str) -> tuple[str, ...]:
    """The hosts that somebody names, separated by spaces.

    Raises:
        ValueError: one is no such name; one sentence.
    """
    named = tuple(text.split())
    for one in named:
        if not PARENT.fullmatch(one):
            raise ValueError(
                f"{one[:60]!r} names no page that may frame this one: give hosts such as "
                "https://a.example, separated by spaces, or * for all."
            )
    return named


def allowed(*, stage: bool, named: tuple[str, ...]) -> str:
    """Who may frame a page, in the words of the header.

    Where hosts are named, they may frame all pages, and nobody else any; else everybody the stage
    alone, which has no settings and leads nowhere, and nobody the others.
    """
    who = " ".join(named) if named else "*" if stage else "'none'"
    return f"frame-ancestors {who}"


class Framed:
    """Says with every page who may frame it."""

    def __init__(self, app: ASGIApp, has_stage: Callable[[str], bool]) -> None:
        """`has_stage(path)` says at which addresses a stage can stand alone."""
        self.app, self.has_stage = app, has_stage
        self.named = parents(os.environ.get(PARENTS, ""))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the header to what is a page."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        stage = self.has_stage(scope["path"]) and switches.has_stage(asked)
        policy = allowed(stage=stage, named=self.named)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append(POLICY, policy)
            await send(message)

        await self.app(scope, receive, sent)
