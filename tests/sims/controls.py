"""Runs in which there is nothing to see, under the prediction of the real ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sims.core.controls import Control, Untrained, controlled, survivors
from sims.core.experiment import Experiment, Simulation, Task
from sims.core.study import Study


def stays(params: Any, task: Any, state: Any) -> Any:
    """The step of a run in which nothing is trained."""
    del params, task
    return state


def trained_by(experiment: Experiment, **functions: Callable[..., Any]) -> Experiment:
    """The experiment with these functions of its simulation in place of its own."""
    if experiment.step is not None:
        return dataclasses.replace(experiment, **functions)
    own = experiment.simulation

    def simulation(params: Any) -> Simulation[Any]:
        return dataclasses.replace(own(params), **functions)

    return dataclasses.replace(experiment, simulation=simulation)


@cache
def untrained(experiment: Experiment) -> Experiment:
    """The experiment whose runs stay where they start."""
    return trained_by(experiment, step=stays)


def verdicts(
    experiment: Experiment,
    knobs: Mapping[str, Any],
    *,
    values: Mapping[str, Any] | None = None,
    task: Callable[[Task], Task] | None = None,
    trained: bool = True,
    seed: int | None = None,
) -> dict[str, str]:
    """By claim what becomes of a run with other values, from another task, or of one untrained."""
    start = Study(experiment, knobs, seed=seed).freeze()
    if trained:
        claims = controlled(start, Control("twisted", values or {}, task))
    else:
        run = start.run()
        run.finish()
        claims = start.judge(Untrained(run)).claims
    assert claims is not None
    return dict(zip(map(str, claims.claim.values), map(str, claims.verdict.values), strict=True))


def surviving(experiment: Experiment, **knobs: Any) -> list[str]:
    """Claims that land in the honest run of a setting and in a twisted one, too."""
    found = survivors(Study(experiment, knobs))
    return [f"{one.claim}: {one.twist} ({one.error:.3g} of {one.tolerance:.3g})" for one in found]
