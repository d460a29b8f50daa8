"""The hero of a hand-out: empty axes to draw a guess in, and what theory says and the run did."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xarray as xr

from app.figures.panels import LegendEntry, Plain
from app.figures.paper.pictures import pictures
from app.live.server.tags import bindings
from sims.core.study import Prepared

OWN = "axis"
"""The name of words that belong to an axis."""
TURNED = re.compile(r"(?:; )?\b(?:drag|click) [^.;<]*")
"""What a note says of a picture that paper cannot do."""
MARK = re.compile(r"\w+: ")
"""How a note begins to say what a kind of mark stands for."""


@dataclass(frozen=True)
class Hero:
    """The large picture: its heading, empty and filled, and what its lines mean."""

    title: str
    symbol: str
    empty: Plain
    filled: Plain
    legend: Sequence[LegendEntry]
    note: str = ""

    @property
    def marks(self) -> str:
        """What is drawn in it, as its note says."""
        return "; ".join(part for part in self.note.split("; ") if MARK.match(part))


def hero(start: Prepared, tree: xr.DataTree) -> Hero:
    """The large picture of a run, of a sweep, or of a prediction alone."""
    found = pictures(start, tree)
    panels = found.view.panels
    panel = next((p for p in panels if bindings(p.plain)), panels[0])
    full = found.filled(panel)
    note = TURNED.sub("", panel.note)
    empty = emptied(panel.plain)
    return Hero(panel.title, panel.symbol, empty, full, found.legend(full), note)


def emptied(plain: Plain) -> Plain:
    """The axes alone, with the run's ranges: nothing of theory, and nothing of the run."""
    layout: dict[str, Any] = dict(plain["layout"])
    words = layout.get("annotations", ())
    layout |= {"shapes": [], "annotations": [a for a in words if a.get("name") == OWN]}
    return {"data": [], "layout": layout}
