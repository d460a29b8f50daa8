"""Assumptions of the end point, measured counterparts, and the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import Comparison, largest_gap, level
from sims.core.cache import latest_kept
from sims.core.experiment import Assumption, Baseline, Claim, Compared, Task
from sims.core.hyperbolic_entropy import newton, warm
from sims.core.sentences import said
from sims.lazy_rich.scales import WIDE_STEP

if TYPE_CHECKING:
    from sims.lazy_rich.diagonal_network.params import Params

ENDS_APART = 3
"""Tolerances that the test errors of both ends of the initial scale must lie apart."""
WANTED_TIMES = 100
"""Duration of a run over T_0 from which on it counts as ended."""


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken; one seed."""
    c = float(params.c)
    needed = float(prediction["time_needed"])
    times = float(task["rate"]) * int(params.steps) / needed
    return [
        Assumption(
            "small_step",
            "small step",
            f"The theory is gradient flow; the step is {said(c, 3)} of the edge "
            f"(limit {WIDE_STEP}).",
            c <= WIDE_STEP,
            c,
        ),
        Assumption(
            "run_long_enough",
            "run long enough",
            f"The flow needs at least T₀ = {said(needed, 3)}; the run lasts {said(times, 3)} T₀ "
            f"({WANTED_TIMES} wanted).",
            times >= WANTED_TIMES,
            1 / times,
        ),
    ]


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """What the run ended on; and the theory's end for the u v the run ended with.

    `weights_corrected` replaces α_0² by the run's own u_i v_i, which takes out the finite step to
    first order (Even et al., arXiv:2302.08982); NaN where one of them changed its sign.
    """
    del prediction
    w, products = run["weights"].values[-1], run["products"].values[-1]
    corrected = np.full_like(w, np.nan)
    if np.all(np.isfinite(w)) and np.all(products > 0):
        shrunk = float(params.alpha_0) ** 2 * products
        X, y = task["X"], task["y"]
        corrected = newton(X, y, shrunk, warm(X, w, shrunk)).weights
    return xr.Dataset(
        {
            "weights_final": ("feature", w),
            "l1_norm_final": ((), float(run["l1_norm"].values[-1])),
            "test_error_final": ((), float(run["test_error"].values[-1])),
            "weights_corrected": ("feature", corrected),
            "gap_corrected": ((), float(np.linalg.norm(w - corrected) / np.linalg.norm(corrected))),
        },
        coords={"feature": np.arange(1, len(w) + 1)},
    )


def tolerance(params: Params, prediction: xr.Dataset) -> float:
    """τ = 0.003 + 0.24 min(c, 0.05)."""
    del prediction
    return 0.003 + 0.24 * min(float(params.c), WIDE_STEP)


def tolerance_test_error(params: Params, prediction: xr.Dataset) -> float:
    """τ max(1, |w|/|w*|)."""
    size = float(np.linalg.norm(prediction["weights_true"].values))
    return tolerance(params, prediction) * max(1.0, float(prediction["l2_norm_final"]) / size)


def _test_error(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """|√E_run - √E|/|w*| with E = |w - w*|²."""
    del params
    p, m = float(told["test_error_final"]), float(run["test_error_final"])
    size = float(np.linalg.norm(prediction["weights_true"].values))
    return Compared(p, m, abs(np.sqrt(m) - np.sqrt(p)) / size, "last step")


TEST_ERROR = Comparison("test_error_final", "of |w*|, in roots", _test_error)


def same_at_every_scale(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why a test error that hardly depends on the start tests nothing of it, or ''."""
    del run
    ends = np.sqrt(prediction["test_error_curve"].values[[0, -1]])
    size = float(np.linalg.norm(prediction["weights_true"].values))
    apart = abs(float(ends[1] - ends[0])) / size
    if apart > ENDS_APART * tolerance_test_error(params, prediction):
        return ""
    return "least l1 and least l2 norm end in the same test error: no start can be told by it."


# What a person without the theory would guess: the shortest solution, wherever training starts


@latest_kept
def least_squares(task: Task) -> np.ndarray:
    """The least-squares solution of least length, (feature,)."""
    return np.linalg.lstsq(task["X"], task["y"], rcond=None)[0]


def shortest(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The same as a guess."""
    del params, prediction
    return least_squares(task)


def l1_of_shortest(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """Its l1 norm."""
    del params, prediction
    return float(np.sum(np.abs(least_squares(task))))


def error_of_shortest(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """Its test error |w - w*|²."""
    del params, prediction
    return float(np.sum((least_squares(task) - task["target"]) ** 2))


SHORTEST = "least squares, the shortest solution"

RELIES_ON = ("small_step", "run_long_enough")

CLAIMS = (
    Claim(
        "weights_final",
        largest_gap(
            "weights_final", over="predicted", vectors=True, at="weight {feature} is furthest off"
        ),
        tolerance,
        relies_on=RELIES_ON,
        title="weights at the end",
        symbol="w",
        on_divergence="not judged",
        baseline=Baseline(SHORTEST, shortest),
    ),
    Claim(
        "l1_norm_final",
        level("l1_norm_final", at="last step"),
        tolerance,
        relies_on=RELIES_ON,
        title="l1 norm at the end",
        symbol=r"|w|_1",
        on_divergence="not judged",
        baseline=Baseline(SHORTEST, l1_of_shortest),
    ),
    Claim(
        "test_error_final",
        TEST_ERROR,
        tolerance_test_error,
        relies_on=RELIES_ON,
        title="test error at the end",
        symbol=r"|w-w^*|^2",
        unit="of |w*|, in roots",
        unless=(same_at_every_scale,),
        on_divergence="not judged",
        baseline=Baseline(SHORTEST, error_of_shortest),
    ),
)
