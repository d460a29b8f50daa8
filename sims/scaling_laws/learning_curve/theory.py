"""The mean loss of every schedule, exactly and with pen and paper. Nothing here sees a run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.scaling_laws import averages, pen_and_paper, schedules
from sims.scaling_laws.problem import Problem, edge, feedback

if TYPE_CHECKING:
    from sims.scaling_laws.learning_curve.params import Params

RATES = np.geomspace(0.01, 0.9, 16)
"""Peak rates over the edge at which the same race is predicted, too."""
MOST_UPDATES = 4e7
"""Updates of single coefficients that they may take: half a second."""
APART = 4.0
"""Standard errors of two end losses by which they must differ to be told apart, for each."""
PAIRS = tuple(itertools.combinations(range(len(schedules.NAMES)), 2))


def rates_of(params: Params, peaks: np.ndarray | float) -> np.ndarray:
    """The rate of every step, (peak and schedule, step), the schedules of one peak together."""
    steps = int(params.steps)
    x = (np.arange(steps) + 0.5) / steps
    decay, power = float(params.decay), float(filled(params.power))
    shapes = np.array([schedules.shape(name, x, decay, power) for name in schedules.NAMES])
    return (np.reshape(peaks, (-1, 1, 1)) * shapes).reshape(-1, steps)


def order_of(ends: np.ndarray) -> np.ndarray:
    """Of every pair of schedules which ends higher: 1 the first, -1 the second, 0 neither."""
    first, second = np.array(PAIRS).T
    return np.sign(ends[first] - ends[second])


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """Mean loss, signal, scatter and spread at every record, and what follows from them.

    `pair_order` is NaN for pairs of schedules that chance may put in either order. `one_line` is
    for the constant rate, NaN before the first step. `known` is the largest standard error of a
    mean, relative to what can still be learned. `landscape` is the end loss on (rate, schedule),
    where it is to be had in time.
    """
    noise, B, k = float(params.noise), params.batch_size, schedule.record_steps
    tail, eta = float(task["tail"]), float(task["eta"])
    problem = Problem(task["lam"], task["target"], tail, noise**2 + tail)
    names = np.array(schedules.NAMES, object)
    coords = {"schedule": names, "pair": [f"{names[i]} and {names[j]}" for i, j in PAIRS]}
    told = averages.scheduled(problem, rates_of(params, eta), B, k)
    error = told.spread / np.sqrt(params.replicas)
    ends, doubt = told.loss[-1], APART * error[-1]
    apart = np.array([abs(ends[i] - ends[j]) > doubt[i] + doubt[j] for i, j in PAIRS])
    line = pen_and_paper.one_line(
        float(params.a), float(params.b), params.width, noise, eta, B, k[1:]
    )
    found = xr.Dataset(
        {
            "loss": (("record", "schedule"), told.loss),
            "signal": (("record", "schedule"), told.signal),
            "scatter": (("record", "schedule"), told.noise),
            "standard_error": (("record", "schedule"), error),
            "loss_final": ("schedule", ends),
            "error_final": ("schedule", error[-1]),
            "best_final": ((), ends.min()),
            "winner": ((), int(np.argmin(ends))),
            "pair_order": ("pair", np.where(apart, order_of(ends), np.nan)),
            "one_line": ("record", np.append(np.nan, line)),
            "slope": ((), -(float(params.b) - 1) / float(params.a)),
            "tail": ((), tail),
            "edge": ((), edge(problem.lam, B)),
            "rate": ((), eta),
            "feedback": ((), feedback(eta, problem.lam, B)),
            "known": ((), float(np.max(error[1:] / told.excess[1:]))),
        },
        coords=coords,
    )
    yield found
    if len(RATES) * len(names) * params.width * float(params.steps) > MOST_UPDATES:
        return
    peaks = rates_of(params, RATES * float(found["edge"]))
    whole = averages.scheduled(problem, peaks, B, k[-1:]).loss.reshape(len(RATES), len(names))
    yield found.assign(landscape=(("peak", "schedule"), whole)).assign_coords(peak=RATES)
