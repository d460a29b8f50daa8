"""Figures of the Fourier staircase: levels, frequencies, the template, and every neuron."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.grokking.time import LogReading
from app.figures.panels import (
    Derived,
    Event,
    Panel,
    RunArrays,
    Tile,
    View,
    axis,
    drawn,
    legend,
    linear_range,
    log_range,
    note,
    panel,
    run_traces,
    tag,
    text_trace,
    theory_trace,
)
from app.figures.reading import Reading, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import decimals, short, significant

T_1 = symbol("t", 1)
HIGHEST = 2.4
"""Decade of the strongest frequency that fits in its panel."""
NEAR = 0.08
"""Distance of two levels below which the upper one alone is named."""


def _levels_met(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """The level nearest in ln L at every record, over the loss, minus one."""
    levels = np.atleast_2d(prediction["plateau_losses"].values)[0]
    kept = levels[levels > 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.log(run["loss"][..., None] / kept)
    nearest = np.take_along_axis(off, np.argmin(np.abs(off), axis=-1)[..., None], axis=-1)[..., 0]
    return np.expm1(np.where(run["loss"] > 0.7 * kept[-1], nearest, np.nan))


DERIVED: Derived = {"off_level": _levels_met}


def fourier_staircase(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Loss on its levels, strength of each frequency, template learned, spectrum of neurons."""
    read = LogReading(prediction, tolerances or {}, _events)
    panels = [_loss(read), _strengths(read), _template(read), _neurons(read), _off(read)]
    words = {
        "theory": "theory, the template after each frequency",
        "second_theory": "the whole template",
        "predicted": "predicted level or earliest drop",
    }
    return View(panels, _tiles(read), read.events, legend(panels, words, read.seeds), DERIVED)


def _events(read: Reading) -> list[Event]:
    at = read.number("first_drop_bound")
    return [Event(T_1, at)] if at <= read.span[1] else []


def _loss(read: LogReading) -> Panel:
    levels = read.values("plateau_losses")
    kept = levels[levels > 0]
    named: list[tuple[float, str]] = []
    last = np.inf
    for j, level in enumerate(kept):
        free = last - level >= NEAR
        named.append((float(level), symbol("L", j) if free else ""))
        last = float(level) if free else last
    said = ", ".join(significant(float(level), 3) for level in levels)
    return read.over_time(
        "loss",
        "Loss",
        italic("L"),
        run_traces("loss", records=read.records),
        y=f"loss {italic('L')}",
        linear=[-0.04, 1.12],
        log=log_range(1e-3 * float(kept[-1]), 1.6),
        levels=named,
        note=f"no drop can come before {T_1}",
        alt=f"Loss against time: it should rest at {said} in turn.",
    )


def _strengths(read: LogReading) -> Panel:
    order = read.values("order")[1:].astype(int)
    shown = order[: style.MOST_MODES]
    traces: list[dict[str, Any]] = []
    for j, k in enumerate(shown):
        how: dict[str, Any] = {"k": j, "of": len(shown), "name": f"frequency {k}", "bands": False}
        traces += run_traces("frequency_strengths", [int(k) - 1], records=read.records, **how)
    start = float(np.log10(read.number("start_strength")))
    span = [min(start, 0.0) - 2.2, HIGHEST]
    heights = np.linspace(HIGHEST - 0.6, min(start, 0.0) + 0.9, len(shown))
    traces.append(
        text_trace(
            [10.0 ** read.ends[0]] * len(shown),
            10.0**heights,
            [f"<b>{italic('k')} = {k}</b>" for k in shown],
            colours=[style.series(j, len(shown), "text") for j in range(len(shown))],
            side="middle right",
        )
    )
    return read.over_time(
        "frequency_strengths",
        "Strength of each frequency",
        f"∑<sub>{italic('i')}</sub>|{symbol('ŵ', 'i')}[{italic('k')}]|²",
        traces,
        y="strength",
        log=span,
        empty="appears with the run",
        note="strongest in the template first",
        alt="Strength of each frequency in the outer weights; they should rise in the order "
        + ", ".join(str(k) for k in order)
        + ".",
    )


