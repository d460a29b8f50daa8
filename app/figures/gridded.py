"""Sweeps over two knobs, from the same words: every cell is a run, and a click leads there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from app.figures import maps, style
from app.figures.axes import axis, named_ticks, positive
from app.figures.figure import drawn
from app.figures.marks import before
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.swept import knob_title
from app.figures.traces import FORESEEN, heat, tag, text_trace, theory_trace
from app.tex import plain
from sims.core.format import significant
from sims.core.knobs import knobs_of
from sims.view import Arrays, Contour, Difference, Map
from sims.view.known import Known

TINY = 1e-30
MOST_TICKS = 6
MOST_LETTERED = 9
"""Cells along an axis that have room for the name of their number."""
BAR = {"thickness": 12, "outlinewidth": 0, "tickfont": {"size": 13}}


class Cells:
    """The cells of a sweep, the first knob up and the second to the right, and contours on them.

    They are counted, so that knobs of any spacing make squares.
    """

    def __init__(self, sheet: Sheet, knobs: Sequence[str], lines: Sequence[Contour]) -> None:
        """Read the knobs' values off a prediction."""
        known, whole = knobs_of(sheet.experiment.Params), sheet.known.whole
        self.knobs = tuple(knobs)
        self.titles = [knob_title(known[knob]) for knob in knobs]
        self.values = [np.asarray(whole[knob].values, float) for knob in knobs]
        self.lines: list[dict[str, Any]] = []
        for line in lines:
            if (found := sheet.find(line.of)) is not None:
                x, y = self.place(1, found), self.place(0, self.values[0])
                made = theory_trace(x, y, line.name, second=line.second)
                self.lines.append(made | {"hoverinfo": "skip", "hovertemplate": None})

    @property
    def most(self) -> int:
        """Cells along the longer axis."""
        return max(values.size for values in self.values)

    def place(self, along: int, value: Any) -> np.ndarray:
        """Where values of a knob lie among its cells, between two as it falls; NaN outside."""
        known = self.values[along]
        logarithmic = (known > 0).all() and known[-1] / known[0] > 4
        at, sought = (np.log(x) if logarithmic else x for x in (known, np.asarray(value, float)))
        order = np.argsort(at)
        cells = np.arange(known.size, dtype=float)[order]
        return np.interp(sought, at[order], cells, left=np.nan, right=np.nan)

    def axis(self, along: int) -> dict[str, Any]:
        """Cells as an axis, with the knob's values at some of them."""
        known = self.values[along]
        shown = np.arange(0, known.size, int(np.ceil(known.size / MOST_TICKS)))
        words = [significant(float(known[i]), 2) for i in shown]
        bare = {"showgrid": False, "zeroline": False, "ticks": "", "tickangle": 0}
        cells = axis(self.titles[along], [-0.5, known.size - 0.5])
        return cells | bare | {"tickvals": shown, "ticktext": words}

    def map(
        self,
        words: str,
        span: Sequence[float],
        colours: Any = style.CIVIDIS,
        bar: dict[str, Any] | None = None,
        **how: Any,
    ) -> dict[str, Any]:
        """A number of every cell as a colour, empty until the runs fill it."""
        return heat(
            [], span, colours, BAR | (bar or {}),
            x=np.arange(self.values[1].size), y=np.arange(self.values[0].size), xgap=1, ygap=1,
            name=words, hoverongaps=False, legendgroup="ground",
            hovertemplate=f"{words} %{{z:.3~g}}<extra>click to open this run</extra>",
        ) | how  # fmt: skip


def map_(sheet: Sheet, word: Map, cells: Cells) -> Panel:
    """One number of every run as a colour, or what is predicted of it."""
    if word.theory is not None:
        return _predicted(sheet, word, cells)
    shown = _tagged(sheet, word)
    whole = isinstance(word.colours, tuple)
    low, high = maps.span(sheet, word) if word.span or whole else _span(sheet, word, word.of)
    bar = _decades(low, high) if word.decades else None
    if word.names:
        bar = named_ticks(dict(enumerate(word.names)))
    title = sheet.title(word, word.of)
    said = f"log10 {plain(title)}" if word.decades else plain(title)
    is_lettered = bool(word.letters) and cells.most <= MOST_LETTERED
    how = {"meta": tag(shown, at="scrub", x=""), "showscale": not is_lettered}
    run = cells.map(said, (low, high), maps.scale(word), bar, **how)
    traces = [run]
    if is_lettered:
        traces += [_lettered(sheet, word.of, i, w) for i, w in enumerate(word.letters)]
    if word.contour is not None:
        level = sheet.number(word.contour)
        traces.append(_contour(run, shown, float(np.log10(level)) if word.decades else level))
    return _panel(sheet, word, word.of, [*traces, *cells.lines], cells)


