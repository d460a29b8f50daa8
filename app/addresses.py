"""The addresses of pages: which there are, and which one is meant by one that is nearly right."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

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


def is_shipped(page: str) -> bool:
    """Whether it is a page of what is shipped, by its files alone, or one without any."""
    if page in WORDS:
        return True
    found = re.fullmatch(r"([a-z0-9_]+)-([a-z0-9_]+)", page)
    if found is None:
        return False
    place = _SIMS / found[1] / found[2]
    return (place / "__init__.py").is_file() or place.with_suffix(".py").is_file()
