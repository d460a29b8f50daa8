"""Assumptions, measured counterparts, and what is claimed of a whole diagram."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Assumption, Compared, SweepClaim, Task, not_compared
from sims.core.sentences import said
from sims.lazy_rich import assumptions as lazy
from sims.lazy_rich.tangent_kernel import boundary

if TYPE_CHECKING:
    from sims.lazy_rich.phase_diagram.params import Params

DTYPE = "float32"
LARGEST_ALPHA = 100
"""Output scale beyond which float32 loses the output."""
FEWEST_WIDTHS = 2
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
    ]


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


def contour(data: xr.Dataset, threshold: float) -> np.ndarray:
    """α where the feature change falls through the threshold, (width,); NaN where it does not."""
    alphas = data["alpha"].values.astype(float)
    rows = _grid(data, "feature_change_final")
    return np.array([boundary(alphas, row, threshold) for row in rows])


def compare_boundary(params: Params, prediction: xr.Dataset, swept: xr.Dataset) -> Compared:
    """Root mean square over widths of log10 α_run - log10 α_pred, both read on the same grid."""
    p, m = (contour(d, float(params.threshold)) for d in (prediction, swept))
    both = np.isfinite(p) & np.isfinite(m)
    if both.sum() < FEWEST_WIDTHS:
        return not_compared("no crossing on this grid.")
    gaps = np.log10(m[both] / p[both])
    foreseen, seen = (float(np.exp(np.mean(np.log(x[both])))) for x in (p, m))
    rms = float(np.sqrt(np.mean(gaps**2)))
    at = swept["width"].values[both][np.argmax(np.abs(gaps))]
    return Compared(foreseen, seen, rms, f"farthest at width {at}")


def compare_features(params: Params, prediction: xr.Dataset, swept: xr.Dataset) -> Compared:
    """|median of R/R_pred - 1| over cells where the features hardly move."""
    p, m = (_grid(d, "feature_change_final") for d in (prediction, swept))
    if params.activation == "relu":
        chosen = (p < KINKED_CHANGE) & (_grid(prediction, "kinks_crossed") >= FEWEST_KINKS)
    else:
        chosen = p < lazy.STAYS_PUT
    chosen &= np.isfinite(m)
    if chosen.sum() < FEWEST_CELLS:
        return not_compared(f"fewer than {FEWEST_CELLS} cells where the features hardly move.")
    ratio = float(np.median(m[chosen] / p[chosen]))
    return Compared(1.0, ratio, abs(ratio - 1), f"median of {chosen.sum()} cells")


def boundary_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """In decades: 0.02 + 0.1 threshold; 0.15 for relu."""
    del prediction
    return 0.15 if params.activation == "relu" else 0.02 + 0.1 * float(params.threshold)


def feature_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.02; 0.1 for relu."""
    del prediction
    return 0.1 if params.activation == "relu" else 0.02


def is_diagram(axes: Mapping[str, Any]) -> bool:
    """Whether a sweep goes over width and output scale."""
    return set(axes) == {"width", "alpha"}


SWEEP_CLAIMS = (
    SweepClaim(
        "boundary",
        "where lazy ends",
        r"\alpha(R=R^*)",
        "decades",
        RELIES_ON,
        boundary_tolerance,
        compare_boundary,
        applies=is_diagram,
    ),
    SweepClaim(
        "feature_change",
        "how far the features move",
        "R",
        "relative",
        RELIES_ON,
        feature_tolerance,
        compare_features,
        applies=is_diagram,
    ),
)
