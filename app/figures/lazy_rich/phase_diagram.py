"""Figures of the phase diagram: one of its points, and a row or column of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures.grids import Grid, map_panel
from app.figures.lazy_rich.training import (
    PREDICTED_CHANGE,
    known,
    law_panel,
    marked,
    power_tile,
    quotient,
    ratio,
    ratio_panel,
    regime_words,
    swept,
)
from app.figures.panels import (
    Derived,
    Panel,
    Tile,
    View,
    axis,
    first_seed,
    legend,
    log_range,
    panel,
    positive,
    run_traces,
    tag,
    text_trace,
    theory_trace,
)
from app.figures.reading import SLASH, StepReading, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import significant

ALPHA = italic("α")
DERIVED: Derived = {}
SWEEP_DERIVED: Derived = {
    "feature_change_ratio": ratio("feature_change_final"),
    "test_loss_ratio": ratio("test_loss_final"),
}


def phase_diagram(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """One point of the diagram: how far its features move, and its losses."""
    read = StepReading(prediction, tolerances or {}, lambda _: [])
    panels = [_change(read), _place(read), _test_loss(read), _train_loss(read)]
    words = {"theory": "lazy theory, at the end"}
    return View(panels, _tiles(read), (), legend(panels, words, read.seeds), DERIVED)


def _change(read: StepReading) -> Panel:
    end, threshold = read.number("feature_change_final"), read.number("threshold")
    traces = run_traces("feature_change", x="step", records=read.records)
    traces.append(theory_trace(read.span, [end, end], "at the end"))
    top = 1.3 * max(end, threshold)
    return panel(
        "feature_change",
        "How far the features move",
        italic("R"),
        traces,
        x=read.x,
        y=f"relative change {italic('R')}",
        linear=[-0.03 * top, top],
        log=log_range(0.1 * end, 3 * max(end, threshold)),
        levels=[(threshold, "")],
        note=f"dotted: the threshold {symbol('R', '', '*')} of the boundary",
        alt=f"Relative change of the features against steps; the lazy theory ends at "
        f"{significant(end, 3)}, the threshold is {significant(threshold, 3)}.",
    )


def _place(read: StepReading) -> Panel:
    """Where this point lies in the diagram, and where the boundary passes it."""
    alpha, width = read.number("alpha"), read.number("width")
    at, smooth = read.number("boundary_alpha"), read.number("smooth_alpha")
    widths = np.array([8.0, 1024.0])
    root = np.sqrt(width / widths)
    star = theory_trace(widths, smooth / read.number("threshold") * root, "α*/R*", second=True)
    ring = {"size": 9, "symbol": "circle-open", "color": "role:ink", "line": {"width": 1.5}}
    here = theory_trace([width], [at], "boundary at this width")
    here |= {"mode": "markers", "marker": ring}
    cross = text_trace([width], [alpha], ["×"], colours="role:ink", side="middle center", size=22)
    ends = np.log10(positive(alpha, at, smooth))
    return panel(
        "place",
        "Where this point lies",
        f"{ALPHA}, {italic('N')}",
        [star, here, cross],
        x=axis(f"width {italic('N')}", [0.9, 3.05], log=True),
        y=f"output scale {ALPHA}",
        log=[min(float(ends.min()), -2.0) - 0.1, max(float(ends.max()), 1.5) + 0.1],
        hovermode="closest",
        note="cross: this point; circle: the boundary at its width; lazy is above",
        alt=f"Output scale against width: this point is at {significant(alpha, 3)}, the boundary "
        f"at this width is {significant(at, 3)}; the smooth law falls like one over the root.",
    )


def _test_loss(read: StepReading) -> Panel:
    end = read.number("test_loss_final")
    traces = run_traces("test_loss", x="step", records=read.records)
    traces.append(theory_trace(read.span, [end, end], "at the end"))
    return panel(
        "test_loss",
        "Test loss",
        f"{italic('L')}′",
        traces,
        x=read.x,
        y=f"test loss {italic('L')}′",
        log=log_range(0.2 * min(end, 0.5), 2 * max(end, 0.5)),
        alt=f"Test loss against steps; the lazy theory ends at {significant(end, 3)}.",
    )


def _train_loss(read: StepReading) -> Panel:
    return panel(
        "train_loss",
        "Train loss",
        italic("L"),
        run_traces("train_loss", x="step", records=read.records),
        x=read.x,
        y=f"train loss {italic('L')}",
        log=[-6.0, 0.3],
        empty="appears with the run",
        alt=read.described("Train loss", "train_loss"),
    )


def _tiles(read: StepReading) -> list[Tile]:
    change, boundary = read.number("feature_change_final"), read.number("boundary_alpha")
    name = "feature_change_final"
    value = significant(change, 3)
    said = regime_words(read)
    tiles = [Tile(PREDICTED_CHANGE, "change of the features", value, "", said, None, name)]
    value = significant(boundary, 3) if np.isfinite(boundary) else "none"
    line = f"smooth law: {significant(read.number('smooth_alpha') / read.number('threshold'), 3)}"
    tiles.append(Tile(ALPHA, "boundary at this width", value, "", line))
    end = significant(read.number("test_loss_final"), 3)
    letter = f"{italic('L')}′"
    tiles.append(Tile(letter, "test loss at the end", end, "", "", None, "test_loss_final"))
    return tiles


def cut(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """A cut through the diagram: the change of the features against one of its axes."""
    at = np.asarray(prediction[over].values, float)
    change = swept(prediction, "feature_change_final", over)
    more: list[dict[str, Any]] = []
    if over == "alpha":
        smooth = swept(prediction, "smooth_alpha", over) / at
        more.append(theory_trace(at, smooth, "α*/α", second=True))
    first = law_panel(
        prediction, over, "feature_change_final", "Change of the features", italic("R"), more=more
    )
    if over == "alpha":
        # every point knows the same boundary
        boundary = positive(swept(prediction, "boundary_alpha", over))[0]
        first = marked(first, [(float(boundary), "boundary")])
    panels = [
        first,
        ratio_panel(
            prediction,
            over,
            "feature_change_ratio",
            quotient("R"),
            known(tolerances, "feature_change", 0.05),
        ),
        law_panel(prediction, over, "test_loss_final", "Test loss at the end", f"{italic('L')}′"),
    ]
    if over != "alpha":
        star = theory_trace(at, swept(prediction, "smooth_alpha", over), "α*", second=True)
        how: dict[str, Any] = {"more": [star], "measured": False}
        panels.append(
            law_panel(prediction, over, "boundary_alpha", "Boundary of lazy", ALPHA, **how)
        )
    words = {"theory": "lazy theory", "second_theory": "smooth law, α*"}
    shown = legend(panels, words, prediction.sizes.get("seed", 1))
    return View(panels, power_tile(italic("R"), over, at, change), (), shown, SWEEP_DERIVED)


GRID_DERIVED: Derived = {
    "log_feature_change_map": lambda run, _: _log(run["feature_change_final_map"]),
    "log_test_loss_map": lambda run, _: _log(run["test_loss_final_map"]),
    "feature_change_ratio_map": lambda run, prediction: (
        run["feature_change_final_map"] / _table(prediction, "feature_change_final")
    ),
}
RATIO_SPAN = (0.8, 1.2)
BALANCE = [[0.0, "rgb(0,114,178)"], [0.5, "rgb(240,240,235)"], [1.0, "rgb(213,94,0)"]]


def _log(values: np.ndarray) -> np.ndarray:
    return np.log10(np.maximum(values, 1e-30))


def _table(prediction: xr.Dataset, name: str) -> np.ndarray:
    return first_seed(prediction)[name].transpose("width", "alpha").values.astype(float)


def diagram(prediction: xr.Dataset, over: Sequence[str], tolerances: Tolerances) -> View:
    """The whole diagram over output scale and width: predicted, measured, and their ratio.

    Raises:
        ValueError: the sweep goes over other knobs.
    """
    if tuple(over) != ("width", "alpha"):
        raise ValueError("This diagram has figures for a sweep over width, then alpha.")
    del tolerances
    grid = Grid(prediction, over, (f"width {italic('N')}", f"output scale {ALPHA}"))
    widths = grid.values[0]
    boundary, smooth = (
        _table(prediction, name)[:, 0] for name in ("boundary_alpha", "smooth_alpha")
    )
    threshold = float(first_seed(prediction).attrs.get("threshold", 0.1))
    lines = [
        grid.line(widths, boundary, "where lazy ends"),
        grid.line(widths, smooth / threshold, "α*/R*", second=True),
    ]
    change = _table(prediction, "feature_change_final")
    known = positive(change)
    span = [float(np.log10(known.min())), float(np.log10(known.max()))]
    foreseen = grid.map("", "predicted log10 R", span, bar=_decades(span))
    del foreseen["meta"]
    foreseen |= {"z": _log(change), "hovertemplate": "predicted 10^%{z:.2f}<extra></extra>"}
    seen = grid.map("log_feature_change_map", "log10 R", span, bar=_decades(span))
    ratio_map = grid.map(
        "feature_change_ratio_map", "R over predicted", RATIO_SPAN, colours=BALANCE,
    )  # fmt: skip
    ends = positive(_table(prediction, "test_loss_final"))
    losses = [float(np.log10(ends.min())), float(np.log10(ends.max()))]
    loss_map = grid.map("log_test_loss_map", "log10 test loss", losses, bar=_decades(losses))
    over_theory = symbol("R", "run") + SLASH + symbol("R", "pred")
    level = float(np.log10(threshold))
    measured_line = {
        "type": "contour",
        "z": [],
        "x": seen["x"],
        "y": seen["y"],
        "contours": {"start": level, "end": level, "size": 1, "coloring": "lines"},
        "line": {"width": 2.5, "color": "role:series0"},
        "colorscale": [[0, "role:series0"], [1, "role:series0"]],
        "showscale": False,
        "hoverinfo": "skip",
        "name": "run: where lazy ends",
        "legendgroup": "run",
        "meta": tag("log_feature_change_map", at="scrub", x=""),
    }
    said = "dashed: where the change falls through the threshold; dash-dot: the smooth law"
    where = (
        f"Predicted boundary of lazy: output scale {significant(float(boundary[0]), 3)} at width "
        f"{widths[0]:.0f}, {significant(float(boundary[-1]), 3)} at width {widths[-1]:.0f}."
    )
    panels = [
        map_panel(
            "predicted_change", "Change of the features, predicted", italic("R"), grid,
            [foreseen, *lines], alt=f"Predicted change of the features. {where}", said=said,
        ),
        map_panel(
            "feature_change", "Change of the features, measured", italic("R"), grid,
            [seen, measured_line, *lines], alt=f"Measured change of the features. {where}",
            said="click a cell to open its run",
        ),
        map_panel(
            "feature_change_ratio", "Run over theory", over_theory, grid,
            [ratio_map, *lines], alt="Measured over predicted change of the features; 1 is white.",
            said="white is 1: the lazy theory holds right of the dashed line and breaks left of it",
        ),
        map_panel(
            "test_loss", "Test loss at the end", f"{italic('L')}′", grid,
            [loss_map, *lines], alt="Measured test loss at the end of every run.",
        ),
    ]  # fmt: skip
    words = {"theory": "lazy theory: where it ends", "second_theory": "smooth law, α*"}
    tiles = [
        Tile(ALPHA, f"boundary at width {widths[i]:.0f}", significant(float(boundary[i]), 3))
        for i in (0, -1)
        if np.isfinite(boundary[i])
    ]
    shown = legend(panels, words, prediction.sizes.get("seed", 1))
    return View(panels, tiles, (), shown, GRID_DERIVED)


def _decades(span: Sequence[float]) -> dict[str, Any]:
    """A colour bar that counts in powers of ten, or by its ends where there is none between."""
    at = np.arange(np.ceil(span[0]), np.floor(span[1]) + 1)
    if not at.size:
        return {"tickvals": list(span), "ticktext": [significant(10**p, 2) for p in span]}
    return {"tickvals": at, "ticktext": [f"10<sup>{int(p)}</sup>" for p in at]}
