"""The settings of a run in words, and the shortest link that leads to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from app import addresses
from app.knob_words import begun, number_words, said
from app.others import Others
from app.share import query
from sims.core.experiment import Experiment
from sims.core.knobs import knobs_of, plain, written
from sims.core.own_data import is_own
from sims.core.setup import Setup
from sims.core.study import Study


def changed(setup: Setup) -> dict[str, Any]:
    """The knobs that somebody set: those that are not what they would be if left alone.

    What follows from other knobs is held against what it comes to with those found so far, in the
    order declared, so that whatever only follows is left out.
    """
    knobs, values = knobs_of(setup.params), plain(setup.params)
    autos = [name for name, knob in knobs.items() if knob.auto]
    given = {n: v for n, v in values.items() if n not in autos and v != knobs[n].default}
    for _ in autos:
        try:
            alone = plain(_prepared(setup, given).params)
        except ValueError:  # refused without what else was set
            given |= {name: values[name] for name in autos}
            break
        other = next((name for name in autos if values[name] != alone[name]), None)
        if other is None:
            break
        given[other] = values[other]
    return {name: given[name] for name in knobs if name in given}


def _prepared(setup: Setup, values: Mapping[str, Any]) -> Setup:
    first, many = int(setup.seeds[0]), len(setup.seeds)
    return Study(setup.experiment, values, seed=first, seeds=many).setup


@dataclass(frozen=True)
class Axis:
    """A knob that a sweep goes over: its first and last value, how many, and how they lie."""

    first: float
    last: float
    many: int
    is_log: bool

    @classmethod
    def of(cls, values: np.ndarray) -> Axis:
        """The axis with these values."""
        is_log = bool((values > 0).all()) and len(values) > 2
        is_log = is_log and np.allclose(np.diff(np.log(values), 2), 0, atol=1e-3)
        return cls(float(values[0]), float(values[-1]), len(values), is_log)


Axes = Mapping[str, Axis]


def words(setup: Setup, over: Axes) -> list[str]:
    """Each knob that was set, the axes of a sweep, then the seeds; TeX between dollars."""
    knobs = knobs_of(setup.params)
    made = [said(knobs[n], value) for n, value in _held(setup, over).items()]
    for name, axis in over.items():
        symbol = f" ${knobs[name].symbol}$" if knobs[name].symbol else ""
        ends = f"from {number_words(axis.first)} to {number_words(axis.last)}"
        made.append(f"{begun(knobs[name].label)}{symbol} {ends}, {axis.many} values")
    first, many = int(setup.seeds[0]), len(setup.seeds)
    seeds = f"seed {first}" if many == 1 else f"seeds {first} to {first + many - 1}"
    return [*(made or ["all at their defaults"]), seeds]


def _held(setup: Setup, over: Axes) -> dict[str, Any]:
    """The knobs that were set and are the same at every point of a sweep."""
    return {name: value for name, value in changed(setup).items() if name not in over}


def link(setup: Setup, server: str, over: Axes) -> str:
    """The address of a page with these settings; what it leaves out is the default."""
    experiment = setup.experiment
    first, many = int(setup.seeds[0]), len(setup.seeds)
    values = _held(setup, over)
    if first != experiment.default_seed:
        values |= {"seed": first}
    if many > 1:
        values |= {"seeds": many}
    swept = _axes(over) if _is_own(experiment, over) else {}
    said = query(values, Others(over=swept).words()) if values or swept else ""
    return f"{server.rstrip('/')}/{addresses.of(experiment.name)}{said}"


def command(setup: Setup, named: str, over: Axes) -> str:
    """The command that makes the run, or the sweep; `FILE` is one with data of one's own."""
    experiment = setup.experiment
    first, many = int(setup.seeds[0]), len(setup.seeds)
    swept = _axes(over) if _is_own(experiment, over) else {}
    made = ["lmx sweep" if swept else "lmx run", named]
    made += [f"--over {name}={text}" for name, text in swept.items()]
    made += [
        "--data FILE" if is_own(v) else f"--set {n}={written(v)}"
        for n, v in _held(setup, over).items()
    ]
    made += [f"--seed {first}"] if first != experiment.default_seed else []
    made += [f"--seeds {many}"] if many > 1 else []
    return " ".join(made)


def _is_own(experiment: Experiment, over: Axes) -> bool:
    """Whether these are other axes than those with which the experiment's page opens."""
    return bool(over) and set(over) != set(experiment.over or {})


def _axes(over: Axes) -> dict[str, str]:
    return {name: _axis(axis) for name, axis in over.items()}


def _axis(axis: Axis) -> str:
    ends = f"{written(axis.first)}:{written(axis.last)}:{axis.many}"
    return f"{ends}:log" if axis.is_log else ends


def source(experiment: Experiment) -> str:
    """The paper that the law is from, in short."""
    if not experiment.sources:
        return ""
    paper = experiment.sources[0]
    first, *others = (
        paper.authors.replace(" and others", ", et al.").replace(" and ", ", ").split(", ")
    )
    who = f"{first} and others" if len(others) > 1 else " and ".join([first, *others])
    return f"{who} {paper.year}, arXiv {paper.arxiv}"
