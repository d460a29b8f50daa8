"""Home: five bodies of evidence as a map, a search field, and a card for every experiment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app.figures import style
from app.live.server.recipe import Recipe
from app.page import tour
from app.page.request import device, owner
from app.page.theme import mode
from app.welcome import HEADLINE, INTRODUCTION, reference
from app.wording import in_menu
from sims import api
from sims.core.evidence import Body, by_body
from sims.core.experiment import Experiment, Phenomenon
from sims.core.knobs import plain
from sims.core.search import found
from sims.core.setup import given

WIDTH = 1128
MOST_ON_A_LINE = 22
"""Letters of a title beside a card's picture."""
LINE = 14
"""Pixels from one line of it to the next."""
POWERS = 10
"""Pixels by which powers of ten are wider than numbers."""
LINES = (
    ("ink", "2px dashed", "<b>Theory</b>, dashed ink, fixed in advance"),
    ("series0", "3px solid", "<b>Run</b>, colour, with its band of seeds"),
)
VERDICTS = """
:green[:material/check_circle:] **Lands**, error inside the stated tolerance

:orange[:material/call_split:] **Departs**, for a reason named beforehand

:violet[:material/report:] **Surprise**, departs though all assumptions held

:gray[:material/pending:] **Not judged**, with the reason why
"""


def show(menus: Mapping[str, Sequence[Any]]) -> None:
    """Draw the home page; `menus` holds the pages of each phenomenon's experiments by its name."""
    panel = style.palette(mode())["panel"]
    st.html(f'<style>[class*="st-key-panel-"]{{background:{panel}}}</style>')
    outer = st.container(horizontal_alignment="center")
    with outer.container(width=WIDTH, gap="medium"):
        _opening(menus)
        _finder(api.phenomena(), menus)
        _how_to_read()


@st.fragment
def _finder(phenomena: Sequence[Phenomenon], menus: Mapping[str, Sequence[Any]]) -> None:
    """The field, and below it the whole map with its cards or only what was found."""
    typed = st.text_input(
        "Find an experiment", type="search", key="find", live=True, label_visibility="collapsed",
        placeholder="Find a question, a law, a word, an author", icon=":material/search:",
    )  # fmt: skip
    with st.container(gap="medium"):
        if typed and typed.strip():
            _found(typed, phenomena, menus)
            return
        grouped = by_body(phenomena)
        _map(grouped)
        for body, members in grouped:
            with st.container(gap="xxsmall"):
                st.header(body.title, anchor=slug(body.title))
                st.markdown(body.words)
            for phenomenon in members:
                with st.container(gap=None):
                    st.subheader(phenomenon.title, anchor=slug(phenomenon.title))
                    if phenomenon.question:
                        st.markdown(phenomenon.question)
                    tour.home_link(phenomenon, menus[phenomenon.name])
                both = zip(phenomenon.experiments, menus[phenomenon.name], strict=True)
                _cards([(experiment.title, experiment, page) for experiment, page in both])


def slug(title: str) -> str:
    """What a title is called in the address of its place on the page."""
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def _found(typed: str, phenomena: Sequence[Phenomenon], menus: Mapping[str, Sequence[Any]]) -> None:
    """The cards of what holds all the words, the nearest first."""
    pages = {
        experiment.name: page
        for phenomenon in phenomena
        for experiment, page in zip(phenomenon.experiments, menus[phenomenon.name], strict=True)
    }
    hits = found(typed, phenomena)
    few = f"{len(hits)} of {len(pages)} experiments"
    st.markdown(few if hits else "No experiment says that: try fewer or shorter words.")
    _cards([(in_menu(*hit), hit[1], pages[hit[1].name]) for hit in hits])


def _map(grouped: Sequence[tuple[Body, Sequence[Phenomenon]]]) -> None:
    """Every phenomenon under its body of evidence, each a way to its place below."""
    with st.container(border=True, key="panel-map"):
        for column, (body, members) in zip(st.columns(len(grouped)), grouped, strict=True):
            places = "  \n".join(f"[{p.title}](#{slug(p.title)})" for p in members)
            column.markdown(f"**{body.title}**  \n{places}")


def _cards(cards: Sequence[tuple[str, Experiment, Any]]) -> None:
    """Three in a row, each (title, experiment, its page)."""
    for row in (cards[i : i + 3] for i in range(0, len(cards), 3)):
        for column, card in zip(st.columns(3, gap="small"), row, strict=False):
            with column:
                _card(*card)


