"""What a page asks of the hub, and what the hub makes of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app import share, switches
from app.live.server.recipe import Asked, Recipe
from app.others import check_runs
from app.page.choice import PAGE_KEY, Choice, chosen, defaults
from app.page.presets import COMPARE_KEY, active_preset
from sims import api
from sims.core.experiment import Experiment, Preset
from sims.core.setup import Setup, given

SHOWN_KEY = "_shown"
GOOD_KEY = "_good"
REFUSED_KEY = "_refused"
ADDRESS_KEY = "_address"
WITHHELD_KEY = "_withheld"
TURN_KEY = "_turn"
STAND_IN_KEY = "_stands_in"


@dataclass(frozen=True)
class Request:
    """What is set on a page, the preset it equals, and what the hub makes of it.

    `setup` is None where the settings are `refused`, in one sentence, and while the hub still
    prepares them. `token` is that of the job the live part shows.
    """

    experiment: Experiment
    choice: Choice
    preset: Preset | None
    setup: Setup | None
    refused: str
    token: str

    @property
    def compared(self) -> Mapping[str, Any] | None:
        """The knobs of the second setting, if one runs beside the first."""
        return _recipe(self.experiment, self.choice, self.preset).compare

    @property
    def over(self) -> Mapping[str, str] | None:
        """What is swept, if anything: the reader's own, or the preset's."""
        own = self.choice.prepared.others.over
        return own or (self.preset.over if self.preset is not None else None)


def ahead() -> None:
    """Hand a moved knob to the hub before the page sends anything.

    The browser redraws the whole page at the messages of a turn, and paints nothing meanwhile; a
    prediction that is on the screen before them need not wait for that.
    """
    from app.live.server.hub import hub

    name = st.session_state.get(PAGE_KEY)
    if name is not None and st.session_state.get(SHOWN_KEY) == shown():
        hub().await_painted(asked(api.experiment(name)).token)


def shown() -> str:
    """Which page the browser asks for."""
    context = get_script_run_ctx()
    return context.page_script_hash if context is not None else ""


def shows_stage_alone() -> bool:
    """Whether the link asks for the stage alone, as in another page's frame."""
    return switches.has_stage(st.query_params.to_dict())


def asked(experiment: Experiment) -> Request:
    """Hand what is set to the hub."""
    choice, refused = chosen(experiment)
    _remember_refusals(experiment, choice, refused)
    preset = active_preset(experiment, choice)
    made = _handed_over(experiment, choice, preset)
    token = made.token or _stand_in(experiment)
    return Request(experiment, choice, preset, made.setup, made.refused, token)


def unrun(made: Request) -> Request:
    """The same as a job of its own, before its run.

    The picture that opens Home may have the same job, and may run it at any moment: it is on the
    screen until this page is.
    """
    from app.live.server.hub import Unknown, hub

    try:
        return replace(made, token=hub().control(made.token, "reset")) if made.token else made
    except Unknown:
        return made


def _remember_refusals(experiment: Experiment, choice: Choice, refused: Sequence[str]) -> None:
    """Keep what a link asked in vain on the page until the reader changes something."""
    state = (experiment.name, share.permalink(given(experiment, choice.values), 0, 1))
    if refused:
        st.session_state[REFUSED_KEY] = (state, list(refused))
    elif st.session_state.get(REFUSED_KEY, (state,))[0] != state:
        del st.session_state[REFUSED_KEY]


def _handed_over(experiment: Experiment, choice: Choice, preset: Preset | None) -> Asked:
    """What the hub makes of these settings, drawn already where that is quick."""
    from app.live.server.hub import hub

    if choice.wrong:
        return Asked("", None, next(iter(choice.wrong.values())))
    others = choice.prepared.others
    try:
        check_runs(experiment, others.over, choice.seeds)
    except ValueError as error:
        return Asked("", None, str(error))
    recipe = _recipe(experiment, choice, preset)
    asked = hub().ask(owner(), recipe)
    if asked.refused:
        return asked
    st.session_state.pop(STAND_IN_KEY, None)
    hub().await_view(asked.token)
    if asked.setup is not None:
        st.session_state[ADDRESS_KEY] = (experiment.name, choice)
        st.session_state[GOOD_KEY] = (experiment.name, recipe, asked.setup.params)
    return asked


def _recipe(experiment: Experiment, choice: Choice, preset: Preset | None) -> Recipe:
    others = choice.prepared.others
    compare, over = others.compared(choice.values), dict(others.over) or None
    own = compare is not None or over is not None
    if preset is not None and not own:
        over = preset.over
        if preset.compare is not None and st.session_state.get(COMPARE_KEY):
            compare = preset.compare
    counts = (choice.seed, choice.seeds)
    return Recipe(experiment.name, dict(choice.values), *counts, device(), compare, over, own)


def _stand_in(experiment: Experiment) -> str:
    """The token of what is drawn in place of settings that are refused.

    That is what was last drawn here, and for a reader who arrives with them the defaults.
    """
    from app.live.server.hub import hub

    recipe, _ = last_good(experiment)
    token = hub().ask(owner(), recipe).token if recipe is not None else ""
    if not token:  # nothing was drawn, or its file has lost a knob since
        choice = defaults(experiment)
        recipe = _recipe(experiment, choice, active_preset(experiment, choice))
        st.session_state[STAND_IN_KEY] = experiment.name
        token = hub().ask(owner(), recipe).token
    hub().await_view(token)
    return token


def last_good(experiment: Experiment) -> tuple[Recipe | None, Any]:
    """Recipe and resolved Params of what was last drawn of this experiment, or (None, None)."""
    name, recipe, params = st.session_state.get(GOOD_KEY, ("", None, None))
    return (recipe, params) if name == experiment.name else (None, None)


def corrections(made: Request) -> dict[str, Any]:
    """What the address bar is to say in place of what was refused; None: nothing, the default.

    Of knobs that are refused together it says what is drawn in their place, and of each what it is
    once that may be. Streamlit may write the refused text again at every turn, so each turn's
    answer is a new one.
    """
    experiment, choice = made.experiment, made.choice
    name, good = st.session_state.get(ADDRESS_KEY, ("", None))
    drawn = good.said(experiment) if good is not None and name == experiment.name else {}
    name, withheld = st.session_state.get(WITHHELD_KEY, ("", ()))
    together = set(withheld) if name == experiment.name else set()
    if made.refused and not choice.wrong:
        said = choice.said(experiment)
        together |= {knob for knob in {*said, *drawn} if said.get(knob) != drawn.get(knob)}
    is_settled = made.setup is not None
    st.session_state[WITHHELD_KEY] = (experiment.name, () if is_settled else tuple(together))
    corrected = {*choice.wrong, *choice.vain}
    if made.refused or is_settled:  # what is still prepared may yet be refused
        corrected |= together
    return _written({knob: drawn.get(knob) for knob in sorted(corrected)})


def spelled(made: Request) -> dict[str, Any]:
    """What the address bar is to say at a stop of a tour, whose link does not say its settings."""
    return _written(made.choice.said(made.experiment))


def _written(values: Mapping[str, str | None]) -> dict[str, Any]:
    """What is written into the address bar, if it is anything: at each turn anew."""
    if not values:
        return {}
    turn = st.session_state[TURN_KEY] = st.session_state.get(TURN_KEY, 0) + 1
    return {"turn": turn, "values": dict(values)}


def owner() -> str:
    """This session's name at the hub."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else "no session"


@st.cache_resource(show_spinner=False)
def device() -> str:
    """Where runs are computed."""
    from sims.core.devices import chosen_device

    return chosen_device(os.environ.get("LMX_DEVICE", "auto"))
