"""A theory that is 10 % wrong, and whether a claim would notice.

Levels are 10 % too high: of themselves, or of the way to the guess if that is longer, as of a level
near zero. Curves and times are 10 % too late, or too early where the run ends before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from sims.core.baseline import CLAIMED, PREFIX
from sims.core.comparison import Comparison
from sims.core.experiment import Claim
from sims.core.replaced import replaced

LATE = 1.1
"""How wrong a wrong theory is: levels so much higher, curves and times so much later."""
EARLY = 1 / LATE
LEVELS = (
    "losses", "final", "illusory_correlation", "edge", "overshoot", "orbit", "slope", "smooth",
    "test_function",
)  # fmt: skip
"""Parts of the names of what is predicted as a level: no curve, or one that counts at its end."""
TIMES = {"record": "time", "snapshot": "snapshot_time"}


def _twisted(prediction: xr.Dataset, name: str, guess: np.ndarray, by: float) -> xr.Variable:
    """A claimed variable that is wrong by a factor."""
    variable = prediction.variables[name]
    values = variable.values.astype(float)
    axis = next((d for d in TIMES if d in variable.dims), None)
    still = axis is not None and np.ptp(values, axis=variable.dims.index(axis)).max() == 0
    level = still or any(word in name for word in LEVELS)
    if axis is not None and not level:
        late = _delayed(
            values, prediction.variables[TIMES[axis]].values, variable.dims.index(axis), by
        )
        return xr.Variable(variable.dims, late, variable.attrs)
    if variable.attrs.get("units") in ("time", "steps"):
        return xr.Variable(variable.dims, by * values, variable.attrs)
    return xr.Variable(variable.dims, _raised(values, guess, by), variable.attrs)


def _raised(values: np.ndarray, guess: np.ndarray, by: float) -> np.ndarray:
    """Levels, higher by that share of themselves or of the way to a finite guess."""
    with np.errstate(invalid="ignore"):
        away = np.abs(guess - values)
    size = np.maximum(np.abs(values), np.where(np.isfinite(away), away, 0.0))
    return np.asarray(values + (by - 1) * np.where(values < 0, -size, size))


def _delayed(values: np.ndarray, times: np.ndarray, axis: int, by: float) -> np.ndarray:
    """Curves whose clock is that factor slow, linear between their records."""
    asked = np.clip(times / by, times[0], times[-1])
    after = np.clip(np.searchsorted(times, asked), 1, len(times) - 1)
    share = (asked - times[after - 1]) / (times[after] - times[after - 1])
    rows = np.moveaxis(values, axis, 0)
    share = share.reshape(-1, *[1] * (rows.ndim - 1))
    late = np.where(share > 0, rows[after], 0) * share
    late = late + np.where(share < 1, rows[after - 1], 0) * (1 - share)
    return np.moveaxis(late, 0, axis)


def off_by(claim: Claim, params: Any, prediction: xr.Dataset, run: xr.Dataset) -> float:
    """The error of a theory that is 10 % wrong on a run of one seed, by the claim's own measure.

    NaN where that is not compared, or where 10 % more are the same, as of a theory that says zero.
    """
    compare = claim.compare
    if not isinstance(compare, Comparison):
        return float("nan")
    try:
        right = compare(params, prediction, run)
        for by in (LATE, EARLY):  # what is late may lie behind the end of the run
            instead = _instead(claim, compare, params, prediction, by)
            if instead is None:
                break
            found = compare(params, prediction, run, instead)
            if not np.isnan(found.error):
                same = found.predicted == right.predicted and found.error == right.error
                return float("nan") if same else found.error
    except (KeyError, IndexError):
        pass
    return float("nan")


def noticed(claim: Claim, params: Any, prediction: xr.Dataset) -> float:
    """How far off a theory that is 10 % wrong would be on a run by which this one is right."""
    if not isinstance(claim.compare, Comparison):
        return float("nan")
    try:
        run = claim.compare.as_run(params, prediction)
    except KeyError:
        return float("nan")
    return off_by(claim, params, prediction, run)


def _instead(
    claim: Claim, compare: Comparison, params: Any, prediction: xr.Dataset, by: float
) -> xr.Dataset | None:
    """The prediction with what a claim is about 10 % wrong."""
    known = prediction.variables.get(PREFIX + claim.name)
    guess = np.asarray(np.nan if known is None else known.values, float)
    if compare.of:
        found = _twisted(prediction, compare.of, guess, by)
        return replaced(prediction, compare.of, found)
    told = compare.number(params, prediction) if callable(compare.number) else compare.number
    return (
        None
        if told is None
        else prediction.assign_attrs({CLAIMED: float(_raised(np.asarray(float(told)), guess, by))})
    )
