"""Where the loss dropped, where it rested in between, and in which order frequencies came."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.grokking.fourier_staircase.params import Params
from sims.grokking.passage import falls_to

NEAR = 0.12
"""|ln(L/L_j)| within which a record rests beside level j."""
BINS = 24
FULLEST = 0.03
"""Share of the records between two drops that the fullest bin must hold."""


def drops(loss: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """First record below (L_{j-1} + L_j)/2 for j = 1, 2, ..., (level - 1,); -1 where none is."""
    found = []
    for half in (levels[:-1] + levels[1:]) / 2:
        below = np.flatnonzero(loss < half)
        found.append(below[0] if below.size else -1)
    return np.array(found, np.int64)


def rests(loss: np.ndarray, levels: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Loss on which the run rested longest in log time beside each level, (level,); NaN if none.

    The centre of the fullest of 24 equal bins of ln(L/L_j) within ±0.12, between the two drops.
    """
    found = np.full(len(levels), np.nan)
    edges = np.linspace(-NEAR, NEAR, BINS + 1)
    for j in range(1, len(levels) - 1):
        first, last = at[j - 1], at[j]
        if last < 0:
            break
        counts, _ = np.histogram(np.log(loss[first:last] / levels[j]), edges)
        i = int(np.argmax(counts))
        if counts[i] and counts[i] >= FULLEST * (last - first):
            found[j] = levels[j] * np.exp((edges[i] + edges[i + 1]) / 2)
    return found


def order(strengths: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Those frequencies as they first come half of the way to their last strength, (level - 1,).

    `strengths` is (record, frequency) with frequency k in column k - 1. From their start: a large
    one may lie above half of the end at once.
    """
    mine = strengths[:, frequencies - 1]
    reached = np.argmax(mine >= (mine[:1] + mine[-1:]) / 2, axis=0)
    return frequencies[np.argsort(reached, kind="stable")]


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Times of the drops between records, losses of the rests, order, first drop; NaN if never."""
    del params, task
    loss, levels = run["loss"].values, prediction["plateau_losses"].values
    at = drops(loss, levels)
    halves = (levels[:-1] + levels[1:]) / 2
    between = [falls_to(run["time"].values, loss, half, log=True) for half in halves]
    times = np.array([np.nan, *between])
    found = rests(loss, levels, at)
    coming = np.sort(prediction["order"].values[1:])
    seen = order(run["frequency_strengths"].values, coming)
    return xr.Dataset(
        {
            "plateau_losses": ("level", found),
            "order": ("level", np.concatenate([[0], seen]).astype(np.int64)),
            "drop_times": ("level", times, {"units": "time"}),
            "first_drop": ((), float(times[1]), {"units": "time"}),
            "loss_final": ((), float(loss[-1])),
        },
        coords={"level": np.arange(len(levels))},
    )
