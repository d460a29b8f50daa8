"""When, or where, something happens: times against times, crossings against crossings."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

from sims.compare import points
from sims.compare.points import NO_PREDICTION, NO_RECORDS, Scale, Text, Window
from sims.core.comparison import Comparison
from sims.core.experiment import Compared, not_compared


def at_times(
    predicted: str,
    measured: str = "",
    *,
    over: Scale = "predicted",
    within: Window | None = None,
    until: Callable[[Any, xr.Dataset], float] | None = None,
    spare: float | Callable[[Any, xr.Dataset], float] = 0.0,
    never: str = "",
    short: str = "",
    started: str = "",
    at: str = "",
    at_never: str = "",
    at_missed: str = "",
    absent: Text = NO_PREDICTION,
    empty: str = NO_RECORDS,
) -> Comparison:
    """The largest error of one or several times; +inf is predicted never, NaN in the run never.

    A time that only one side has is infinitely wrong, and two that never come agree exactly; one
    the run never reaches is shown as infinite. What the run cannot show is not held against it: a
    predicted time p that it does not see is passed over if p(1 + spare) lies behind its end.

    Besides what the head of the package says:

    - `until`: (params, prediction) -> end of the run, in the unit of these times.
    - `spare`: share that a run must go beyond a time before its not coming counts.
    - `never`: why nothing is compared where neither side has a time; without it they agree.
    - `short`: why nothing is compared where the run is too short; `{end}` is its end.
    - `started`: why nothing is compared where a time is 0 on either side.
    - `at_never`: the text for where of a time that neither side has; `{end}` as above.
    - `at_missed`: the same of one that only one side has.
    """
    name, unit = measured or predicted, points.unit(over)

    def rule(params: Any, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
        if why := points.missing(params, told, predicted, run, name, absent):
            return not_compared(why)
        axes = told.variables[predicted]
        foreseen, seen = points.both(axes, run.variables[name])
        seen = np.where(np.isposinf(seen), np.nan, seen)  # a theory as run says +inf for never
        chosen = within(params, prediction, run) if within is not None else None
        end = math.inf if until is None else float(until(params, prediction))
        room = spare(params, prediction) if callable(spare) else spare
        scale = over(params, prediction) if callable(over) else over
        theory = prediction.variables[predicted].values.ravel()
        compared, why = [], empty
        for i, (p, m) in enumerate(zip(foreseen.ravel(), seen.ravel(), strict=True)):
            p, m = float(p), float(m)
            if math.isnan(p) or (chosen is not None and not chosen[i]):
                continue
            if started and 0 in (p, m):
                why = started
            elif never and math.isinf(p) and math.isnan(m):
                why = never
            elif math.isnan(m) and math.isfinite(p) and p * (1 + room) > end:
                why = short.format(end=points.Number(end)) or why
            else:
                lack = math.isinf(p) + math.isnan(m)
                template = (at, at_missed or at, at_never or at)[lack]
                place = (i,) if foreseen.ndim else ()
                more = {"end": points.Number(end)}
                where = points.words(template, told, axes.dims, run, place, more)
                own = abs(float(theory[i])) if told is not prediction else scale
                error = _error(p, m, own if scale == "predicted" else scale)
                compared.append(Compared(p, math.inf if math.isnan(m) else m, error, where))
        return max(compared, key=lambda c: c.error, default=not_compared(why))

    return Comparison(predicted, unit, rule, measured)


def _error(p: float, m: float, scale: float | str) -> float:
    """How far a time is off; 0 for two that never come, infinite where one does."""
    if math.isinf(p) or math.isnan(m):
        return 0.0 if math.isinf(p) and math.isnan(m) else math.inf
    return points.distance(p, m, scale)


def crossing(
    curves: str,
    *,
    through: Callable[[Any], float],
    along: str,
    fewest: int = 2,
    at: str = "",
    empty: str = "no crossing on this grid.",
) -> Comparison:
    """Where each curve of a sweep falls through a height: root mean square over curves, in decades.

    Both sides are read on the same grid by `falls_through`; curves that cross on one side alone are
    left out. Shown are the geometric means.

    Args:
        curves: a variable over two axes.
        through: params -> the height.
        along: the axis the curves fall along; the other axis tells them apart.
        fewest: curves there must be.
        at: the text for where, with the other axis at the curve that is farthest off.
        empty: why nothing is compared where fewer cross.
    """

    def rule(params: Any, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
        del prediction
        if why := points.missing(params, told, curves, run, curves, NO_PREDICTION):
            return not_compared(why)
        p, m = (crossings(d[curves], along, through(params)) for d in (told, run))
        both = np.isfinite(p) & np.isfinite(m)
        if both.sum() < fewest:
            return not_compared(empty)
        gaps = np.log10(m[both] / p[both])
        foreseen, seen = (float(np.exp(np.mean(np.log(x[both])))) for x in (p, m))
        (across,) = (str(dim) for dim in run[curves].dims if dim != along)
        farthest = run[across].values[both][np.argmax(np.abs(gaps))]
        where = at.format_map({across: points.Number(farthest)})
        return Compared(foreseen, seen, float(np.sqrt(np.mean(gaps**2))), where)

    return Comparison(curves, "decades", rule)


def falls_through(
    x: Float[np.ndarray, " points"], y: Float[np.ndarray, " points"], height: float
) -> float:
    """The x where y last falls through a height, log-log between points; NaN if nowhere."""
    down = np.flatnonzero((y[:-1] >= height) & (y[1:] < height))
    if not len(down):
        return math.nan
    i = int(down[-1])
    a, b = np.log(x[i : i + 2]), np.log(y[i : i + 2])
    return math.exp(a[0] + (math.log(height) - b[0]) / (b[1] - b[0]) * (a[1] - a[0]))


def crossings(curves: xr.DataArray, along: str, height: float) -> Float[np.ndarray, " curves"]:
    """Where every curve falls through a height, (curves,); NaN where it does not."""
    x = curves[along].values.astype(float)
    rows = curves.transpose(..., along).values.astype(float)
    return np.array([falls_through(x, row, height) for row in rows])
