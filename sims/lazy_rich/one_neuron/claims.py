"""The assumption of the closed form, and the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap
from sims.core.experiment import Assumption, Claim, Task
from sims.core.sentences import said

if TYPE_CHECKING:
    from sims.lazy_rich.one_neuron.params import Params

SMALL_STEP = 0.03
LEAST_TOLERANCE = 0.002


def relative_step(params: Params, prediction: xr.Dataset) -> float:
    """The x = dt max(η_w a² + η_a |w|²) over the predicted curve."""
    return float(params.dt) * float(prediction["rate_max"])


def small_step(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether steps are small enough to follow gradient flow."""
    del task
    x = relative_step(params, prediction)
    sentence = f"The theory is gradient flow; the step is {said(x, 3)} (limit {SMALL_STEP})."
    return Assumption("small_step", "small step", sentence, x <= SMALL_STEP, x)


def tolerance(params: Params, prediction: xr.Dataset) -> float:
    """X = max(0.002, x)."""
    return max(LEAST_TOLERANCE, relative_step(params, prediction))


def size_of_beta(params: Params, prediction: xr.Dataset) -> float:
    """The largest |β| predicted, at least |b| = 1."""
    del params
    return max(1.0, float(np.max(np.linalg.norm(prediction["beta"].values, axis=1))))


def fastest(params: Params, prediction: xr.Dataset) -> float:
    """The largest η_w a² + η_a |w|² predicted."""
    del params
    return float(prediction["rate_max"])


AT = "largest gap at t = {time:3}"

CLAIMS = (
    Claim(
        "beta",
        largest_gap("beta", over=size_of_beta, vectors=True, at=AT),
        tolerance,
        relies_on=("small_step",),
        symbol=r"\beta",
        unit="of the largest, at least 1",
        on_divergence="not judged",
    ),
    Claim(
        "a",
        largest_gap("a", over="largest", at=AT),
        tolerance,
        relies_on=("small_step",),
        on_divergence="not judged",
        blind_in=("upstream",),
        because="the outer weight moves by a few percent in all.",
    ),
    Claim(
        "loss",
        largest_gap("loss", over="start", at=AT),
        tolerance,
        relies_on=("small_step",),
        unit="of L_0",
        on_divergence="not judged",
    ),
    Claim(
        "conserved",
        largest_gap("conserved", over=fastest, at=AT),
        tolerance,
        relies_on=("small_step",),
        symbol=r"\delta",
        unit="of the fastest rate",
        on_divergence="not judged",
        blind_in=("balanced",),
        because="zero, 10 % higher, is still zero.",
    ),
)
