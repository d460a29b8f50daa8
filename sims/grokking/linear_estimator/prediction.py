"""What is known of a linear student before its run: curves, times, and how sure they are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.grokking.linear_estimator.chance import accuracy_spread, spreads, steepest
from sims.grokking.linear_estimator.theory import (
    Settings,
    accuracy,
    asymptotic_delay,
    density,
    edges,
    effective,
    grok_time,
    losses,
    marchenko_pastur,
    sample,
    settings_of,
    spread,
    threshold,
    train_time,
)

if TYPE_CHECKING:
    from sims.grokking.linear_estimator.params import Params

CURVE = np.concatenate(
    [
        np.round(np.arange(0.2, 0.96, 0.05), 2),
        [0.97, 0.98, 0.99, 1.01, 1.03, 1.1],
        np.arange(1.25, 2.6, 0.25),
    ]
)
"""Ratios at which the delay of grokking is drawn."""
BINS = 48


@lru_cache(maxsize=64)
def delay_curve(found: Settings) -> np.ndarray:
    """t_gen/t_tr at every ratio of `CURVE`, (ratio,); NaN where one of them never comes."""
    delays = []
    for ratio in CURVE:
        here = found._replace(ratio=float(ratio))
        late = grok_time(here)
        early = train_time(here) if math.isfinite(late) else 0.0
        delays.append(late / early if early > 0 else math.nan)
    return np.array(delays)


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """Both losses, accuracies and times under Marchenko-Pastur; then under the sample's own Σ."""
    found, t = settings_of(params), schedule.record_steps.astype(float)
    nodes = marchenko_pastur(found.ratio)
    train, test = losses(found, nodes, t)
    t_tr, t_gen = train_time(found), grok_time(found)
    wide = spreads(found, params.d, params.replicas, schedule.steps)
    told = (found, params.d, params.replicas, t[t > 0])
    steps = {"units": "steps"}
    data: dict[str, Any] = {
        "train_loss": ("record", train),
        "test_loss": ("record", test),
        "train_accuracy": ("record", accuracy(found.eps, train)),
        "test_accuracy": ("record", accuracy(found.eps, test)),
        "train_time": ((), t_tr, steps),
        "grok_time": ((), t_gen, steps),
        "delay": ((), t_gen / t_tr if t_tr > 0 else math.nan),
        "loss_level": ((), threshold(found.eps, found.level)),
        "edge_width": ((), wide.edge),
        "replica_spread": ((), wide.replicas),
        "train_time_spread": ((), wide.train_time),
        "grok_time_spread": ((), wide.grok_time),
        "train_accuracy_spread": ((), accuracy_spread(*told)),
        "test_accuracy_spread": ((), accuracy_spread(*told, wide)),
        "test_accuracy_slope": ((), steepest(found, nodes, t[t > 0])),
        "spectrum_density": ("bin", np.zeros(0)),
    }
    lo, hi = edges(found.ratio)
    bins = np.linspace(max(0.0, lo - 0.04 * (hi - lo)), hi + 0.04 * (hi - lo), 8 * BINS + 1)
    data["spectrum_density"] = ("bin", density(found.ratio, bins))
    if found.ratio < 1 and found.weight_decay == 0 and math.isfinite(t_tr):
        delay = asymptotic_delay(found.ratio, found.eta)
        data["grok_time_asymptotic"] = ((), t_tr + delay, steps)
    coords = {"bin": bins, "curve_ratio": CURVE}
    attrs = {
        "ratio": found.ratio,
        "samples": len(task["X"]),
        "d": params.d,
        "replicas": params.replicas,
        "eta": found.eta,
        "weight_decay": found.weight_decay,
        "eps": found.eps,
        "level": found.level,
        "lowest": lo,
        "tail": 2 * found.eta * lo * t_tr,
    }
    yield xr.Dataset(data, coords=coords, attrs={**attrs, "progress": 0.2})
    own = sample(task)
    exact = losses(found, own, t)
    n_eff = effective(found, own, t, params.d)
    late = grok_time(found, own)
    s_own = spread(found, own, late, params.d, params.replicas)
    data |= {
        "train_loss_sample_exact": ("record", exact[0]),
        "test_loss_sample_exact": ("record", exact[1]),
        "train_time_sample_exact": ((), train_time(found, own), steps),
        "grok_time_sample_exact": ((), late, steps),
        "test_loss_spread": ("record", np.sqrt(2 / (params.replicas * n_eff))),
        "grok_time_sample_exact_spread": ((), 0.005 + 3.5 * s_own),
        "eigenvalues": ("mode", own.nu),
    }
    coords["mode"] = np.arange(1, params.d + 1)
    yield xr.Dataset(data, coords=coords, attrs={**attrs, "progress": 0.6})
    data["delay_curve"] = ("curve_ratio", delay_curve(found._replace(ratio=0.0)), {"shared": 1})
    yield xr.Dataset(data, coords=coords, attrs=attrs)
