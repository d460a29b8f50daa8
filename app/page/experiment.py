"""The one renderer of an experiment: question, controls, the live part, and the notes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from app import addresses, share
from app.assets import asset
from app.figures import style
from app.page import (
    compare_form,
    controls,
    cost,
    locked,
    prepare,
    presets,
    request,
    shelf,
    sweep_form,
    teachers,
    tour,
)
from app.page.around import ALONE
from app.page.choice import PAGE_KEY, chosen
from app.page.request import Request
from app.page.theme import banner, page_style
from sims.core.experiment import Experiment, Phenomenon
from sims.core.registry import registry
from sims.core.setup import Setup

WIDTH = 1044
KEPT = "The last picture that could be drawn stays below."


def url_path(experiment: Experiment) -> str:
    """The address of an experiment's page."""
    return addresses.of(experiment.name)


def render(
    phenomenon: Phenomenon,
    experiment: Experiment,
    *,
    tabs: Sequence[Any] = (),
) -> None:
    """Draw the page of an experiment and hand its settings to the hub.

    The hub is asked first and the live part is sent early, so that the new prediction is computed
    while the rest of the page is on its way.
    """
    arrived = st.session_state.get(PAGE_KEY) != experiment.name
    if arrived:
        tour.arrive(phenomenon, experiment)
    asked = request.asked(experiment)
    toured = tour.is_at_stop(phenomenon, experiment, asked.choice)
    if arrived and toured:
        asked = request.unrun(asked)
    st.session_state[PAGE_KEY] = experiment.name
    st.session_state[request.SHOWN_KEY] = request.shown()
    if asked.choice.prepared.stage:
        _alone(asked)
        return
    body = st.container(width=WIDTH, gap="small", key="page")
    with body:
        above, below = st.container(gap="xsmall"), st.container(gap="small")
        with below:
            _live(asked, toured=toured)
        with above:
            prepares = _tabs(phenomenon, tabs, asked)
            tour.show(
                phenomenon, experiment, tabs, asked.choice, ended=_judged(experiment) == asked.token
            )
            locked.show(experiment, asked.choice)
            _question(experiment)
            _trouble(experiment)
            _refusals(experiment, asked.refused)
    with st.sidebar:
        setup = asked.setup
        resolved = setup.params if setup is not None else request.last_good(experiment)[1]
        controls.sidebar(experiment, asked.choice, resolved, asked.refused)
        if setup is not None:
            cost.show(setup, asked.token, asked.over)
    if not arrived and chosen(experiment)[0] != asked.choice:
        st.rerun()  # the browser went back: bound widgets take the address only as they are drawn
    with body:
        compare_form.show(asked)
        sweep_form.show(asked)
        _notes(phenomenon, experiment)
        teachers.show(experiment)
    if prepares:
        prepare.show(asked)


def _alone(asked: Request) -> None:
    """The stage alone; what is wrong stands above it."""
    st.html(f"<style>{ALONE}</style>")
    _trouble(asked.experiment)
    _refusals(asked.experiment, asked.refused)
    _live(asked, toured=False)


def _refusals(experiment: Experiment, sentence: str) -> None:
    said = list(st.session_state.get(request.REFUSED_KEY, ((), []))[1])
    if said:
        banner("From the link:", said)
    if sentence:
        stands_in = st.session_state.get(request.STAND_IN_KEY) == experiment.name
        kept = "The defaults are drawn below." if stands_in else KEPT
        banner("Not possible:", [sentence, kept])


def _trouble(experiment: Experiment) -> None:
    """Say why the newest text of the experiment's file is not what is shown."""
    trouble = registry.entry(experiment.name).trouble
    if trouble:
        banner("The file is not shown as it was saved:", [trouble, KEPT])


def _tabs(phenomenon: Phenomenon, tabs: Sequence[Any], asked: Request) -> bool:
    """The row above all; whether the page is to be prepared for a class."""
    experiment, setup = asked.experiment, asked.setup
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="tabs"):
        for tab, other in zip(tabs, phenomenon.experiments, strict=False):
            st.page_link(tab, label=other.title, width="content")
        st.space("stretch")
        prepares = prepare.button(asked)
        tour.link(phenomenon, experiment, tabs)
        origin = registry.origin(experiment).words
        if origin:
            st.badge(origin, color="blue")
        if setup is not None:
            st.badge(f"{request.device()}, {experiment.dtype(setup.params)}", color="gray")
    return prepares


