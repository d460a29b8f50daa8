"""A predicted number against what it depends on, with this run at its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.axes import axis, linear_range, positive
from app.figures.marks import dotted
from app.figures.panels import Event, Panel
from app.figures.paths import marked
from app.figures.sheet import Sheet
from app.figures.traces import RING, dots, rings, run_traces, theory_trace
from app.tex import plain, symbol
from sims.core.format import significant
from sims.view import Arrays, Law

DOT = 11
PAD = 0.05


def law(sheet: Sheet, word: Law) -> Panel:
    """The predicted curve, a ring at what is predicted for this setting, and the run."""
    x, y = _numbers(sheet.frame, word.over), _numbers(sheet.find, word.of)
    place = sheet.frame(word.at if word.here is None else word.here)
    here = np.nan if place is None or (word.trail and word.here is None) else float(place)
    ring = None if word.ring is None else sheet.find(word.ring)
    name = word.run or (word.of if isinstance(word.of, str) and word.of else word.id)
    traces = _run(sheet, word)
    if word.second is not None and (found := sheet.find(word.second)) is not None:
        other = x if word.second_over is None else _numbers(sheet.frame, word.second_over)
        traces.append(theory_trace(other, found, word.second_name, second=True))
    if y.size:
        curve = theory_trace(x, y, word.name)
        marked_too = {"mode": "lines+markers", "marker": RING | {"size": 6}}
        traces.append(curve | marked_too if word.dots and not word.run else curve)
    if ring is not None and np.isfinite(ring):
        traces.append(rings(theory_trace([here], [float(ring)], "here")))
    traces += [marked(sheet, given)[0] for given in word.given]
    shown = sheet.shown(word, *(t["y"] for t in traces if "run" not in (t.get("meta") or {})))
    span = sheet.span(word.x_span, lambda: _ends(word, x, here))
    title = plain(sheet.title(word, name))
    known = np.ravel(y)[np.isfinite(np.ravel(y))]
    ends = [significant(float(known[i]), 3) for i in (0, -1)] if known.size else []
    made = sheet.plain(
        word, name, traces, shown,
        x=axis(sheet.html(word.x), span, log=word.x_log),
        hovermode="closest",
        alt=f"{title}; the prediction goes from {' to '.join(ends)}." if ends else f"{title}.",
    )  # fmt: skip
    return upright(sheet, word, made)


def _numbers(find: Callable[[Any], Any], what: Any) -> np.ndarray:
    """A declared array; empty where there is none."""
    found = None if what == "" else find(what)
    return np.zeros(0) if found is None else np.atleast_1d(np.asarray(found, float))


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
        how["bands"] = word.at in ("time", "step")
        how |= {"k": word.hue, "records": 10**6, "markers": word.dots}
        return run_traces(word.run, x=str(word.at), **how)
    at, colour = sheet.number(word.at), style.series(word.hue)
    if word.taken == "scrub":
        (dot,) = run_traces(word.run, x="", markers=True, **how)
        edge = {"width": 2, "color": "role:panel"}
        return dots([dot | {"x": [at]}], DOT, color=colour, line=edge)
    here = sheet.derive(f"{word.id or word.run}_place", _placed(at))
    return dots(run_traces(word.run, x=here, markers=True, **how), DOT, color=colour)


def _placed(value: float) -> Any:
    """A number in every row of the run, to place a dot at it; (seed, row)."""

    def filled(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
        rows = max(v.shape[1] for v in run.values())
        return np.full((len(next(iter(run.values()))), rows), value)

    return filled


def upright(sheet: Sheet, word: Law, made: Panel) -> Panel:
    """The panel with the predicted places on its x axis dotted and named."""
    low, high = made.plain["layout"]["xaxis"]["range"]
    found = [Event(symbol(letters), sheet.number(at)) for at, letters in word.marks]
    if word.x_log:
        inside = [e for e in found if e.time > 0 and low <= np.log10(e.time) <= high]
    else:
        inside = [e for e in found if low <= e.time <= high]
    return dotted(made, inside, [low, high], log=word.x_log)
