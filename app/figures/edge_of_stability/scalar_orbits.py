"""Figures of the balanced product: two-cycles and chaos."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.edge_of_stability.scalar_derived import (
    WHOLE_RECORDS,
    dots,
    orbit_window,
    view_of,
)
from app.figures.panels import (
    Event,
    Panel,
    Tile,
    View,
    axis,
    linear_range,
    panel,
    run_traces,
    theory_trace,
)
from app.figures.reading import StepReading, Tolerances, window_note
from app.figures.style import italic, symbol
from sims.core.format import decimals, short, significant

MOST_DOTS = 1900


def orbits(prediction: xr.Dataset, tolerances: Tolerances) -> View:
    """The diagram of orbits over the learning rate, and the iterates that come to one."""
    read = StepReading(prediction, tolerances, lambda _: [], orbit_window(prediction))
    panels = [_diagram(read), _iterates(read), _orbit_loss(read), _orbit_difference(read)]
    return view_of(read, panels, _orbit_tiles(read), "theory, orbits of the map")


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
    traces += dots(run, size=6)
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
        (thin,) = dots([thin])
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
        note=window_note(read),
        alt=f"The number against steps; predicted points {', '.join(map(significant, points))}.",
    )


def _orbit_loss(read: StepReading) -> Panel:
    mean = read.number("loss_orbit")
    traces = dots(run_traces("loss_shown", x="step", records=read.records, bands=False))
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
        note=window_note(read),
        alt=f"Loss against steps; the mean on the orbit is {significant(mean)}.",
    )


def _orbit_difference(read: StepReading) -> Panel:
    tolerance = read.tolerance("orbit", 1e-6)
    traces = dots(run_traces("orbit_gap", x="step", records=read.records), size=3)
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
