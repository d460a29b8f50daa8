"""What a run of the deep linear network did, under the names of what was predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.saddle_to_saddle import mode_laws as laws
from sims.saddle_to_saddle.linear_network.hessian import count_below, hessian

if TYPE_CHECKING:
    from sims.saddle_to_saddle.linear_network.params import Params

MOST_WEIGHTS_FOLLOWED = 400
"""Up to this many weights the Hessian is looked at in every snapshot."""


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """What the run did, under the names of what was predicted; NaN where never reached."""
    s = task["spectrum"]
    times, strengths = run["time"].values, run["mode_strengths"].values
    loss, gradient = run["loss"].values, run["gradient_norm"].values
    if params.depth > 2 and params.init == "random":
        strengths = np.full_like(strengths, np.nan)
        strengths[:, 0] = run["top_singular_value"].values
    levels = prediction["plateau_losses"].values
    jumps = [laws.crossing(times, strengths[:, k], s[k] / 2, s[k]) for k in range(len(s))]
    plateaus, dip_times = np.full(len(levels), np.nan), np.full(len(levels), np.nan)
    judged = laws.judged_plateaus(prediction["input_strengths"].values, filled(params.width))
    for k, i in laws.dips(loss, gradient, levels, judged).items():
        plateaus[k], dip_times[k] = loss[i], times[i]
    escape = laws.escape_time(times, loss, levels[0], levels[1])
    found: dict[str, Any] = {
        "jump_times": ("mode", np.array(jumps), {"units": "time"}),
        "plateau_losses": ("saddle", plateaus),
        "dip_times": ("saddle", dip_times, {"units": "time"}),
        "first_escape_time": ((), escape, {"units": "time"}),
    }
    if "weights" in run:
        found |= _curvatures(task, prediction, run)
    if "illusory_correlation" in prediction:
        found["illusory_correlation"] = ("saddle", _illusion(task, run, dip_times))
    coords = {"mode": prediction["mode"].values, "saddle": prediction["saddle"].values}
    return xr.Dataset(found, coords=coords)


def _curvatures(task: Task, prediction: xr.Dataset, run: xr.Dataset) -> dict[str, Any]:
    """Hessian eigenvalues below -s_r/2, at every snapshot of a small net, else at the dips only."""
    weights = run["weights"].values
    at_dips = np.full(prediction.sizes["saddle"], np.nan)
    near: dict[int, int] = {}
    if "negative_curvatures" in prediction and "dip_times" in prediction and len(weights):
        times = prediction["dip_times"].values
        near = {k: nearest_snapshot(run, t) for k, t in enumerate(times) if np.isfinite(t)}
    everywhere = weights.shape[1] <= MOST_WEIGHTS_FOLLOWED
    counts = np.full(len(weights), np.nan)
    for i in range(len(weights)) if everywhere else sorted(set(near.values())):
        counts[i] = ways_down(task, weights[i])
    for k, i in near.items():
        at_dips[k] = counts[i]
    found: dict[str, Any] = {"negative_eigenvalues": ("snapshot", counts)}
    if near:
        found["negative_curvatures"] = ("saddle", at_dips)
    return found


def ways_down(task: Task, weights: np.ndarray) -> float:
    """Number of Hessian eigenvalues below -s_r/2 for flattened weights; NaN if they diverged."""
    if not np.isfinite(weights).all():
        return float("nan")
    (h, d_in), d_out = task["W1"].shape, task["W2"].shape[0]
    W1 = weights[: h * d_in].reshape(h, d_in).astype(float)
    W2 = weights[h * d_in :].reshape(d_out, h).astype(float)
    return float(count_below(hessian(W1, W2, task["target"]), -task["spectrum"][-1] / 2))


def nearest_snapshot(run: xr.Dataset, time: float) -> int:
    """Index of the snapshot nearest a time."""
    return int(np.argmin(np.abs(run["snapshot_time"].values - time)))


def _illusion(task: Task, run: xr.Dataset, dip_times: np.ndarray) -> np.ndarray:
    """What the product says of item 1 having item 0's private leaf at each dip, (saddle,)."""
    leaf = task["U"].shape[0] - task["V"].shape[0]
    product = run["product"].values
    return np.array(
        [
            product[nearest_snapshot(run, t), leaf, 1] if np.isfinite(t) else np.nan
            for t in dip_times
        ]
    )
