"""Assumptions of the end point, measured counterparts, and the claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Assumption, Claim, Compared, Task, not_compared
from sims.core.hyperbolic_entropy import newton, warm
from sims.core.sentences import said

if TYPE_CHECKING:
    from sims.lazy_rich.diagonal_network.params import Params

SMALL_STEP = 0.05
"""Learning rate over the edge up to which a run counts as gradient flow."""
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
            f"(limit {SMALL_STEP}).",
            c <= SMALL_STEP,
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
    return 0.003 + 0.24 * min(float(params.c), SMALL_STEP)


def tolerance_test_error(params: Params, prediction: xr.Dataset) -> float:
    """τ max(1, |w|/|w*|)."""
    size = float(np.linalg.norm(prediction["weights_true"].values))
    return tolerance(params, prediction) * max(1.0, float(prediction["l2_norm_final"]) / size)


def _unless_diverged(
    compare: Callable[[xr.Dataset, xr.Dataset], Compared],
) -> Callable[[Params, xr.Dataset, xr.Dataset], Compared]:
    def judged(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
        del params
        stopped = run.attrs.get("stopped", -1)
        if stopped >= 0:
            return not_compared(f"the run diverged at step {stopped}.")
        return compare(prediction, run)

    return judged


def _weights(prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|w_run - w|/|w|; the values shown are those of the weight furthest off."""
    foreseen, seen = prediction["weights_final"].values, run["weights_final"].values
    i = int(np.argmax(np.abs(seen - foreseen)))
    error = float(np.linalg.norm(seen - foreseen) / np.linalg.norm(foreseen))
    where = f"weight {i + 1} is furthest off"
    return Compared(float(foreseen[i]), float(seen[i]), error, where)


def _l1_norm(prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """||w_run|_1/|w|_1 - 1|."""
    p, m = float(prediction["l1_norm_final"]), float(run["l1_norm_final"])
    return Compared(p, m, abs(m / p - 1), "last step")


def _test_error(prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|√E_run - √E|/|w*| with E = |w - w*|²."""
    p, m = float(prediction["test_error_final"]), float(run["test_error_final"])
    size = float(np.linalg.norm(prediction["weights_true"].values))
    return Compared(p, m, abs(np.sqrt(m) - np.sqrt(p)) / size, "last step")


RELIES_ON = ("small_step", "run_long_enough")

CLAIMS = (
    Claim(
        "weights_final",
        "weights at the end",
        "w",
        "relative",
        RELIES_ON,
        tolerance,
        _unless_diverged(_weights),
    ),
    Claim(
        "l1_norm_final",
        "l1 norm at the end",
        r"|w|_1",
        "relative",
        RELIES_ON,
        tolerance,
        _unless_diverged(_l1_norm),
    ),
    Claim(
        "test_error_final",
        "test error at the end",
        r"|w-w^*|^2",
        "of |w*|, in roots",
        RELIES_ON,
        tolerance_test_error,
        _unless_diverged(_test_error),
    ),
)
