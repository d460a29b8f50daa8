"""The shelf of a page: its pinned runs, what differs among their settings, and running them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import streamlit as st

import sims
from app import share
from app.knob_words import begun, said, value_words
from app.live.server.recipe import Recipe
from app.page.request import Request, device, owner
from app.pins import MOST, PINS, Pin, pin, read, text_of
from app.tex import prose
from sims.core.experiment import Experiment
from sims.core.knobs import knobs_of
from sims.core.registry import registry

RUNNING_KEY = "_pin_run"
LETTERS = "ABCD"
COUNT_LABELS = {"seed": "first seed", "seeds": "seeds"}


def told(asked: Request) -> dict[str, Any]:
    """What the live part is told of it.

    `own` is the name of the page's own setting, '' where no run of it can be pinned; `settings`
    are that one, the one beside it, and the pinned ones, with the values of the `knobs` in which
    they differ. A sweep has its ranges in place of values.
    """
    experiment, choice = asked.experiment, asked.choice
    others = choice.prepared.others
    over = asked.over or {}
    can_be = asked.setup is not None and not over
    here = pin(experiment, choice.values, choice.seed, choice.seeds)
    columns = [here]
    if others.beside is not None:
        name, value = others.beside
        beside = pin(experiment, {**choice.values, name: value}, choice.seed, choice.seeds)
        columns.append(beside)
    elif asked.compared is not None:
        columns.append(pin(experiment, asked.compared, choice.seed, choice.seeds))
    apart = differing(experiment, [*columns, *others.pins], over)
    name, running = st.session_state.get(RUNNING_KEY, ("", None))
    return {
        "own": here.text if can_be else "",
        "most": MOST,
        "stamp": stamp(experiment),
        "title": "this sweep, where it is worst" if over else "this setting",
        "beside": len(columns) > 1,
        "knobs": [
            {
                "label": prose(_named(experiment, name)),
                "values": [
                    over.get(name) or _words(experiment, here, name),
                    *(_words(experiment, one, name) for one in [*columns[1:], *others.pins]),
                ],
            }
            for name in apart
        ],
        "pins": [
            {
                "name": one.text,
                "letter": letter,
                "label": prose(f"{letter}{_apart(experiment, one, here)}"),
                "link": _link(asked, one),
            }
            for letter, one in zip(LETTERS, others.pins, strict=False)
        ],
        "running": running if name == experiment.name else None,
    }


def stamp(experiment: Experiment) -> str:
    """Stands for the code that makes its runs: what a browser keeps of another one is not shown."""
    origin = registry.origin(experiment)
    made = f"{sims.__version__} {origin.name} {origin.version} {origin.sha256}"
    return hashlib.sha256(made.encode()).hexdigest()[:12]


def differing(
    experiment: Experiment, settings: Sequence[Pin], over: Collection[str] = ()
) -> list[str]:
    """Names of the knobs and counts in which some settings differ, in the order declared.

    Those that a sweep goes `over` do.
    """
    names = [*knobs_of(experiment.Params), *COUNT_LABELS]
    words = {n: {_words(experiment, one, n) for one in settings} for n in names}
    return [n for n in names if n in over or len(words[n]) > 1]


def _words(experiment: Experiment, one: Pin, name: str) -> str:
    if name in COUNT_LABELS:
        return str(dict(zip(COUNT_LABELS, one.counts(experiment), strict=True))[name])
    return value_words(one.values(experiment)[name])


def _named(experiment: Experiment, name: str) -> str:
    if name in COUNT_LABELS:
        return COUNT_LABELS[name]
    knob = knobs_of(experiment.Params)[name]
    return begun(knob.label) + (f" ${knob.symbol}$" if knob.symbol else "")


def _apart(experiment: Experiment, one: Pin, here: Pin) -> str:
    """What a curve is called behind its letter: the one thing that sets it apart, if it is one."""
    apart = differing(experiment, [one, here])
    if len(apart) != 1:
        return "" if apart else ": this setting"
    (name,) = apart
    if name in COUNT_LABELS:
        return f": {COUNT_LABELS[name]} {_words(experiment, one, name)}"
    value = one.values(experiment)[name]
    knob = knobs_of(experiment.Params)[name]
    return f": {begun(knob.label)} automatic" if value is None else f": {said(knob, value)}"


def _link(asked: Request, one: Pin) -> str:
    """The query of the page of a pinned setting, with the same pins."""
    pins = {PINS: text_of(asked.choice.prepared.others.pins)}
    return share.query(dict(one.changed), pins)


# What a reader asks for; for callbacks only


def add(experiment: Experiment, name: str) -> None:
    """Pin the setting of that name, if there is room."""
    now, _ = read(experiment, st.query_params.get(PINS, ""))
    new, _ = read(experiment, name)
    _put((*now, *(one for one in new if one not in now)))


def remove(experiment: Experiment, name: str) -> None:
    """Pin the setting of that name no longer."""
    now, _ = read(experiment, st.query_params.get(PINS, ""))
    _put([one for one in now if one.text != name])


def _put(pins: Sequence[Pin]) -> None:
    if pins:
        st.query_params[PINS] = text_of(pins[:MOST])
    else:
        st.query_params.pop(PINS, None)


def run(experiment: Experiment, name: str) -> None:
    """Ask the hub for the run of a pinned setting, as a job beside that of the page."""
    from app.live.server.hub import hub

    found, _ = read(experiment, name)
    if not found:
        return
    (one,) = found
    seed, seeds = one.counts(experiment)
    recipe = Recipe(experiment.name, one.values(experiment), seed, seeds, device())
    asked = hub().ask(f"{owner()} pin", recipe)
    told = {"name": one.text, "token": asked.token, "refused": asked.refused}
    st.session_state[RUNNING_KEY] = (experiment.name, told)


def asks(experiment: Experiment) -> Mapping[str, Any]:
    """What the live part may ask for, by name."""
    return {
        "pin": lambda name: add(experiment, str(name)),
        "unpin": lambda name: remove(experiment, str(name)),
        "run_pin": lambda name: run(experiment, str(name)),
    }
