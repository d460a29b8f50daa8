"""Assumptions, measured counterparts, and what is claimed of a whole diagram."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.compare import Comparison, crossing
from sims.core.experiment import Assumption, Baseline, Compared, SweepClaim, Task, not_compared
from sims.core.sentences import said
from sims.lazy_rich import assumptions as lazy

if TYPE_CHECKING:
    from sims.lazy_rich.phase_diagram.params import Params

DTYPE = "float32"
LARGEST_ALPHA = 100
"""Output scale beyond which float32 loses the output."""
LARGEST_THRESHOLD = 0.3
"""Feature change beyond which the lazy theory is no theory of the contour."""
FEWEST_CELLS = 5
FEWEST_KINKS = 20
KINKED_CHANGE = 0.35
RELIES_ON = ("rate_below_the_edge", "arithmetic_resolves_the_output")


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the contour wants of a point; one seed."""
    del task
    output = float(prediction["output_initial"])
    return [
        lazy.below_the_edge(float(params.c)),
        lazy.arithmetic_resolves(float(params.alpha), output, DTYPE),
        _low_threshold(float(params.threshold)),
    ]


def _low_threshold(threshold: float) -> Assumption:
    held = threshold <= LARGEST_THRESHOLD
    sentence = f"A feature change of {said(threshold, 3)} marks the boundary, up to "
    sentence += f"{LARGEST_THRESHOLD} the lazy theory finds it"
    sentence += "." if held else ": beyond, features that moved move further than it says."
    return Assumption("low_threshold", "a low threshold", sentence, held, threshold)


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    del task, prediction
    alpha = float(params.alpha)
    if alpha > LARGEST_ALPHA:
        return [
            f"Rounding shows. At α = {said(alpha, 3)} the output cancels to float32's last digits."
        ]
    return []


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Feature change and test loss at the end."""
    del params, task, prediction
    names = ("feature_change", "test_loss")
    last = {n: float(run[n][-1]) if run.sizes["record"] else math.nan for n in names}
    return xr.Dataset({f"{name}_final": ((), value) for name, value in last.items()})


def _grid(data: xr.Dataset, name: str) -> np.ndarray:
    """(width, alpha)."""
    return data[name].transpose("width", "alpha").values.astype(float)


def compare_features(
    params: Params, prediction: xr.Dataset, swept: xr.Dataset, told: xr.Dataset
) -> Compared:
    """|median of (R - told)/R_pred| over cells where the features hardly move."""
    p, m, g = (_grid(d, "feature_change_final") for d in (prediction, swept, told))
    if params.activation == "relu":
        chosen = (p < KINKED_CHANGE) & (_grid(prediction, "kinks_crossed") >= FEWEST_KINKS)
    else:
        chosen = p < lazy.STAYS_PUT
    chosen &= np.isfinite(m)
    if chosen.sum() < FEWEST_CELLS:
        return not_compared(f"fewer than {FEWEST_CELLS} cells where the features hardly move.")
    ratio, guessed = (float(np.median(side[chosen] / p[chosen])) for side in (m, g))
    off = abs(float(np.median((m - g)[chosen] / p[chosen])))
    return Compared(guessed, ratio, off, f"median of {chosen.sum()} cells")


def boundary_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """In decades: 0.02 + 0.1 min(threshold, 0.3); 0.15 for relu.

    For relu it is the noise of crossed kinks; a contour 10 % off is not told there.
    """
    del prediction
    if params.activation == "relu":
        return 0.15
    return 0.02 + 0.1 * min(float(params.threshold), LARGEST_THRESHOLD)


def feature_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.02; 0.1 for relu."""
    del prediction
    return 0.1 if params.activation == "relu" else 0.02


def as_the_narrowest(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The feature change of the narrowest network at every width, as the sweep has its axes."""
    del params, task
    change = prediction["feature_change_final"]
    return change.isel(width=0).broadcast_like(change).transpose(*change.dims).values


def is_diagram(axes: Mapping[str, Any]) -> bool:
    """Whether a sweep goes over width and output scale."""
    return set(axes) == {"width", "alpha"}


SWEEP_CLAIMS = (
    SweepClaim(
        "boundary",
        crossing(
            "feature_change_final",
            through=lambda params: float(params.threshold),
            along="alpha",
            at="farthest at width {width}",
        ),
        boundary_tolerance,
        relies_on=(*RELIES_ON, "low_threshold"),
        title="where lazy ends",
        symbol=r"\alpha(R=R^*)",
        applies=is_diagram,
        baseline=Baseline("the same output scale at every width", as_the_narrowest),
    ),
    SweepClaim(
        "feature_change",
        Comparison("feature_change_final", "relative", compare_features),
        feature_tolerance,
        relies_on=RELIES_ON,
        title="how far the features move",
        symbol="R",
        unit="relative",
        applies=is_diagram,
        baseline=Baseline("the weights do not move", 0.0),
    ),
)
