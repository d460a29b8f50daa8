"""The one renderer of an experiment: question, controls, presets, the live part, and the notes."""

from __future__ import annotations

import html
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app import controls, share
from app.assets import asset
from app.controls import Choice
from app.figures import style
from app.figures.panels import THIN
from app.live.server.recipe import Recipe
from sims import api
from sims.core.experiment import Experiment, Phenomenon, Preset
from sims.core.knobs import axis, knobs_of
from sims.core.registry import registry
from sims.core.setup import Setup, given

if TYPE_CHECKING:
    from app.live.server.recipe import Asked

WIDTH = 1044
PICKED_KEY = "_picked"
SHOWN_KEY = "_shown"
GOOD_KEY = "_good"
REFUSED_KEY = "_refused"
ADDRESS_KEY = "_address"
TURN_KEY = "_turn"
COMPARE_KEY = "_beside"
STAND_IN_KEY = "_stands_in"
KEPT = "The last picture that could be drawn stays below."
WHOLE_FORMULAS = "@media(min-width:900px){.st-key-law .katex{white-space:nowrap}}"
"""The law breaks between its formulas, on a wide screen never inside one."""
VIEW, ONE_RUN = "view", "run"
"""Of a link to one cell of a diagram: the run, though the knobs may be those of the diagram."""
LANDS, FAILS = "Lands", "Fails, and why"
GLYPHS = {LANDS: ":green[:material/check_circle:]", FAILS: ":orange[:material/call_split:]"}


def url_path(experiment: Experiment) -> str:
    """The address of an experiment's page."""
    return experiment.name.replace("/", "-")


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
    arrived = st.session_state.get(controls.PAGE_KEY) != experiment.name
    choice, setup, sentence, preset, token = _asked(experiment)
    st.session_state[controls.PAGE_KEY] = experiment.name
    st.session_state[SHOWN_KEY] = _shown()
    body = st.container(width=WIDTH, gap="small")
    with body:
        above, below = st.container(gap="xsmall"), st.container(gap="small")
        with below:
            _live(experiment, choice, setup, preset, token, awaiting=setup is None and not sentence)
        with above:
            _tabs(experiment, tabs, setup)
            _question(experiment)
            _presets(experiment, preset)
            _trouble(experiment)
            _refusals(experiment, sentence)
    with st.sidebar:
        resolved = setup.params if setup is not None else _last_good(experiment)[1]
        controls.sidebar(experiment, choice, resolved, sentence)
        if setup is not None:
            _cost(setup, token, preset.over if preset is not None else None)
    if not arrived and controls.chosen(experiment)[0] != choice:
        st.rerun()  # the browser went back: bound widgets take the address only as they are drawn
    with body:
        _notes(phenomenon, experiment)


def ahead() -> None:
    """Hand a moved knob to the hub before the page sends anything.

    The browser redraws the whole page at each of the first messages of a turn; a prediction that
    is there before them need not wait for that.
    """
    name = st.session_state.get(controls.PAGE_KEY)
    if name is not None and st.session_state.get(SHOWN_KEY) == _shown():
        _asked(api.experiment(name))


def _shown() -> str:
    """Which page the browser asks for."""
    context = get_script_run_ctx()
    return context.page_script_hash if context is not None else ""


# Checking


def _asked(
    experiment: Experiment,
) -> tuple[Choice, Setup | None, str, Preset | None, str]:
    """What is set, its setup or the sentence that refuses it, its preset, and its job's token.

    There is no setup either while the hub still prepares it.
    """
    choice, refused = controls.chosen(experiment)
    _remember_refusals(experiment, choice, refused)
    preset = active_preset(experiment, choice)
    asked = _handed_over(experiment, choice, preset)
    token = asked.token or _stand_in(experiment)
    return choice, asked.setup, asked.refused, preset, token


def _remember_refusals(experiment: Experiment, choice: Choice, refused: Sequence[str]) -> None:
    """Keep what a link asked in vain on the page until the reader changes something."""
    state = (experiment.name, share.permalink(given(experiment, choice.values), 0, 1))
    if refused:
        st.session_state[REFUSED_KEY] = (state, list(refused))
    elif st.session_state.get(REFUSED_KEY, (state,))[0] != state:
        del st.session_state[REFUSED_KEY]


def _refusals(experiment: Experiment, sentence: str) -> None:
    said = list(st.session_state.get(REFUSED_KEY, ((), []))[1])
    if said:
        banner("From the link:", said)
    if sentence:
        stands_in = st.session_state.get(STAND_IN_KEY) == experiment.name
        kept = "The defaults are drawn below." if stands_in else KEPT
        banner("Not possible:", [sentence, kept])


def _trouble(experiment: Experiment) -> None:
    """Say why the newest text of the experiment's file is not what is shown."""
    trouble = registry.entry(experiment.name).trouble
    if trouble:
        banner("The file is not shown as it was saved:", [trouble, KEPT])


