"""Entry script of the explorer: its pages, in one explicit list, and the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app import addresses
from app.assets import asset
from app.live.server import routes

TITLE = "Learning Mechanics Explorer"

if routes.opened():
    from app.page import request

    request.ahead()

st.set_page_config(
    page_title=TITLE,
    page_icon=str(asset("logo_mark.svg")),
    layout="wide",
    initial_sidebar_state="auto",
)
routes.load()

from app.page import guide, home, ledger, lost, questions, request  # noqa: E402
from app.page.experiment import pages, url_path  # noqa: E402
from app.page.theme import mode  # noqa: E402
from app.wording import in_menu  # noqa: E402
from sims import api  # noqa: E402
from sims.core.evidence import by_body  # noqa: E402

ALONE = request.shows_stage_alone()
if not ALONE:
    st.logo(str(asset(f"logo_{mode()}.svg")), size="large")


def _release(name: str) -> None:
    from app.live.server.hub import hub

    hub().release(name)


@st.cache_resource(scope="session", on_release=_release, show_spinner=False)
def _session(name: str) -> str:
    return name


def _phenomenon_pages() -> dict[str, list[Any]]:
    """One menu per phenomenon, one page per experiment; tabs are links between its pages."""
    menus: dict[str, list[Any]] = {}
    for phenomenon in api.phenomena():
        tabs: list[Any] = []
        for experiment, show in pages(phenomenon):
            title, path = in_menu(phenomenon, experiment), url_path(experiment)
            tabs.append(st.Page(_bound(show, tabs), title=title, url_path=path))
        menus[phenomenon.name] = tabs
    return menus


def _bound(show: Callable[[list[Any]], None], tabs: list[Any]) -> Callable[[], None]:
    return lambda: show(tabs)


def _at_home(menus: dict[str, list[Any]]) -> None:
    lost.say()
    home.show(menus)


_session(request.owner())
_menus = _phenomenon_pages()
_home = st.Page(lambda: _at_home(_menus), title="Home", default=True)
_menu = {
    body.title: [tab for phenomenon in members for tab in _menus[phenomenon.name]]
    for body, members in by_body(api.phenomena())
}
_guide = st.Page(guide.show, title="Write your own", url_path=addresses.GUIDE)
_ledger = st.Page(ledger.show, title="Ledger", url_path=addresses.LEDGER)
_questions = st.Page(questions.show, title="Open questions", url_path=addresses.QUESTIONS)
_words = [_home, _guide, _ledger, _questions]
st.navigation({"": _words, **_menu}, position="hidden" if ALONE else "top").run()