def _question(experiment: Experiment) -> None:
    heading = (
        "font:600 clamp(1.25rem,calc(3.2vw - 21px),1.5625rem)/1.2 'Source Serif',serif;"
        "text-wrap:balance;margin:0;padding:0"
    )
    words = html.escape(experiment.question, quote=False)
    whole = re.sub(r"\S+/\S+", r'<span style="white-space:nowrap">\g<0></span>', words)
    st.html(f'<style>{page_style()}</style><h1 style="{heading}">{whole}</h1>')
    pieces = [piece.strip() for piece in re.split(r"\\q?quad", experiment.law)]
    source = experiment.sources[0] if experiment.sources else None
    link = f" [arXiv\u00a0{source.arxiv}]({source.url})" if source else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="theory"):
        with st.container(key="law", width="content"):
            st.markdown("&emsp; ".join(f"$\\displaystyle {piece}$" for piece in pieces))
        with st.container(key="regime"):
            st.markdown(f"{experiment.regime}{link}")


def _live(asked: Request, *, toured: bool) -> None:
    """The live part; `toured` where it shows a stop of a tour."""
    from app.live.component import live
    from app.live.server.route import answer

    experiment, choice, setup = asked.experiment, asked.choice, asked.setup
    page: dict[str, Any] = {
        "palette": {mode: style.palette(mode) for mode in style.MODES},
        "name": url_path(experiment),
        "keep": {},
        "address": request.corrections(asked) or (request.spelled(asked) if toured else {}),
        "awaiting": setup is None and not asked.refused,
        "revision": registry.revision(experiment.name),
        "toured": {"judged": _judged(experiment)} if toured else None,
        "presets": presets.told(experiment, asked.preset, choice, toured=toured),
        "panels": list(choice.prepared.panels),
        "projector": choice.prepared.projector,
        "must_guess": choice.prepared.lock.guess,
        "shelf": shelf.told(asked),
    }
    if choice.prepared.stage:
        page["stage"] = {"whole": _whole(asked)}
    if setup is not None:
        own = choice.prepared.others.over
        swept = asked.preset.id if asked.preset is not None and asked.over and not own else ""
        page["uncosted"] = not asked.over and cost.known(asked.token).get("seconds") is None
        what = (experiment, choice.values, choice.seed, choice.seeds, swept, own)
        page["keep"] = {
            "permalink": share.permalink(setup.params, choice.seed, choice.seeds, choice.prepared),
            "python": share.as_python(*what),
            "command": share.as_command(*what),
            "embed": _embedded(asked, setup),
        }
    asks = {
        "preset": lambda name: presets.pick(experiment, str(name)),
        "beside": lambda on: presets.set_beside(bool(on)),
        **shelf.asks(experiment),
    }
    live(asked.token, page, key=_live_key(experiment), answer=answer, asks=asks)


def _embedded(asked: Request, setup: Setup) -> dict[str, str]:
    """The stage alone as another page shows it: its query, and a title for who cannot see it."""
    choice = asked.choice
    made = replace(choice.prepared, stage=True, projector=False)
    query = share.permalink(setup.params, choice.seed, choice.seeds, made)
    return {"query": query, "title": asked.experiment.question}


def _whole(asked: Request) -> str:
    """The address of the page of a stage that stands alone, as seen from a page beside it."""
    choice = asked.choice
    made = replace(choice.prepared, stage=False)
    values = choice.said(asked.experiment)
    return url_path(asked.experiment) + share.for_class(made, values)


def _live_key(experiment: Experiment) -> str:
    return f"live-{url_path(experiment)}"


def _judged(experiment: Experiment) -> str | None:
    """The job whose run has been judged, as the live part has told last."""
    told = st.session_state.get(_live_key(experiment)) or {}
    return (told.get("judged") or {}).get("token")


@st.fragment
def _notes(phenomenon: Phenomenon, experiment: Experiment) -> None:
    """Sent only once they are opened: their formulas would hold up every page."""
    notes = st.expander("Notes and sources", key=f"notes-{url_path(experiment)}", on_change="rerun")
    if not notes.open:
        return
    with notes:
        try:
            st.markdown(asset(f"notes/{phenomenon.name}.md").read_text("utf-8"))
        except FileNotFoundError:
            st.caption("The notes of this phenomenon are not written yet.")
        st.subheader("Sources", anchor=False)
        for source in experiment.sources:
            use = f" Used for: {source.used_for}." if source.used_for else ""
            where = f"[arXiv {source.arxiv}]({source.url})"
            st.markdown(f"- {source.authors}, *{source.title}*, {source.year}, {where}.{use}")
        st.code("\n\n".join(source.bibtex for source in experiment.sources), language="bibtex")


def pages(
    phenomenon: Phenomenon,
) -> list[tuple[Experiment, Callable[[Sequence[Any]], None]]]:
    """Each experiment of a phenomenon with the function that draws its page, given the tabs."""

    def drawn(experiment: Experiment) -> Callable[[Sequence[Any]], None]:
        def show(tabs: Sequence[Any]) -> None:
            render(phenomenon, experiment, tabs=tabs)

        return show

    return [(experiment, drawn(experiment)) for experiment in phenomenon.experiments]
