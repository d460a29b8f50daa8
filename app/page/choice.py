"""What the reader has set: the knobs of a page, as its link and its widgets hold them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app import prepared, share
from app.prepared import Prepared
from app.typed import COUNTS, count, typed
from sims.core.experiment import Experiment
from sims.core.knobs import Knob, knobs_of, parsed, plain, written

PAGE_KEY = "_page"
SWITCH = ("auto", "true", "false")


@dataclass(frozen=True)
class Choice:
    """What the reader has set: knobs before resolving, first seed and number of seeds.

    `wrong` says why a field's entry is refused; `vain` names what a link set to no such value.
    What the link of a `prepared` page holds is set, whatever fields and address say.
    """

    values: dict[str, Any]
    seed: int
    seeds: int
    wrong: dict[str, str] = field(default_factory=dict)
    vain: frozenset[str] = frozenset()
    prepared: Prepared = field(default_factory=Prepared)

    def said(self, experiment: Experiment) -> dict[str, str]:
        """What the address bar says: whatever is not the default."""
        defaults = plain(experiment.Params()) | {"seed": experiment.default_seed, "seeds": 1}
        given = self.values | {"seed": self.seed, "seeds": self.seeds}
        return {name: written(value) for name, value in given.items() if value != defaults[name]}


def chosen(experiment: Experiment) -> tuple[Choice, list[str]]:
    """What is set, before any widget is drawn, and what the link asked for in vain.

    On arrival the address bar counts; afterwards the widgets' own state does. The stage alone has
    no widgets.
    """
    defaults = plain(experiment.Params())
    query = st.query_params.to_dict()
    made, _ = prepared.read(experiment, query)
    held = made.lock
    if st.session_state.get(PAGE_KEY) != experiment.name or made.stage:
        values, counts, refused = share.read(experiment, query)
        _tidy(experiment, held)
        seeds = counts.get("seeds", 1)
        seed = counts.get("seed", experiment.default_seed)
        vain = frozenset(query) & {*defaults, *COUNTS} - {*values, *counts}
        return Choice(defaults | values, seed, seeds, vain=vain, prepared=made), refused
    values, wrong = defaults | dict(held.values), {}
    for name, knob in knobs_of(experiment.Params).items():
        if name in held:
            continue
        raw = st.session_state.get(name, as_widget(knob, knob.default))
        try:
            values[name] = from_widget(knob, raw)
        except ValueError as error:
            wrong[name] = str(error)
    counts = {"seed": experiment.default_seed, "seeds": 1} | dict(held.counts)
    for name, default in counts.items():
        if name in held:
            continue
        try:
            counts[name] = count(name, str(st.session_state.get(name, default)))
        except ValueError as error:
            wrong[name] = str(error)
    return Choice(values, counts["seed"], counts["seeds"], wrong, prepared=made), []


def defaults(experiment: Experiment) -> Choice:
    """What is set where nobody has set anything."""
    return Choice(plain(experiment.Params()), experiment.default_seed, 1)


def _tidy(experiment: Experiment, held: Container[str] = ()) -> None:
    """Arrive with nothing of the page before, and with no name in the address bar no widget has.

    What a lock holds is said by the lock alone. Streamlit takes another page's values out of the
    address bar but keeps them under their keys, from where widgets of the same name here would
    write them back.
    """
    for name in (*knobs_of(experiment.Params), *COUNTS):
        if name in st.session_state:
            del st.session_state[name]
    known = {*knobs_of(experiment.Params), *share.OURS}
    for name in set(st.query_params):
        if name in held or name not in known:
            del st.query_params[name]


def as_widget(knob: Knob, value: Any) -> Any:
    """A knob's value in the type its widget holds."""
    if knob.kind == "list":
        return "" if value is None else written(value)
    if is_open_switch(knob):
        return SWITCH[0] if value is None else str(value).lower()
    if value is None or knob.choices:
        return value
    return {"float": float, "int": int, "bool": bool}[knob.kind](value)


def from_widget(knob: Knob, raw: Any) -> Any:
    """A knob's value from what its widget holds; ValueError with one sentence if it takes none."""
    if raw is None and not knob.auto:
        return knob.default
    return typed(knob, raw) if isinstance(raw, str) else parsed(knob, raw)


def write(experiment: Experiment, values: Mapping[str, Any]) -> None:
    """Set every knob, those not named to their defaults; for callbacks only."""
    for name, knob in knobs_of(experiment.Params).items():
        st.session_state[name] = as_widget(knob, values.get(name, knob.default))


def arrive_at(experiment: Experiment, values: Mapping[str, Any], seeds: int) -> None:
    """Arrive with these settings, which the link does not say; before any widget is drawn."""
    _tidy(experiment)
    write(experiment, values)
    st.session_state["seeds"] = seeds
    st.session_state[PAGE_KEY] = experiment.name


def is_open_switch(knob: Knob) -> bool:
    """A yes or no that may also be left to the other knobs."""
    return knob.kind == "bool" and knob.auto
