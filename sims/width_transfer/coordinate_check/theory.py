"""Powers of the width by which features and output move, before a net is trained.

Levels are not predicted, only powers: what is drawn is each change over that of the narrowest nets.
Of the nets it sees, for the condition on the rate alone, two of every width. Nothing here calls the
training or sees its records.
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
LOOKED_AT = 2
"""Nets of every width whose edge of stability is computed."""


def regression(ns: list[int]) -> np.ndarray:
    """What each width counts in the least-squares slope over ln n, (width,)."""
    x = np.log(ns)
    return (x - x.mean()) / np.sum((x - x.mean()) ** 2)


def allowed(params: Params, layer: int) -> float:
    """How far a slope may be off: three standard errors, and what the next order may tilt it by.

    3 √(g Σ c² v/(n R_n)) + |c·ln(1 + s/√n)|: c the weights of the slope, R_n the nets of width n,
    g = 2.5 for relu, else 1; v = (L + 2)/2, s = 1.5 of features, and twice v, s = 2 of the output.
    """
    v, s = (0.5, 1.5) if layer <= params.depth else (1.0, 2.0)
    ns = np.array(widths(params.width_min, params.width_max))
    c = regression(ns.tolist())
    g = RELU_SPREAD if params.activation == "relu" else 1.0
    neurons = np.array([n * nets(params.neurons, n) for n in ns.tolist()])
    error = math.sqrt(float(np.sum(g * c**2 * v * (params.depth + 2) / neurons)))
    return SIGMAS * error + abs(float(c @ np.log(1 + s / np.sqrt(ns))))


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
    """Powers after the first step and later, and every change over that of the narrowest nets."""
    ns, depth = widths(params.width_min, params.width_max), params.depth
    own = powers(params)
    first, later = (
        scales.changes(own, depth, params.optimizer, is_first=is_first)
        for is_first in (True, False)
    )
    rates, sizes, kinds = neighbours(params)
    steps = schedule.record_steps
    last = later if steps[-1] > 1 else first
    wider = np.array(ns) / ns[0]
    now = np.where(steps[:, None] > 1, later.powers, first.powers)
    now[0] = np.nan  # nothing has moved
    return xr.Dataset(
        {
            "power_first": ("layer", first.powers),
            "power_last": ("layer", last.powers),
            "widest_features": ((), float(wider[-1] ** last.powers[-2])),
            "power": (("record", "layer"), now),
            "relative_change": (("record", "layer", "width"), wider ** now[:, :, None]),
            "gaps": ("layer", np.minimum(first.gaps, last.gaps)),
            "growth": ((), max(later.start, *later.powers)),
            "kind": ((), scales.kind(own, depth, params.optimizer)),
            "kinds": (("last_size", "hidden_rate"), kinds),
            "hidden_c": ((), own.c[1]),
            "last_S": ((), own.a[2] + own.b[2]),
            "rate_over_edge": ("width", over_the_edge(params, task)),
            "allowed": ("layer", [allowed(params, l) for l in range(1, depth + 2)]),
        },
        coords={
            "width": ns,
            "layer": np.arange(1, depth + 2),
            "hidden_rate": rates,
            "last_size": sizes,
        },
    )
