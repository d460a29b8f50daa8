"""One number against another: levels, bounds, orders and slopes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import xarray as xr

from sims.compare import points
from sims.compare.points import (
    NO_PREDICTION,
    NO_RECORDS,
    Mask,
    Place,
    Scale,
    Seen,
    Side,
    Text,
    Window,
)
from sims.core.comparison import Comparison
from sims.core.experiment import Compared, not_compared


def level(
    predicted: str | float | Callable[[Any, xr.Dataset], float],
    measured: Seen = "",
    *,
    over: Scale = "predicted",
    within: Window | None = None,
    through: Callable[[Any], Any] | None = None,
    average: Literal["last", "mean", "median"] = "last",
    unseen: str = "",
    at: Place = "at the last record",
    absent: Text = NO_PREDICTION,
    empty: str = NO_RECORDS,
) -> Comparison:
    """One number on each side; of a curve its last value, or an average within the window.

    Besides what the head of the package says:

    - `predicted`: a variable's name, or the number that is claimed, or (params, prediction) -> it.
    - `through`: applied to a curve before it is averaged, such as the choice of an entry.
    - `unseen`: why a run without the number is not judged; without it that is infinitely wrong.
    - `at`: the text for where, with the window's `first` and `last` step; or run -> text.
    """
    of = predicted if isinstance(predicted, str) else ""
    name, unit = measured or of, points.unit(over)

    def number(values: Side, rows: int, chosen: Mask | None) -> float:
        found = np.asarray(values.values, float)
        if not points.is_leading(values.dims):
            return float(found)
        found = points.at_points(found, rows, chosen)
        found = found if through is None else through(found)
        if average == "last":
            return float(found[-1])
        return float({"mean": np.mean, "median": np.median}[average](found))

    def rule(params: Any, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
        if why := points.missing(params, told, of, run, name, absent):
            return not_compared(why)
        seen = points.seen(name, params, run)
        rows = points.length(seen)
        chosen = within(params, prediction, run) if within is not None else None
        if not rows or (chosen is not None and not chosen.any()):
            return not_compared(empty)
        m = number(seen, rows, chosen)
        if isinstance(predicted, str):
            p = number(told.variables[of], rows, chosen)
        else:
            p = float(predicted(params, told) if callable(predicted) else predicted)
            p = float(told.attrs.get("baseline", p))
        if not math.isfinite(p):
            return not_compared(points.text(absent, params))
        if math.isnan(m) and unseen:
            return not_compared(unseen)
        scale = over(params, prediction) if callable(over) else over
        if scale == "predicted" and told is not prediction and of:
            scale = abs(number(prediction.variables[of], rows, chosen))
        where = points.place(at, run)
        if chosen is not None:
            first, last = run["step"].values[np.flatnonzero(chosen)[[0, -1]]]
            where = where.format(first=points.Number(first), last=points.Number(last))
        return Compared(p, m, points.distance(p, m, scale), where)

    claimed = None if isinstance(predicted, str) else predicted
    return Comparison(of, unit, rule, measured, claimed)


def one_sided(
    bound: str | float,
    measured: str,
    *,
    side: Literal["below", "above"],
    unseen: str = "",
    at: Place = "at the last record",
    absent: Text = NO_PREDICTION,
) -> Comparison:
    """A bound: the error is measured/bound where the run must stay below it, else bound/measured.

    It holds up to an error of 1, which is the tolerance of such a claim. A guess instead of it that
    lies beyond the bound says that the run does: its error is the inverse. One on the claimed side
    says what the theory says.

    Args:
        bound: a variable's name, or a number; positive.
        measured: a number of the run, or a curve, of which the last value counts.
        side: of the bound on which the run must lie.
        unseen: why a run without the number is not judged; without it that is infinitely wrong.
        at: the text for where; or run -> text.
        absent: see the head of the package.
    """
    of = bound if isinstance(bound, str) else ""

    def rule(params: Any, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
        if why := points.missing(params, told, of, run, measured, absent):
            return not_compared(why)
        p = float(prediction[of]) if of else float(bound)
        guess = float(told[of]) if of else float(told.attrs.get("baseline", p))
        found = np.asarray(run[measured].values, float).reshape(-1)
        m = float(found[-1]) if found.size else math.nan
        if math.isnan(m) and unseen:
            return not_compared(unseen)
        is_beyond = told is not prediction and (guess >= p if side == "below" else guess <= p)
        top, bottom = (m, p) if (side == "below") is not is_beyond else (p, m)
        error = top / bottom if bottom > 0 and not math.isnan(top) else math.inf
        return Compared(guess, m, error, points.place(at, run))

    return Comparison(of, "of the bound", rule, measured, side=side)


def order(
    predicted: str, measured: str = "", *, skip: int = 0, absent: Text = NO_PREDICTION
) -> Comparison:
    """In how many places behind the first `skip` two orders differ; shown is the first of them."""
    name = measured or predicted

    def rule(params: Any, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
        del prediction
        if why := points.missing(params, told, predicted, run, name, absent):
            return not_compared(why)
        p, m = (np.asarray(d.values, float)[skip:] for d in (told[predicted], run[name]))
        if not p.size:
            return not_compared("there is nothing to put in order.")
        differ = np.flatnonzero(p != m)
        i = int(differ[0]) if differ.size else 0
        where = f"the first to differ is number {i + 1}" if differ.size else "the first of them"
        return Compared(float(p[i]), float(m[i]), float(differ.size), where)

    return Comparison(predicted, "places", rule, measured)


def slope(
    curve: str,
    predicted: str = "",
    *,
    along: str = "time",
    logs: Literal["y", "both", "none"] = "y",
    over: Scale = "predicted",
    within: Window | None = None,
    fewest: int = 3,
    at: str = "from {first:3} to {last:3}",
    absent: Text = NO_PREDICTION,
    empty: str = "too few points lie on the line.",
) -> Comparison:
    """Least-squares slope of a curve of the run, against a number or the predicted curve's own.

    Besides what the head of the package says:

    - `curve`: a variable of the run.
    - `predicted`: the slope; without it that of the predicted variable named as the curve.
    - `along`: coordinate of the run that the curve is over.
    - `logs`: whether ln y over x, ln y over ln x, or y over x is the line.
    - `fewest`: points a line needs.
    """
    unit = points.unit(over)

    def fitted(x: np.ndarray, y: np.ndarray) -> float:
        if len(y) and (y == y[0]).all():  # not what rounding makes of a constant
            return 0.0
        x = np.log(x) if logs == "both" else x
        return float(np.polyfit(x, y if logs == "none" else np.log(y), 1)[0])

    def rule(params: Any, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
        is_imagined = bool(predicted) and points.is_imagined(run)  # it has the slope, but no curve
        of = predicted or curve
        if why := points.missing(params, told, of, run, of if is_imagined else curve, absent):
            return not_compared(why)
        where = ""
        if is_imagined:
            p, m, theory = (float(side[predicted]) for side in (told, run, prediction))
        else:
            x, y = (np.asarray(run[name].values, float) for name in (along, curve))
            chosen = np.ones(len(x), bool) if within is None else within(params, prediction, run)
            if chosen.sum() < fewest:
                return not_compared(empty)
            x, m = x[chosen], fitted(x[chosen], y[chosen])
            p, theory = (
                float(side[predicted]) if predicted
                else fitted(x, np.asarray(side[curve].values, float)[: len(chosen)][chosen])
                for side in (told, prediction)
            )  # fmt: skip
            where = at.format(first=points.Number(x[0]), last=points.Number(x[-1]))
        scale = over(params, prediction) if callable(over) else over
        if scale == "predicted" and told is not prediction:
            scale = abs(theory)  # another guess is relative to the theory's value, not its own
        return Compared(p, m, points.distance(p, m, scale), where)

    return Comparison(predicted or curve, unit, rule)
