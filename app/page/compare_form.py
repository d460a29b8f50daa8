"""A second value of a knob, of the reader's own: what runs beside the setting of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import addresses
from app.knob_words import begun, value_words
from app.others import BESIDE, OVER, Others, second
from app.page.presets import VIEW
from app.page.request import Request
from sims.core.experiment import Experiment
from sims.core.knobs import Knob, allowed, knobs_of, written


@st.fragment
def show(asked: Request) -> None:
    """An expander, sent once it is opened; none where a lock leaves no knob or asks to guess."""
    experiment, lock = asked.experiment, asked.choice.prepared.lock
    known = knobs_of(experiment.Params).items()
    knobs = {name: knob for name, knob in known if name not in lock}
    if not knobs or lock.guess:
        return
    opened = st.expander(
        "Compare", key=f"notes-compare-{addresses.of(experiment.name)}", on_change="rerun"
    )
    if opened.open:
        with opened:
            _form(asked, knobs)


def _form(asked: Request, knobs: Mapping[str, Knob]) -> None:
    experiment, choice = asked.experiment, asked.choice
    now = choice.prepared.others.beside
    left, right = st.columns(2)
    names = list(knobs)
    at = names.index(now[0]) if now is not None and now[0] in knobs else 0
    name = left.selectbox(
        "What differs", names, at, key=_key(experiment, "knob"),
        format_func=lambda name: f"{knobs[name].label} ({name})",
    )  # fmt: skip
    knob, here = knobs[name], choice.values[name]
    stands = now is not None and now[0] == name
    with right:
        text = _value(experiment, knob, here, written(now[1]) if now and stands else "")
    st.caption(f"Here: {begun(knob.label)} {_here(asked, name)}.")
    found = None
    if text.strip():
        try:
            found = second(experiment, name, text, choice.prepared.lock)
        except ValueError as error:
            st.markdown(f":orange[{error}]")
    if found is not None and found[1] == here:
        st.markdown(":orange[That is the value it has already: give another one.]")
        found = None
    row = st.container(horizontal=True)
    begin = row.button(
        "Put it beside", key=_key(experiment, "begin"), on_click=_begin, args=(found,),
        disabled=found is None or found == now,
    )  # fmt: skip
    leave = now is not None and row.button(
        "Leave it out", key=_key(experiment, "leave"), on_click=_leave
    )
    if begin or leave:
        st.rerun()


def _key(experiment: Experiment, word: str) -> str:
    return f"compare-{word}-{addresses.of(experiment.name)}"


def _value(experiment: Experiment, knob: Knob, here: Any, now: str) -> str:
    """The other value as it is typed, or picked where there are few."""
    label, key = f"Other value of {begun(knob.label)}", _key(experiment, f"value-{knob.name}")
    options = [True, False] if knob.kind == "bool" else list(knob.choices)
    if not options:
        takes = f"Takes {allowed(knob)}."
        return st.text_input(label, now, key=key, placeholder=takes, help=takes)
    options = [one for one in options if one != here]
    texts = [written(one) for one in options]
    at = texts.index(now) if now in texts else 0
    return written(st.selectbox(label, options, at, key=key, format_func=value_words))


def _here(asked: Request, name: str) -> str:
    value = asked.choice.values[name]
    if value is None and asked.setup is not None:
        return f"{value_words(getattr(asked.setup.params, name))}, automatic"
    return value_words(value)


def _begin(found: tuple[str, Any]) -> None:
    """Run that value beside the setting; for callbacks only."""
    for word in (VIEW, OVER):
        st.query_params.pop(word, None)
    st.query_params[BESIDE] = Others(beside=found).words()[BESIDE]


def _leave() -> None:
    """Run the setting by itself again; for callbacks only."""
    st.query_params.pop(BESIDE, None)
