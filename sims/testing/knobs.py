"""Checks of knobs and seeds: what moves compiles nothing, what is bad is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from sims.core import compilation
from sims.core.knobs import Knob, knobs_of, plain
from sims.core.setup import given
from sims.core.study import Study
from sims.testing.checked import Checked
from sims.testing.runs import differing


def moved(checked: Checked) -> Iterator[str]:
    """Moving a knob that is not static, nor a size of the task, compiles nothing anew."""
    experiment = checked.experiment
    if experiment.over is not None:
        return
    for knob in knobs_of(experiment.Params).values():
        if knob.static:
            continue
        starts = []
        for value in _beside(knob):
            with contextlib.suppress(ValueError):
                starts.append(Study(experiment, {knob.name: value}).early())
        if len(starts) < 2:
            continue
        one, other = starts
        if _shapes(one.setup) != _shapes(other.setup):  # a size: another program by nature
            continue
        one.run().advance_records(2)
        before = compilation.traces()
        other.run().advance_records(2)
        if compilation.traces() != before:
            yield f"moving {knob.name} compiles the run anew."


def _shapes(setup: Any) -> Any:
    return [{name: a.shape for name, a in task.items()} for task in setup.tasks]


def _beside(knob: Knob) -> list[Any]:
    """Two other values of a numeric knob, near its default; none where that means nothing."""
    if knob.kind not in ("float", "int") or knob.choices or knob.default is None:
        return []
    default = float(knob.default)
    if knob.kind == "int":
        up = default + 2 <= knob.hi
        return [int(default) + k if up else int(default) - k for k in (1, 2)]
    unit = default or (knob.hi if np.isfinite(knob.hi) else 1.0)
    up = default + 0.02 * unit <= knob.hi
    return [default + (k if up else -k) * 0.01 * unit for k in (1, 2)]


def refused(checked: Checked) -> Iterator[str]:
    """A value that a knob does not take is refused in one sentence that names the knob."""
    experiment = checked.experiment
    for knob in knobs_of(experiment.Params).values():
        for value in _bad(knob):
            try:
                given(experiment, {knob.name: value})
            except ValueError as error:
                if "\n" in str(error) or knob.name not in str(error):
                    yield f"{knob.name} = {value} is refused without a sentence that names it."
            except Exception as error:
                yield f"{knob.name} = {value} raises {type(error).__name__}, not a ValueError."
            else:
                yield f"{knob.name} = {value} is taken."


def _bad(knob: Knob) -> list[Any]:
    if knob.choices:
        return ["no such choice"]
    if knob.kind in ("float", "int"):
        found: list[Any] = ["a word", float("nan")]
        found += [knob.hard_lo - 1] if np.isfinite(knob.hard_lo) else []
        found += [knob.hard_hi * 2 + 1] if np.isfinite(knob.hard_hi) else []
        return found
    return ["a, word"] if knob.kind == "list" else ["a word"]


def seeds(checked: Checked) -> Iterator[str]:
    """Two seeds side by side are the two seeds alone, and a seed is the same every time."""
    experiment = checked.experiment
    if experiment.over is not None:
        return
    first = experiment.default_seed
    both = Study(experiment, seeds=2).setup
    for i in range(2):
        alone = Study(experiment, seed=first + i).setup
        for name in differing([both.tasks[i]], alone.tasks):
            yield f"{name} of seed {first + i} is another beside another seed."
    if plain(both.params) != plain(Study(experiment, seeds=2).setup.params):
        yield "resolve gives other params the second time."
