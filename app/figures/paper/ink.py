"""Strokes, marks and colours of a figure, in points and as Matplotlib has them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any

import numpy as np
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


SERIES_GREYS = (0.58, 0.30, 0.74, 0.44)
"""Lightness of the four runs without colour; theory's dark dashes are seen on each of them."""
_SERIES = re.compile(r"role:(?:series|text|band)(\d)\b")
_grey = ContextVar("grey", default=False)


@contextlib.contextmanager
def greys(on: bool = True) -> Iterator[None]:
    """Within it all colours are greys, for paper that has no others."""
    before = _grey.set(on)
    try:
        yield
    finally:
        _grey.reset(before)


def colour(role: str) -> RGBA:
    """A role or a CSS colour of a figure on paper, which is light."""
    return _colour(role, _grey.get())


@cache
def _colour(role: str, grey: bool) -> RGBA:
    css = style.colour(role, "light")
    if css.startswith("rgb"):
        red, green, blue, *alpha = (float(n) for n in css[css.index("(") + 1 : -1].split(","))
        found: RGBA = (red / 255, green / 255, blue / 255, alpha[0] if alpha else 1.0)
    else:
        found = to_rgba(css)
    if not grey:
        return found
    series = _SERIES.match(role)
    light = SERIES_GREYS[int(series[1])] if series else lightness(found)
    return light, light, light, found[3]


def lightness(found: RGBA) -> float:
    """How bright an eye sees a colour, 0 to 1, as the grey that is as bright (sRGB)."""
    channels = np.asarray(found[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    shown = float(linear @ np.array([0.2126, 0.7152, 0.0722]))
    return 12.92 * shown if shown <= 0.0031308 else 1.055 * shown ** (1 / 2.4) - 0.055


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
def _ramp(stops: tuple[tuple[float, str], ...], grey: bool) -> LinearSegmentedColormap:
    hues = [(at, _colour(c, grey)) for at, c in stops]
    return LinearSegmentedColormap.from_list("of_a_figure", hues)


def ramp(scale: Sequence[Sequence[Any]]) -> LinearSegmentedColormap:
    """A colour scale; of two stops at one place each keeps its side."""
    return _ramp(tuple((float(at), str(c)) for at, c in scale), _grey.get())
