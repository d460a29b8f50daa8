"""Measured counterparts and claims of the solvable models."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import Comparison, at_times, largest_gap, level
from sims.core.controls import UNTRAINED
from sims.core.experiment import Baseline, Claim, Compared, Task, not_compared
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
    """|x| of the last eight records, (8,); the points themselves of a theory in place of a run."""
    if "iterate" not in run:
        return run["orbit"].values
    return np.abs(run["iterate"].values[-LAST_VISITS:, 0])


def is_early(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Which records come up to step 50 or the last one before the predicted divergence.

    Of those predicted: a run that ends earlier has not seen the rest, (record,).
    """
    del params, run
    last = min(theory.EARLY, float(prediction["divergence_step"]) - 1)
    return prediction["step"].values <= last


def _open_map(params: Params, *_: xr.Dataset) -> str:
    closes = params.model in TWO_NUMBERS
    return "" if closes else "only gradient descent on u·v closes on two numbers."


def _not_balanced(params: Params, *_: xr.Dataset) -> str:
    balanced = params.model == "balanced_product"
    return "" if balanced else "only a balanced product is a map of one number."


def _no_end(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why there is no curvature at the end to compare."""
    if params.model == "balanced_product":
        return "a balanced product ends on an orbit, which is judged instead."
    if not np.isfinite(prediction["curvature_final"]):
        return "the curvature is predicted to diverge."
    if math.isnan(float(run["curvature_final"])):
        return "the run diverged."
    if params.model == "tied_depth_four":
        x, y = run["iterate"].values[-SETTLED_STEPS:].T
        off = float(np.max(np.abs((x * y) ** 2 - 1)))
        if not off <= SETTLED:
            return f"the run is not settled: x²y² is still {said(off)} off 1 in its last steps."
    return ""


def compare_orbit(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """Largest distance of the last eight |x| from the nearest predicted point."""
    del params
    points, product = told["orbit"].values, abs(float(prediction["multiplier"]))
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


# What is guessed without the theory


def diverges_linearly(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """Step at which r_n = r_0 (1 - ηλ_0)^n passes the limit of the loss; +inf where ηλ_0 <= 2.

    Linear stability at the start, which knows no catapult.
    """
    r, lam = theory.two_numbers(params, task)
    growth, steps = abs(1 - float(task["rate"]) * lam), float(prediction["step"].values[-1])
    if growth <= 1 or r == 0:
        return math.inf
    decades = math.log(math.sqrt(2 * theory.loss_limit(params, r)) / abs(r)) / math.log(growth)
    return float(math.ceil(decades)) if decades <= steps else math.inf


def without_edge(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """The curvature at which gradient flow would end; of the uv network that of the start."""
    del params, task
    if "curvature_final_gradient_flow" in prediction:
        return float(prediction["curvature_final_gradient_flow"])
    return float(prediction["curvature"].values[0])


def _tolerance_curvature(params: Params, prediction: xr.Dataset) -> float:
    """1e-9 where the map is exact, 0.01 for the tied product."""
    del prediction
    return 0.01 if params.model == "tied_depth_four" else 1e-9


def _has_two_numbers(params: Params) -> bool:
    return params.model in TWO_NUMBERS


def _first_steps(name: str, title: str) -> Claim:
    """The curve of the first steps, relative to its largest value, and so of runs that diverge."""
    return Claim(
        name,
        largest_gap(name, over="largest", within=is_early, at="largest gap at step {step}"),
        1e-9,
        relies_on=("small_rounding",),
        title=title,
        unless=(_open_map,),
        applies=_has_two_numbers,
        on_divergence="judged",
    )


CLAIMS = (
    _first_steps("loss", "loss of the first steps"),
    _first_steps("curvature", "curvature of the first steps"),
    Claim(
        "divergence_step",
        at_times("divergence_step", over=1.0),
        0,
        relies_on=("small_rounding_throughout",),
        unless=(_open_map,),
        applies=_has_two_numbers,
        on_divergence="judged",
        baseline=Baseline("it diverges when linear stability says", diverges_linearly),
        void={UNTRAINED: "that it never diverges is held against linear stability"},
    ),
    Claim(
        "curvature_final",
        level("curvature_final", at="last step"),
        _tolerance_curvature,
        relies_on=("small_rounding_throughout", "moderate_start", "small_first_step"),
        unless=(_no_end,),
        applies=lambda params: params.model in (*TWO_NUMBERS, "tied_depth_four"),
        baseline=Baseline("it ends as gradient flow would, or as it starts", without_edge),
    ),
    Claim(
        "orbit",
        Comparison("orbit", "absolute", compare_orbit),
        1e-6,
        relies_on=("stable_orbit", "same_basin"),
        title="orbit",
        symbol="x_i",
        unless=(_not_balanced,),
        applies=lambda params: params.model == "balanced_product",
        baseline=Baseline("it settles at the minimum x = 1", 1.0),
    ),
)
