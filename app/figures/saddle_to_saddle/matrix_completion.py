"""Figures of matrix completion: singular values up to the escape, and the held-out error."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.panels import (
    Event,
    Panel,
    Tile,
    View,
    legend,
    log_range,
    panel,
    run_traces,
    theory_trace,
)
from app.figures.reading import SLASH, Reading, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import decimals


def matrix_completion(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Singular values with the predicted escape; the held-out error without theory."""
    read = Reading(prediction, tolerances or {}, _escape_event)
    panels = [_completion_singular(read), _heldout_panel(read), _completion_loss(read)]
    tiles = []
    if read.events:
        name = "first_escape_time"
        words = f"{symbol('σ', 1)} reaches a tenth of its value in the data"
        at = decimals(read.number(name))
        letter = symbol("t", "esc")
        tiles = [Tile(letter, "first escape", at, "time", words, 0, name, name)]
    words = {"theory": "theory, up to the escape"}
    return View(panels, tiles, read.events, legend(panels, words, read.seeds))


def _escape_event(read: Reading) -> list[Event]:
    return [Event(symbol("t", "esc"), read.number("first_escape_time"))]


def _completion_singular(read: Reading) -> Panel:
    s = read.values("spectrum") if read.has("spectrum") else np.ones(2)
    shown = min(s.size + 1, style.MOST_HUES)
    traces: list[dict[str, Any]] = []
    for k in range(shown):
        how = {"k": k, "of": shown, "name": f"σ{k + 1}", "records": read.records}
        traces += run_traces("singular_values", [k], **how)
    if read.has("singular_values"):
        y = read.values("singular_values")
        for k in range(min(shown, y.shape[1])):
            traces.append(theory_trace(read.time, y[:, k], f"σ{k + 1}"))
    levels = [(float(v), symbol("s", k + 1)) for k, v in enumerate(s)]
    data_top = read.number("observed_top")
    if np.isfinite(data_top):
        levels.append((0.1 * data_top, f"{symbol('σ', 1)}{SLASH}10"))
    top = float(s.max())
    return panel(
        "singular_values",
        "Singular values",
        f"{symbol('σ', 'j')}({italic('W')})",
        traces,
        x=read.x,
        y=f"singular value {symbol('σ', 'j')}",
        linear=[-0.05 * top, 1.2 * top],
        log=log_range(1e-6 * top, top),
        times=read.events,
        levels=levels,
        alt="Singular values of the product against time, with the predicted escape.",
    )


def _heldout_panel(read: Reading) -> Panel:
    return panel(
        "heldout_error",
        "Held-out error, without theory",
        "",
        run_traces("heldout_error", records=read.records),
        x=read.x,
        y="relative error",
        linear=[-0.05, 1.2],
        log=[-4.3, 0.35],
        first="log",
        times=read.events,
        empty="no theory is known for this curve; it appears with the run",
        alt=read.described("Error on the entries that were not shown", "heldout_error"),
    )


def _completion_loss(read: Reading) -> Panel:
    traces = run_traces("loss", records=read.records)
    top = read.number("loss_initial", default=1.0)
    if read.has("loss"):
        y = read.values("loss")
        traces.append(theory_trace(read.time, y, ""))
        top = float(np.nanmax(y))
    return panel(
        "loss",
        "Loss on the observed entries",
        italic("L"),
        traces,
        x=read.x,
        y=f"loss {italic('L')}",
        linear=[-0.05 * top, 1.1 * top],
        log=log_range(1e-6 * top, top),
        first="log",
        times=read.events,
        empty="" if read.has("loss") else "appears with the run",
        alt=read.described("Loss on the observed entries", "loss"),
    )
