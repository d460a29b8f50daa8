"""The angle by which every normalised neuron turns in a step, and the wall its length slides down.

No data, label or net comes into it. Where the length settles is not predicted.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.symmetries import decay, gradients
from sims.symmetries.normalised_weights.params import Params, rates


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """`turn_mean` and, the same for each, `turn_each` (unit,): arccos(1 - ηλ/(1+β)), rad.

    `wall` (record, unit) is the squared length of a neuron without gradient: no other shrinks
    faster. `first_turn` (unit,) is that of the first step with all digits, the guess; `decays` and
    `quickness` are N and Y of the tolerance.
    """
    eta, lam, beta = rates(params)
    turn = decay.steady_turn(eta, lam, beta)
    w = np.reshape(task["W"], (1, -1)) if params.normalisation == "layer" else task["W"]
    q = np.sum(w * w, axis=1)
    left = decay.fading(eta, lam, beta, schedule.record_steps)
    return xr.Dataset(
        {
            "turn_mean": ((), turn),
            "turn_each": ("unit", np.full(len(q), turn)),
            "turn_degrees": ((), math.degrees(turn)),
            "wall": (("record", "unit"), left[:, None] ** 2 * q),
            "first_turn": ("unit", first_turn(params, task)),
            "decays": ((), decay.decays(eta, lam, beta) * schedule.steps),
            "quickness": ((), decay.quickness(eta, lam, beta)),
        },
        coords={"unit": np.arange(1, len(q) + 1)},
    )


def first_turn(params: Params, task: Task) -> np.ndarray:
    """By how much each group turns in a first step with all digits, (unit,)."""
    eta, lam, _ = rates(params)
    W, V = task["W"], task["V"]
    net = gradients.Net(
        task["X"], task["y"], params.activation, params.normalisation, eps=float(params.eps)
    )
    d = -eta * (gradients.loss_and_gradient(net, W, V, np.zeros(len(W)))[1][0] + lam * W)
    w, d = (np.reshape(a, (1, -1)) if params.normalisation == "layer" else a for a in (W, d))
    length = np.linalg.norm(w, axis=1)
    along = np.sum(w * d, axis=1) / length
    across = np.linalg.norm(d - (along / length)[:, None] * w, axis=1)
    return np.arctan2(across, length + along)


def watched(steps: np.ndarray) -> int:
    """The first record of the second half."""
    return int(np.searchsorted(steps, steps[-1] / 2))


def turns_between(turned: np.ndarray, steps: np.ndarray, first: int, last: int) -> np.ndarray:
    """Root mean square of the turns between two records, (..., unit), from their sums so far."""
    passed = turned[..., last, :] - turned[..., first, :]
    return np.sqrt(np.maximum(passed, 0.0) / max(int(steps[last] - steps[first]), 1))
