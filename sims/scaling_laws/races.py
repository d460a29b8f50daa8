"""Races of six schedules: what is known of one beforehand, which ends lower, and what one guesses.

`params` have noise, batch_size, steps, decay, power and replicas. Nothing here sees a run but what
measures it.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import xarray as xr

from sims.core.experiment import Baseline, Compared, Task, not_compared
from sims.core.knobs import filled
from sims.scaling_laws import averages, schedules
from sims.scaling_laws.problem import Problem, edge, feedback

RATES = np.geomspace(0.01, 0.9, 16)
"""Peak rates over the edge at which the same race is predicted, too."""
APART = 4.0
"""Standard errors of two end losses by which they must differ to be told apart, for each."""
MOST_UPDATES = 4e7
"""Updates of single coefficients that they may take: half a second."""
PAIRS = tuple(itertools.combinations(range(len(schedules.NAMES)), 2))


def rates_of(params: Any, peaks: np.ndarray | float) -> np.ndarray:
    """The rate of every step, (peak and schedule, step), the schedules of one peak together."""
    steps = int(params.steps)
    x = (np.arange(steps) + 0.5) / steps
    decay, power = float(params.decay), float(filled(params.power))
    return (np.reshape(peaks, (-1, 1, 1)) * schedules.shapes(x, decay, power)).reshape(-1, steps)


def order_of(ends: np.ndarray) -> np.ndarray:
    """Of every pair of schedules which ends higher: 1 the first, -1 the second, 0 neither."""
    first, second = np.array(PAIRS).T
    return np.sign(ends[first] - ends[second])


def predicted(
    params: Any, problem: Problem, eta: float, record_steps: np.ndarray, share: float = 0.0
) -> xr.Dataset:
    """Mean loss, signal and scatter at every record, (record, schedule), and what follows.

    `eta` is the peak rate. `pair_order` is NaN for pairs that end within four standard errors and
    `share` of each loss: chance may put them in either order. `known` is the largest standard error
    of a mean, relative to what can still be learned.
    """
    told = averages.scheduled(problem, rates_of(params, eta), params.batch_size, record_steps)
    error = told.spread / np.sqrt(params.replicas)
    ends = told.loss[-1]
    doubt = APART * error[-1] + share * ends
    apart = np.array([abs(ends[i] - ends[j]) > doubt[i] + doubt[j] for i, j in PAIRS])
    names = schedules.NAMES
    pairs = [f"{names[i]} and {names[j]}" for i, j in PAIRS]
    return xr.Dataset(
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
            "tail": ((), problem.tail),
            "edge": ((), edge(problem.lam, params.batch_size)),
            "rate": ((), eta),
            "feedback": ((), feedback(eta, problem.lam, params.batch_size)),
            "known": ((), float(np.max(error[1:] / told.excess[1:]))),
        },
        coords={"schedule": np.array(names, object), "pair": pairs},
    )


def with_landscape(found: xr.Dataset, params: Any, problem: Problem) -> xr.Dataset | None:
    """The same with the end loss on (peak, schedule) at other rates; None where that takes long."""
    many, steps = len(schedules.NAMES), int(params.steps)
    if len(RATES) * many * len(problem.lam) * steps > MOST_UPDATES:
        return None
    peaks = rates_of(params, RATES * float(found["edge"]))
    told = averages.scheduled(problem, peaks, params.batch_size, np.array([steps]))
    whole = told.loss.reshape(len(RATES), many)
    return found.assign(landscape=(("peak", "schedule"), whole)).assign_coords(peak=RATES)


def measure(params: Any, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """End losses of the schedules, that of the predicted winner, and which of a pair is higher."""
    del params, task
    ends = run["loss"].values[-1]
    return xr.Dataset(
        {
            "loss_final": ("schedule", ends),
            "best_final": ((), ends[int(prediction["winner"])]),
            "pair_order": ("pair", order_of(ends)),
        }
    )


def wrong_pairs(params: Any, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
    """Pairs that end in another order than is said, of those that theory tells apart."""
    del params
    theirs = prediction["pair_order"].values
    asked = np.isfinite(theirs)
    if not asked.any():
        return not_compared("all six end so near each other that chance decides.")
    told_, seen = (side["pair_order"].values[asked] for side in (told, run))
    wrong = np.flatnonzero(told_ != seen)
    where = f"of {asked.sum()} pairs told apart"
    if wrong.size:
        where += f"; {prediction['pair'].values[asked][wrong[0]]} is another"
    agree, agreed = (float(np.sum(side == theirs[asked])) for side in (told_, seen))
    return Compared(agree, agreed, float(wrong.size), where)


def by_summed_rate(params: Any, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The order of the end losses, had the one with the larger summed rate learned more."""
    del prediction
    sums = rates_of(params, task["eta"]).sum(axis=1)
    return order_of(-np.round(sums / sums[0], 9))


def full_batch(params: Any, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The loss without the noise of drawing samples, (record, schedule)."""
    del params, task
    return prediction["signal"].values + float(prediction["tail"])


MORE_RATE = Baseline("more summed rate is better", by_summed_rate)
FULL_BATCH = Baseline("as with a full batch, no noise from drawing samples", full_batch)
FULL_BATCH_AT_END = Baseline(FULL_BATCH.words, lambda *given: full_batch(*given)[-1])
