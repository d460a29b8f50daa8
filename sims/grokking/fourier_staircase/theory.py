"""Loss levels, order and earliest first drop of modular addition from a small start.

Frequencies of the template are learned one at a time, the strongest first: alternating gradient
flows, Kunin et al., arXiv:2506.06489. The constants are derived anew for this normalisation, and
so is the bound on the first drop. Nothing here calls the training or sees its records.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule

if TYPE_CHECKING:
    from sims.grokking.fourier_staircase.params import Params

EACH = 6
"""Neurons that one frequency needs."""


def template(p: int, magnitudes: np.ndarray, phases: np.ndarray) -> np.ndarray:
    """Real x (p,) of mean zero with |x̂_k| in proportion to the magnitudes, k = 1, 2, ...

    Scaled so that |x|²/2 = (1/p) Σ_k |x̂_k|² = 1, the loss of a network that is silent.
    """
    size = magnitudes * math.sqrt(p / float(np.sum(magnitudes**2)))
    spectrum = np.zeros(p // 2 + 1, complex)
    spectrum[1 : len(size) + 1] = size * np.exp(1j * phases)
    return np.fft.irfft(spectrum, p)


def strengths(x: np.ndarray) -> np.ndarray:
    """|x̂_k| for k = 1 to (p-1)/2."""
    return np.abs(np.fft.rfft(x))[1:]


def present(x: np.ndarray) -> np.ndarray:
    """Frequencies k in the template, strongest first; of two alike the lower."""
    found = strengths(x)
    order = np.argsort(-found, kind="stable")
    return order[found[order] > 1e-9 * found.max()] + 1


def plateau_losses(x: np.ndarray) -> np.ndarray:
    """L_j = (1/p) Σ |x̂_k|² over all but the j strongest frequencies, j = 0, 1, ..., (level,)."""
    power = strengths(x)[present(x) - 1] ** 2 / len(x)
    return np.concatenate([np.cumsum(power[::-1])[::-1], [0.0]])


def utilities(x: np.ndarray) -> np.ndarray:
    """U_k = √(2/27p³) |x̂_k|³, the largest utility of a unit neuron, strongest first."""
    return math.sqrt(2 / (27 * len(x) ** 3)) * strengths(x)[present(x) - 1] ** 3


def largest_neuron(task: Task) -> float:
    """max_i |θ_i(0)|, θ_i = (u_i, v_i, w_i)."""
    each = sum(np.sum(task[name] ** 2, axis=1) for name in ("u", "v", "w"))
    return math.sqrt(float(np.max(each)))


def bounds(task: Task) -> np.ndarray:
    """1/(3 U_k max_i |θ_i(0)|) of every frequency present, strongest first.

    A dormant neuron grows by d|θ|/dt = 3 U(θ/|θ|) |θ|², so none can be large before that.
    """
    return 1 / (3 * utilities(task["template"]) * largest_neuron(task))


def partial_templates(x: np.ndarray) -> np.ndarray:
    """What has been learned after j frequencies, (level, position): their part of the template."""
    spectrum, order = np.fft.rfft(x), present(x)
    parts = []
    for j in range(len(order) + 1):
        kept = np.zeros_like(spectrum)
        kept[order[:j]] = spectrum[order[:j]]
        parts.append(np.fft.irfft(kept, len(x)))
    return np.stack(parts)


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Levels, the frequency acquired on the way to each (0 for the first), earliest first drop."""
    x = task["template"]
    levels, order, waits = plateau_losses(x), present(x), bounds(task)
    units = {"units": "time"}
    data: dict[str, Any] = {
        "plateau_losses": ("level", levels),
        "order": ("level", np.concatenate([[0], order]).astype(np.int64)),
        "first_drop_bound": ((), float(waits[0]), units),
        "last_bound": ((), float(waits[-1]), units),
        "magnitudes": ("frequency", strengths(x)),
        "template": ("position", x),
        "partial_templates": (("level", "position"), partial_templates(x)),
    }
    coords = {
        "level": np.arange(len(levels)),
        "frequency": np.arange(1, len(x) // 2 + 1),
        "position": np.arange(len(x)),
    }
    attrs = {
        "eta": float(params.eta),
        "steps": int(filled(params.steps)),
        "horizon": float(schedule.record_times[-1]),
        "width": params.width,
        "start_strength": params.width * float(params.init_scale) ** 2 / 3,
    }
    return xr.Dataset(data, coords=coords, attrs=attrs)
