"""A panel of a run as a figure for a paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr
from matplotlib.figure import Figure

from app.figures import style
from app.figures.panels import LegendEntry, Panel, Plain
from app.figures.paper import ink, key, panel
from app.figures.paper.fonts import settings
from app.figures.paper.pen import Pen
from app.figures.paper.pictures import pictures
from app.live.server.tags import bindings
from sims import api
from sims.core.experiment import Experiment

COLUMN = 3.25 * 72
"""Points that a column of two is wide."""
SHAPE, TALL = 0.64, 0.95
"""Height over width, where none is given: of a panel, and of one that is two rows high."""
TEXT = 8.0
"""Points of the numbers at the axes."""
TICK_PX = style.AXIS["tickfont"]["size"]
ABOVE, BELOW = 2.0, 3.0
"""Points above the legend and below the axis' title."""


@dataclass(frozen=True)
class Shape:
    """How large a figure is, in points, and whether it has colours; no height: the usual one."""

    width: float = COLUMN
    height: float | None = None
    text: float = TEXT
    grey: bool = False


def figure(
    tree: xr.DataTree,
    shown: str = "",
    shape: Shape | None = None,
    experiment: Experiment | None = None,
) -> Figure:
    """A panel of a run, of a sweep or of a prediction, with its legend above it.

    Theory is dashed in ink, runs are solid, seeds a band; curves are named beside them. `shown` is
    the panel's id, '' the first that has a run in it. `experiment` is that of the tree where its id
    is not known.

    Raises:
        ValueError: there is no such panel, or no such experiment here; one sentence.
    """
    shape = shape or Shape()
    found = pictures(api.replayed(tree, experiment), tree)
    one = chosen(found.view.panels, shown)
    plain = found.filled(one)
    return laid_out(one, plain, found.legend(plain), shape)


def laid_out(one: Panel, plain: Plain, entries: Sequence[LegendEntry], shape: Shape) -> Figure:
    """A panel's figure in its place on paper, its legend above it."""
    scale = shape.text / TICK_PX
    size = shape.text
    with settings(), ink.greys(shape.grey):
        rows = key.lines(entries, shape.width, size) if entries else 0
        legend = ABOVE + rows * key.LEAD * size
        usual = (SHAPE if one.height_units == 1 else TALL) * shape.width + legend + BELOW
        high = shape.height or usual
        pen = Pen(shape.width, high, ABOVE + size)
        key.drawn(pen, entries, 0.0, shape.width, size=size, lines=rows)
        place = pen.box(0.0, legend, shape.width, high - legend - BELOW)
        panel.drawn(pen.figure, place, plain, scale=scale)
    return pen.figure


def chosen(panels: Sequence[Panel], shown: str) -> Panel:
    """The panel of that id, '' the first that has a run in it; ValueError, one sentence: none."""
    if not shown:
        return next((p for p in panels if bindings(p.plain)), panels[0])
    for one in panels:
        if one.id == shown:
            return one
    raise ValueError(f"There is no panel {shown!r}: give {_listed([p.id for p in panels])}.")


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
