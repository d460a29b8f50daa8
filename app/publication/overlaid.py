"""One panel with the runs of several files over each other, for a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from app.figures.panels import LegendEntry, Panel, Plain
from app.figures.paper.pictures import Pictures, pictures
from app.live.server.tags import bindings
from app.publication.figure import Shape, laid_out
from app.publication.figure import chosen as panel_of
from sims import api
from sims.core.experiment import Experiment

STROKES = (
    {"color": "role:series0"},
    {"color": "role:series1", "dash": "10px,3px"},
    {"color": "role:series2", "dash": "2px,3px"},
    {"color": "role:series3", "dash": "10px,3px,2px,3px"},
    {"color": "role:ink2", "dash": "16px,5px"},
)
"""Hues that stay apart, also for the colour-blind; each with a dash for who sees none."""
WIDTH = 2.1
NAMED_AT = (0.15, 0.32, 0.49, 0.66, 0.83)
"""Where along its curve each run is named."""


def overlaid(
    runs: Mapping[str, xr.DataTree],
    shown: str = "",
    shape: Shape | None = None,
    experiment: Experiment | None = None,
) -> Figure:
    """A panel with the theory and the run of the first file, and the runs of the others over it.

    Every run has one hue and one dash, and its name beside its curve.

    Raises:
        ValueError: there is no such panel, it has no curves of a run, or there are too many runs;
            one sentence.
    """
    if len(runs) > len(STROKES):
        raise ValueError(f"A figure tells {len(STROKES)} runs apart: give no more, or a table.")
    found = {name: pictures(api.replayed(tree, experiment), tree) for name, tree in runs.items()}
    (_, first), *_ = found.items()
    panels = first.view.panels
    chosen = panel_of(panels, shown) if shown else _with_curves(panels, first)
    base = first.filled(chosen)
    data = [trace for trace in base["data"] if trace.get("legendgroup") not in ("run", "band")]
    curves: list[dict[str, Any]] = []
    for i, (name, one) in enumerate(found.items()):
        own = next((panel for panel in one.view.panels if panel.id == chosen.id), None)
        curves += _curves(name, i, one.filled(own)) if own is not None else []
    if not curves:
        raise ValueError(f"The panel {chosen.id!r} has no curve of a run: give another one.")
    plain = {**base, "data": [*curves, *data], "layout": _reaching(base["layout"], curves)}
    entries = [e for e in first.legend(plain) if e.kind not in ("run", "second_run", "band")]
    return laid_out(chosen, plain, _named(entries, found), shape or Shape())


def _with_curves(panels: Sequence[Panel], first: Pictures) -> Panel:
    """The first panel that has a curve of the run."""
    for panel in panels:
        if bindings(panel.plain) and _curves("", 0, first.filled(panel)):
            return panel
    return panels[0]


def _named(entries: Sequence[LegendEntry], found: Mapping[str, Any]) -> list[LegendEntry]:
    (first, _), *_ = found.items()
    return [
        LegendEntry(e.kind, f"{e.words} of {first}") if e.kind.endswith("theory") else e
        for e in entries
    ]


def _curves(name: str, i: int, plain: Plain) -> list[dict[str, Any]]:
    """The curves of a run in its own stroke, and its name beside the first of them."""
    made: list[dict[str, Any]] = []
    for trace in plain["data"]:
        if trace.get("legendgroup") != "run" or "lines" not in str(trace.get("mode", "lines")):
            continue
        x, y = (np.ravel(np.asarray(trace.get(way, ()), float)) for way in ("x", "y"))
        if trace.get("type", "scatter") != "scatter" or min(x.size, y.size) < 2:
            continue
        line = {**STROKES[i], "width": WIDTH}
        made.append({**trace, "mode": "lines", "line": line, "x": x, "y": y, "name": name})
    return [*made, _label(name, i, made[0])] if made else []


def _label(name: str, i: int, curve: Mapping[str, Any]) -> dict[str, Any]:
    x, y = curve["x"], curve["y"]
    there = np.flatnonzero(np.isfinite(x[: y.size]) & np.isfinite(y[: x.size]))
    at = there[int(NAMED_AT[i] * (there.size - 1))] if there.size else 0
    font = {"color": STROKES[i]["color"].replace("series", "text"), "size": 13}
    kept = {key: curve[key] for key in ("xaxis", "yaxis") if key in curve}
    return {
        **kept, "type": "scatter", "mode": "text", "x": [x[at]], "y": [y[at]],
        "text": [name.replace("_", " ")], "textposition": "top right", "textfont": font,
        "legendgroup": "run",
    }  # fmt: skip


def _reaching(layout: Mapping[str, Any], curves: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The layout with axes that reach as far as the curves on them, its words in ink alone."""
    made = dict(layout)
    notes = [_plainly(note) for note in layout.get("annotations", ())]
    made |= {"annotations": notes} if notes else {}
    for way in ("x", "y"):
        axis = layout.get(f"{way}axis")
        if not axis or "range" not in axis:
            continue
        own = [np.asarray(c[way], float) for c in curves if c.get(f"{way}axis", way) == way]
        values = np.concatenate([np.zeros(0), *own])
        is_log = axis.get("type") == "log"
        values = values[np.isfinite(values) & ((values > 0) | (not is_log))]
        values = np.log10(values) if is_log else values
        low, high = axis["range"]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
        made[f"{way}axis"] = {**axis, "range": [low, high]}
    return made


def _plainly(note: Mapping[str, Any]) -> dict[str, Any]:
    """Words in ink: here a hue is that of a run, not of a mode."""
    font = note.get("font", {})
    if not str(font.get("color", "")).startswith(("role:text", "role:series", "role:ordered")):
        return dict(note)
    return {**note, "font": {**font, "color": "role:ink2"}}
