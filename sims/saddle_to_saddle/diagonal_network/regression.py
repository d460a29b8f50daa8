"""The guess without theory: the same data learned by β itself, with no product and no saddles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from jaxtyping import Float

from sims.core.cache import latest_kept
from sims.core.experiment import Baseline, Task
from sims.saddle_to_saddle.diagonal_network.theory import middles

if TYPE_CHECKING:
    from sims.saddle_to_saddle.diagonal_network.params import Params

GRID = 1001


@latest_kept
def directions(task: Task) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"], float]:
    """λ_i, the eigenvalues of XᵀX/n, c_i², and what no β can fit.

    c_i are the parts of y/√n along the left singular vectors of X.
    """
    X, y = np.asarray(task["X"], float), np.asarray(task["y"], float)
    U, sigma, _ = np.linalg.svd(X, full_matrices=False)
    rates, parts = sigma**2 / len(y), (U.T @ y) ** 2 / len(y)
    return rates, parts, max(float(y @ y) / len(y) - float(parts.sum()), 0.0)


def loss_at(task: Task, times: Float[np.ndarray, " time"]) -> Float[np.ndarray, " time"]:
    """Loss of dβ/dt = -∇L from β = 0: ½ Σ_i c_i² e^{-2 λ_i t} + what no β can fit."""
    rates, parts, unfit = directions(task)
    return 0.5 * (np.exp(-2 * np.outer(times, rates)) @ parts + unfit)


def jump_times(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """Times at which that loss passes the middles of the predicted plateaus, (jump,); inf: never.

    NaN where the loss does not drop.
    """
    del params
    slowest = float(directions(task)[0].min())
    times = np.concatenate([[0.0], np.geomspace(1e-6, 50 / max(slowest, 1e-6), GRID)])
    falling = -loss_at(task, times)
    levels = -middles(prediction)
    found = np.interp(np.nan_to_num(levels), falling, times, right=np.inf)
    return np.where(np.isfinite(levels), found, np.nan)


def loss(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """That loss at the records, (record,)."""
    del params
    return loss_at(task, np.asarray(prediction.variables["time"].values, float))


def weights(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """Where it ends: the least-squares β of least norm, (feature,)."""
    del params, prediction
    return np.linalg.lstsq(np.asarray(task["X"], float), np.asarray(task["y"], float), rcond=None)[
        0
    ]


REGRESSION = "plain linear regression"
JUMP_TIMES = Baseline(REGRESSION, jump_times)
LOSS = Baseline(REGRESSION, loss)
WEIGHTS = Baseline("least squares of least norm", weights)
