"""Powers of the width by which features and output move, before a net is trained.

Levels are not predicted. Of the nets theory sees, for the condition on the rate alone, two of every
width. Nothing here calls the training or sees its records.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.width_transfer import gradients
from sims.width_transfer.coordinate_check import scales, training
from sims.width_transfer.coordinate_check.params import nets, powers
from sims.width_transfer.scales import widths

if TYPE_CHECKING:
    from sims.width_transfer.coordinate_check.params import Params

SIGMAS = 3.0
RELU_SPREAD = 2.5
"""Variance of 2 relu(z)² over that of z²."""
FIRST, LATER = 1.5, 3.0
"""Size of what follows the leading power, times √n, at the first step and at later ones."""
LOOKED_AT = 2
"""Nets of every width whose edge of stability is computed."""


def regression(ns: list[int]) -> np.ndarray:
    """What each width counts in the least-squares slope over ln n, (width,)."""
    x = np.log(ns)
    return (x - x.mean()) / np.sum((x - x.mean()) ** 2)


def allowed(params: Params, next_order: float) -> float:
    """How far a slope may be off: three standard errors, and what the next order may tilt it by.

    3 √(g Σ c² (L + 2)/(2 n R_n)) + |c·ln(1 + next_order/√n)|: c the weights of the slope, R_n the
    nets of width n, g = 2.5 for relu, else 1.
    """
    ns = np.array(widths(params.width_min, params.width_max))
    c = regression(ns.tolist())
    g = RELU_SPREAD if params.activation == "relu" else 1.0
    neurons = np.array([n * nets(params.neurons, n) for n in ns.tolist()])
    error = math.sqrt(float(np.sum(g * c**2 * (params.depth + 2) / (2 * neurons))))
    return SIGMAS * error + abs(float(c @ np.log(1 + next_order / np.sqrt(ns))))


def over_the_edge(params: Params, task: Task) -> np.ndarray:
    """Rate over the largest stable one, 2m/lambda_max of the linearised net, (width,).

    Of gradient descent; Adam has no such edge.
    """
    ns = widths(params.width_min, params.width_max)
    if params.optimizer == "adam":
        return np.zeros(len(ns))
    found = []
    for i, (k, rates) in enumerate(zip(task["multipliers"], task["rates"], strict=True)):
        few = training.started(params, task, i, LOOKED_AT)
        how = (task["X"], rates, params.activation, k)
        tops = [np.linalg.eigvalsh(gradients.tangent_kernel(net, *how))[-1] for net in few]
        found.append(max(tops) / (2 * len(task["y"])))
    return np.array(found)


def neighbours(params: Params) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What becomes of nets with other powers: places along c_hidden and S_last, and kinds there.

    Kinds (S_last, c_hidden) are places in `scales.KINDS`; S_last is a + b of the last layer.
    """
    own = powers(params)
    rates, sizes = np.arange(-1.0, 2.01, 0.25), np.arange(0.0, 2.01, 0.25)

    def one(rate: float, size: float) -> int:
        b, c = (own.b[0], own.b[1], size - own.a[2]), (own.c[0], rate, own.c[2])
        return scales.kind(scales.Powers(own.a, b, c), params.depth, params.optimizer)

    return rates, sizes, np.array([[one(rate, size) for rate in rates] for size in sizes], np.int8)


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Powers after the first step and later, when they can be seen, and what is near by."""
    ns, depth = widths(params.width_min, params.width_max), params.depth
    own = powers(params)
    first, later = (
        scales.changes(own, depth, params.optimizer, is_first=is_first)
        for is_first in (True, False)
    )
    rates, sizes, kinds = neighbours(params)
    last = later if schedule.steps > 1 else first
    *features_first, output_first = first.powers
    *features_last, output_last = last.powers
    return xr.Dataset(
        {
            "features_first": ("hidden", features_first),
            "features_last": ("hidden", features_last),
            "output_first": ((), output_first),
            "output_last": ((), output_last),
            "widest_features": ((), float((ns[-1] / ns[0]) ** features_last[-1])),
            "gaps": ("hidden", np.minimum(first.gaps, last.gaps)[:-1]),
            "kept": ((), later.kept),
            "growth": ((), max(later.start, *later.powers)),
            "kind": ((), scales.kind(own, depth, params.optimizer)),
            "kinds": (("last_size", "hidden_rate"), kinds),
            "hidden_c": ((), own.c[1]),
            "last_S": ((), own.a[2] + own.b[2]),
            "rate_over_edge": ("width", over_the_edge(params, task)),
            "allowed_first": ((), allowed(params, FIRST)),
            "allowed_last": ((), allowed(params, LATER)),
        },
        coords={
            "width": ns,
            "hidden": np.arange(1, depth + 1),
            "hidden_rate": rates,
            "last_size": sizes,
        },
    )
