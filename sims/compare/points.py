"""What all comparisons share: both sides at the same points, scales, and words for a point."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float

from sims.core.comparison import IMAGINED
from sims.core.experiment import Reason
from sims.core.sentences import said

Scale: TypeAlias = float | str | Callable[[Any, xr.Dataset], Any]
Window: TypeAlias = Callable[[Any, xr.Dataset, xr.Dataset], np.ndarray]
Text: TypeAlias = str | Callable[[Any], str]
Place: TypeAlias = str | Callable[[xr.Dataset], str]
Seen: TypeAlias = str | Callable[[Any, xr.Dataset], xr.DataArray]
Side: TypeAlias = xr.DataArray | xr.Variable
"""One side of a comparison; a bare variable, with no coordinates to gather, costs far less."""
Values: TypeAlias = Float[np.ndarray, "..."]
Mask: TypeAlias = Bool[np.ndarray, " points"]

UNITS = {
    "predicted": "relative",
    "largest": "of the largest",
    "start": "of the start",
    "logarithm": "in the logarithm",
    "decades": "decades",
}
"""What an error is relative to, by the scale's name."""
CLOCKS = {"record": ("step", "time"), "snapshot": ("snapshot_step", "snapshot_time")}
"""The coordinates that say when, by leading axis."""
NO_PREDICTION = "nothing is predicted here."
NAN_ONLY = "what is predicted is NaN at every point."
NO_RECORDS = "no record is left to compare."
NO_SNAPSHOTS = "a sweep keeps no snapshots."


def absent(name: str, why: Text) -> Reason:
    """A claim's reason: `name` is not predicted; `why` is a text, or follows from the params."""

    def reason(params: Any, prediction: xr.Dataset, run: xr.Dataset) -> str:
        del run
        return "" if name in prediction else text(why, params)

    return reason


def text(why: Text, params: Any) -> str:
    """A text, or what a function of the params says."""
    return why(params) if callable(why) else why


def missing(
    params: Any, told: xr.Dataset, of: str, run: xr.Dataset, measured: Seen, why: Text
) -> str:
    """Why a variable cannot be compared, or ''; `of` is '' where a number is claimed."""
    if of and of not in told:
        return f"no {of} is predicted here." if why == NO_PREDICTION else text(why, params)
    try:
        seen(measured, params, run)
    except KeyError:
        if run.sizes.get("snapshot") and isinstance(measured, str):
            return f"the run has no {measured}."  # a name that is written wrong
        return NO_SNAPSHOTS
    return ""


def place(at: Place, run: xr.Dataset) -> str:
    """The text for where, or what a function of the run says; '' of one that is imagined."""
    if not callable(at):
        return at
    return "" if is_imagined(run) else at(run)


def is_imagined(run: xr.Dataset) -> bool:
    """Whether nobody made this run: it has what is compared, and no more."""
    return bool(run.attrs.get(IMAGINED))


def seen(measured: Seen, params: Any, run: xr.Dataset) -> Side:
    """What the run is compared by: a variable, or what (params, run) makes of it."""
    return measured(params, run) if callable(measured) else run.variables[measured]


def unit(over: Scale) -> str:
    """The unit of an error over this scale, as far as it is known; ValueError for a wrong name."""
    if not isinstance(over, str):
        return ""
    if over not in UNITS:
        raise ValueError(f"over={over!r} is no scale: give a number, a function or {_listed()}.")
    return UNITS[over]


def _listed() -> str:
    *names, last = map(repr, UNITS)
    return f"{', '.join(names)} or {last}"


def distance(predicted: float, measured: float, scale: float | str) -> float:
    """How far one number is from another; infinite where it is NaN."""
    if predicted == measured:
        return 0.0
    if math.isnan(measured):
        return math.inf
    return float(distances(np.array(predicted), np.array(measured), scale))


def distances(p: Values, m: Values, scale: Any) -> Values:
    """The same for arrays; `scale` may be one too. NaN on either side stays NaN."""
    with np.errstate(all="ignore"):
        if isinstance(scale, str):
            ratio = m / p
            found = {
                "predicted": lambda: np.abs(ratio - 1),
                "logarithm": lambda: np.abs(np.log(ratio)),
                "decades": lambda: np.abs(np.log10(ratio)),
            }[scale]()
        else:
            found = np.abs(m - p) / scale
    return np.where(m == p, 0.0, found)


def is_leading(dims: Sequence[Any]) -> bool:
    """Whether an array is one of records or snapshots."""
    return bool(dims) and dims[0] in CLOCKS


def length(seen: Side) -> int:
    """Points along the leading axis; 1 for a number."""
    return seen.shape[0] if seen.ndim else 1


def both(told: Side, seen: Side) -> tuple[Values, Values]:
    """The arrays of both sides; the run's last record where only the run has an axis of records."""
    p, m = (np.asarray(side.values, float) for side in (told, seen))
    if is_leading(seen.dims) and not is_leading(told.dims):
        m = m[-1] if len(m) else np.full(p.shape, np.nan)
    return p, m


def at_points(values: Values, rows: int, chosen: Mask | None) -> Values:
    """The rows that are compared: the first `rows` the run has, or those of a window.

    NaN where a window asks for more than there are.
    """
    if not values.ndim:
        return values
    if chosen is None:
        return values[:rows]
    if len(values) < len(chosen):
        wide = np.full((len(chosen), *values.shape[1:]), np.nan)
        wide[: len(values)] = values
        values = wide
    return values[: len(chosen)][chosen]


class Number(float):
    """A number in a text: whole ones as they are, others with as many digits as are asked for."""

    def __format__(self, digits: str) -> str:
        """`{x}` or `{x:4}`."""
        if not digits and self == round(self) and abs(self) < 1e15:
            return str(int(self))
        return said(float(self), int(digits or 3))


def words(
    template: str,
    told: xr.Dataset,
    dims: Sequence[Any],
    run: xr.Dataset,
    index: Sequence[Any],
    more: Mapping[str, Any] | None = None,
    clock: float = 1.0,
) -> str:
    """The text for a point: a template filled in, or the axes by name and place.

    The point is at place `index` along the axes `dims`; coordinates of `told`, or else of the run,
    name their entries. `more` are other fields of the template; `time` is counted in units of
    `clock`.
    """
    fields: dict[str, Any] = dict(more or {})
    parts = []
    for dim, i in zip(map(str, dims), map(int, index), strict=True):
        if dim in CLOCKS:
            step, time = (_coordinate(name, told, run, i) for name in CLOCKS[dim])
            fields |= {"step": step, "time": time if clock == 1.0 else Number(float(time) / clock)}
            parts.append("step {step}" if step == time else "t = {time:3}")
        else:
            fields[dim] = _coordinate(dim, told, run, i)
            parts.append(f"{dim} {{{dim}}}")
    try:
        return (template or ", ".join(parts)).format_map(fields)
    except KeyError as missing:
        known = ", ".join(fields) or "none"
        raise ValueError(
            f"at={template!r} names {missing}, which is no axis: there are {known}."
        ) from None


def _coordinate(name: str, told: xr.Dataset, run: xr.Dataset, i: int) -> Number | str:
    for holder in (told, run):
        if name in holder.coords and i < holder.variables[name].size:
            value = holder.variables[name].values[i]
            return str(value) if isinstance(value, str) else Number(value)
    return Number(i + 1)
