"""The presets of an experiment: which one is set, what the page's row says of them, and picking."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.knob_words import begun, value_words
from app.lock import Lock
from app.others import BESIDE, OVER
from app.page.choice import Choice, chosen, write
from app.preset_row import listed
from app.wording import listed_words
from sims.core.experiment import Experiment, Preset
from sims.core.knobs import knobs_of
from sims.core.setup import given

PICKED_KEY = "_picked"
COMPARE_KEY = "_beside"
VIEW, ONE_RUN = "view", "run"
"""Of a link to one cell of a diagram: the run, though the knobs may be those of the diagram."""
OF_BEFORE = (VIEW, BESIDE, OVER)
"""Words of the address that do not outlive the picking of settings."""


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


def told(
    experiment: Experiment, active: Preset | None, choice: Choice, *, toured: bool = False
) -> dict[str, Any]:
    """The row as the live part draws it: those that land, then those that fail, in their order.

    At the stop of a tour the active one does not say what to look for: the strip does, and what the
    reader is asked to guess is mostly in it.
    """
    untouched = not choice.wrong and given(experiment, choice.values) == given(experiment, {})
    return {
        "presets": [
            one | {"locked": _locked(experiment, one["id"], choice)}
            for one in listed(experiment, silent=active if toured else None)
        ],
        "active": active.id if active is not None else None,
        "unnamed": _unnamed(toured=toured, untouched=untouched),
        "beside": _beside(experiment, active, choice),
    }


def _beside(experiment: Experiment, active: Preset | None, choice: Choice) -> dict[str, Any] | None:
    """What runs beside the setting, or may: the reader's own second value, or the preset's."""
    others = choice.prepared.others
    if others.beside is not None:
        name, value = others.beside
        label = knobs_of(experiment.Params)[name].label
        return {"title": f"{begun(label)} {value_words(value)}", "on": True}
    if active is None or active.compare is None or others.over:
        return None
    return {"title": active.compare_title, "on": bool(st.session_state.get(COMPARE_KEY))}


def _unnamed(*, toured: bool, untouched: bool) -> str:
    if toured:
        return "The settings of this stop"
    return "The default settings" if untouched else "Your own settings"


def _locked(experiment: Experiment, name: str, choice: Choice) -> str:
    """Why that preset cannot be picked on a page with a lock; '' where it can."""
    lock = choice.prepared.lock
    changed = lock.against(experiment, experiment.preset(name).params)
    if not changed:
        return ""
    words = listed_words(Lock({knob: lock.values[knob] for knob in changed}).labels(experiment))
    return f"It would change {words}, which this link locks."


def pick(experiment: Experiment, name: str) -> None:
    """Set the knobs of a preset, with what it shows beside it; for callbacks only.

    A name that is none, as of a page that was drawn before its file lost a preset, changes nothing,
    nor does one that would change what is locked.
    """
    preset = next((p for p in experiment.presets if p.id == name), None)
    if preset is None or _locked(experiment, name, chosen(experiment)[0]):
        return
    write(experiment, preset.params)
    forget()
    st.session_state[PICKED_KEY] = (experiment.name, name)
    st.session_state[COMPARE_KEY] = preset.compare is not None


def set_beside(on: bool) -> None:
    """Show the second setting of the preset beside its own, or leave it out; for callbacks only.

    The reader's own is in the address, and goes from there.
    """
    if not on and st.query_params.pop(BESIDE, None) is not None:
        return
    st.session_state[COMPARE_KEY] = on


def forget() -> None:
    """Take out of the address what was shown with the settings of before; for callbacks only."""
    for word in OF_BEFORE:
        st.query_params.pop(word, None)
