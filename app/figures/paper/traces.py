"""Traces on paper: curves, bands, marks, words, maps and contours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from app.figures.paper import ink
from app.figures.paper.axes import Box, placed
from app.figures.paper.fonts import face
from app.figures.paper.ticks import ticks
from app.figures.paper.words import is_bold, mathtext

Trace = Mapping[str, Any]
ANCHORS = {"left": "right", "right": "left", "center": "center"}
HEIGHTS = {"top": "bottom", "bottom": "top", "middle": "center"}
SHADES, HALO = 128, 1.0
"""Colours of a bar; pixels of a bright rim."""
BAR = 10.0
"""Points between a map and the bar of its colours."""


def array(values: Any) -> np.ndarray:
    """Numbers of a trace; none where it is empty."""
    return np.asarray(() if values is None else values, float)


def scatter(axes: Axes, trace: Trace, before: Trace | None, order: int, scale: float) -> None:
    """Curves, marks and words at places; `before` is the trace that a band fills up to."""
    x, y = array(trace.get("x")), array(trace.get("y"))
    if not (x.size and y.size):
        return
    many = min(x.size, y.size)
    x, y = x.ravel()[:many], y.ravel()[:many]
    if trace.get("connectgaps"):
        known = np.isfinite(x) & np.isfinite(y)
        x, y = x[known], y[known]
    modes = str(trace.get("mode", "lines")).split("+")
    if "fill" in trace:
        _band(axes, trace, before, x, y, order)
    if "lines" in modes and trace.get("line", {}).get("width", 2):
        steps = "steps-post" if trace.get("line", {}).get("shape") == "hv" else "default"
        how = ink.stroke(trace.get("line", {}), scale)
        if trace.get("halo"):
            rim: dict[str, Any] = {**how, "linestyle": "-", "color": ink.colour("role:panel")}
            rim["linewidth"] += 2 * HALO * scale
            axes.plot(x, y, zorder=order, **rim)
        axes.plot(x, y, zorder=order, alpha=trace.get("opacity"), drawstyle=steps, **how)
    if "markers" in modes:
        _marks(axes, trace, x, y, order, scale)
    if "text" in modes:
        _words(axes, trace, x, y, order, scale)


def _band(
    axes: Axes, trace: Trace, before: Trace | None, x: np.ndarray, y: np.ndarray, order: int
) -> None:
    colour = ink.colour(trace["fillcolor"])
    if trace["fill"] == "toself":
        axes.fill(x, y, color=colour, linewidth=0, zorder=order)
        return
    other: Any = max(axes.get_ylim()[0], 0.0) if axes.get_yscale() == "log" else 0.0
    if trace["fill"] == "tonexty":
        below = array(None if before is None else before.get("y"))
        if below.size != y.size:
            return
        other = below
    axes.fill_between(x, other, y, color=colour, linewidth=0, zorder=order)


def _marks(
    axes: Axes, trace: Trace, x: np.ndarray, y: np.ndarray, order: int, scale: float
) -> None:
    marker = trace.get("marker", {})
    shape, is_filled = ink.mark(marker)
    hues = ink.colours(marker.get("color", "role:ink"), x.size)
    edge = marker.get("line", {})
    sizes = (scale * np.broadcast_to(np.asarray(marker.get("size", 6), float), x.shape)) ** 2
    width = scale * float(edge.get("width", 0 if is_filled else 1.5))
    rims = ink.colours(edge["color"], x.size) if "color" in edge and is_filled else hues
    made: PathCollection = axes.scatter(
        x, y, s=0.78 * sizes if shape == "D" else sizes, marker=shape, linewidths=width,
        zorder=order, alpha=trace.get("opacity"), clip_on=trace.get("cliponaxis", True),
        c=hues if is_filled or shape in ink.THIN else [ink.CLEAR] * x.size,
    )  # fmt: skip
    if shape not in ink.THIN:
        made.set_edgecolor(rims if width else hues)


def _words(
    axes: Axes, trace: Trace, x: np.ndarray, y: np.ndarray, order: int, scale: float
) -> None:
    said = trace.get("text", "")
    words = [said] * x.size if isinstance(said, str) else list(said)
    sides = trace.get("textposition", "middle center")
    sides = [sides] * x.size if isinstance(sides, str) else list(sides)
    font = trace.get("textfont", {})
    hues = ink.colours(font.get("color", "role:ink2"), x.size)
    size = scale * float(font.get("size", 13))
    for at, height, word, side, hue in zip(x, y, words, sides, hues, strict=False):
        if not (np.isfinite(at) and np.isfinite(height)):
            continue
        up, across = str(side).split()
        axes.text(
            at, height, mathtext(str(word)), color=hue, zorder=order + 20,
            ha=ANCHORS[across], va=HEIGHTS[up], clip_on=bool(trace.get("cliponaxis", True)),
            fontproperties=face("sans_bold" if is_bold(str(word)) else "sans", size),
        )  # fmt: skip


def edges(places: np.ndarray) -> np.ndarray:
    """Borders of cells around their middles."""
    if places.size < 2:
        return np.array([places[0] - 0.5, places[0] + 0.5])
    half = np.diff(places) / 2
    inner = places[:-1] + half
    return np.concatenate([[places[0] - half[0]], inner, [places[-1] + half[-1]]])


def heatmap(axes: Axes, trace: Trace, _before: Any, order: int, scale: float) -> None:
    """A matrix as colours, its cells apart where the figure has them apart."""
    z = np.asarray(trace["z"], float)
    if z.ndim != 2 or not z.size:
        return
    x, y = (
        array(trace[name]) if name in trace else np.arange(z.shape[1 - i], dtype=float)
        for i, name in enumerate(("x", "y"))
    )
    apart = float(trace.get("xgap", 0) or 0)
    rim = {"edgecolors": ink.colour("role:panel"), "linewidth": scale * apart}
    face_ = {"edgecolors": "face", "linewidth": 0.15}
    axes.pcolormesh(
        edges(x), edges(y), np.ma.masked_invalid(z), cmap=ink.ramp(trace["colorscale"]),
        vmin=trace["zmin"], vmax=trace["zmax"], zorder=order, **(rim if apart else face_),
    )  # fmt: skip


def contour(axes: Axes, trace: Trace, _before: Any, order: int, scale: float) -> None:
    """Where a matrix passes a height."""
    z = np.asarray(trace["z"], float)
    if z.ndim != 2 or min(z.shape, default=0) < 2 or not np.isfinite(z).any():
        return
    level = float(trace["contours"]["start"])
    if not np.nanmin(z) < level < np.nanmax(z):
        return
    line = trace["line"]
    axes.contour(
        array(trace["x"]), array(trace["y"]), np.ma.masked_invalid(z), levels=[level],
        colors=[ink.colour(line["color"])], linewidths=scale * line["width"], zorder=order,
    )  # fmt: skip


DRAWN: Mapping[str, Callable[[Axes, Trace, Trace | None, int, float], None]] = {
    "scatter": scatter,
    "heatmap": heatmap,
    "contour": contour,
}


def has_bar(trace: Trace) -> bool:
    """Whether a map stands beside the bar of its colours."""
    return trace.get("type") == "heatmap" and trace.get("showscale") is not False


def bar(figure: Figure, box: Box, trace: Trace, scale: float) -> None:
    """The colours of a map right of it, with their numbers."""
    given = trace.get("colorbar", {})
    width = scale * float(given.get("thickness", 12))
    axes = placed(figure, Box(box.left + box.width + BAR, box.bottom, width, box.height))
    low, high = float(trace["zmin"]), float(trace["zmax"])
    colours, steps = ink.ramp(trace["colorscale"]), np.linspace(low, high, SHADES + 1)
    for k, step in enumerate(steps[:-1]):  # each up to the top: neighbours leave no seam
        axes.axhspan(step, high, color=colours((k + 0.5) / SHADES), linewidth=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    places, words = ticks({"nticks": 5, **given}, [low, high])
    size = scale * float(given.get("tickfont", {}).get("size", 12))
    axes.xaxis.set_visible(False)
    axes.yaxis.tick_right()
    axes.yaxis.set_ticks(places, labels=words)
    axes.yaxis.set_tick_params(length=0, pad=2)
    axes.set_ylim(low, high)
    for label in axes.get_yticklabels():
        label.set_fontproperties(face("sans", size))
        label.set_color(ink.colour("role:ink2"))
