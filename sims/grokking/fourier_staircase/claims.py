"""Assumptions of the staircase, and the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.claims import constant
from sims.core.experiment import Assumption, Claim, Compared, Task, not_compared
from sims.core.sentences import said, share
from sims.grokking.divergence import unless_diverged

if TYPE_CHECKING:
    from sims.grokking.fourier_staircase.params import Params

EACH = 6
"""Neurons that one frequency needs."""
DISTINCT = 1.25
SMALL = 0.2
WAITS = 4.0
LEVELS_TOLERANCE = 0.075
LAST_TOLERANCE = 0.5


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken; one seed."""
    del task
    sizes = np.sort(prediction["magnitudes"].values)[::-1][: prediction.sizes["level"] - 1]
    ratios = sizes[:-1] / sizes[1:]
    closest = float(np.min(ratios, initial=np.inf))
    scale, wanted = float(params.init_scale), EACH * len(sizes)
    waits = float(prediction.attrs["horizon"]) / float(prediction["last_bound"])
    near = f"The two nearest magnitudes are {share(closest - 1)} apart"
    return [
        Assumption(
            "enough_neurons",
            "enough neurons",
            f"{params.width} neurons; each frequency needs about six.",
            params.width >= wanted,
            params.width,
        ),
        Assumption(
            "distinct_magnitudes",
            "distinct magnitudes",
            f"Two magnitudes within {share(closest - 1)}: their order is a lottery."
            if closest < DISTINCT
            else f"{near}, wanted at least 25 %."
            if np.isfinite(closest)
            else "There is one frequency alone.",
            closest >= DISTINCT,
            closest,
        ),
        Assumption(
            "small_start",
            "small start",
            f"Scale {said(scale)}: neurons are not dormant."
            if scale > SMALL
            else f"Scale {said(scale)}, wanted at most {SMALL}.",
            scale <= SMALL,
            scale,
        ),
        Assumption(
            "long_enough",
            "long enough",
            f"{waits:.1f} of the 4 waiting times that the last frequency needs.",
            waits >= WAITS,
            waits,
        ),
    ]


@unless_diverged
def compare_levels(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Median of |measured/L_j - 1| over the levels j that were reached and rested on."""
    del params
    foreseen, seen = prediction["plateau_losses"].values, run["plateau_losses"].values
    there = np.flatnonzero(np.isfinite(seen) & (foreseen > 0))
    if not there.size:
        return not_compared("no level was rested on between two drops.")
    gaps = np.abs(seen[there] / foreseen[there] - 1)
    middle = float(np.median(gaps))
    j = int(there[np.argmin(np.abs(gaps - middle))])
    where = f"median of {there.size} levels; the farthest is {share(float(gaps.max()))} off"
    return Compared(float(foreseen[j]), float(seen[j]), middle, where)


def last_error(prediction: xr.Dataset, run: xr.Dataset) -> float:
    """Last loss over the last level above 0."""
    return float(run["loss_final"]) / float(prediction["plateau_losses"].values[-2])


@unless_diverged
def compare_order(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Number of places in which the order differs."""
    del params
    if not last_error(prediction, run) <= LAST_TOLERANCE:
        return not_compared("not every frequency was acquired.")
    foreseen, seen = prediction["order"].values[1:], run["order"].values[1:]
    differ = np.flatnonzero(foreseen != seen)
    i = int(differ[0]) if differ.size else 0
    where = f"the first to differ is number {i + 1}" if differ.size else "the first of them"
    return Compared(float(foreseen[i]), float(seen[i]), float(differ.size), where)


@unless_diverged
def compare_last(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Last loss over the last level above 0; predicted 0."""
    del params
    return Compared(0.0, float(run["loss_final"]), last_error(prediction, run), "last record")


@unless_diverged
def compare_bound(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Bound over the first drop; at most 1."""
    del params
    bound, first = float(prediction["first_drop_bound"]), float(run["first_drop"])
    if np.isnan(first):
        return not_compared("the loss did not drop.")
    where = "a bound from below: the drop may come later"
    return Compared(bound, first, bound / first if first > 0 else np.inf, where)


ALL = ("enough_neurons", "distinct_magnitudes", "small_start", "long_enough")

CLAIMS = (
    Claim(
        "plateau_losses",
        "loss levels",
        "L_j",
        "relative",
        ALL,
        constant(LEVELS_TOLERANCE),
        compare_levels,
    ),
    Claim("order", "order of frequencies", "k_j", "places", ALL, constant(0.0), compare_order),
    Claim(
        "loss_final",
        "last loss",
        r"L(T)/L_{K-1}",
        "of the last level",
        ("enough_neurons", "long_enough"),
        constant(LAST_TOLERANCE),
        compare_last,
    ),
    Claim(
        "first_drop_bound",
        "earliest first drop",
        "t_1",
        "bound over drop",
        ("small_start",),
        constant(1.0),
        compare_bound,
    ),
)
