"""Runs in which there is nothing to see, under the prediction of the real ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any

from sims.core.experiment import Experiment, Simulation


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