def _template(read: LogReading) -> Panel:
    """What the network has made of the template, at the time of the scrubber."""
    position, x = np.asarray(read.one["position"].values, float), read.values("template")
    run = run_traces("learned_template", bands=False, at="scrub", markers=True)[0]
    run["meta"]["run"]["x"] = ""
    traces: list[dict[str, Any]] = [run | {"x": position}]
    parts = read.values("partial_templates")
    for j in range(1, len(parts) - 1):
        made = theory_trace(position, parts[j], f"after {j}")
        made["line"] = {**made["line"], "width": 1.0, "color": "role:ink3"}
        traces.append(made)
    traces.append(theory_trace(position, x, "the template"))
    both = np.concatenate([np.ravel(parts), x])
    return panel(
        "template",
        "The template, as far as learned",
        f"{italic('x')}[{italic('n')}]",
        traces,
        x=axis(f"position {italic('n')}", linear_range(position[0], position[-1], pad=0.04)),
        y=f"{italic('x')}[{italic('n')}]",
        linear=linear_range(float(both.min()), float(both.max()), pad=0.1),
        hovermode="closest",
        note="thin dashes: after one, two, ... frequencies; move through time below",
        alt="The template as learned at the time of the scrubber, and what the theory says is "
        "learned after each frequency.",
    )


def _neurons(read: LogReading) -> Panel:
    frequencies = np.asarray(read.one["frequency"].values, float)
    width = int(read.number("width"))
    sizes = read.values("magnitudes")
    top = 1.2 * float(np.max(sizes)) ** (1 / 3)
    heat = {
        "type": "heatmap",
        "x": np.arange(1, width + 1),
        "y": frequencies,
        "z": np.full((len(frequencies), width), np.nan),
        "zmin": 0.0,
        "zmax": top,
        "colorscale": style.CIVIDIS,
        "showscale": False,
        "name": "run",
        "hovertemplate": "neuron %{x}, frequency %{y}: %{z:.3f}<extra>run</extra>",
        "legendgroup": "run",
        "meta": tag("neuron_spectrum", x="", at="scrub"),
    }
    y = axis(f"frequency {italic('k')}", [0.5, len(frequencies) + 0.5])
    font = {"size": 13, "color": "role:ink3"}
    before = note("appears with the run", 0.5, 0.45, yref="paper", name="before", font=font)
    figure = drawn(
        [heat],
        x=axis(f"neuron {italic('i')}", [0.5, width + 0.5]) | {"showgrid": False},
        y=y | {"tickvals": frequencies, "showgrid": False},
        annotations=[before],
        hovermode="closest",
    )
    words = "Size of every frequency in every neuron at the time of the scrubber."
    return Panel(
        "neurons",
        "Every neuron's spectrum",
        f"|{symbol('ŵ', 'i')}[{italic('k')}]|",
        figure,
        alt=lambda _run: words,
        note="bright is large: a neuron ends on one frequency alone",
    )


def _off(read: LogReading) -> Panel:
    tolerance = read.tolerance("plateau_losses", 0.075)
    factor, top = 100.0, 100 * tolerance
    traces = run_traces("off_level", scale=factor, records=read.records, bands=False)
    return read.over_time(
        "off_level",
        "Distance to the nearest level",
        f"{italic('L')}/{symbol('L', 'j')} − 1",
        [*traces, theory_trace(read.span, [0.0, 0.0], "")],
        y="difference in per cent",
        linear=[-9 * top, 9 * top],
        tolerances=[-top, top],
        empty="appears with the run",
        note="flat pieces are rests; tolerance for their median",
        alt="Relative distance of the loss to the nearest level; flat pieces are rests.",
    )


def _tiles(read: LogReading) -> list[Tile]:
    levels, order = read.values("plateau_losses"), read.values("order")[1:].astype(int)
    bound, last = read.number("first_drop_bound"), read.number("last_bound")
    shown = ", ".join(str(k) for k in order)
    tiles = [
        Tile(T_1, "no drop before", significant(bound, 3), "time", "", None, "first_drop",
             "first_drop_bound"),
        Tile(symbol("k", "j"), "order of frequencies", shown, "", "strongest first", None, "",
             "order"),
    ]  # fmt: skip
    for j in range(1, min(3, len(levels) - 1)):
        name = f"plateau_losses[{j}]"
        words = f"after {j} of {len(order)} frequencies"
        tiles.append(
            Tile(symbol("L", j), "rests at", decimals(float(levels[j]), 4), "", words, None, name,
                 "plateau_losses")
        )  # fmt: skip
    said = f"the run lasts {short(round(read.span[1] / last, 1))} of these"
    tiles.append(
        Tile(symbol("t", "last"), "wait of the weakest", significant(last, 3), "time", said)
    )
    return tiles
