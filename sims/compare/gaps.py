"""Curves and lists against curves and lists: the largest distance, or the usual one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
import xarray as xr

from sims.compare import points
from sims.compare.points import (
    NAN_ONLY,
    NO_PREDICTION,
    NO_RECORDS,
    Scale,
    Seen,
    Text,
    Values,
    Window,
)
from sims.core.comparison import Comparison
from sims.core.experiment import Compared, not_compared
from sims.core.sentences import share

Take: TypeAlias = Literal["largest", "mean", "median", "rms"]


def largest_gap(
    predicted: str,
    measured: Seen = "",
    *,
    over: Scale = 1.0,
    divided_by: Callable[[Any, xr.Dataset], Any] | None = None,
    within: Window | None = None,
    through: Callable[[Any], Any] | None = None,
    vectors: bool | Literal["last"] = False,
    show: Literal["entry", "length"] = "entry",
    take: Take = "largest",
    unseen: Literal["fails", "skipped"] = "fails",
    at: str = "",
    clock: Callable[[Any, xr.Dataset], float] | None = None,
    absent: Text = NO_PREDICTION,
    empty: str = NO_RECORDS,
) -> Comparison:
    """The largest distance of the run from the prediction over all points: max |m - p|/scale.

    Besides what the head of the package says:

    - `divided_by`: (params, prediction) -> what distances are counted in, an array of the predicted
      shape, such as the standard error of every logarithm.
    - `through`: applied to the arrays of both sides before they are compared; keeps their shape.
    - `vectors`: the entries of a point are one vector: distances and sizes are Euclidean. "last":
      those along the last axis are, one of several.
    - `show`: of the farthest vector the entry furthest off, or its length.
    - `take`: of all distances the largest, or their mean, median or root mean square. The point
      shown has the largest one, or that of the median. `farthest` is the largest in `at`.
    - `clock`: (params, prediction) -> what `time` in `at` is counted in, where pages have another.
    """
    name, unit = measured or predicted, points.unit(over)

    def rule(params: Any, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
        if why := points.missing(params, told, predicted, run, name, absent):
            return not_compared(why)
        seen, axes = points.seen(name, params, run), told.variables[predicted]
        theory, m = points.both(prediction.variables[predicted], seen)
        p = theory if told is prediction else points.both(axes, seen)[0]
        chosen = within(params, prediction, run) if within is not None and m.ndim else None
        rows = len(m) if m.ndim else 1
        scale = _scale(over, params, prediction, theory, rows, chosen)
        p, m, theory = (points.at_points(values, rows, chosen) for values in (p, m, theory))
        if through is not None:
            p, m, theory = through(p), through(m), through(theory)
        if not p.size:
            return not_compared(empty)
        shape = p.shape
        if vectors:
            alone = not points.is_leading(axes.dims)  # one vector, and not one at each record
            many = math.prod(shape[:-1]) if vectors == "last" else 1 if alone else len(p)
            p, m, theory = (v.reshape(many, -1) for v in (p, m, theory))
            gaps, open_ = _of_vectors(p, m, theory, scale), np.isnan(p).all(axis=1)
        else:
            gaps = _of_entries(p, m, theory, scale, of_theory=told is prediction)
            if divided_by is not None:
                units = np.asarray(divided_by(params, prediction), float)
                gaps = gaps / points.at_points(units, rows, chosen)
            open_ = np.isnan(p)
        if unseen == "skipped":
            open_ = open_ | np.isnan(m).reshape(*open_.shape, -1).all(axis=-1)
        left = np.flatnonzero(~open_)
        if not left.size:
            return not_compared(NAN_ONLY if empty == NO_RECORDS and np.isnan(p).all() else empty)
        gaps = np.nan_to_num(gaps.ravel()[left], nan=np.inf, posinf=np.inf)
        error, i = _taken(gaps, take)
        more = {"n": left.size, "farthest": share(float(gaps.max()))}
        p, m = (v.reshape(open_.size, -1)[left[i]] for v in (p, m))  # of the point that is shown
        j = int(np.argmax(np.nan_to_num(np.abs(m - p), nan=np.inf)))
        place = tuple(np.unravel_index(left[i] * len(p) + j, shape)) if shape else ()
        if chosen is not None and place:
            place = (np.flatnonzero(chosen)[place[0]], *place[1:])
        per = 1.0 if clock is None else clock(params, prediction)
        where = points.words(at, told, axes.dims, run, place, more, per)
        if show == "length":
            return Compared(float(np.linalg.norm(p)), float(np.linalg.norm(m)), error, where)
        return Compared(float(p[j]), float(m[j]), error, where)

    return Comparison(predicted, unit, rule, measured)


def _scale(
    over: Scale,
    params: Any,
    prediction: xr.Dataset,
    theory: Values,
    rows: int,
    chosen: points.Mask | None,
) -> Any:
    """What gaps are divided by, at the points that are compared; the name of it where they say."""
    scale = over(params, prediction) if callable(over) else over
    if isinstance(scale, str):
        first = theory[0] if theory.ndim else theory
        return np.linalg.norm(first) if scale == "start" else scale
    if np.ndim(scale) == theory.ndim:  # one for each entry
        return points.at_points(np.asarray(scale, float), rows, chosen)
    return scale


def _of_entries(p: Values, m: Values, theory: Values, scale: Any, *, of_theory: bool) -> Values:
    """|m - p|/scale of every entry."""
    if isinstance(scale, str) and scale == "largest":
        scale = np.max(np.abs(theory), initial=0.0, where=~np.isnan(theory)) or 1.0
    elif isinstance(scale, str) and scale == "predicted" and not of_theory:
        scale = np.abs(theory)  # another guess is relative to the theory's value, not its own
    return points.distances(p, m, scale)


def _of_vectors(p: Values, m: Values, theory: Values, scale: Any) -> Values:
    """|m - p|/scale of every row, Euclidean."""
    if isinstance(scale, str):
        sizes = _lengths(theory)
        scale = (np.max(sizes) or 1.0) if scale == "largest" else sizes
    with np.errstate(all="ignore"):
        return _lengths(m - p) / scale


def _lengths(rows: Values) -> Values:
    """Euclidean length of every row, (row,)."""
    if len(rows) == 1:
        return np.array([np.linalg.norm(rows[0])])
    return np.linalg.norm(rows, axis=1)


def _taken(gaps: Values, take: Take) -> tuple[float, int]:
    """The error, and which of the gaps is shown."""
    if take == "median":
        return float(np.median(gaps)), int(np.argsort(gaps)[len(gaps) // 2])
    i = int(np.argmax(gaps))
    if take == "largest":
        return float(gaps[i]), i
    error = np.mean(gaps) if take == "mean" else np.sqrt(np.mean(gaps**2))
    return float(error), i


def count(predicted: str, measured: str = "", *, at: str = "", **rest: Any) -> Comparison:
    """The largest difference of numbers of things, where the run has counted them."""
    return largest_gap(predicted, measured, over=1.0, unseen="skipped", at=at, **rest)
