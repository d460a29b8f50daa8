"""Maps over two knobs: every cell is a run, and a click on it leads there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.panels import Panel, constantly, drawn, note, tag, theory_trace
from sims.core.format import significant

MOST_TICKS = 6
BAR = {"thickness": 12, "outlinewidth": 0, "tickfont": {"size": 12}}


class Grid:
    """The axes of a sweep over two knobs: the first goes up, the second to the right.

    Cells are counted, so that knobs of any spacing make squares; `row` and `column` find a value's
    place among them, between two cells where it falls there.
    """

    def __init__(self, prediction: xr.Dataset, knobs: Sequence[str], words: Sequence[str]) -> None:
        """Read the two knobs' values off a prediction; `words` are the axes' titles."""
        self.knobs, self.words = tuple(knobs), tuple(words)
        self.values = [np.asarray(prediction[knob].values, float) for knob in knobs]

    def place(self, along: int, value: Any) -> np.ndarray:
        """Where values of a knob lie among its cells; NaN outside them."""
        known = self.values[along]
        logarithmic = (known > 0).all() and known[-1] / known[0] > 4
        at, sought = (np.log(x) if logarithmic else x for x in (known, np.asarray(value, float)))
        order = np.argsort(at)
        cells = np.arange(known.size, dtype=float)[order]
        return np.interp(sought, at[order], cells, left=np.nan, right=np.nan)

    def row(self, value: Any) -> np.ndarray:
        """Height of values of the first knob."""
        return self.place(0, value)

    def column(self, value: Any) -> np.ndarray:
        """Place to the right of values of the second knob."""
        return self.place(1, value)

    def axis(self, along: int) -> dict[str, Any]:
        """Cells as an axis, with the knob's values at some of them."""
        known = self.values[along]
        step = int(np.ceil(known.size / MOST_TICKS))
        shown = np.arange(0, known.size, step)
        return {
            "title": {"text": self.words[along]},
            "range": [-0.5, known.size - 0.5],
            "autorange": False,
            "tickvals": shown,
            "ticktext": [significant(float(known[i]), 2) for i in shown],
            "tickangle": 0,
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
        }

    def line(self, rows: Any, columns: Any, name: str, *, second: bool = False) -> dict[str, Any]:
        """A predicted line through (first knob, second knob) values."""
        made = theory_trace(self.column(columns), self.row(rows), name, second=second)
        return made | {"hoverinfo": "skip", "hovertemplate": None}

    def map(
        self,
        name: str,
        words: str,
        span: Sequence[float],
        *,
        colours: Any = None,
        text: str = "%{z:.3~g}",
        bar: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The heat map that the sweep fills with `name`, on a colour scale over `span`."""
        return {
            "type": "heatmap",
            "z": [],
            "x": np.arange(self.values[1].size),
            "y": np.arange(self.values[0].size),
            "zmin": span[0],
            "zmax": span[1],
            "colorscale": style.CIVIDIS if colours is None else colours,
            "colorbar": {"thickness": 12, "outlinewidth": 0, "tickfont": {"size": 12}}
            | (bar or {}),
            "xgap": 1,
            "ygap": 1,
            "name": words,
            "hoverongaps": False,
            "hovertemplate": f"{words} {text}<extra>click to open this run</extra>",
            "legendgroup": "ground",
            "meta": tag(name, at="scrub", x=""),
        }


def map_panel(
    id: str,
    title: str,
    symbol: str,
    grid: Grid,
    traces: Sequence[dict[str, Any]],
    *,
    alt: str,
    said: str = "",
    height_units: int = 1,
) -> Panel:
    """A panel with a map over two knobs, where the runs fill it empty until cells come in."""
    empty = note(
        "fills as the runs finish", 0.5, 0.08, yref="paper", name="before",
        font={"size": 13, "color": "role:ink3"},
    )  # fmt: skip
    filled = any("run" in (trace.get("meta") or {}) for trace in traces)
    figure = drawn(
        traces,
        x=grid.axis(1),
        y=grid.axis(0),
        annotations=[empty] if filled else [],
        hovermode="closest",
        meta={"cells": True},
    )
    return Panel(id, title, symbol, figure, False, constantly(alt), height_units, said)
