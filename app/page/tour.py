"""The tour on a page: a strip above the question, and the ways into a tour and along it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import share, tour
from app.figures import style
from app.page.choice import Choice, arrive_at, write
from app.page.presets import COMPARE_KEY, PICKED_KEY, forget
from app.page.theme import banner, mode
from app.tour import GUESS, WORD, Stop
from app.typed import COUNTS
from app.wording import counted
from sims.core.experiment import Experiment, Phenomenon
from sims.core.knobs import knobs_of
from sims.core.setup import given

ELSEWHERE = "These are not the settings of this stop."


def arrive(phenomenon: Phenomenon, experiment: Experiment) -> None:
    """Take the settings of the stop that the address names, unless it says settings of its own.

    They are not said in links along the tour: Streamlit takes out of an address what the page that
    is left had a widget for.
    """
    stop = _stop(phenomenon)
    if stop is None or stop.experiment != experiment.name:
        return
    if not {*knobs_of(experiment.Params), *COUNTS} & set(st.query_params):
        arrive_at(experiment, stop.values(experiment), stop.seeds)
    _pick(experiment, stop)


def is_at_stop(phenomenon: Phenomenon, experiment: Experiment, choice: Choice) -> bool:
    """Whether the page shows the very settings of the stop that the address names."""
    stop = _stop(phenomenon)
    return stop is not None and _has_its_settings(stop, experiment, choice)


def show(
    phenomenon: Phenomenon,
    experiment: Experiment,
    tabs: Sequence[Any],
    choice: Choice,
    *,
    ended: bool,
) -> None:
    """The strip, if the address asks for one; `ended` says that the run has been judged."""
    asked = st.query_params.get(WORD)
    if asked is None:
        return
    stop, stops = _stop(phenomenon), tour.tour(phenomenon)
    if stop is None:
        have = f"give a stop from 1 to {len(stops)}" if stops else "there is no tour here"
        banner("From the link:", [f"{WORD} = {asked[:20]} is not allowed: {have}."])
        return
    number = stops.index(stop) + 1
    at = _has_its_settings(stop, experiment, choice)
    with st.container(
        key="tour", horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False
    ):
        with st.container(key="tour-words"):
            _words(f"Tour {number} of {len(stops)}", _said(stop, ended=ended) if at else ELSEWHERE)
        leads = _Leads(phenomenon, experiment, tabs)
        if not at:
            leads.to(number, "Return")
        if number > 1:
            leads.to(number - 1, "Back")
        if number < len(stops):
            leads.to(number + 1, "Next")
        last = number == len(stops)
        st.button("Finish" if last else "Leave", key="tour-leave", on_click=_leave)


def link(phenomenon: Phenomenon, experiment: Experiment, tabs: Sequence[Any]) -> None:
    """The way into the tour, from a page of the phenomenon; none while it is under way."""
    if tour.tour(phenomenon) and WORD not in st.query_params:
        _Leads(phenomenon, experiment, tabs).to(1, "Take the tour", type="tertiary")


def home_link(phenomenon: Phenomenon, pages: Sequence[Any]) -> None:
    """The way into the tour from home; `pages` are those of the phenomenon's experiments."""
    stops = tour.tour(phenomenon)
    if not stops:
        return
    first = [e.name for e in phenomenon.experiments].index(stops[0].experiment)
    label = f"Take the tour: {counted(len(stops), 'stop')} in five minutes"
    icon = ":material/arrow_forward:"
    st.page_link(pages[first], label=label, icon=icon, query_params=stops[0].query(1))


def _stop(phenomenon: Phenomenon) -> Stop | None:
    """The stop that the address names, if it is one."""
    asked, stops = st.query_params.get(WORD, ""), tour.tour(phenomenon)
    numbers = {str(number): stop for number, stop in enumerate(stops, 1)}
    return numbers.get(asked)


def _has_its_settings(stop: Stop, experiment: Experiment, choice: Choice) -> bool:
    """Whether the page shows the stop's very settings."""
    if stop.experiment != experiment.name or choice.wrong:
        return False
    if (choice.seed, choice.seeds) != (experiment.default_seed, stop.seeds):
        return False
    return given(experiment, choice.values) == given(experiment, stop.values(experiment))


def _said(stop: Stop, *, ended: bool) -> str:
    if ended:
        return f"<b>What just happened.</b> {_plain(stop.happened)}"
    asked = f"<b>Guess:</b> {_plain(stop.guess)} " if stop.guess else ""
    return f"{_plain(stop.say)}<br>{asked}<b>Look:</b> {_plain(stop.look)}"


def _plain(text: str) -> str:
    return html.escape(text, quote=False)


def _words(title: str, said: str) -> None:
    roles = style.palette(mode())
    edge = f"border-left:3px solid {roles['accent']}"
    st.html(
        f'<p role="note" aria-live="polite" tabindex="0" style="{edge}">'
        f'<span style="color:{roles["ink2"]}">{title}</span>&ensp;{said}</p>'
    )


class _Leads:
    """Buttons that lead to stops of a tour, on this page and on others."""

    def __init__(self, phenomenon: Phenomenon, experiment: Experiment, tabs: Sequence[Any]) -> None:
        self.stops, self.experiment = tour.tour(phenomenon), experiment
        self.pages = dict(zip((e.name for e in phenomenon.experiments), tabs, strict=False))

    def to(self, number: int, label: str, **how: Any) -> None:
        """A button to a stop.

        One that leads away has a name of its own: the press of one that led to a stop on this page
        would else be taken for a press of it.
        """
        stop = self.stops[number - 1]
        if stop.experiment == self.experiment.name:
            here = (self.experiment, stop, number)
            st.button(label, key=f"tour-{label}", on_click=_take, args=here, **how)
        elif st.button(label, key=f"tour-{label}-away", **how):
            st.switch_page(self.pages[stop.experiment], query_params=stop.query(number))


def _take(experiment: Experiment, stop: Stop, number: int) -> None:
    """Set a stop on the page that is shown; for callbacks only."""
    write(experiment, stop.values(experiment))
    st.session_state["seed"], st.session_state["seeds"] = experiment.default_seed, stop.seeds
    forget()
    st.query_params[WORD] = str(number)
    if stop.guess:
        st.query_params[GUESS] = share.IN_WORDS
    else:
        st.query_params.pop(GUESS, None)
    _pick(experiment, stop)


def _pick(experiment: Experiment, stop: Stop) -> None:
    st.session_state[PICKED_KEY] = (experiment.name, stop.preset)
    st.session_state[COMPARE_KEY] = stop.beside


def _leave() -> None:
    for name in (WORD, GUESS):
        st.query_params.pop(name, None)
