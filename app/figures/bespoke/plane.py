"""The path of two numbers over the loss, to a minimum that is flat enough."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.axes import axis
from app.figures.figure import drawn
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import dots, run_traces, theory_trace
from app.tex import prose
from sims.core.format import significant
from sims.edge_of_stability.scalar_models.shown import path
from sims.view import Bespoke


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """The run over contours of the loss, on its predicted path, and the minima it may reach."""
    first, second = sheet.known["landscape_first"], sheet.known["landscape_second"]
    loss = np.log10(np.maximum(sheet.known["landscape"], 1e-12))
    contours = {
        "type": "contour",
        "x": first,
        "y": second,
        "z": loss,
        "contours": {"coloring": "none", "start": -3.0, "end": 2.0, "size": 0.5},
        "line": {"width": 0.8, "color": "role:rule2"},
        "showscale": False,
        "hoverinfo": "skip",
        "name": "contours of the loss",
        "legendgroup": "ground",
    }
    a, b = sheet.find(path)
    traces = [contours, *_minima(sheet), _trajectory(sheet)]
    if a.size > 2:
        traces.append(theory_trace(a, b, "path"))
    edge = significant(sheet.known["edge"], 4)
    figure = drawn(
        traces,
        x=axis(prose("first number $a$"), _around(a, first)),
        y=axis(prose("second number $b$"), _around(b, second)),
        hovermode="closest",
    )
    words = f"The path over contours of the loss; minima sharper than {edge} are told apart."

    def alt(run: xr.Dataset | None) -> str:
        if run is None or "iterate" not in run:
            return words
        a, b = np.asarray(run["iterate"].values, float).reshape(-1, 2)[-1]
        return f"{words[:-1]}; the run ends at {significant(float(a))}, {significant(float(b))}."

    return sheet.bare(word, "path", figure, alt)


def _around(known: np.ndarray, whole: np.ndarray) -> list[float]:
    """A range around a predicted path; the whole landscape where none is known."""
    known = known[np.isfinite(known)]
    if known.size < 2:
        return [float(whole[0]), float(whole[-1])]
    low, high = float(known.min()), float(known.max())
    room = max(0.5 * (high - low), 0.08 * float(whole[-1] - whole[0]))
    return [low - room, high + room]


def _minima(sheet: Sheet) -> list[dict[str, Any]]:
    a, b = (_mirrored(sheet.known[f"minima_{which}"]) for which in ("first", "second"))
    curvature = sheet.known["minima_curvature"]
    sharp = np.r_[curvature, 0.0, curvature] > sheet.known["edge"]
    # each part reaches to its neighbour, so that there is no gap where they meet
    near = sharp | np.r_[sharp[1:], False] | np.r_[False, sharp[:-1]]
    flat = theory_trace(np.where(sharp, np.nan, a), np.where(sharp, np.nan, b), "flat minima")
    red = theory_trace(np.where(near, a, np.nan), np.where(near, b, np.nan), "sharp minima")
    red["line"] = {"width": 2.4, "color": "role:departs"}
    return [red | {"hovertemplate": "too sharp<extra></extra>"}, flat]


def _mirrored(values: np.ndarray) -> np.ndarray:
    """A branch and its mirror image, with a gap between them."""
    return np.r_[values, np.nan, -values]


def _trajectory(sheet: Sheet) -> dict[str, Any]:
    """The run, joined where every step is recorded."""
    how = {"x": "iterate", "x_index": [0], "bands": False, "markers": True}
    traces = run_traces("iterate", [1], **how)
    every_step = (np.diff(sheet.known["step"]) == 1).all()
    return (traces if every_step else dots(traces, 4))[0]
