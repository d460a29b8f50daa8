"""What a run did, under the names of what was predicted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.edge_of_stability.neural_network.params import ADAPTIVE

if TYPE_CHECKING:
    from sims.edge_of_stability.neural_network.params import Params

NEAR_EDGE = 0.95
"""Share of the edge at which an approach is timed: a kick at the edge comes later."""
MEANINGLESS = 20
"""Steps in which the preconditioner of rmsprop and adam is still next to nothing."""
FLOWS = {
    "distance_to_central_flow": "weights",
    "distance_to_gradient_flow": "weights_gradient_flow",
}


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Step at which the edge is approached, and distances to both flows on the snapshots."""
    del task
    steps, top = run["step"].values, run["sharpness_midpoint"].values[:, 0]
    reached = between_records(params, steps, top, NEAR_EDGE * float(prediction["edge"]))
    found: dict[str, Any] = {"reach_step": ((), reached, {"units": "steps"})}
    if "weights" in run:
        rows = run.sizes["snapshot"]
        weights = run["weights"].values.astype(float)
        for name, flow in FLOWS.items():
            if flow in prediction:
                gap = weights - prediction[flow].values[:rows]
                found[name] = ("snapshot", np.linalg.norm(gap, axis=1))
    return xr.Dataset(found)


def between_records(params: Params, steps: np.ndarray, top: np.ndarray, level: float) -> float:
    """Step at which the line through the records comes to the level, NaN if it never does."""
    step = first_reach(params, steps, top, level)
    if math.isnan(step) or not (i := int(np.searchsorted(steps, step))):
        return step
    low, high = float(top[i - 1]), float(top[i])
    if not low < level <= high:
        return step
    return float(steps[i - 1] + (level - low) / (high - low) * (steps[i] - steps[i - 1]))


def first_reach(params: Params, steps: np.ndarray, top: np.ndarray, level: float) -> float:
    """First recorded step with the top eigenvalue at the level, NaN if there is none.

    Under rmsprop and adam only from step 20 on, and only after a record below the level: their
    preconditioner starts next to zero, which makes everything look sharp.
    """
    above = top >= level
    if params.optimizer in ADAPTIVE:
        settled = steps >= MEANINGLESS
        above &= settled & np.logical_or.accumulate(settled & (top < level))
    return float(steps[np.argmax(above)]) if above.any() else float("nan")
