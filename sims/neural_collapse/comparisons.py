"""What both experiments compare at the end of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from sims.compare import NO_SNAPSHOTS, Comparison, level, points
from sims.core.experiment import Compared, not_compared
from sims.core.sentences import said

SMALL_LEVEL = 0.1
"""Below it errors are absolute, in units of it."""
LOST_SHARE = 0.05
"""Classifiers below that share of the largest have no direction to compare."""
LOST_FEATURE = 0.5
NO_OPTIMUM = "without decay there is no finite optimum."
NO_SIGNAL = "no signal is predicted."
APART = 0.05
"""A spread of the small classes above it counts as apart."""
CLOSE_CALL = 0.1
OPPOSITE = -1 + 1e-6


def lost_class(params: Any, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why nothing is judged where non-negative features have died, or ''."""
    del prediction
    known = "feature_norm_ratio" in run and run.sizes.get("record", 0) > 0
    if params.nonnegative and known and last(run, "feature_norm_ratio") < LOST_FEATURE:
        return "a class lost its features."
    return ""


def last(run: xr.Dataset, name: str) -> float:
    """Value at the last record."""
    return float(run[name].values[-1])


def final(name: str) -> Comparison:
    """Level `name` at the end of the curve without `_final`: |m - p|/max(|p|, 0.1)."""

    def size(params: Any, prediction: xr.Dataset) -> float:
        del params
        return max(abs(float(prediction[name])), SMALL_LEVEL)

    return level(name, name.removesuffix("_final"), over=size, absent=NO_OPTIMUM)


def compared_cosines(*, largest: bool) -> Comparison:
    """Largest or root mean square |cos(w_k, w_l) - predicted| over pairs of living classes."""

    def rule(params: Any, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
        del params
        if "classifier_cosines_final" not in prediction:
            return not_compared(NO_OPTIMUM)
        if "classifier_cosines" not in run:
            return not_compared(NO_SNAPSHOTS)
        theory = prediction["classifier_cosines_final"].values
        norms = prediction["classifier_norms"].values
        p, m = points.both(told["classifier_cosines_final"], run["classifier_cosines"])
        longest = np.max(norms, initial=0.0, where=np.isfinite(norms))
        lives = np.isfinite(np.diag(theory)) & ~(norms <= LOST_SHARE * longest)
        rows, columns = np.triu_indices(len(p), 1)
        pairs = lives[rows] & lives[columns]
        if not pairs.any():
            return not_compared("fewer than two classes keep a classifier.")
        rows, columns = rows[pairs], columns[pairs]
        gaps = np.abs(m - p)[rows, columns]
        i = int(np.argmax(gaps))
        k, l = int(rows[i]), int(columns[i])
        error = float(gaps[i]) if largest else float(np.sqrt(np.mean(gaps**2)))
        at = f"classes {k + 1} and {l + 1}"
        return Compared(float(p[k, l]), float(m[k, l]), error, at)

    return Comparison("classifier_cosines_final", "", rule, "classifier_cosines")


def two_opposite(params: Any, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why the angle of two classifiers is no test where they are opposite, or ''."""
    del params, run
    p = prediction.get("classifier_cosines_final")
    if p is None or p.shape[-1] != 2 or float(p.values[0, 1]) > OPPOSITE:
        return ""
    return "two classifiers point in opposite directions whatever the features do."


MINORITY_COSINE = level(
    "minority_cosine_final",
    "minority_cosine",
    over=1.0,
    at="mean over pairs of small classes",
    absent=NO_OPTIMUM,
)
"""|mean cosine between small classes - predicted|."""


def no_minority(params: Any, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why there is nothing to say of small classes, or ''."""
    del params, run
    known = "minority_threshold" in prediction
    return "" if known else "there are no two small classes beside larger ones."


def lost_minority(small: Callable[[Any], int]) -> Callable[[Any, xr.Dataset, xr.Dataset], str]:
    """Why small classes have no angle, or ''; `small(params)` is how many there are."""

    def reason(params: Any, prediction: xr.Dataset, run: xr.Dataset) -> str:
        del run
        if "minority_cosine_final" not in prediction:
            return NO_OPTIMUM
        norms = prediction["classifier_norms"].values
        p = float(prediction["minority_cosine_final"])
        lost = norms[-small(params) :].max() < LOST_SHARE * np.nanmax(norms)
        if not np.isfinite(p) or lost:
            return "the small classes are predicted to lose their classifiers."
        return ""

    return reason


def apart_anyway(params: Any, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why small classes that stay apart are no test, or ''."""
    del run
    R, R0 = float(params.imbalance), float(prediction["minority_threshold"])
    if R > R0:
        return ""
    return (
        f"R = {said(R, 3)} is below R₀ = {said(R0, 3)}: small classes that stay apart are so "
        "untrained, too."
    )


def _merged(params: Any, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
    """0 if small classes are apart just when R < R_0, else 1; shown are R_0 and the spread."""
    imbalance = float(params.imbalance)
    theory, R0 = (float(d["minority_threshold"]) for d in (prediction, told))
    if abs(imbalance / theory - 1) < CLOSE_CALL:
        return not_compared(f"R/R₀ = {said(imbalance / theory, 3)} is too close to call.")
    if "minority_spread" in run:
        spread = last(run, "minority_spread")
    else:  # what theory says of itself: apart or merged, without a number
        spread = 1.0 if imbalance < theory else 0.0
    same = (imbalance < R0) == (spread > APART)
    side = "apart" if spread > APART else "merged"
    return Compared(R0, spread, 0.0 if same else 1.0, f"R = {said(imbalance, 3)}: {side}")


MINORITY_THRESHOLD = Comparison("minority_threshold", "0 or 1", _merged)
"""Whether small classes are apart just when R < R_0."""
