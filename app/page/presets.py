"""The presets of an experiment: which one is set, and the rows to pick one from."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from app.page.choice import Choice, write
from app.page.theme import hairline, on_phone
from sims.core.experiment import Experiment, Preset
from sims.core.setup import given

PICKED_KEY = "_picked"
COMPARE_KEY = "_beside"
VIEW, ONE_RUN = "view", "run"
"""Of a link to one cell of a diagram: the run, though the knobs may be those of the diagram."""
LANDS, FAILS = "Lands", "Fails, and why"
GLYPHS = {LANDS: ":green[:material/check_circle:]", FAILS: ":orange[:material/call_split:]"}


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


def show(experiment: Experiment, active: Preset | None) -> None:
    """Draw both rows, and what to look for in the preset that is set."""
    hairline()
    for row, members in (
        (LANDS, [p for p in experiment.presets if lands(p)]),
        (FAILS, [p for p in experiment.presets if not lands(p)]),
    ):
        if members:
            _row(experiment, row, members, active)
    if active is not None:
        _look_for(active)
    hairline()


def _row(
    experiment: Experiment, row: str, members: Sequence[Preset], active: Preset | None
) -> None:
    titles = {p.id: p.title for p in members}
    key = f"_presets_{row}"
    st.session_state[key] = active.id if active is not None and active.id in titles else None

    def picked() -> None:
        name = st.session_state[key]
        if name is not None:
            preset = experiment.preset(name)
            write(experiment, preset.params)
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


def _look_for(preset: Preset) -> None:
    font = "font:italic 1.0625rem/1.5 'Source Serif',serif;margin:0"
    line = f'<p style="{font}">{html.escape(preset.look_for, quote=False)}</p>'
    if preset.compare is None:
        st.html(line)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(line)
        st.toggle(f"Beside it: {preset.compare_title}", key=COMPARE_KEY, width="content")
