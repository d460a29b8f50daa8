"""What becomes of every charge, before the net is trained.

Sums and spins follow recursions of their own, which know no network. Lengths leak, and what leaks
is an integral along the smooth path of `flow`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.symmetries.conservation_laws import charges, flow
from sims.symmetries.conservation_laws.charges import LEAKY, Weights
from sims.symmetries.conservation_laws.params import Params
from sims.symmetries.decay import fading
from sims.symmetries.gradients import Net

TOLD = 12
"""Records between two words on how much of the path is there."""


def start(task: Task) -> tuple[Weights, Weights]:
    """Weights and velocity the run begins with."""
    W, V, b, vW, vV, vb = (task[name] for name in ("W", "V", "b", "vW", "vV", "vb"))
    return Weights(W, V, b), Weights(vW, vV, vb)


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset | float]:
    """`charge` at every record; of lengths also `decayed`, what decay alone leaves, and `leak`.

    `largest_leak` (unit,) is the size of each unit's leak at its largest, `leak_largest` that of
    all at the end. `step_sharpness` is e B S, the step times the largest curvature met on the way,
    infinite where the path blows up. Of the path itself, which nothing claims, `loss`, the largest
    `travel_largest` of k|V_i|² and how far both lengths `reach`.
    """
    names = (params.symmetry, filled(params.activation))
    watched = {"watched": params.symmetry}
    q = charges.charge(*names, *start(task))
    eta, beta, lam = (float(v) for v in (params.eta, params.momentum, params.weight_decay))
    steps = schedule.record_steps
    coords: dict[str, Any] = {"unit": np.arange(1, len(q) + 1)}
    if params.symmetry == "rotation":
        left = beta ** steps.astype(float)
    else:
        left = fading(eta, lam, beta, steps)
    if params.symmetry not in LEAKY:
        found = {"charge": (("record", "unit"), left[:, None] * q), "left": ("record", left)}
        yield xr.Dataset(found, coords=coords, attrs=watched)
        return
    decayed = left[:, None] ** 2 * q
    W, V, _ = start(task)[0]
    k = charges.DEGREES.get(filled(params.activation), 1)
    known = {
        "decayed": (("record", "unit"), decayed),
        "left": ("record", left**2),
        "start_in": ("unit", (W**2).sum(axis=1)),
        "start_out": ("unit", k * (V**2).sum(axis=0)),
        "degree": ((), float(k)),
    }
    yield xr.Dataset(known, coords=coords, attrs=watched)
    for leak in leaking(params, task, steps):
        if isinstance(leak, xr.Dataset):
            more = {"charge": (("record", "unit"), decayed + leak["leak"].values)}
            yield xr.Dataset(known | more, coords=coords, attrs=watched).merge(leak)
        else:
            yield leak


def leaking(params: Params, task: Task, steps: np.ndarray) -> Iterator[xr.Dataset | float]:
    """The share of the path that is there, again and again, and what leaks on it.

    leak = (e B/z²) (I + half (e^(-a τ) h(0) - h(τ))), with momentum less
    e² B β/(1-β²) h(0) + 2 e² β/(1-β)² h(τ); see the notes.
    """
    eta, beta, lam = (float(v) for v in (params.eta, params.momentum, params.weight_decay))
    activation = filled(params.activation)
    e, B = eta / (1 - beta), (1 + beta) / (1 - beta)
    half = e * B / 2
    trace = 1 + beta - eta * lam
    z = (trace + np.sqrt(max(trace**2 - 4 * beta, 0.0))) / 2
    fade = -2 * np.log(z) / e
    # momentum starts from rest: its clock lags
    times = np.maximum(steps * e - e * beta / (1 - beta), 0.0)
    descent = flow.Descent(
        lam, half, fade, e, lambda g: charges.pair(params.symmetry, activation, g, g)
    )
    net = Net(
        task["X"],
        task["y"],
        activation,
        filled(params.normalisation),
        params.loss_kind == "softmax",
        bool(params.bias),
    )
    way: list[flow.Path] = []
    for at in flow.path(net, start(task)[0], descent, times):
        way.append(at)
        if len(way) % TOLD == 0:
            yield len(way) / len(times)
    h, total, loss, lengths = (
        _whole([getattr(at, name) for at in way], len(times))
        for name in ("now", "total", "loss", "lengths")
    )
    faded = np.exp(-fade * times)[:, None]
    leak = e * B / z**2 * (total + half * (faded * h[0] - h))
    if beta:  # the rest at the start, and what the last steps have not yet brought
        leak -= e**2 * B * beta / (1 - beta**2) * h[0] + 2 * e**2 * beta / (1 - beta) ** 2 * h
        leak[0] = 0
    is_whole = len(way) == len(times)
    k = charges.DEGREES.get(activation, 1)
    yield xr.Dataset(
        {
            "leak": (("record", "unit"), leak),
            "loss": ("record", loss),
            "largest_leak": ("unit", np.nan_to_num(np.abs(leak)).max(axis=0)),
            "leak_largest": ((), float(np.abs(leak[-1]).max())),
            "reach": (
                "side",
                [np.nanmax(lengths[:, 0]), k * np.nanmax(lengths[:, 1])],
            ),
            "travel_largest": ((), k * float(np.nanmax(np.abs(lengths[:, 1] - lengths[0, 1])))),
            "step_sharpness": ((), e * B * way[-1].sharpness if is_whole else np.inf),
        }
    )


def _whole(rows: list[Any], count: int) -> np.ndarray:
    """Rows as an array, NaN from where the path ended on."""
    found = np.array(rows, float)
    return np.pad(
        found,
        [(0, count - len(found)), *[(0, 0)] * (found.ndim - 1)],
        constant_values=np.nan,
    )