def banner(title: str, sentences: Sequence[str]) -> None:
    """Plain sentences that ask for attention, with the bold word in front."""
    roles = style.palette(mode())
    look = (
        f"background:{roles['departs_tint']};border-left:3px solid {roles['departs']};"
        "border-radius:0 6px 6px 0;padding:.75rem 1rem;margin:0"
    )
    words = "<br>".join(html.escape(s, quote=False) for s in sentences)
    st.html(f'<p role="alert" style="{look}"><b>{title}</b> {words}</p>')


# Above the live part


def _tabs(experiment: Experiment, tabs: Sequence[Any], setup: Setup | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for tab in tabs:
            st.page_link(tab, width="content")
        origin = registry.origin(experiment).words
        if origin or setup is not None:
            st.space("stretch")
        if origin:
            st.badge(origin, color="blue")
        if setup is not None:
            st.badge(f"{_device()}, {experiment.dtype(setup.params)}", color="gray")


@st.cache_resource(show_spinner=False)
def _device() -> str:
    from sims.core.devices import chosen_device

    return chosen_device(os.environ.get("LMX_DEVICE", "auto"))


def _question(experiment: Experiment) -> None:
    heading = (
        "font:600 clamp(1.5rem,5.6vw,2.25rem)/1.18 'Source Serif',serif;max-width:800px;"
        "text-wrap:balance;margin:0;padding:0"
    )
    words = html.escape(experiment.question, quote=False)
    whole = re.sub(r"\S+/\S+", r'<span style="white-space:nowrap">\g<0></span>', words)
    st.html(f'<h1 style="{heading}">{whole}</h1>')
    law, regime = st.columns([5, 4], vertical_alignment="center", gap="medium")
    pieces = [piece.strip() for piece in re.split(r"\\q?quad", experiment.law)]
    with law.container(key="law"):
        st.html(f"<style>{WHOLE_FORMULAS}</style>")
        st.markdown("&emsp; ".join(f"$\\displaystyle {piece}$" for piece in pieces))
    source = experiment.sources[0] if experiment.sources else None
    link = f" [arXiv {source.arxiv}]({source.url})" if source else ""
    regime.markdown(f"{experiment.regime}{link}")


def lands(preset: Preset) -> bool:
    """Whether a preset states no departure."""
    return "departs" not in preset.verdicts.values()


def active_preset(experiment: Experiment, choice: Choice) -> Preset | None:
    """The preset whose knobs are set; the one last picked where several share them.

    An experiment that is a sweep opens with it, unless the link asks for a run of its own.
    """
    if choice.wrong:
        return None
    params = given(experiment, choice.values)
    same = [p for p in experiment.presets if given(experiment, p.params) == params]
    picked = st.session_state.get(PICKED_KEY)
    for preset in same:
        if picked == (experiment.name, preset.id):
            return preset
    alone = experiment.over is None or st.query_params.get(VIEW) == ONE_RUN
    return next((p for p in same if (p.over is None) == alone), None)


def _presets(experiment: Experiment, active: Preset | None) -> None:
    hairline()
    for row, members in (
        (LANDS, [p for p in experiment.presets if lands(p)]),
        (FAILS, [p for p in experiment.presets if not lands(p)]),
    ):
        if members:
            _preset_row(experiment, row, members, active)
    if active is not None:
        _look_for(active)
    hairline()


def _preset_row(
    experiment: Experiment, row: str, members: Sequence[Preset], active: Preset | None
) -> None:
    titles = {p.id: p.title for p in members}
    key = f"_presets_{row}"
    st.session_state[key] = active.id if active is not None and active.id in titles else None

    def picked() -> None:
        name = st.session_state[key]
        if name is not None:
            preset = experiment.preset(name)
            controls.write(experiment, preset.params)
            st.query_params.pop(VIEW, None)
            st.session_state[PICKED_KEY] = (experiment.name, name)
            st.session_state[COMPARE_KEY] = preset.compare is not None

    words, pills = st.columns([1, 6.4], vertical_alignment="top", gap="small")
    words.markdown(f"{GLYPHS[row]} **{row}**")
    pills.pills(
        row,
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        on_change=picked,
        label_visibility="collapsed",
        wrap=not on_phone(),
    )


def mode() -> style.Mode:
    """The theme the reader sees."""
    return "dark" if st.context.theme.type == "dark" else "light"


def on_phone() -> bool:
    """Whether the reader's browser says that it runs on a phone."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def hairline() -> None:
    """A thin rule between groups."""
    st.html(f'<div style="border-top:1px solid {style.palette(mode())["rule"]}"></div>')


def _look_for(preset: Preset) -> None:
    font = "font:italic 1.0625rem/1.5 'Source Serif',serif;margin:0"
    line = f'<p style="{font}">{html.escape(preset.look_for, quote=False)}</p>'
    if preset.compare is None:
        st.html(line)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(line)
        st.toggle(f"Beside it: {preset.compare_title}", key=COMPARE_KEY, width="content")


# The live part


def _handed_over(experiment: Experiment, choice: Choice, preset: Preset | None) -> Asked:
    """What the hub makes of these settings, drawn already where that is quick."""
    from app.live.server.hub import hub
    from app.live.server.recipe import Asked

    if choice.wrong:
        return Asked("", None, next(iter(choice.wrong.values())))
    recipe = _recipe(experiment, choice, preset)
    asked = hub().ask(owner(), recipe)
    if asked.refused:
        return asked
    st.session_state.pop(STAND_IN_KEY, None)
    hub().await_view(asked.token)
    st.session_state[ADDRESS_KEY] = (experiment.name, choice)
    if asked.setup is not None:
        st.session_state[GOOD_KEY] = (experiment.name, recipe, asked.setup.params)
    return asked


def _recipe(experiment: Experiment, choice: Choice, preset: Preset | None) -> Recipe:
    compare = over = None
    if preset is not None:
        over = preset.over
        if preset.compare is not None and st.session_state.get(COMPARE_KEY):
            compare = preset.compare
    return Recipe(
        experiment.name, dict(choice.values), choice.seed, choice.seeds, _device(), compare, over
    )


def _stand_in(experiment: Experiment) -> str:
    """The token of what is drawn in place of settings that are refused.

    That is what was last drawn here, and for a reader who arrives with them the defaults.
    """
    from app.live.server.hub import hub

    recipe, _ = _last_good(experiment)
    token = hub().ask(owner(), recipe).token if recipe is not None else ""
    if not token:  # nothing was drawn, or its file has lost a knob since
        choice = controls.defaults(experiment)
        recipe = _recipe(experiment, choice, active_preset(experiment, choice))
        st.session_state[STAND_IN_KEY] = experiment.name
        token = hub().ask(owner(), recipe).token
    hub().await_view(token)
    return token


def _last_good(experiment: Experiment) -> tuple[Recipe | None, Any]:
    """Recipe and resolved Params of what was last drawn of this experiment, or (None, None)."""
    name, recipe, params = st.session_state.get(GOOD_KEY, ("", None, None))
    return (recipe, params) if name == experiment.name else (None, None)


def _corrections(experiment: Experiment, choice: Choice) -> dict[str, Any]:
    """What the address bar is to say in place of what was refused; None: nothing, the default.

    Streamlit may write the refused text again at every turn, so each turn's answer is a new one.
    """
    refused = {*choice.wrong, *choice.vain}
    if not refused:
        return {}
    name, good = st.session_state.get(ADDRESS_KEY, ("", None))
    drawn = good.said(experiment) if good is not None and name == experiment.name else {}
    turn = st.session_state[TURN_KEY] = st.session_state.get(TURN_KEY, 0) + 1
    return {"turn": turn, "values": {name: drawn.get(name) for name in sorted(refused)}}


def owner() -> str:
    """This session's name at the hub."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else "no session"


def _live(
    experiment: Experiment,
    choice: Choice,
    setup: Setup | None,
    preset: Preset | None,
    token: str,
    *,
    awaiting: bool,
) -> None:
    from app.live.component import live
    from app.live.server.route import answer

    page: dict[str, Any] = {
        "palette": {mode: style.palette(mode) for mode in style.MODES},
        "name": url_path(experiment),
        "keep": {},
        "address": _corrections(experiment, choice),
        "awaiting": awaiting,
        "revision": registry.revision(experiment.name),
    }
    if setup is not None:
        swept = preset.id if preset is not None and preset.over is not None else ""
        page["uncosted"] = not swept and _known_cost(token).get("seconds") is None
        what = (experiment, choice.values, choice.seed, choice.seeds, swept)
        page["keep"] = {
            "permalink": share.permalink(setup.params, choice.seed, choice.seeds),
            "python": share.as_python(*what),
            "command": share.as_command(*what),
        }
    live(token, page, key=f"live-{url_path(experiment)}", answer=answer)


def _known_cost(token: str) -> dict[str, Any]:
    from app.live.server.hub import Unknown, hub

    try:
        return hub().cost(token)
    except Unknown:
        return {}


def _cost(setup: Setup, token: str, over: Mapping[str, str] | None) -> None:
    """What the run will take; the live part asks for the page again once that is known."""
    hairline()
    steps = _grouped(setup.schedule.steps)
    if over is not None:
        points = math.prod(_points(setup.experiment, name, text) for name, text in over.items())
        runs = points * len(setup.seeds)
        st.markdown(f"**Cost of this sweep**  \n{runs} runs of about {steps} steps")
        return
    cost = _known_cost(token)
    lines = [f"{steps} steps × {len(setup.seeds)} {_seeds(setup)}"]
    known = []
    if cost.get("seconds") is not None:
        known.append(f"about {_seconds(cost['seconds'])}")
    if cost.get("memory"):
        known.append(_megabytes(cost["memory"]))
    lines.append(", ".join(known) or "time and memory: being measured")
    st.markdown("**Cost of this run**  \n" + "  \n".join(lines))


def _points(experiment: Experiment, name: str, text: str) -> int:
    return len(axis(knobs_of(experiment.Params)[name], text))


def _seeds(setup: Setup) -> str:
    return "seed" if len(setup.seeds) == 1 else "seeds"


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", THIN)


def _megabytes(count: float) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else "under 0.1 MB"


def _seconds(value: float) -> str:
    if value < 0.1:
        return "0.1 s or less"
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


# Below it


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
