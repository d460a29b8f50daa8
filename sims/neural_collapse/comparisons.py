"""What both experiments compare at the end of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from sims.compare import NO_SNAPSHOTS, Comparison, level
from sims.core.experiment import Compare, Compared, not_compared
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


def compared_cosines(*, largest: bool) -> Compare:
    """Largest or root mean square |cos(w_k, w_l) - predicted| over pairs of living classes."""

    def compare(params: Any, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
        del params
        if "classifier_cosines_final" not in prediction:
            return not_compared(NO_OPTIMUM)
        if "classifier_cosines" not in run:
            return not_compared(NO_SNAPSHOTS)
        p = prediction["classifier_cosines_final"].values
        norms = prediction["classifier_norms"].values
        m = run["classifier_cosines"].values[-1]
        lives = np.isfinite(np.diag(p)) & ~(norms <= LOST_SHARE * np.nanmax(norms))
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

    return compare


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


def compare_threshold(params: Any, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """0 if small classes are apart just when R < R_0, else 1; shown are R_0 and the spread."""
    imbalance = float(params.imbalance)
    R0, spread = float(prediction["minority_threshold"]), last(run, "minority_spread")
    if abs(imbalance / R0 - 1) < CLOSE_CALL:
        return not_compared(f"R/R₀ = {said(imbalance / R0, 3)} is too close to call.")
    same = (imbalance < R0) == (spread > APART)
    side = "apart" if spread > APART else "merged"
    return Compared(R0, spread, 0.0 if same else 1.0, f"R = {said(imbalance, 3)}: {side}")
