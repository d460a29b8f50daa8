"""A figure's axes on paper: their places, ranges, rules, ticks and titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from matplotlib.transforms import Bbox, BboxTransformTo, Transform, TransformedBbox

from app.figures import style
from app.figures.paper.fonts import face, width
from app.figures.paper.ink import colour
from app.figures.paper.ticks import ticks
from app.figures.paper.words import mathtext

POINTS = 72.0
GAP, PAD = 2.0, 5
"""Points between a tick and its words, pixels between those and the title."""


@dataclass(frozen=True)
class Box:
    """A place on paper, in points from its left and lower edge."""

    left: float
    bottom: float
    width: float
    height: float


def axis_of(layout: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An axis of a layout with all that it does not say itself."""
    given = layout.get(name, {})
    title = {**style.AXIS["title"], **given.get("title", {})}
    return {**style.AXIS, **given, "title": title}


def placed(figure: Figure, box: Box) -> Axes:
    """Bare axes that fill a place on paper."""
    wide, high = (POINTS * inches for inches in figure.get_size_inches())
    place = (box.left / wide, box.bottom / high, box.width / wide, box.height / high)
    made = figure.add_axes(place)
    made.set_facecolor("none")
    made.set_axisbelow(True)
    return made


def paper(figure: Figure, inner: Box) -> Transform:
    """From shares of the width and height of a figure without its margins."""
    wide, high = (POINTS * inches for inches in figure.get_size_inches())
    bounds = inner.left / wide, inner.bottom / high, inner.width / wide, inner.height / high
    return BboxTransformTo(TransformedBbox(Bbox.from_bounds(*bounds), figure.transFigure))


def domain(inner: Box, x: Mapping[str, Any], y: Mapping[str, Any]) -> Box:
    """The part of a figure that two of its axes have."""
    (x0, x1), (y0, y1) = x.get("domain", (0.0, 1.0)), y.get("domain", (0.0, 1.0))
    return Box(
        inner.left + x0 * inner.width,
        inner.bottom + y0 * inner.height,
        (x1 - x0) * inner.width,
        (y1 - y0) * inner.height,
    )


def squared(
    box: Box, x: Mapping[str, Any], y: Mapping[str, Any]
) -> tuple[Box, Mapping[str, Any], Mapping[str, Any]]:
    """The same where a unit is as long on both axes: their place shrinks, or a range grows."""
    if "scaleanchor" not in x and "scaleanchor" not in y:
        return box, x, y
    across, up = (abs(float(a["range"][1]) - float(a["range"][0])) for a in (x, y))
    unit = min(box.width / across, box.height / up)
    if "domain" in (x.get("constrain"), y.get("constrain")):
        wide, high = unit * across, unit * up
        left, bottom = box.left + (box.width - wide) / 2, box.bottom + (box.height - high) / 2
        return Box(left, bottom, wide, high), x, y
    return box, _grown(x, box.width / unit / across), _grown(y, box.height / unit / up)


def _grown(axis: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """An axis whose range is so many times as long, around its middle."""
    first, last = (float(v) for v in axis["range"])
    middle, half = (first + last) / 2, factor * (last - first) / 2
    return {**axis, "range": [middle - half, middle + half]}


def room(y: Mapping[str, Any], scale: float) -> float:
    """Points that numbers and title of a vertical axis take left of it."""
    if y.get("visible") is False or not y.get("showticklabels", True):
        return 0.0
    _, words = ticks(y, [float(v) for v in y["range"]])
    font = face("sans", scale * float(y["tickfont"]["size"]))
    numbers = max((width(word, font) for word in words), default=0.0)
    title = scale * (1.4 * y["title"]["font"]["size"] + PAD) if y["title"].get("text") else 0.0
    return scale * float(y["ticklen"]) + GAP + numbers + title + 1.0


def laid_out(axes: Axes, x: Mapping[str, Any], y: Mapping[str, Any], scale: float) -> None:
    """Ranges, rules, grid, ticks and titles, as the two axes of a layout say."""
    for spine in axes.spines.values():
        spine.set_visible(False)
    for letter, axis in (("x", x), ("y", y)):
        _one(axes, letter, axis, scale)


def limits(axis: Mapping[str, Any]) -> Sequence[float]:
    """The range of an axis in its own numbers."""
    span = [float(v) for v in axis["range"]]
    return [10.0**v for v in span] if axis.get("type") == "log" else span


def _one(axes: Axes, letter: str, axis: Mapping[str, Any], scale: float) -> None:
    is_x = letter == "x"
    mine = axes.xaxis if is_x else axes.yaxis
    if axis.get("type") == "log":
        (axes.set_xscale if is_x else axes.set_yscale)("log", nonpositive="mask")
    (axes.set_xlim if is_x else axes.set_ylim)(*limits(axis))
    mine.set_minor_locator(NullLocator())
    if axis.get("visible") is False:
        mine.set_visible(False)
        return
    places, words = ticks(axis, [float(v) for v in axis["range"]])
    shown = axis.get("showticklabels", True)
    mine.set_ticks(places, labels=words if shown else [""] * len(places))
    has_ticks = axis.get("ticks") == "outside"
    size, ink = scale * float(axis["tickfont"]["size"]), colour(axis["tickfont"]["color"])
    mine.set_tick_params(
        which="major", length=scale * axis["ticklen"] if has_ticks else 0, width=scale * 0.8,
        color=colour(axis["tickcolor"]), labelcolor=ink, pad=GAP, direction="out",
    )  # fmt: skip
    for label in mine.get_ticklabels():
        label.set_fontproperties(face("sans", size))
        label.set_color(ink)
    if axis.get("showgrid", True):
        mine.grid(True, color=colour(axis["gridcolor"]), linewidth=scale * 0.8)
    if axis["showline"]:
        spine = axes.spines["bottom" if is_x else "left"]
        spine.set_visible(True)
        spine.set_color(colour(axis["linecolor"]))
        spine.set_linewidth(scale)
    _title(axes, letter, axis, scale)


def _title(axes: Axes, letter: str, axis: Mapping[str, Any], scale: float) -> None:
    title = axis["title"]
    words = mathtext(title.get("text", ""))
    if not words:
        return
    font = {"color": colour(title["font"]["color"]), "labelpad": scale * PAD}
    said = (axes.set_xlabel if letter == "x" else axes.set_ylabel)(words, **font)
    said.set_fontproperties(face("sans", scale * title["font"]["size"]))
