"""Figures of the solvable models: catapult, flatter minima, two-cycles and chaos."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.panels import (
    THIN,
    Derived,
    Event,
    Panel,
    RunArrays,
    Tile,
    View,
    axis,
    decimals,
    drawn,
    legend,
    linear_range,
    log_range,
    magnified,
    panel,
    positive,
    run_traces,
    short,
    significant,
    text_trace,
    theory_trace,
)
from app.figures.reading import SLASH, StepReading, Tolerances
from app.figures.style import italic, symbol

ETA_LAMBDA = f"{italic('η')}{THIN}{italic('λ')}"
LAMBDA = italic("λ")
EDGE = f"2{SLASH}{italic('η')}"
LOSS_DEPTH = 12.0
CEILING = 8.0
"""Largest ηλ drawn."""
SETTLED = 1e-3
WHOLE_RECORDS = 50
MOST_DOTS = 1900
AVERAGED = 20
COMPARED_STEPS = 50
MARKS_OF_START = (Event("2", 2.0), Event("4", 4.0))


# Quantities computed for the screen


def _edges(prediction: xr.Dataset) -> np.ndarray:
    """2/η of each seed, (seed or 1, 1)."""
    return np.reshape(prediction["edge"].values, (-1, 1)).astype(float)


def _eta_curvature(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """ηλ as far as it is drawn: a run that diverges leaves every axis."""
    ratio = 2 * run["curvature"] / _edges(prediction)[: len(run["curvature"])]
    return np.where(ratio <= CEILING, ratio, np.nan)


def _eta_curvature_start(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """ηλ of the start, the same in every row."""
    ratio = _eta_curvature(run, prediction)
    return np.broadcast_to(ratio[:, :1], ratio.shape)


def _within_window(name: str) -> Any:
    """A run variable as far as the panels reach."""

    def within(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
        window = _orbit_window if "orbit" in prediction else _window
        inside = prediction["step"].values[: run[name].shape[1]] <= window(prediction)
        return np.where(inside, run[name], np.nan)

    return within


def _loss_so_far(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """Largest loss up to each record."""
    return np.maximum.accumulate(run["loss"], axis=1)


def _learning_rate(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """η in every row."""
    return np.broadcast_to(2 / _edges(prediction), run["loss"].shape)


def _late(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """The iterate in the second half of the run."""
    steps = prediction["step"].values
    x = run["iterate"][..., 0]
    return np.where(steps[: x.shape[1]] > steps[-1] / 2, x, np.nan)


def _orbit_gap(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Distance of |x| to the nearest predicted point of the orbit."""
    points = np.ravel(prediction["orbit"].values)
    points = points[np.isfinite(points)]
    return np.abs(np.abs(run["iterate"][..., :1]) - points).min(axis=-1)


