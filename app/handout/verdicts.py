"""Glyphs of verdicts, distinct in outline: disc, diamond, octagon, dashed ring."""

from __future__ import annotations

from app.figures.paper.ink import colour
from app.figures.paper.pen import Pen

INKS = {
    "lands": "role:lands",
    "departs": "role:departs",
    "surprise": "role:surprise",
    "not judged": "role:not_judged",
}
SIZE = 8.0


def glyph(pen: Pen, x: float, y: float, verdict: str) -> None:
    """The glyph of a verdict, its middle there."""
    ink, on = INKS[verdict], "role:panel"
    solid = {"markerfacecolor": colour(ink), "markeredgewidth": 0}
    if verdict == "lands":
        pen.mark(x, y, marker="o", markersize=SIZE, **solid)
        pen.line([x - 1.8, x - 0.5, x + 2.0], [y + 0.1, y + 1.6, y - 1.6], ink=on, thick=0.9)
    elif verdict == "departs":
        pen.mark(x, y, marker="D", markersize=0.76 * SIZE, **solid)
        pen.line([x - 1.4, x + 1.3], [y + 1.4, y - 1.3], ink=on, thick=0.8)
        pen.line([x - 0.3, x + 1.4, x + 1.4], [y - 1.4, y - 1.4, y + 0.3], ink=on, thick=0.8)
    elif verdict == "surprise":
        pen.mark(x, y, marker="8", markersize=1.04 * SIZE, **solid)
        pen.line([x, x], [y - 2.2, y + 0.6], ink=on, thick=1.0)
        pen.line([x, x], [y + 1.6, y + 2.4], ink=on, thick=1.0)
    else:
        ring = {"markerfacecolor": "none", "markeredgecolor": colour(ink)}
        pen.mark(x, y, marker=_dashed_ring(), markersize=SIZE, markeredgewidth=0.8, **ring)


def _dashed_ring() -> object:
    import numpy as np
    from matplotlib.path import Path

    arcs = []
    for k in range(6):
        turn = np.linspace(k * np.pi / 3, k * np.pi / 3 + 0.68, 8)
        arcs.append(Path(np.column_stack([np.cos(turn), np.sin(turn)])))
    return Path.make_compound_path(*arcs)
