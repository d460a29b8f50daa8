"""A predicted number against what it depends on, with this run at its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.panels import (
    Event,
    Panel,
    RunArrays,
    axis,
    linear_range,
    positive,
    relaid,
    run_traces,
    theory_trace,
    time_labels,
    time_line,
)
from app.figures.sheet import Sheet
from app.figures.tex import plain, symbol
from sims.core.format import significant
from sims.view import Law

DOT = {"size": 11, "line": {"width": 2, "color": "role:panel"}}
RING: dict[str, Any] = {"size": 10, "symbol": "circle-open", "color": "role:ink"}
PAD = 0.05


def law(sheet: Sheet, word: Law) -> Panel:
    """The predicted curve, a ring at what is predicted for this setting, and the run."""
    x, y = (np.asarray(sheet.find(what), float) for what in (word.over, word.of))
    here, ring = (
        sheet.number(word.at) if not word.trail else np.nan,
        None if word.ring is None else sheet.find(word.ring),
    )
    name = word.run or (word.of if isinstance(word.of, str) else word.id)
    traces = _run(sheet, word)
    if word.second is not None and (found := sheet.find(word.second)) is not None:
        other = x if word.second_over is None else np.asarray(sheet.find(word.second_over), float)
        traces.append(theory_trace(other, found, word.second_name, second=True))
    traces.append(theory_trace(x, y, word.name))
    if ring is not None and np.isfinite(ring):
        made = theory_trace([here], [float(ring)], "here") | {"mode": "markers", "marker": RING}
        traces.append(made)
    shown = sheet.shown(word, *(t["y"] for t in traces if "run" not in (t.get("meta") or {})))
    ends = _ends(word, x, here)
    span = sheet.span(word.x_span, lambda: ends)
    title = plain(sheet.title(word, name))
    known = np.ravel(y)[np.isfinite(np.ravel(y))]
    said = f" goes from {significant(float(known[0]), 3)} to {significant(float(known[-1]), 3)}"
    made = sheet.plain(
        word, name, traces, shown,
        x=axis(sheet.html(word.x), span, log=word.x_log),
        hovermode="closest",
        alt=f"{title}; the prediction{said}." if known.size else f"{title}.",
    )  # fmt: skip
    return upright(sheet, word, made)


def _ends(word: Law, x: np.ndarray, here: float) -> list[float]:
    if word.x_log:
        seen = positive(x, here)
        low, high = float(np.log10(seen.min())), float(np.log10(seen.max()))
        return linear_range(low, high, pad=PAD)
    seen = np.append(x, here)
    seen = seen[np.isfinite(seen)]
    return linear_range(float(seen.min()), float(seen.max()), pad=PAD)


def _run(sheet: Sheet, word: Law) -> list[dict[str, Any]]:
    """The run: its whole way, or one dot that is there once the number is."""
    if not word.run:
        return []
    how: dict[str, Any] = {"bands": False, "at": word.taken}
    if word.trail:
        return run_traces(word.run, x=str(word.at), records=10**6, markers=word.dots, **how)
    here = sheet.derive(f"{word.id or word.run}_place", _placed(sheet.number(word.at)))
    (dot,) = run_traces(word.run, x=here, markers=True, **how)
    return [dot | {"mode": "markers", "marker": DOT | {"color": style.series(word.hue)}}]


def _placed(value: float) -> Any:
    """A number in every row of the run, to place a dot at it; (seed, row)."""

    def filled(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
        rows = max(v.shape[1] for v in run.values())
        return np.full((len(next(iter(run.values()))), rows), value)

    return filled


def upright(sheet: Sheet, word: Law, made: Panel) -> Panel:
    """The panel with the predicted places on its x axis dotted and named."""
    layout = made.plain["layout"]
    low, high = layout["xaxis"]["range"]
    found = [Event(symbol(letters), sheet.number(at)) for at, letters in word.marks]
    kept = [e for e in found if np.isfinite(e.time) and (e.time > 0 or not word.x_log)]
    places = [Event(e.symbol_html, float(np.log10(e.time))) for e in kept] if word.x_log else kept
    inside = [i for i, e in enumerate(places) if low <= e.time <= high]
    if not inside:
        return made
    labels = time_labels([places[i] for i in inside], [low, high])
    shapes = [*layout["shapes"], *(time_line(kept[i].time) for i in inside)]
    return relaid(made, shapes=shapes, annotations=[*layout["annotations"], *labels])
