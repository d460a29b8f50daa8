"""When a run comes near its edge, against when the flow does."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import at_times
from sims.core.experiment import Compared
from sims.edge_of_stability.neural_network.assumptions import number

if TYPE_CHECKING:
    from sims.edge_of_stability.neural_network.params import Params

COARSE = 0.1
"""Share of a step number that lies between two records at most, so that it can be timed."""
GRAZES = 1.02
"""Share of the edge below which an approach is no more than a touch."""
LATE = 0.08
"""Share of the flow's step by which a cnn or a transformer comes after it at most; measured."""
SOONEST = 190
"""Step before which that delay hides a clock that is 10 % off."""


def only_grazes(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why it is no question when the edge is reached.

    Where the flow creeps up to it, one percent of sharpness is hundreds of steps.
    """
    if params.optimizer != "gd":
        return "the flow of this rule is a guide: it comes up to 20 % early."
    due = math.isfinite(float(prediction["reach_step"]))
    if not due and not math.isfinite(float(run["reach_step"])):
        return ""
    curve = prediction["sharpness_gradient_flow"] if due else run["sharpness_midpoint"]
    grazes = np.nanmax(curve.values[:, 0]) <= GRAZES * float(prediction["edge"])
    return f"the {'flow' if due else 'run'} only grazes the edge." if grazes else ""


def records_too_far_apart(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why the approach cannot be timed."""
    del run
    flow = number(prediction, "reach_step")
    if math.isfinite(flow) and params.every > COARSE * flow > 0:
        return f"records {params.every} steps apart cannot time what is due at step {flow:.0f}."
    return ""


def too_early(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why an approach on a cnn or a transformer cannot be timed."""
    del run
    if params.architecture == "mlp" or params.optimizer != "gd":
        return ""
    if params.norm:
        return "a layer norm makes the start the sharpest point of the flow."
    flow = number(prediction, "reach_step")
    if flow >= SOONEST:
        return ""
    return f"the run comes up to 30 steps after the flow, which is due at step {flow:.0f} already."


def reach_delay(params: Params, prediction: xr.Dataset) -> float:
    """Steps by which the run comes after the flow, in the middle of what is allowed.

    0; on a cnn or a transformer from two records before the flow to 8 % after it.
    """
    flow = number(prediction, "reach_step")
    if params.architecture == "mlp" or not math.isfinite(flow):
        return 0.0
    return (LATE * flow - 2 * params.every) / 2


def reach_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """3 % of the flow's step; of an early one 5 %, at most 10 steps; see also `reach_delay`."""
    flow = number(prediction, "reach_step")
    if params.architecture != "mlp" and math.isfinite(flow):
        return (LATE * flow + 2 * params.every) / 2
    return max(0.03 * flow, min(10.0, 0.05 * flow)) if math.isfinite(flow) else 10.0


REACH = at_times(
    "reach_step",
    over=1.0,
    started="the start is already at 0.95 of the edge.",
    at_never="neither comes near the edge",
    at_missed="only one of them reaches the edge",
)


def compare_reach(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """Steps between the run's approach and the flow's, less the run's delay."""
    found = REACH.rule(params, prediction, run, told)
    delay = reach_delay(params, prediction)
    if not (delay and math.isfinite(found.error)):
        return found
    error = abs(found.measured - found.predicted - delay)
    return dataclasses.replace(found, error=error, where=f"a delay of {delay:.0f} steps is usual")


REACH_STEP = dataclasses.replace(REACH, rule=compare_reach)
