"""Steps to a target loss at every batch size, the best rate of each, and the hyperbola.

A run at a constant rate has its mean loss in closed form (`sims.scaling_laws.averages`), so that
the step at which it reaches the target is found, and not trained for: at each of many rates, at
every batch size. Nothing here calls the training or sees its records.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.scaling_laws.averages import ConstantRate
from sims.scaling_laws.problem import Problem, edge, feedback, power_law

if TYPE_CHECKING:
    from sims.scaling_laws.critical_batch.params import Params

RATES = 0.9 * 180.0 ** (-np.arange(44, -1, -1) / 29)
"""Rates that are tried, over the edge at each batch size: 45 from 0.00034 to 0.9."""
LOWEST = 0.0004
"""A best rate below this share of the edge is the lowest that was tried."""
LONGEST = 1e6
"""Steps within which the target is looked for."""
TIMES = np.unique(np.round(np.geomspace(1, LONGEST, 160)))
BEYOND = 1.25
"""How far past its predicted step each learner goes."""
FARTHEST = 1e18
"""Loss up to which one that grows for ever is told."""
AROUND = 1.1
"""The slope at the target is taken from so much before to so much after it."""


def sizes(batches: int) -> np.ndarray:
    """The batch sizes 1, 2, 4, ..., (batch,)."""
    return 2.0 ** np.arange(batches)


def steps_to(runs: ConstantRate, level: float) -> np.ndarray:
    """First step t, a fraction, at which E(t) <= level, (...); ln E is linear between two steps.

    Infinite where none of a million is. `runs` may be of several rates, (...).
    """
    times, start = np.broadcast_to(TIMES, (*np.shape(runs.loss_at_last), len(TIMES))), 0.0
    below = runs.excess(times) <= level
    is_reached, i = np.asarray(below.any(axis=-1)), np.argmax(below, axis=-1)[..., None]
    high = np.take_along_axis(times, i, -1)
    low = np.where(i > 0, np.take_along_axis(times, np.maximum(i - 1, 0), -1), start)
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        reached = runs.excess(middle) <= level
        high, low = np.where(reached, middle, high), np.where(reached, low, middle)
    E = runs.excess(np.concatenate([high - 1, high], axis=-1))
    E = np.where(is_reached[..., None], E, [2.0, 1.0])
    part = np.log(E[..., 0] / level) / np.log(E[..., 0] / E[..., 1])
    return np.where(is_reached, high[..., 0] - 1 + part, np.inf)


def best_rate(problem: Problem, batch_size: float, level: float) -> tuple[float, float]:
    """The rate that needs the fewest steps, and how many; an infinite batch is allowed.

    Of 45 rates the best, then that of the parabola through ln S at it and its neighbours.
    """
    logs = np.log(RATES * edge(problem.lam, batch_size))
    S = steps_to(ConstantRate(problem, np.exp(logs), batch_size), level)
    i = int(np.argmin(S))
    best = float(np.exp(logs[i])), float(S[i])
    if 0 < i < len(S) - 1 and np.isfinite(S[i - 1 : i + 2]).all():
        left, middle, right = np.log(S[i - 1 : i + 2])
        lowest = 0.5 * (left - right) / (left - 2 * middle + right)
        rate = float(np.exp(logs[i] + (logs[1] - logs[0]) * lowest))
        steps = float(steps_to(ConstantRate(problem, rate, batch_size), level))
        best = min(best, (rate, steps), key=lambda one: one[1])
    return best


class Best(NamedTuple):
    """The best rate of every batch size and its steps, (batch,), and the steps of a full batch."""

    rates: np.ndarray
    steps: np.ndarray
    full: float

    @property
    def critical(self) -> float:
        """B_crit = S(1)/S_min - 1, so that the hyperbola passes through both of its ends."""
        return float(self.steps[0] / self.full - 1)


@lru_cache(maxsize=64)
def _best(a: float, b: float, noise: float, width: int, target: float, batches: int) -> Best:
    problem = power_law(a, b, width, noise)
    level = target - problem.tail
    found = [best_rate(problem, B, level) for B in (*sizes(batches).tolist(), math.inf)]
    rates, steps = np.array(found).T
    return Best(rates[:-1], steps[:-1], float(steps[-1]))


def best(params: Params) -> Best:
    """What is best at every batch size."""
    values = float(params.a), float(params.b), float(params.noise)
    return _best(*values, int(params.width), float(params.target), int(params.batches))


def problem_of(params: Params) -> Problem:
    """Inputs, target and noise."""
    return power_law(float(params.a), float(params.b), int(params.width), float(params.noise))


def rates(params: Params) -> np.ndarray:
    """The rate of every learner, (batch,): its best, or the first one's by a rule."""
    B, found = sizes(params.batches), best(params).rates
    if params.rule == "best":
        return found
    return found[0] * B ** {"linear": 1.0, "sqrt": 0.5, "fixed": 0.0}[params.rule]


