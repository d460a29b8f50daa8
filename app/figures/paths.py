"""The way of vectors in the plane of their first two coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures import style
from app.figures.axes import axis, linear_range
from app.figures.figure import drawn
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import FORESEEN, run_traces, text_trace, theory_trace
from app.tex import plain, prose
from sims.view import Given, Path

NAMED_AT = 3
"""A name stands where this part of the way is gone."""
MARKS: dict[str, dict[str, Any]] = {
    "circle": {"size": 6, "symbol": "circle-open", "color": "role:ink3", "line": {"width": 1.2}},
    "bar": {"size": 9, "symbol": "line-ew-open", "color": "role:ink2", "line": {"width": 1.4}},
    "ring": {"size": 24, "symbol": "circle-open", "color": "role:ink", "line": {"width": 2}},
    "thin": {"size": 7, "symbol": "x-thin-open", "color": "role:ink2", "line": {"width": 1.2}},
}


def path(sheet: Sheet, word: Path) -> Panel:
    """Runs and their predicted ways, with what the task gives; both axes have one scale."""
    names = (word.of,) if isinstance(word.of, str) else word.of
    traces: list[dict[str, Any]] = []
    seen: list[np.ndarray] = []
    for k, name in enumerate(names):
        said = plain(word.names[k]) if k < len(word.names) else name
        how: dict[str, Any] = {"k": k, "of": len(names), "name": said, "x": name, "x_index": [0]}
        count = sheet.timeline.records.size
        traces += run_traces(name, [1], bands=False, records=count, **how)
        if (way := sheet.find(name)) is not None:
            traces.append(theory_trace(way[:, 0], way[:, 1], said))
            seen.append(way[:, :2])
    words = [f"<b>{prose(w)}</b>" for w in word.names[: len(seen)]]
    at = [way[len(way) // NAMED_AT] for way in seen]
    hues = [style.series(k, len(names), "text") for k in range(len(words))]
    x, y = [float(p[0]) for p in at], [float(p[1]) for p in at]
    traces.append(text_trace(x, y, words, colours=hues, side="top right"))
    for given in word.given:
        trace, places = marked(sheet, given)
        traces.append(trace)
        seen.append(places)
    both = np.concatenate(seen) if seen else np.zeros((1, 2))
    figure = drawn(
        traces,
        x=axis(sheet.html(word.x), around(both[:, 0])),
        y=axis(sheet.html(word.y), around(both[:, 1])) | {"scaleanchor": "x"},
        hovermode="closest",
    )
    return sheet.bare(word, names[0], figure, "")


def around(values: np.ndarray) -> list[float]:
    """A range around values, with room for names."""
    kept = values[np.isfinite(values)]
    return linear_range(float(kept.min(initial=0.0)), float(kept.max(initial=0.0)), pad=0.14)


def marked(sheet: Sheet, given: Given) -> tuple[dict[str, Any], np.ndarray]:
    """What the task gives as a trace, and its places (point, 2); nothing where it is not known."""
    x, y = sheet.find(given.x), sheet.find(given.y)
    x, y = (np.zeros(0) if v is None else np.atleast_1d(np.asarray(v, float)) for v in (x, y))
    count = min(x.size, y.size)
    x, y = x[:count], y[:count]
    places = np.stack([x, y], axis=-1)
    if given.mark == "cross":
        crosses = text_trace(
            x, y, ["×"] * count, colours="role:ink", side="middle center", size=20
        )  # fmt: skip
        return crosses, places
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "name": given.name,
        "hovertemplate": f"{given.name} %{{y:.4~g}}<extra></extra>",
        "legendgroup": "words",
    }
    if given.mark == "band":
        silent = {"hoverinfo": "skip", "hovertemplate": None, "legendgroup": "ground"}
        filled = {"fill": "toself", "fillcolor": "role:grid", "line": {"width": 0}}
        return trace | {"mode": "lines"} | filled | silent, places
    if given.mark == "dashed":
        return theory_trace(x, y, given.name) | {"meta": FORESEEN}, places
    if given.mark == "line":
        line = {"width": 5, "color": "role:rule"}
        return trace | {"mode": "lines", "line": line, "legendgroup": "ground"}, places
    return trace | {"marker": MARKS[given.mark]}, places
