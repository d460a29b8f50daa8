"""Measured counterparts and claims of the solvable models."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.claims import constant
from sims.core.experiment import Claim, Compared, Task, not_compared
from sims.core.sentences import said
from sims.edge_of_stability.scalar_models import theory
from sims.edge_of_stability.scalar_models.params import TWO_NUMBERS

if TYPE_CHECKING:
    from sims.edge_of_stability.scalar_models.params import Params

LAST_VISITS = 8
SETTLED_STEPS = 20
SETTLED = 1e-3
"""|x²y² - 1| up to which the tied product counts as settled in its last steps."""
FORGOTTEN = 40
"""Powers of e a start must have shrunk by before its orbit is judged."""


def divergence_step(prediction: xr.Dataset, run: xr.Dataset) -> float:
    """Step of the first record whose loss is beyond 10⁴ max(L_0, 1, m), or not finite; NaN if none.

    Such a record is not kept: the run ends, or is NaN, from there on.
    """
    kept = np.isfinite(run["loss"].values)
    n = len(kept) if kept.all() else int(np.argmin(kept))
    steps = prediction["step"].values
    return float(steps[n]) if n < len(steps) else math.nan


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """The divergence step, the last curvature, and the last iterate nearest each predicted point.

    NaN: no divergence; a last curvature of a run that diverged.
    """
    del task
    diverged = divergence_step(prediction, run)
    found = {}
    if params.model in TWO_NUMBERS:
        found["divergence_step"] = ((), diverged, {"units": "steps"})
    if params.model != "balanced_product":
        last = float(run["curvature"].values[-1])
        found["curvature_final"] = ((), last if math.isnan(diverged) else math.nan)
        return xr.Dataset(found)
    visited, points = last_visits(run), prediction["orbit"].values
    nearest = np.argmin(np.abs(visited[:, None] - points[None, :]), axis=0)
    return xr.Dataset({"orbit": ("point", visited[nearest])}, {"point": prediction["point"]})


def last_visits(run: xr.Dataset) -> np.ndarray:
    """|x| of the last eight records, (8,)."""
    return np.abs(run["iterate"].values[-LAST_VISITS:, 0])


def compare_path(name: str) -> Callable[[Params, xr.Dataset, xr.Dataset], Compared]:
    """Largest |run - map| over max |map|, up to step 50 or the last one before the divergence."""

    def compare(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
        if params.model not in TWO_NUMBERS:
            return not_compared("only gradient descent on u·v closes on two numbers.")
        last = min(theory.EARLY, float(prediction["divergence_step"]) - 1)
        n = int(np.sum(prediction["step"].values <= last))
        foreseen, seen = prediction[name].values[:n], np.full(n, np.nan)
        kept = run[name].values[:n]
        seen[: len(kept)] = kept
        gaps = np.abs(seen - foreseen) / (np.max(np.abs(foreseen)) or 1.0)
        gaps = np.nan_to_num(gaps, nan=np.inf)
        i = int(np.argmax(gaps))
        where = f"largest gap at step {int(prediction['step'].values[i])}"
        return Compared(float(foreseen[i]), float(seen[i]), float(gaps[i]), where)

    return compare


def compare_divergence(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|run - map| in steps; 0 where neither ever diverges."""
    if params.model not in TWO_NUMBERS:
        return not_compared("only gradient descent on u·v closes on two numbers.")
    p, m = float(prediction["divergence_step"]), float(run["divergence_step"])
    m = math.inf if math.isnan(m) else m
    return Compared(p, m, 0.0 if p == m else abs(m - p))


def compare_curvature(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|run/prediction - 1| at the last step."""
    if params.model == "balanced_product":
        return not_compared("a balanced product ends on an orbit, which is judged instead.")
    if not np.isfinite(prediction["curvature_final"]):
        return not_compared("the curvature is predicted to diverge.")
    p, m = float(prediction["curvature_final"]), float(run["curvature_final"])
    if math.isnan(m):
        return not_compared("the run diverged.")
    if params.model == "tied_depth_four":
        x, y = run["iterate"].values[-SETTLED_STEPS:].T
        off = float(np.max(np.abs((x * y) ** 2 - 1)))
        if not off <= SETTLED:
            return not_compared(
                f"the run is not settled: x²y² is still {said(off)} off 1 in its last steps."
            )
    return Compared(p, m, abs(m / p - 1), "last step")


def compare_orbit(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest distance of the last eight |x| from the nearest predicted point."""
    if params.model != "balanced_product":
        return not_compared("only a balanced product is a map of one number.")
    points, product = prediction["orbit"].values, abs(float(prediction["multiplier"]))
    if not np.all(np.isfinite(points)):
        return not_compared("no two-cycle was found.")
    steps = int(prediction["step"].values[-1])
    if product < 1 and steps * math.log(max(product, 1e-300)) > -FORGOTTEN:
        return not_compared(
            f"the orbit is not settled after {steps} steps: each shrinks a distance by "
            f"{said(product, 3)} only."
        )
    escape = float(prediction["escape_steps"])
    if escape > steps / 2:
        return not_compared(
            f"the start is so near the saddle at 0 that leaving it takes some {said(escape)} of "
            f"{steps} steps."
        )
    visited = last_visits(run)
    gaps = np.abs(visited[:, None] - points[None, :])
    i = int(np.argmax(np.nan_to_num(np.min(gaps, axis=1), nan=np.inf)))
    j = int(np.argmin(gaps[i]))
    return Compared(float(points[j]), float(visited[i]), float(gaps[i, j]), "last eight steps")


def _applies(*models: str) -> Callable[[Params], bool]:
    return lambda params: params.model in models


def _tolerance_curvature(params: Params, prediction: xr.Dataset) -> float:
    """1e-9 where the map is exact, 0.01 for the tied product."""
    del prediction
    return 0.01 if params.model == "tied_depth_four" else 1e-9


CLAIMS = (
    Claim(
        "loss",
        "loss of the first steps",
        "L",
        "of the largest",
        ("small_rounding",),
        constant(1e-9),
        compare_path("loss"),
        _applies(*TWO_NUMBERS),
        judges_stopped=True,
    ),
    Claim(
        "curvature",
        "curvature of the first steps",
        r"\lambda",
        "of the largest",
        ("small_rounding",),
        constant(1e-9),
        compare_path("curvature"),
        _applies(*TWO_NUMBERS),
        judges_stopped=True,
    ),
    Claim(
        "divergence_step",
        "step of divergence",
        "n",
        "steps",
        ("small_rounding_throughout",),
        constant(0),
        compare_divergence,
        _applies(*TWO_NUMBERS),
        judges_stopped=True,
    ),
    Claim(
        "curvature_final",
        "curvature at the end",
        r"\lambda",
        "relative",
        ("small_rounding_throughout", "moderate_start", "small_first_step"),
        _tolerance_curvature,
        compare_curvature,
        _applies(*TWO_NUMBERS, "tied_depth_four"),
    ),
    Claim(
        "orbit",
        "orbit",
        "x_i",
        "",
        ("stable_orbit", "same_basin"),
        constant(1e-6),
        compare_orbit,
        _applies("balanced_product"),
    ),
)
