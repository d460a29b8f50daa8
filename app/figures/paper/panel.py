"""One figure of the page, drawn into a place on paper."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.figures import style
from app.figures.panels import Plain
from app.figures.paper import notes, traces
from app.figures.paper.axes import Box, axis_of, domain, laid_out, paper, placed, room, squared
from app.figures.paper.ink import PX

BAR_ROOM = 52
"""Pixels that the bar of a map's colours takes, with its numbers."""
NOT_PRINTED = ("before",)
"""Names of words that leave with the first rows of a run."""


def drawn(figure: Figure, box: Box, plain: Plain, *, scale: float = PX) -> list[Axes]:
    """Draw a figure with whatever of a run is filled in; `scale`: points a pixel has.

    Raises:
        KeyError: a trace of a type that paper does not know.
    """
    layout = plain["layout"]
    listed: list[dict[str, Any]] = list(plain["data"])
    has_bar = any(traces.has_bar(one) for one in listed)
    inner = _inner(box, layout, scale, has_bar=has_bar)
    made: dict[str, Axes] = {}
    for number in _numbers(layout):
        x, y = axis_of(layout, f"xaxis{number}"), axis_of(layout, f"yaxis{number}")
        place, x, y = squared(domain(inner, x, y), x, y)
        axes = made[f"x{number}"] = placed(figure, place)
        laid_out(axes, x, y, scale)
    listed = [_haloed(one) for one in listed] if _has_map(listed) else listed
    before = None
    for order, one in enumerate(listed):
        axes = made[one.get("xaxis", "x")]
        traces.DRAWN[one["type"]](axes, one, before, 2 + order, scale)
        if traces.has_bar(one):
            traces.bar(figure, inner, one, scale)
        before = one
    main = made["x"]
    for shape in layout.get("shapes", ()):
        notes.shape(made[str(shape.get("xref", "x")).replace("paper", "x")], shape, scale)
    for note in layout.get("annotations", ()):
        if note.get("name") not in NOT_PRINTED:
            notes.note(main, note, paper(figure, inner), scale)
    return list(made.values())


def _numbers(layout: dict[str, Any]) -> list[str]:
    """What follows the names of the axes: nothing, and "2", "3" where there are more."""
    found = (name.removeprefix("xaxis") for name in layout if name.startswith("xaxis"))
    return sorted(found, key=lambda number: int(number or 1))


def _inner(box: Box, layout: dict[str, Any], scale: float, *, has_bar: bool) -> Box:
    """What the margins of a figure leave of its place."""
    margin = {**style.MARGIN, **layout.get("margin", {})}
    left, right, top, bottom = (scale * margin[side] for side in "lrtb")
    left = max(left, room(axis_of(layout, "yaxis"), scale))
    right += scale * BAR_ROOM if has_bar else 0.0
    return Box(
        box.left + left, box.bottom + bottom, box.width - left - right, box.height - top - bottom
    )


def _has_map(listed: list[dict[str, Any]]) -> bool:
    return any(one["type"] == "heatmap" for one in listed)


def _haloed(trace: dict[str, Any]) -> dict[str, Any]:
    """A predicted line with a bright rim, by which it is seen on the colours of a map."""
    kind = trace.get("legendgroup")
    return {**trace, "halo": True} if kind in ("theory", "second_theory") else trace