def _mean_loss(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """Mean of the loss over the last 20 records."""
    loss = run["loss"]
    found = np.full(loss.shape, np.nan)
    if loss.shape[1] >= AVERAGED:
        windows = np.lib.stride_tricks.sliding_window_view(loss, AVERAGED, axis=1)
        found[:, AVERAGED - 1 :] = windows.mean(axis=-1)
    return found


def _early_difference(name: str) -> Any:
    """Run minus map over the first 50 steps, relative to the largest of the map."""

    def difference(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
        theory = prediction[name].values
        theory = theory if theory.ndim == 2 else theory[None]
        early = prediction["step"].values <= COMPARED_STEPS
        top = np.nanmax(np.abs(theory[:, early]), axis=1, keepdims=True)
        rows = run[name].shape[1]
        gap = (run[name] - theory[: len(run[name]), :rows]) / top[: len(run[name])]
        return np.where(early[:rows], gap, np.nan)

    return difference


DERIVED: Derived = {
    "eta_curvature": _eta_curvature,
    "eta_curvature_start": _eta_curvature_start,
    "loss_shown": _within_window("loss"),
    "loss_so_far": _loss_so_far,
    "learning_rate": _learning_rate,
    "late_iterate": _late,
    "orbit_gap": _orbit_gap,
    "loss_averaged": _mean_loss,
    "loss_difference": _early_difference("loss"),
    "curvature_difference": _early_difference("curvature"),
}


# The views


def scalar_models(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """What the model has: catapult, minima in the plane, or orbits."""
    if "orbit" in prediction:
        return _balanced(prediction, tolerances or {})
    if "curvature_final_curve" in prediction:
        return _catapult(prediction, tolerances or {})
    return _plane(prediction, tolerances or {})


def _view(read: StepReading, panels: list[Panel], tiles: list[Tile], theory: str) -> View:
    words = {"theory": theory, "second_theory": "an orbit that repels"}
    entries = legend(panels, words, read.seeds)
    return View(panels, tiles, read.events, entries, DERIVED)


def _plain(value: float) -> str:
    """A number with four digits, or without decimals where it has none."""
    return decimals(value, 0) if value == round(value) else significant(value, 4)


def _dots(traces: list[dict[str, Any]], size: float = 7) -> list[dict[str, Any]]:
    """The same run as dots without a line."""
    made = []
    for trace in traces:
        if trace["legendgroup"] == "run":
            marker = {"size": size, "color": trace["line"]["color"]}
            trace = trace | {"mode": "markers", "marker": marker}
        made.append(trace)
    return made


# Catapult


def _divergence(read: StepReading) -> list[Event]:
    return [Event(symbol("n", "div"), read.number("divergence_step"))]


def _window(prediction: xr.Dataset) -> float:
    """Steps until the predicted curvature rests, with room behind; the run's end at most."""
    read = StepReading(prediction, {}, lambda _: [])
    last = float(read.step[-1])
    y = read.values("curvature")
    known = np.isfinite(y)
    if not known.all():
        return min(last, 5.0 + 1.4 * float(read.step[known][-1]))
    moving = np.flatnonzero(np.abs(y - y[-1]) > SETTLED * abs(y[-1]))
    rest = float(read.step[moving[-1]]) if moving.size else 0.0
    return min(last, max(20.0, 1.6 * rest))


def _catapult(prediction: xr.Dataset, tolerances: Tolerances) -> View:
    read = StepReading(prediction, tolerances, _divergence, _window(prediction))
    panels = [_map_loss(read), _eta_curvature_panel(read)]
    panels += [_final_against_start(read), _highest_against_start(read), _map_difference(read)]
    return _view(read, panels, _catapult_tiles(read), "theory, the two-number map")


def _map_loss(read: StepReading) -> Panel:
    traces = _dots(run_traces("loss_shown", x="step", records=read.records))
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
        note=_window_note(read),
        alt=read.described("Loss", "loss"),
    )


def _window_note(read: StepReading) -> str:
    last = float(read.step[-1])
    if read.span[1] >= last:
        return ""
    return f"the first {decimals(read.span[1], 0)} of {decimals(last, 0)} steps"


def _eta_curvature_panel(read: StepReading) -> Panel:
    ratio = 2 * read.values("curvature") / read.number("edge")
    traces = _dots(run_traces("eta_curvature", x="step", records=read.records))
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
        note=_window_note(read),
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


def _map_difference(read: StepReading) -> Panel:
    tolerance = read.tolerance("curvature", 1e-9)
    factor, title = magnified(tolerance)
    last = min(float(COMPARED_STEPS), float(read.step[-1]))
    traces = [theory_trace([0.0, last], [0.0, 0.0], "")]
    for k, name in enumerate(("loss", "curvature")):
        how = {"k": k, "of": 2, "name": name, "x": "step", "scale": factor, "bands": False}
        traces += _dots(run_traces(f"{name}_difference", **how))
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
    tiles = [Tile(EDGE, "edge of stability", _plain(edge), "", begins)]
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
    return [*tiles, _divergence_tile(read)]


def _divergence_tile(read: StepReading) -> Tile:
    at, name = read.number("divergence_step"), "divergence_step"
    value, unit = (decimals(at, 0), "steps") if np.isfinite(at) else ("never", "")
    return Tile(symbol("n", "div"), "step of divergence", value, unit, "", None, name, name)


# Two scalars, and the tied product


def _plane(prediction: xr.Dataset, tolerances: Tolerances) -> View:
    if "curvature" in prediction:
        read = StepReading(prediction, tolerances, _divergence, _window(prediction))
        panels = [_landscape(read), _curvatures(read), _map_loss(read), _map_difference(read)]
        tiles = _two_scalar_tiles(read)
        return _view(read, panels, tiles, "theory, the two-number map")
    read = StepReading(prediction, tolerances, lambda _: [])
    panels = [_landscape(read), _curvatures(read), _free_loss(read)]
    return _view(read, panels, _tied_tiles(read), "theory")


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
    return traces[0] if _every_step(read) else _dots(traces, size=4)[0]


def _every_step(read: StepReading) -> bool:
    return bool((np.diff(read.step) == 1).all())


def _curvatures(read: StepReading) -> Panel:
    """Curvature of the run, and of the minimum gradient flow would reach from each step."""
    how: dict[str, Any] = {"of": 2, "x": "step", "records": 10**6}
    traces = run_traces("curvature", k=0, name="here", **how)
    traces = traces if _every_step(read) else _dots(traces, size=3)
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
    tiles = [Tile(EDGE, "edge of stability", _plain(read.number("edge")))]
    flow = decimals(read.number("curvature_final_gradient_flow"))
    if read.has(name):
        than = f"gradient flow would end at {flow}"
        final = decimals(read.number(name))
        tiles.append(Tile(LAMBDA, "curvature at the end", final, "", than, None, name, name))
    return [*tiles, _divergence_tile(read)]


def _tied_tiles(read: StepReading) -> list[Tile]:
    edge, name = read.number("edge"), "curvature_final"
    start, flow = read.number("curvature_initial"), read.number("curvature_final_gradient_flow")
    begins = f"the start has {decimals(start, 2)}"
    than = f"gradient flow: {decimals(flow, 2)}, {short(float(f'{flow / edge:.3g}'))} of the edge"
    final = decimals(read.number(name), 2)
    return [
        Tile(EDGE, "edge of stability", _plain(edge), "", begins),
        Tile(LAMBDA, "curvature at the end", final, "", than, None, name, name),
    ]


# Orbits of the balanced product


def _balanced(prediction: xr.Dataset, tolerances: Tolerances) -> View:
    read = StepReading(prediction, tolerances, lambda _: [], _orbit_window(prediction))
    panels = [_diagram(read), _iterates(read), _orbit_loss(read), _orbit_difference(read)]
    return _view(read, panels, _orbit_tiles(read), "theory, orbits of the map")


def _orbit_window(prediction: xr.Dataset) -> float:
    """Steps until the orbit is reached to a thousandth; those recorded one by one if it repels."""
    last = float(prediction["step"].values[-1])
    rate = abs(float(np.ravel(prediction["multiplier"].values)[0]))
    if not 0 < rate < 1:
        return min(last, WHOLE_RECORDS)
    return min(last, max(WHOLE_RECORDS, 4 * np.log(SETTLED) / np.log(rate)))


def _attractor(read: StepReading) -> dict[str, Any]:
    """Points the map visits at each learning rate, each once, at most 1,900 in all."""
    rates = np.asarray(read.one["rate"].values, float)
    x, y = [], []
    for rate, visits in zip(rates, read.values("attractor"), strict=True):
        there = np.unique(visits[np.isfinite(visits)].round(4))
        x += [rate] * there.size
        y += list(there)
    every = max(1, int(np.ceil(len(x) / MOST_DOTS)))
    many = theory_trace(x[::every], y[::every], "visited")
    return many | {"mode": "markers", "marker": {"size": 2, "color": "role:ink3"}}


def _diagram(read: StepReading) -> Panel:
    rates = np.asarray(read.one["rate"].values, float)
    branch = read.values("branch")
    attracts = np.abs(read.values("branch_multiplier")) < 1
    traces = [_attractor(read)]
    for end in range(branch.shape[1]):
        y = branch[:, end]
        stable = theory_trace(rates, np.where(attracts, y, np.nan), "orbit")
        repels = theory_trace(rates, np.where(attracts, np.nan, y), "repelling orbit", second=True)
        traces += [repels, stable]
    run = run_traces("late_iterate", x="learning_rate", bands=False, markers=True)
    traces += _dots(run, size=6)
    values = np.concatenate([branch.ravel(), read.values("attractor").ravel()])
    values = values[np.isfinite(values)]
    marks = read.values("landmarks") if read.has("landmarks") else [read.number("flip_eta")]
    words = ["flip", "period 4", "signs merge", "diverges"]
    x = axis(
        f"learning rate {italic('η')}", linear_range(float(rates[0]), float(rates[-1]), pad=0.02)
    )
    return panel(
        "orbit",
        "Orbits against the learning rate",
        italic("x"),
        traces,
        x=x,
        y=f"points visited {italic('x')}",
        linear=linear_range(float(values.min()), float(values.max()), pad=0.08),
        times=[Event(word, float(at)) for word, at in zip(words, marks, strict=False)],
        hovermode="closest",
        note="the run's points: its second half",
        alt="Points of the attractor against the learning rate, with the predicted two-cycle.",
    )


def _orbit_points(read: StepReading) -> np.ndarray:
    points = np.atleast_1d(read.values("orbit"))
    return points[np.isfinite(points)]


def _visited_here(read: StepReading) -> np.ndarray:
    """Points the map visits at about this learning rate."""
    rates = np.asarray(read.one["rate"].values, float)
    here = read.values("attractor")[int(np.argmin(np.abs(rates - 2 / read.number("edge"))))]
    return here[np.isfinite(here)]


def _iterates(read: StepReading) -> Panel:
    points = _orbit_points(read)
    records = style.DOTS_UP_TO if read.span[1] <= 2 * WHOLE_RECORDS else read.records
    traces = run_traces("iterate", [0], x="step", records=records, bands=False)
    thin = traces[0] | {"line": traces[0]["line"] | {"width": 0.8}}
    if read.span[1] > 2 * WHOLE_RECORDS:
        (thin,) = _dots([thin])
    traces = [thin, *(theory_trace(read.span, [p, p], f"x{i + 1}") for i, p in enumerate(points))]
    low, high = float(points.min()), float(points.max())
    here = _visited_here(read)
    if here.size:
        low, high = min(low, float(here.min())), max(high, float(here.max()))
    room = max(high - low, 0.2)
    named = [(float(p), symbol("x", i + 1)) for i, p in enumerate(points)]
    return panel(
        "iterate",
        "The number itself",
        symbol("x", "n"),
        traces,
        x=read.x,
        y=f"number {italic('x')}",
        linear=[low - 0.25 * room, high + 0.25 * room],
        levels=named if points.size > 1 else [],
        note=_window_note(read),
        alt=f"The number against steps; predicted points {', '.join(map(significant, points))}.",
    )


def _orbit_loss(read: StepReading) -> Panel:
    mean = read.number("loss_orbit")
    traces = _dots(run_traces("loss_shown", x="step", records=read.records, bands=False))
    for trace in traces:
        trace["marker"] = trace["marker"] | {"color": "role:series0/0.35"}
    traces += run_traces("loss_averaged", x="step", name="mean of 20", bands=False)
    traces.append(theory_trace(read.span, [mean, mean], "mean on the orbit"))
    points = np.ravel(_visited_here(read))
    power = 2 / read.number("flip_eta")
    top = max(3 * mean, 0.02, 1.15 * float(np.max((points**power - 1) ** 2 / 2, initial=0.0)))
    return panel(
        "loss",
        "Loss, and its mean over 20 records",
        italic("L"),
        traces,
        x=read.x,
        y=f"loss {italic('L')}",
        linear=[-0.04 * top, top],
        note=_window_note(read),
        alt=f"Loss against steps; the mean on the orbit is {significant(mean)}.",
    )


def _orbit_difference(read: StepReading) -> Panel:
    tolerance = read.tolerance("orbit", 1e-6)
    traces = _dots(run_traces("orbit_gap", x="step", records=read.records), size=3)
    x = axis(read.x["title"]["text"], [0.0, float(read.step[-1])])
    return panel(
        "orbit_gap",
        "Distance to the nearest predicted point",
        f"||{italic('x')}| − {symbol('x', 'i')}|",
        traces,
        x=x,
        y="distance",
        log=[-17.0, 0.8],
        tolerances=[tolerance],
        empty="appears with the run",
        alt=f"Distance to the nearest predicted point; tolerance {significant(tolerance, 2)}.",
    )


def _orbit_tiles(read: StepReading) -> list[Tile]:
    flip = read.number("flip_eta")
    points = _orbit_points(read)
    tiles = [Tile(symbol("η", "flip"), "two-cycles begin", short(float(f"{flip:.5g}")), "")]
    multiplier = read.number("multiplier")
    hold = "attracts" if abs(multiplier) < 1 else "repels"
    many = f"{'the orbit' if points.size > 1 else 'the minimum'} {hold}"
    for i, p in enumerate(points[::-1]):
        name = f"orbit[{points.size - 1 - i}]"
        words = f"point {i + 1} of the orbit" if points.size > 1 else "the minimum"
        letter = symbol("x", points.size - i)
        tiles.append(Tile(letter, words, decimals(float(p), 4), "", "", None, name, "orbit"))
    value = decimals(multiplier, 3)
    return [*tiles, Tile(f"{italic('f')}′", "multiplier", value, "", many)]
