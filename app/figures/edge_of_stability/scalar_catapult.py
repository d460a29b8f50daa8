"""Figures of the catapult: the loss of the map, and the curvature it comes down to."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.edge_of_stability.scalar_derived import (
    CEILING,
    COMPARED_STEPS,
    dots,
    plain,
    view_of,
    window,
)
from app.figures.panels import (
    Event,
    Panel,
    Tile,
    View,
    axis,
    linear_range,
    log_range,
    magnified,
    panel,
    positive,
    run_traces,
    text_trace,
    theory_trace,
)
from app.figures.reading import SLASH, StepReading, Tolerances, window_note
from app.figures.style import italic, symbol
from sims.core.format import THIN, decimals, short, significant

ETA_LAMBDA = f"{italic('η')}{THIN}{italic('λ')}"
LAMBDA = italic("λ")
EDGE = f"2{SLASH}{italic('η')}"
LOSS_DEPTH = 12.0
MARKS_OF_START = (Event("2", 2.0), Event("4", 4.0))


def divergence(read: StepReading) -> list[Event]:
    """The step at which the predicted loss leaves the finite range."""
    return [Event(symbol("n", "div"), read.number("divergence_step"))]


def catapult(prediction: xr.Dataset, tolerances: Tolerances) -> View:
    """Loss and curvature of the map, and where the curvature ends against where it began."""
    read = StepReading(prediction, tolerances, divergence, window(prediction))
    panels = [map_loss(read), _eta_curvature_panel(read)]
    panels += [_final_against_start(read), _highest_against_start(read), map_difference(read)]
    return view_of(read, panels, _catapult_tiles(read), "theory, the two-number map")


def map_loss(read: StepReading) -> Panel:
    """The loss, step by step."""
    traces = dots(run_traces("loss_shown", x="step", records=read.records))
    y = read.values("loss")
    traces.append(theory_trace(read.step, y, ""))
    shown = positive(read.values("loss")[read.step <= read.span[1]])
    low = max(float(shown.min()), 10.0**-LOSS_DEPTH * float(shown.max()))
    return panel(
        "loss",
        "Loss",
        italic("L"),
        traces,
        x=read.x,
        y=f"loss {italic('L')}",
        log=log_range(low, float(shown.max())),
        times=read.marks,
        note=window_note(read),
        alt=read.described("Loss", "loss"),
    )


def _eta_curvature_panel(read: StepReading) -> Panel:
    ratio = 2 * read.values("curvature") / read.number("edge")
    traces = dots(run_traces("eta_curvature", x="step", records=read.records))
    traces.append(theory_trace(read.step, ratio, ""))
    top = max(4.4, 1.08 * min(CEILING, float(np.nanmax(ratio))))
    return panel(
        "eta_curvature",
        "Curvature over its scale",
        ETA_LAMBDA,
        traces,
        x=read.x,
        y=ETA_LAMBDA,
        linear=[0.0, top],
        times=read.marks,
        levels=[(2.0, "edge, 2"), (4.0, "no return, 4")],
        note=window_note(read),
        alt=read.described("Learning rate times curvature", "curvature"),
    )


def _start_axis(read: StepReading) -> dict[str, Any]:
    start = np.asarray(read.one["start"].values, float)
    title = f"at the start, {italic('η')}{THIN}{symbol('λ', 0)}"
    return axis(title, linear_range(0.0, float(start[-1]), pad=0.02))


def _trail(y: str) -> list[dict[str, Any]]:
    how = {"x": "eta_curvature_start", "bands": False, "markers": True}
    return run_traces(y, **how)


def _final_against_start(read: StepReading) -> Panel:
    start = np.asarray(read.one["start"].values, float)
    final = read.values("curvature_final_curve")
    traces = [*_trail("eta_curvature"), theory_trace(start, final, "at the end")]
    return panel(
        "curvature_final",
        "Where the curvature ends",
        f"{ETA_LAMBDA} at the end",
        traces,
        x=_start_axis(read),
        y=f"{ETA_LAMBDA} at the end",
        linear=[0.0, max(4.4, 1.2 * float(2 * read.values("curvature")[0] / read.number("edge")))],
        levels=[(2.0, "edge, 2")],
        times=MARKS_OF_START,
        hovermode="closest",
        note="the run comes down from its start to the curve",
        alt="Learning rate times final curvature against its value at the start, from the map.",
    )


def _highest_against_start(read: StepReading) -> Panel:
    start = np.asarray(read.one["start"].values, float)
    highest = read.values("loss_max_curve")
    traces = [*_trail("loss_so_far"), theory_trace(start, highest, "highest")]
    seen = positive(highest, read.values("loss")[0])
    return panel(
        "loss_max",
        "How high the loss is thrown",
        f"max {italic('L')}",
        traces,
        x=_start_axis(read),
        y=f"highest loss so far, max {italic('L')}",
        log=log_range(float(seen.min()), float(seen.max()), pad=0.1),
        times=MARKS_OF_START,
        hovermode="closest",
        alt="Highest loss against learning rate times curvature at the start, from the map.",
    )


def map_difference(read: StepReading) -> Panel:
    """Run minus map over the first steps, before rounding has grown."""
    tolerance = read.tolerance("curvature", 1e-9)
    factor, title = magnified(tolerance)
    last = min(float(COMPARED_STEPS), float(read.step[-1]))
    traces = [theory_trace([0.0, last], [0.0, 0.0], "")]
    for k, name in enumerate(("loss", "curvature")):
        how = {"k": k, "of": 2, "name": name, "x": "step", "scale": factor, "bands": False}
        traces += dots(run_traces(f"{name}_difference", **how))
    words = ["<b>loss</b>", f"<b>{LAMBDA}</b>"]
    colours = [style.series(k, 2, "text") for k in range(2)]
    at = [0.9 * last, 0.98 * last]
    heights = [0.75 * tolerance * factor] * 2
    traces.append(text_trace(at, heights, words, colours=colours, side="middle left"))
    top = tolerance * factor
    return panel(
        "difference",
        "Run minus map",
        "over the largest value",
        traces,
        x=axis(read.x["title"]["text"], [0.0, last]),
        y=title,
        linear=[-1.4 * top, 1.4 * top],
        tolerances=[-top, top],
        empty="appears with the run",
        alt=f"Run minus map over {COMPARED_STEPS} steps; tolerance {significant(tolerance, 2)}.",
    )


def _catapult_tiles(read: StepReading) -> list[Tile]:
    edge = read.number("edge")
    start = read.values("curvature")[0]
    begins = f"starts at {ETA_LAMBDA} = {short(float(f'{2 * start / edge:.4g}'))}"
    tiles = [Tile(EDGE, "edge of stability", plain(edge), "", begins)]
    final = read.number("curvature_final")
    if np.isfinite(final):
        ends = f"{ETA_LAMBDA} = {decimals(2 * final / edge)} at the end"
        name = "curvature_final"
        tiles.append(
            Tile(LAMBDA, "curvature at the end", decimals(final), "", ends, None, name, name)
        )
    highest = float(np.nanmax(read.values("loss")))
    at = int(read.step[int(np.nanargmax(read.values("loss")))])
    words = f"reached at step {at}"
    tiles.append(Tile(f"max {italic('L')}", "highest loss", significant(highest, 4), "", words))
    return [*tiles, divergence_tile(read)]


def divergence_tile(read: StepReading) -> Tile:
    """The step of the divergence, or never."""
    at, name = read.number("divergence_step"), "divergence_step"
    value, unit = (decimals(at, 0), "steps") if np.isfinite(at) else ("never", "")
    return Tile(symbol("n", "div"), "step of divergence", value, unit, "", None, name, name)