def _opening(menus: Mapping[str, Sequence[Any]]) -> None:
    words, picture = st.columns([5, 6], gap="large", vertical_alignment="center")
    with words:
        serif = "font-family:'Source Serif',serif"
        st.html(
            f'<h1 style="{serif};font-weight:600;font-size:clamp(2.25rem,3.6vw,3.25rem);'
            f'line-height:1.08;text-wrap:balance;margin:0;padding:0">{HEADLINE}</h1>'
            f'<p style="{serif};font-size:1.125rem;line-height:1.6;margin:1.25rem 0 0">'
            f"{INTRODUCTION}</p>"
        )
        first = next((pages[0] for pages in menus.values() if pages), None)
        if first is not None:
            label = "Start with the staircase"
            if st.button(label, icon=":material/play_arrow:", key="start"):
                st.switch_page(first)
    opening = reference("opening")
    if opening is not None:
        with picture:
            _live(opening)


def _live(made: Mapping[str, Any]) -> None:
    """The run of a shipped picture, predicted and trained anew while it is looked at.

    The picture itself where a file in place of that experiment has no such settings.
    """
    from app.live.component import live
    from app.live.server.route import answer

    token = _token(made)
    if not token:
        _picture(made, height=320, key="opening")
        return
    page = {"palette": {name: style.palette(name) for name in style.MODES}}
    live(token, page, key="live-home", answer=answer, module="opening.js")
    st.caption(
        f"{made['title']}, trained as you look: {made['experiment']}, preset {made['preset']}, "
        f"{made['seeds']} seeds. Dashes: predicted before the first step."
    )


def _token(made: Mapping[str, Any]) -> str:
    """The job of that run; '' where there is none."""
    from app.live.server.hub import hub

    experiment = api.experiment(made["experiment"])
    preset = next((p for p in experiment.presets if p.id == made["preset"]), None)
    if preset is None:
        return ""
    values = plain(given(experiment, preset.params))
    recipe = Recipe(experiment.name, values, experiment.default_seed, made["seeds"], device())
    return hub().ask(owner(), recipe).token


def on_two_lines(title: str) -> str:
    """The title of a small picture's upright axis, broken near its middle where it is long."""
    bare = re.sub("<[^>]*>", lambda tag: "\0" * len(tag[0]), title)  # as long, without spaces
    spaces = [m.start() for m in re.finditer(" ", bare)]
    if len(bare.replace("\0", "")) <= MOST_ON_A_LINE or not spaces:
        return title
    at = min(spaces, key=lambda i: abs(bare[:i].count("\0") - i + len(bare.replace("\0", "")) / 2))
    return f"{title[:at]}<br>{title[at + 1 :]}"


def _picture(made: Mapping[str, Any], *, height: int, key: str) -> None:
    figure = style.resolved(go.Figure(made["figure"], _validate=False), mode())
    figure.update_layout(height=height, hovermode=False, dragmode=False)
    if figure.layout.yaxis.type == "log" and figure.layout.margin.l:
        figure.layout.margin.l += POWERS
    title = figure.layout.yaxis.title.text or ""
    if (broken := on_two_lines(title)) != title:
        figure.layout.yaxis.title.text = broken
        figure.layout.margin.l += LINE
    st.plotly_chart(
        figure, theme=None, key=key, config={"displayModeBar": False, "staticPlot": True}
    )


def _card(title: str, experiment: Experiment, page: Any) -> None:
    """One experiment: its question, a real run if one is shipped, and what was compared."""
    with st.container(border=True, height="stretch", gap="xsmall", key=f"panel-{page.url_path}"):
        st.page_link(page, label=f"**{title}**", icon=":material/arrow_forward:")
        st.markdown(experiment.question)
        made = reference(page.url_path)
        if made is not None:
            with st.container(gap="xsmall", vertical_alignment="bottom", height="stretch"):
                _picture(made, height=170, key=f"card-{page.url_path}")
                if made["predicted"]:
                    _pair(made)


def _pair(made: Mapping[str, Any]) -> None:
    roles = style.palette(mode())
    quiet = f"color:{roles['ink2']};font-size:.8125rem"
    pair = "".join(
        f'<span><span style="{quiet}">{word}</span><br><b>{made[key]}</b></span>'
        for word, key in (("predicted", "predicted"), ("run", "measured"))
    )
    st.html(
        f'<div style="border-top:1px solid {roles["rule"]};padding-top:.625rem;display:flex;'
        f'gap:1.75rem;align-items:flex-end">{pair}<span style="{quiet};margin-left:auto;'
        f'text-align:right">{made["compared"]}</span></div>'
    )


def _how_to_read() -> None:
    roles = style.palette(mode())
    rows = "".join(
        f'<p style="margin:0 0 .5rem;display:flex;gap:.75rem;align-items:center">'
        f'<span style="width:1.75rem;flex:none;border-top:{line} {roles[role]}"></span>'
        f"<span>{words}</span></p>"
        for role, line, words in LINES
    )
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.subheader("How to read a page", anchor=False)
        st.markdown("The picture is drawn in ink before the first step.")
        left, right = st.columns(2, gap="medium")
        left.html(rows)
        right.markdown(VERDICTS)
