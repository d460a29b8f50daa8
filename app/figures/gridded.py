"""Sweeps over two knobs, from the same words: every cell is a run, and a click leads there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures import maps
from app.figures.grids import Grid, map_panel
from app.figures.panels import Panel, RunArrays, positive, tag, text_trace
from app.figures.sheet import Sheet
from app.figures.swept import knob_title
from app.figures.tex import plain
from sims.core.format import significant
from sims.core.knobs import knobs_of
from sims.view import Contour, Difference, Map
from sims.view.known import Known

TINY = 1e-30
MOST_LETTERED = 9
"""Cells along an axis that have room for the name of their number."""


class Cells:
    """The cells of a sweep, and the predicted contours on every map of them."""

    def __init__(self, sheet: Sheet, knobs: Sequence[str], lines: Sequence[Contour]) -> None:
        """Read the knobs' values off a prediction."""
        known = knobs_of(sheet.experiment.Params)
        titles = [knob_title(known[knob]) for knob in knobs]
        self.knobs = tuple(knobs)
        self.grid = Grid(sheet.known.whole, knobs, titles)
        self.lines = [
            self.grid.line(self.grid.values[0], found, line.name, second=line.second)
            for line in lines
            if (found := sheet.find(line.of)) is not None
        ]

    def table(self, known: Known, name: str) -> np.ndarray:
        """A predicted number of every cell, (first knob, second knob)."""
        return np.asarray(known[name], float)

    @property
    def most(self) -> int:
        """Cells along the longer axis."""
        return max(values.size for values in self.grid.values)


def map_(sheet: Sheet, word: Map, cells: Cells) -> Panel:
    """One number of every run as a colour, or what is predicted of it."""
    if word.theory is not None:
        return _predicted(sheet, word, cells)
    shown = _tagged(sheet, word)
    whole = isinstance(word.colours, tuple)
    low, high = maps.span(sheet, word) if word.span or whole else _span(sheet, word, word.of)
    bar = _decades(low, high) if word.decades else None
    if word.names:
        bar = {"tickvals": list(range(len(word.names))), "ticktext": list(word.names)}
    title = sheet.title(word, word.of)
    said = f"log10 {plain(title)}" if word.decades else plain(title)
    heat = cells.grid.map(shown, said, (low, high), colours=maps.scale(word), bar=bar)
    traces = [heat]
    is_lettered = bool(word.letters) and cells.most <= MOST_LETTERED
    heat["showscale"] = not is_lettered
    if is_lettered:
        traces += [_lettered(sheet, word.of, i, w) for i, w in enumerate(word.letters)]
    if word.contour is not None:
        level = sheet.number(word.contour)
        traces.append(_contour(heat, shown, float(np.log10(level)) if word.decades else level))
    return _panel(sheet, word, word.of, [*traces, *cells.lines], cells)


def _panel(
    sheet: Sheet, word: Map | Difference, name: str, traces: list[dict[str, Any]], cells: Cells
) -> Panel:
    title = sheet.title(word, name)
    over = " and ".join(cells.knobs)
    alt = plain(sheet.text(word.alt)) or f"{plain(title)} over {over}."
    return map_panel(
        word.id or name, title, sheet.symbol(word, name), cells.grid, traces,
        alt=alt, said=sheet.html(word.note),
        height_units=2 if isinstance(word, Map) and word.tall else 1,
    )  # fmt: skip


def _predicted(sheet: Sheet, word: Map, cells: Cells) -> Panel:
    name = str(word.theory)
    values = cells.table(sheet.known, name)
    low, high = _span(sheet, word, name)
    bar = _decades(low, high) if word.decades else None
    heat = cells.grid.map("", f"predicted {plain(sheet.title(word, name))}", (low, high), bar=bar)
    del heat["meta"]
    z = np.log10(np.maximum(values, TINY)) if word.decades else values
    hover = "predicted 10^%{z:.2f}" if word.decades else "predicted %{z:.3~g}"
    heat |= {"z": z, "hovertemplate": f"{hover}<extra></extra>"}
    return _panel(sheet, word, name, [heat, *cells.lines], cells)


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


def _contour(heat: dict[str, Any], name: str, level: float) -> dict[str, Any]:
    """Where the runs pass a height."""
    return {
        "type": "contour",
        "z": [],
        "x": heat["x"],
        "y": heat["y"],
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

    def found(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
        numbers = run[name]
        at = np.arange(numbers.shape[2 + along], dtype=float)
        where = at[:, None] if along == 0 else at[None, :]
        kept = np.where(numbers == number, where, np.nan)
        return kept.reshape(*numbers.shape[:2], -1)

    return found


def difference(sheet: Sheet, word: Difference, cells: Cells) -> Panel:
    """Run over theory of every cell; 1 is white, and `wide` away from it is full colour."""
    of = word.of if isinstance(word.of, str) else word.of[0]

    def ratio(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
        return run[f"{of}_map"] / cells.table(Known(prediction), of)

    name = sheet.derive(f"{of}_ratio_map", ratio)
    span = (1 - word.wide, 1 + word.wide)
    heat = cells.grid.map(name, "run over predicted", span, colours=maps.SIGNS)
    return _panel(sheet, word, of, [heat, *cells.lines], cells)


def _decades(low: float, high: float) -> dict[str, Any]:
    """A colour bar that counts in powers of ten, or by its ends where there is none between."""
    at = np.arange(np.ceil(low), np.floor(high) + 1)
    if not at.size:
        return {"tickvals": [low, high], "ticktext": [significant(10**p, 2) for p in (low, high)]}
    return {"tickvals": at, "ticktext": [f"10<sup>{int(p)}</sup>" for p in at]}
