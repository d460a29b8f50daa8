"""The addresses of pages: which there are, and where one leads that is nearly right or wrong."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from app.live.server import routes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HOME, GUIDE, LEDGER, QUESTIONS = "", "write-your-own", "ledger", "open-questions"
WORDS = (GUIDE, LEDGER, QUESTIONS)
"""Pages of words and numbers, without a live part."""
LOST = "lost"
"""The name by which home is told what there was no page for."""
MOST_KEPT = 60
"""Characters of a wrong address that home repeats."""
STREAMLITS = ("_stcore", "app", "auth", "component", "media", "oauth2callback", "static")
ROOM = "room"
ELSEWHERE = frozenset((*STREAMLITS, "files", "live", "lmx", ROOM))
"""First folders of what is no page: Streamlit's, those of the live channel, and of rooms."""
_SIMS = Path(__file__).resolve().parents[1] / "sims"


def of(name: str) -> str:
    """The address of an experiment's page: its id with a hyphen, since pages have no folders."""
    return name.replace("/", "-")


def pages() -> dict[str, str]:
    """The address of every page by what it may be called: its id, and what it is about."""
    from sims.core.registry import registry

    named = {"home": HOME, **{page: page for page in WORDS}}
    for phenomenon in registry.phenomena():
        named |= {experiment.name: of(experiment.name) for experiment in phenomenon.experiments}
        named.setdefault(phenomenon.name, of(phenomenon.experiments[0].name))
    return named


def page_for(asked: str) -> str | None:
    """The address of the page that somebody means who writes letters and signs otherwise."""
    named = pages()
    if asked in named.values():
        return asked
    return {_plain(name): page for name, page in named.items()}.get(_plain(asked))


def nearest(asked: str) -> str | None:
    """The address of the page whose name is most like that, if one is."""
    known = {_plain(name): page for name, page in pages().items()}
    near = difflib.get_close_matches(_plain(asked), known, n=1)
    return known[near[0]] if near else None


def _plain(name: str) -> str:
    """A name without case, and with any signs between its words."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


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
        if folders[0] in ELSEWHERE or "_stcore" in folders or "." in folders[-1]:
            return None
        if not routes.opened():
            if folders == [asked] and _is_shipped(asked):
                return None  # nobody waits for imports whose address is right
            await run_in_threadpool(routes.load)
        page = page_for(asked)
        if folders == [page]:
            return None
        up = "../" * (len(folders) - 1) or "./"
        if page is None:
            return f"{up}?{LOST}={quote(asked[:MOST_KEPT])}"
        return f"{up}{page}{'?' + query if query else ''}"


def _within(scope: Scope, base: str) -> str | None:
    """The path asked for beneath the base, from its slash on; None where it is not beneath."""
    above = scope.get("root_path", "") + base
    path = scope["path"]
    return path.removeprefix(above) if path.startswith(above + "/") else None


def _is_shipped(page: str) -> bool:
    """Whether it is a page of what is shipped, by its files alone, or one without any."""
    if page in WORDS:
        return True
    found = re.fullmatch(r"([a-z0-9_]+)-([a-z0-9_]+)", page)
    if found is None:
        return False
    place = _SIMS / found[1] / found[2]
    return (place / "__init__.py").is_file() or place.with_suffix(".py").is_file()
