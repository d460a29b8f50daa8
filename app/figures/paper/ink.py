"""Strokes, marks and colours of a figure, in points and as Matplotlib has them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from matplotlib.colors import LinearSegmentedColormap, to_rgba

from app.figures import style

PX = 0.6
"""Points a pixel of the page has on paper."""
RGBA = tuple[float, float, float, float]
NAMED = {"solid": (), "dash": (9.0, 9.0), "dot": (3.0, 3.0)}
MARKS = {
    "circle": "o", "circle-open": "o", "diamond": "D", "x-thin": "x", "x-thin-open": "x",
    "line-ew-open": "_", "square": "s", "cross": "+",
}  # fmt: skip
THIN = "x_+"
"""Marks that are strokes, without an inside."""
CLEAR: RGBA = (0.0, 0.0, 0.0, 0.0)


@cache
def colour(role: str) -> RGBA:
    """A role or a CSS colour of a figure on paper, which is light."""
    css = style.colour(role, "light")
    if not css.startswith("rgb"):
        return to_rgba(css)
    red, green, blue, *alpha = (float(n) for n in css[css.index("(") + 1 : -1].split(","))
    return red / 255, green / 255, blue / 255, alpha[0] if alpha else 1.0


def colours(roles: Any, many: int) -> list[RGBA]:
    """A colour for each of so many places, from one role or a list of them."""
    listed = [roles] * many if isinstance(roles, str) else list(roles)
    return [colour(role) for role in listed]


def dashes(dash: str | None, scale: float) -> Any:
    """A line style from lengths in pixels, or from a name."""
    named = NAMED.get(dash or "solid")
    lengths = named if named is not None else [float(n.strip("px ")) for n in str(dash).split(",")]
    return (0, [n * scale for n in lengths]) if len(lengths) else "-"


def stroke(line: dict[str, Any], scale: float) -> dict[str, Any]:
    """How a line is drawn."""
    return {
        "color": colour(line.get("color", "role:ink")),
        "linewidth": float(line.get("width", 2)) * scale,
        "linestyle": dashes(line.get("dash"), scale),
        "dash_capstyle": "butt",
        "solid_joinstyle": "round",
    }


def mark(marker: dict[str, Any]) -> tuple[str, bool]:
    """Matplotlib's mark of a figure's, and whether it is filled."""
    name = str(marker.get("symbol", "circle"))
    return MARKS.get(name, "o"), not (name.endswith("-open") or MARKS.get(name, "o") in THIN)


@cache
def _ramp(stops: tuple[tuple[float, str], ...]) -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list("of_a_figure", [(at, colour(c)) for at, c in stops])


def ramp(scale: Sequence[Sequence[Any]]) -> LinearSegmentedColormap:
    """A colour scale; of two stops at one place each keeps its side."""
    return _ramp(tuple((float(at), str(c)) for at, c in scale))