def steps(problem: Problem, eta: np.ndarray, batches: np.ndarray, target: float) -> np.ndarray:
    """Steps to the target at these rates, (batch,); infinite where it is never reached."""
    edges = np.array([edge(problem.lam, B) for B in batches.tolist()])
    is_bounded = eta < edges
    runs = ConstantRate(problem, np.where(is_bounded, eta, 0.5 * edges), batches)
    return np.where(is_bounded, steps_to(runs, target - problem.tail), np.inf)


def samples(params: Params) -> int:
    """Samples after which every learner that is to reach the target has, with some to spare."""
    B = sizes(params.batches)
    S = steps(problem_of(params), rates(params), B, float(params.target))
    arrives = np.isfinite(S)
    return int(np.max((np.ceil(BEYOND * S[arrives]) + 1) * B[arrives]))


def noise_scale(problem: Problem, c: np.ndarray) -> np.ndarray:
    """Trace of the covariance of one sample's gradient over |G|², G the mean gradient, (...).

    Both in the mean over runs, with c (..., mode): (Σλ (u + s2) + Σλ²c)/Σλ²c, u = Σλc. Simple noise
    scale of arXiv:1812.06162, here for Gaussian inputs.
    """
    lam = problem.lam
    G2 = c @ (lam * lam)
    return (lam.sum() * (c @ lam + problem.s2) + G2) / G2


def standard_errors(
    problem: Problem, eta: np.ndarray, batches: np.ndarray, S: np.ndarray, replicas: int
) -> np.ndarray:
    """Standard error of ln S, (batch,): that of ln E at the target over its slope in ln t."""
    finite = np.where(np.isfinite(S), S, 1.0)[:, None]
    around = ConstantRate(problem, eta, batches).at(finite * [1 / AROUND, 1.0, AROUND])
    slope = np.log(around.excess[:, 0] / around.excess[:, 2]) / (2 * np.log(AROUND))
    found = around.spread[:, 1] / around.excess[:, 1] / np.sqrt(replicas) / slope
    return np.where(np.isfinite(S), found, np.nan)


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Losses at every record, steps to the target, the hyperbola, and the noise scale on the way.

    `noise_scale` is that of the learner with batches of 1 as it reaches the target;
    `noise_scale_curve` at every record.
    """
    problem, found = problem_of(params), best(params)
    B, eta = sizes(params.batches), np.asarray(task["eta"], float)
    S = steps(problem, eta, B, float(params.target))
    updates = schedule.record_steps[:, None] // B.astype(np.int64)
    loss = ConstantRate(problem, eta, B).excess(updates.T).T + problem.tail
    single = ConstantRate(problem, float(eta[0]), 1.0)
    at = single.moments(np.append(schedule.record_steps, S[0]))
    scale = noise_scale(problem, at)
    arrived = np.isfinite(S)
    fed = [feedback(e, problem.lam, b) for e, b in zip(eta[arrived], B[arrived], strict=True)]
    data = xr.Dataset(
        {
            "loss": (("record", "batch"), np.nan_to_num(np.minimum(loss, FARTHEST), nan=FARTHEST)),
            "steps_to_target": ("batch", S, {"units": "steps"}),
            "steps_best": ("batch", found.steps, {"units": "steps"}),
            "eta": ("batch", eta),
            "eta_best": ("batch", found.rates),
            "hyperbola": (
                "batch", found.full * (1 + found.critical / B), {"units": "steps"},
            ),
            "s_min": ((), found.full, {"units": "steps"}),
            "critical_batch": ((), found.critical),
            "noise_scale": ((), float(scale[-1])),
            "noise_scale_curve": ("record", scale[:-1]),
            "error_of_steps": ("batch", standard_errors(problem, eta, B, S, int(params.replicas))),
            "feedback": ((), max(fed)),
            "lowest_rate": ((), float(found.rates[0] / edge(problem.lam, 1.0))),
            "tail": ((), problem.tail),
            "target_loss": ((), float(params.target)),
        },
        coords={"batch": B.astype(np.int64)},
    )  # fmt: skip
    for variable in data.data_vars.values():
        variable.attrs["shared"] = 1  # the mean is over the samples of all seeds
    return data
