"""Figures of two scalars and of the tied product: a path to a flatter minimum."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.edge_of_stability.scalar_catapult import (
    EDGE,
    LAMBDA,
    divergence,
    divergence_tile,
    map_difference,
    map_loss,
)
from app.figures.edge_of_stability.scalar_derived import (
    dots,
    plain,
    view_of,
    window,
)
from app.figures.panels import (
    Panel,
    Tile,
    View,
    axis,
    drawn,
    linear_range,
    panel,
    run_traces,
    theory_trace,
)
from app.figures.reading import StepReading, Tolerances
from app.figures.style import italic
from sims.core.format import decimals, short, significant


def plane(prediction: xr.Dataset, tolerances: Tolerances) -> View:
    """The path over the loss of two scalars, and the curvatures along it."""
    if "curvature" in prediction:
        read = StepReading(prediction, tolerances, divergence, window(prediction))
        panels = [_landscape(read), _curvatures(read), map_loss(read), map_difference(read)]
        tiles = _two_scalar_tiles(read)
        return view_of(read, panels, tiles, "theory, the two-number map")
    read = StepReading(prediction, tolerances, lambda _: [])
    panels = [_landscape(read), _curvatures(read), _free_loss(read)]
    return view_of(read, panels, _tied_tiles(read), "theory")


def _landscape(read: StepReading) -> Panel:
    first, second = read.values("landscape_first"), read.values("landscape_second")
    loss = np.log10(np.maximum(read.values("landscape"), 1e-12))
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
    a, b = _path(read)
    traces = [contours, *_minima(read), _trajectory(read)]
    if a.size > 2:
        traces.append(theory_trace(a, b, "path"))
    edge = significant(read.number("edge"), 4)
    figure = drawn(
        traces,
        x=axis(f"first number {italic('a')}", _around(a, first)),
        y=axis(f"second number {italic('b')}", _around(b, second)),
        hovermode="closest",
    )
    words = f"The path over contours of the loss; minima sharper than {edge} are told apart."

    def alt(run: xr.Dataset | None) -> str:
        if run is None or "iterate" not in run:
            return words
        a, b = np.asarray(run["iterate"].values, float).reshape(-1, 2)[-1]
        return f"{words[:-1]}; the run ends at {significant(float(a))}, {significant(float(b))}."

    return Panel(
        "path",
        "The path to a minimum",
        f"{italic('a')}, {italic('b')}",
        figure,
        alt=alt,
        note=f"minima: dashes are flatter, the orange line is sharper than {EDGE}",
    )


def _path(read: StepReading) -> tuple[np.ndarray, np.ndarray]:
    """The predicted path: every step of two scalars; start and end of the tied product."""
    a0, b0 = (float(read.one.attrs.get(name, np.nan)) for name in ("a", "b"))
    if not read.has("curvature"):
        to_end = np.abs(read.values("minima_curvature") - read.number("curvature_final"))
        far = read.values("minima_first") > 1 if abs(a0) > abs(b0) else None
        to_end = to_end if far is None else np.where(far, to_end, np.inf)
        end = int(np.argmin(to_end))
        a, b = read.values("minima_first")[end], read.values("minima_second")[end]
        return np.array([a0, np.copysign(a, a0)]), np.array([b0, np.copysign(b, b0)])
    trace, residual = read.values("curvature"), np.sqrt(2 * read.values("loss"))
    difference = np.sqrt(np.maximum(read.values("curvature_gradient_flow") ** 2 - 4, 0))
    large, small = (np.sqrt(np.maximum(trace + s * difference, 0) / 2) for s in (1, -1))
    negative = (residual > 1) & (
        np.abs(large * small + 1 - residual) < np.abs(large * small - 1 - residual)
    )
    sign = np.where(negative, -1.0, 1.0)
    # the larger number keeps its sign while it stays clearly the larger one
    kept = np.logical_and.accumulate(large > 1.01 * small)
    large, small = large[kept], (sign * small)[kept]
    if abs(a0) > abs(b0):
        return np.copysign(1, a0) * large, np.copysign(1, a0) * small
    return np.copysign(1, b0) * small, np.copysign(1, b0) * large


def _around(known: np.ndarray, whole: np.ndarray) -> list[float]:
    """A range around a predicted path; the whole landscape where none is known."""
    known = known[np.isfinite(known)]
    if known.size < 2:
        return [float(whole[0]), float(whole[-1])]
    low, high = float(known.min()), float(known.max())
    room = max(0.5 * (high - low), 0.08 * float(whole[-1] - whole[0]))
    return [low - room, high + room]


def _minima(read: StepReading) -> list[dict[str, Any]]:
    a, b = (_mirrored(read.values(f"minima_{which}")) for which in ("first", "second"))
    curvature = read.values("minima_curvature")
    sharp = np.r_[curvature, 0.0, curvature] > read.number("edge")
    # each part reaches to its neighbour, so that there is no gap where they meet
    near = sharp | np.r_[sharp[1:], False] | np.r_[False, sharp[:-1]]
    flat = theory_trace(np.where(sharp, np.nan, a), np.where(sharp, np.nan, b), "flat minima")
    red = theory_trace(np.where(near, a, np.nan), np.where(near, b, np.nan), "sharp minima")
    red["line"] = {"width": 2.4, "color": "role:departs"}
    return [red | {"hovertemplate": "too sharp<extra></extra>"}, flat]


def _mirrored(values: np.ndarray) -> np.ndarray:
    """A branch and its mirror image, with a gap between them."""
    return np.r_[values, np.nan, -values]


def _trajectory(read: StepReading) -> dict[str, Any]:
    """The run, joined where every step is recorded."""
    how = {"x": "iterate", "x_index": [0], "bands": False, "markers": True}
    traces = run_traces("iterate", [1], **how)
    return traces[0] if _every_step(read) else dots(traces, size=4)[0]


def _every_step(read: StepReading) -> bool:
    return bool((np.diff(read.step) == 1).all())


def _curvatures(read: StepReading) -> Panel:
    """Curvature of the run, and of the minimum gradient flow would reach from each step."""
    how: dict[str, Any] = {"of": 2, "x": "step", "records": 10**6}
    traces = run_traces("curvature", k=0, name="here", **how)
    traces = traces if _every_step(read) else dots(traces, size=3)
    traces += run_traces("curvature_gradient_flow", k=1, name="if gradient flow took over", **how)
    flow = "curvature_final_gradient_flow"
    edge, seen = read.number("edge"), [read.number("edge")]
    if read.has("curvature"):
        traces.append(theory_trace(read.step, read.values("curvature_gradient_flow"), "flow"))
        traces.append(theory_trace(read.step, read.values("curvature"), ""))
        seen += [*read.values("curvature"), *read.values("curvature_gradient_flow")]
    else:
        final = read.number("curvature_final")
        traces.append(theory_trace(read.span, [final, final], "at the end"))
        seen += [0.0, 2.2 * max(read.number("curvature_initial"), read.number(flow))]
    kept = np.asarray(seen)[np.isfinite(seen)]
    y_range = linear_range(float(kept.min()), float(kept.max()), pad=0.14)
    start = read.number(flow)
    levels = [(edge, f"edge {EDGE}" if read.has("curvature") else ""), (start, "")]
    return panel(
        "curvature",
        "Curvature, and where gradient flow would end",
        LAMBDA,
        traces,
        x=read.x,
        y=f"curvature {LAMBDA}",
        linear=y_range,
        times=read.marks,
        levels=levels,
        note="blue: here; orange: at the minimum gradient flow would find from here",
        alt=read.described("Curvature", "curvature"),
    )


def _free_loss(read: StepReading) -> Panel:
    return panel(
        "loss",
        "Loss, without theory",
        italic("L"),
        run_traces("loss", x="step", records=read.records),
        x=read.x,
        y=f"loss {italic('L')}",
        log=[-14.0, 1.0],
        times=read.marks,
        empty="appears with the run",
        alt=read.described("Loss", "loss"),
    )


def _two_scalar_tiles(read: StepReading) -> list[Tile]:
    name = "curvature_final"
    tiles = [Tile(EDGE, "edge of stability", plain(read.number("edge")))]
    flow = decimals(read.number("curvature_final_gradient_flow"))
    if read.has(name):
        than = f"gradient flow would end at {flow}"
        final = decimals(read.number(name))
        tiles.append(Tile(LAMBDA, "curvature at the end", final, "", than, None, name, name))
    return [*tiles, divergence_tile(read)]


def _tied_tiles(read: StepReading) -> list[Tile]:
    edge, name = read.number("edge"), "curvature_final"
    start, flow = read.number("curvature_initial"), read.number("curvature_final_gradient_flow")
    begins = f"the start has {decimals(start, 2)}"
    than = f"gradient flow: {decimals(flow, 2)}, {short(float(f'{flow / edge:.3g}'))} of the edge"
    final = decimals(read.number(name), 2)
    return [
        Tile(EDGE, "edge of stability", plain(edge), "", begins),
        Tile(LAMBDA, "curvature at the end", final, "", than, None, name, name),
    ]
