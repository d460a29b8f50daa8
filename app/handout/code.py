"""A link as a QR code, drawn as vectors."""

from __future__ import annotations

import segno
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from app.figures.paper.axes import Box, placed
from app.figures.paper.ink import colour

QUIET = 2
"""White cells around the code."""


def drawn(figure: Figure, box: Box, link: str) -> None:
    """The code of a link in a square; cells beside each other in a row are one bar."""
    rows = [list(row) for row in segno.make_qr(link, error="m", boost_error=False).matrix]
    many = len(rows)
    axes = placed(figure, box)
    axes.set_axis_off()
    axes.set_xlim(-QUIET, many + QUIET)
    axes.set_ylim(many + QUIET, -QUIET)
    bars = []
    for y, row in enumerate(rows):
        begun = None
        for x, dark in enumerate([*row, 0]):
            if dark and begun is None:
                begun = x
            elif not dark and begun is not None:
                bars.append(Rectangle((begun, y), x - begun, 1.02))
                begun = None
    axes.add_collection(PatchCollection(bars, facecolor=colour("role:ink"), linewidth=0))
