"""The assumption of the closed form, and the claims.

That δ = η_w a² - η_a |w|² is conserved is no claim: it holds of any step of descent up to O(dt²),
whatever the target, and where nothing is trained. Its drift is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap
from sims.core.experiment import Assumption, Claim, Task
from sims.core.sentences import said

if TYPE_CHECKING:
    from sims.lazy_rich.one_neuron.params import Params

SMALL_STEP = 0.03
LEAST_TOLERANCE = 0.001
FIRST_ORDER = 1.5
"""Multiple of the first order of a step's error that is allowed; later orders are in it."""


def relative_step(params: Params, prediction: xr.Dataset) -> float:
    """The x = dt max(η_w a² + η_a |w|²) over the predicted curve."""
    return float(params.dt) * float(prediction["rate_max"])


def small_step(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether steps are small enough to follow gradient flow."""
    del task
    x = relative_step(params, prediction)
    sentence = f"The theory is gradient flow; the step is {said(x, 3)} (limit {SMALL_STEP})."
    return Assumption("small_step", "small step", sentence, x <= SMALL_STEP, x)


def size_of_beta(params: Params, prediction: xr.Dataset) -> float:
    """The largest |β| predicted, at least |b| = 1."""
    del params
    return max(1.0, float(np.max(np.linalg.norm(prediction["beta"].values, axis=1))))


def size_of_a(params: Params, prediction: xr.Dataset) -> float:
    """The largest |a| predicted."""
    del params
    return float(np.max(np.abs(prediction["a"].values))) or 1.0


def size_of_loss(params: Params, prediction: xr.Dataset) -> float:
    """The loss at the start."""
    del params
    return float(prediction["loss"].values[0]) or 1.0


def tolerance(
    name: str, size: Callable[[Params, xr.Dataset], float]
) -> Callable[[Params, xr.Dataset], float]:
    """0.001 + 1.5 dt max|e|/size, the first order of the step; dt no longer than a small step."""

    def allowed(params: Params, prediction: xr.Dataset) -> float:
        dt = min(float(params.dt), SMALL_STEP / float(prediction["rate_max"]))
        first = dt * float(prediction[f"step_error_{name}"]) / size(params, prediction)
        return LEAST_TOLERANCE + FIRST_ORDER * first

    return allowed


AT = "largest gap at t = {time:3}"

CLAIMS = (
    Claim(
        "beta",
        largest_gap("beta", over=size_of_beta, vectors=True, at=AT),
        tolerance("beta", size_of_beta),
        relies_on=("small_step",),
        symbol=r"\beta",
        unit="of the largest, at least 1",
        on_divergence="not judged",
    ),
    Claim(
        "a",
        largest_gap("a", over=size_of_a, at=AT),
        tolerance("a", size_of_a),
        relies_on=("small_step",),
        on_divergence="not judged",
    ),
    Claim(
        "loss",
        largest_gap("loss", over=size_of_loss, at=AT),
        tolerance("loss", size_of_loss),
        relies_on=("small_step",),
        unit="of L_0",
        on_divergence="not judged",
    ),
)
