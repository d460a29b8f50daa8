"""What both experiments compare at the end of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from sims.core.experiment import Compared, not_compared
from sims.core.sentences import said

Compare = Callable[[Any, xr.Dataset, xr.Dataset], Compared]
SMALL_LEVEL = 0.1
"""Below it errors are absolute, in units of it."""
LOST_SHARE = 0.05
"""Classifiers below that share of the largest have no direction to compare."""
LOST_FEATURE = 0.5
NO_OPTIMUM = "without decay there is no finite optimum."
NO_SIGNAL = "no signal is predicted."
NO_SNAPSHOTS = "a sweep keeps no snapshots."
APART = 0.05
"""A spread of the small classes above it counts as apart."""
CLOSE_CALL = 0.1


def stopped(run: xr.Dataset) -> str:
    """Why nothing of this run is judged, or ''."""
    at = int(run.attrs.get("stopped", -1))
    if at >= 0:
        return f"the run diverged at step {at}."
    if "feature_norm_ratio" in run and run.sizes.get("record", 0):
        ratio = float(run["feature_norm_ratio"][-1])
        if ratio < LOST_FEATURE and run.attrs.get("nonnegative"):
            return "a class lost its features."
    return ""


def relative(x: float, p: float) -> float:
    """|x - p|/max(|p|, 0.1)."""
    return abs(x - p) / max(abs(p), SMALL_LEVEL)


def last(run: xr.Dataset, name: str) -> float:
    """Value at the last record."""
    return float(run[name].values[-1])


def level(name: str, predicted: str) -> Compare:
    """One number at the end against its predicted level, relative."""

    def compare(params: Any, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
        del params
        if predicted not in prediction or not np.isfinite(prediction[predicted]):
            return not_compared(NO_OPTIMUM)
        p, m = float(prediction[predicted]), last(run, name)
        return Compared(p, m, relative(m, p), "at the last record")

    return compare


def compared_cosines(prediction: xr.Dataset, run: xr.Dataset, *, largest: bool) -> Compared:
    """Largest or root mean square |cos(w_k, w_l) - predicted| over pairs of living classes."""
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


def minority_missing(prediction: xr.Dataset, *, survives: bool) -> str:
    """Why there is nothing to say of small classes, or ''."""
    if not survives:
        return NO_SIGNAL
    if "minority_threshold" not in prediction:
        return "there are no two small classes beside larger ones."
    return ""


def compared_minority_cosine(prediction: xr.Dataset, run: xr.Dataset, small: int) -> Compared:
    """|mean cosine between small classes - predicted|; `small` is how many there are."""
    if "minority_cosine_final" not in prediction:
        return not_compared(NO_OPTIMUM)
    norms = prediction["classifier_norms"].values
    p = float(prediction["minority_cosine_final"])
    if not np.isfinite(p) or norms[-small:].max() < LOST_SHARE * np.nanmax(norms):
        return not_compared("the small classes are predicted to lose their classifiers.")
    m = last(run, "minority_cosine")
    return Compared(p, m, abs(m - p), "mean over pairs of small classes")


def compared_threshold(imbalance: float, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """0 if small classes are apart just when R < R_0, else 1; shown are R_0 and the spread."""
    R0, spread = float(prediction["minority_threshold"]), last(run, "minority_spread")
    if abs(imbalance / R0 - 1) < CLOSE_CALL:
        return not_compared(f"R/R₀ = {said(imbalance / R0, 3)} is too close to call.")
    same = (imbalance < R0) == (spread > APART)
    side = "apart" if spread > APART else "merged"
    return Compared(R0, spread, 0.0 if same else 1.0, f"R = {said(imbalance, 3)}: {side}")