def _panel(
    sheet: Sheet, word: Map | Difference, name: str, traces: list[dict[str, Any]], cells: Cells
) -> Panel:
    filled = any("run" in (trace.get("meta") or {}) for trace in traces)
    figure = drawn(
        traces,
        x=cells.axis(1),
        y=cells.axis(0),
        annotations=[before("fills as the runs finish", 0.08)] if filled else [],
        hovermode="closest",
        meta={"cells": True},
    )
    alt = f"{plain(sheet.title(word, name))} over {' and '.join(cells.knobs)}."
    made = sheet.bare(word, name, figure, alt)
    return replace(made, height_units=2) if isinstance(word, Map) and word.tall else made


def _predicted(sheet: Sheet, word: Map, cells: Cells) -> Panel:
    name = str(word.theory)
    values = np.asarray(sheet.known[name], float)
    low, high = _span(sheet, word, name)
    hover = "predicted 10^%{z:.2f}" if word.decades else "predicted %{z:.3~g}"
    theory = cells.map(
        f"predicted {plain(sheet.title(word, name))}", (low, high),
        bar=_decades(low, high) if word.decades else None,
        z=np.log10(np.maximum(values, TINY)) if word.decades else values,
        hovertemplate=f"{hover}<extra></extra>", meta=FORESEEN,
    )  # fmt: skip
    return _panel(sheet, word, name, [theory, *cells.lines], cells)


def _tagged(sheet: Sheet, word: Map) -> str:
    """Name of the maps that fill a panel."""
    of = f"{word.of}_map"
    if not word.decades:
        return of
    name = f"log_{of}"
    if name not in sheet.derived:
        sheet.derive(name, lambda run, _: np.log10(np.maximum(run[of], TINY)))
    return name


def _span(sheet: Sheet, word: Map, name: str) -> tuple[float, float]:
    """Ends of the colours that hold all that is predicted."""
    known = sheet.find(name)
    seen = np.ravel(np.ones(1) if known is None else np.asarray(known, float))
    if word.decades:
        seen = np.log10(positive(seen))
    seen = seen[np.isfinite(seen)]
    return float(seen.min()), float(seen.max())


def _contour(run: dict[str, Any], name: str, level: float) -> dict[str, Any]:
    """Where the runs pass a height."""
    return {
        "type": "contour",
        "z": [],
        "x": run["x"],
        "y": run["y"],
        "contours": {"start": level, "end": level, "size": 1, "coloring": "lines"},
        "line": {"width": 2.5, "color": "role:series0"},
        "colorscale": [[0, "role:series0"], [1, "role:series0"]],
        "showscale": False,
        "hoverinfo": "skip",
        "name": "run",
        "legendgroup": "run",
        "meta": tag(name, at="scrub", x=""),
    }


def _lettered(sheet: Sheet, name: str, number: int, word: str) -> dict[str, Any]:
    """A short name in each cell of one whole number."""
    place = [sheet.derive(f"{name}_{along}_{number}", _cells(f"{name}_map", number, i))
             for i, along in enumerate(("row", "column"))]  # fmt: skip
    trace = text_trace([], [], [], colours="role:ink", side="middle center")
    meta = tag(place[0], x=place[1], at="scrub")
    return trace | {"text": word, "meta": meta, "cliponaxis": True}


def _cells(name: str, number: int, along: int) -> Any:
    """Rows (0) or columns (1) of the cells of one whole number, NaN elsewhere."""

    def found(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
        numbers = run[name]
        at = np.arange(numbers.shape[2 + along], dtype=float)
        where = at[:, None] if along == 0 else at[None, :]
        kept = np.where(numbers == number, where, np.nan)
        return kept.reshape(*numbers.shape[:2], -1)

    return found


def difference(sheet: Sheet, word: Difference, cells: Cells) -> Panel:
    """Run over theory of every cell; 1 is white, and `wide` away from it is full colour."""
    of = word.of if isinstance(word.of, str) else word.of[0]

    def ratio(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        return run[f"{of}_map"] / np.asarray(Known(prediction)[of], float)

    name = sheet.derive(f"{of}_ratio_map", ratio)
    span = (1 - word.wide, 1 + word.wide)
    made = cells.map("run over predicted", span, maps.SIGNS, meta=tag(name, at="scrub", x=""))
    return _panel(sheet, word, of, [made, *cells.lines], cells)


def _decades(low: float, high: float) -> dict[str, Any]:
    """A colour bar that counts in powers of ten, or by its ends where there is none between."""
    at = np.arange(np.ceil(low), np.floor(high) + 1)
    if not at.size:
        return {"tickvals": [low, high], "ticktext": [significant(10**p, 2) for p in (low, high)]}
    return {"tickvals": at, "ticktext": [f"10<sup>{int(p)}</sup>" for p in at]}
