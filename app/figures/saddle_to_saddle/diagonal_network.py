"""Figures of the diagonal network: loss and weights on the staircase of the jump algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.panels import (
    Derived,
    Event,
    Panel,
    RunArrays,
    Tile,
    View,
    axis,
    counted,
    first_seed,
    legend,
    linear_range,
    log_range,
    panel,
    relaid,
    run_traces,
    steps,
    text_trace,
    theory_trace,
)
from app.figures.reading import SLASH, TIME, Reading, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import decimals, short, significant

SHOWN_TILES = 4
END_LABEL_GAP = 0.09
ROOM_FOR_LABELS = 44


# Quantities computed for the screen


def _absolute_weights(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """Sizes of the weights."""
    return np.abs(run["weights"])


def _weight_gap(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Distance of every weight to its predicted end, over the largest predicted one."""
    final = prediction["weights_final"]
    ends = final.values if "seed" in final.dims else final.values[None]
    top = np.nanmax(np.abs(ends), axis=-1, keepdims=True)
    return (run["weights"] - ends[:, None]) / top[:, None]


def _loss_share(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Loss of the run minus the predicted one, over the loss at the start."""
    theory = prediction["loss"].values
    theory = theory if theory.ndim == 2 else theory[None]
    start = float(first_seed(prediction)["loss_initial"])
    return (run["loss"] - theory[:, : run["loss"].shape[1]]) / start


DERIVED: Derived = {
    "absolute_weights": _absolute_weights,
    "weight_gap": _weight_gap,
    "loss_difference": _loss_share,
}


# Panels and tiles


def diagonal_network(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Loss and weights against log time, on the staircase of the jump algorithm."""
    read = Reading(prediction, tolerances or {}, _jump_events)
    x, scale = _log_time_axis(read)
    chosen = _features(read)
    panels = [_diagonal_loss(read, x), _weights_panel(read, x, chosen)]
    if read.has("loss"):
        panels.append(_loss_difference(read, x))
    panels.append(_small_weights_panel(read, x, chosen))
    if read.has("weights_final"):
        panels.append(_weight_gap_panel(read, x, chosen))
    panels = [relaid(one, margin=style.MARGIN | {"r": ROOM_FOR_LABELS}) for one in panels]
    words = {"theory": "theory, the jump algorithm (α → 0)"}
    tiles = _log_time_tiles(read, scale)
    return View(panels, tiles, read.events, legend(panels, words, read.seeds), DERIVED)


def _jump_events(read: Reading) -> list[Event]:
    times = read.values("jump_times") if read.has("jump_times") else np.zeros(0)
    return [Event(symbol("τ", k + 1), float(t)) for k, t in enumerate(times)]


def _log_time_axis(read: Reading) -> tuple[dict[str, Any], float]:
    """Time axis marked in tau = t / ln(1/alpha), and that logarithm; the data stay in t."""
    scale = read.number("log_scale")
    if not np.isfinite(scale) and read.has("jump_times"):
        tau = np.atleast_1d(read.one["jump_times"].attrs.get("tau", np.nan))
        ratios = read.values("jump_times")[: tau.size] / tau[: read.values("jump_times").size]
        scale = float(ratios[np.isfinite(ratios)][0]) if np.isfinite(ratios).any() else np.nan
    if not np.isfinite(scale):
        return axis(TIME, read.span), 1.0
    last = read.span[1] / scale
    spacing = next(d for d in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 1e9) if last / d <= 8)
    marks = np.arange(0.0, last, spacing)
    title = f"log time {italic('τ')} = {italic('t')}{SLASH}ln(1{SLASH}{italic('α')})"
    labels = {"tickvals": marks * scale, "ticktext": [short(float(m)) for m in marks.round(6)]}
    return axis(title, read.span) | labels, scale


def _diagonal_loss(read: Reading, x: dict[str, Any]) -> Panel:
    traces = run_traces("loss", records=read.records)
    levels = read.values("plateau_losses") if read.has("plateau_losses") else np.zeros(0)
    start = read.number("loss_initial", default=1.0)
    if levels.size and read.has("jump_times"):
        times = read.values("jump_times")
        inside = np.isfinite(times) & (times <= read.span[1])
        edges = np.concatenate([[0.0], times[inside], [read.span[1]]])
        heights = np.concatenate([[start], levels[inside]])
        traces.append(theory_trace(np.repeat(edges, 2)[1:-1], np.repeat(heights, 2), ""))
    kept = [(k + 1, float(v)) for k, v in enumerate(levels) if v > 1e-9 * start]
    low = min((v for _, v in kept), default=1e-2 * start)
    return panel(
        "loss",
        "Loss",
        italic("L"),
        traces,
        x=x,
        y=f"loss {italic('L')}",
        linear=[-0.04 * start, 1.12 * start],
        log=log_range(min(low, 1e-2 * start) * 0.1, start),
        times=read.events,
        levels=[(v, symbol("L", k)) for k, v in [(0, start), *kept]],
        alt=read.described("Loss", "loss"),
    )


def _features(read: Reading) -> list[int]:
    """The features that ever switch on, in order of entry; the eight largest if there are more."""
    final = read.values("weights_final") if read.has("weights_final") else np.zeros(0)
    supports = read.values("supports") if read.has("supports") else (final != 0)[None]
    supports = np.nan_to_num(supports) != 0
    on = np.flatnonzero(supports.any(axis=0))
    size = np.abs(final) if final.size else np.ones(supports.shape[1])
    if read.has("weights"):
        size = np.maximum(size, np.nanmax(np.abs(read.values("weights")), axis=0))
    largest = sorted(on, key=lambda i: -size[i])[: style.MOST_MODES]
    return [int(i) for i in sorted(largest, key=lambda i: (int(np.argmax(supports[:, i])), i))]


def _each_weight(read: Reading, chosen: Sequence[int], name: str, **how: Any) -> list[dict]:
    traces: list[dict] = []
    for k, i in enumerate(chosen):
        named = {"k": k, "of": len(chosen), "name": f"weight {i + 1}", "records": read.records}
        traces += run_traces(name, [i], **named, **how)
    return traces


def _end_labels(
    read: Reading, chosen: Sequence[int], final: np.ndarray, y_range: Sequence[float]
) -> dict[str, Any]:
    """Names of the weights right of their predicted ends, pushed apart where these are close."""
    order = sorted(range(len(chosen)), key=lambda k: -final[chosen[k]])
    ends = [float(final[chosen[k]]) for k in order]
    words = [f"<b>{symbol('β', chosen[k] + 1)}</b>" for k in order]
    colours = [style.series(k, len(chosen), "text") for k in order]
    heights = _apart(ends, END_LABEL_GAP * (y_range[1] - y_range[0]), y_range)
    return text_trace([read.span[1]] * len(order), heights, words, colours=colours)


def _apart(heights: Sequence[float], gap: float, y_range: Sequence[float]) -> list[float]:
    """Falling heights moved as little as keeps them a gap apart and inside the range."""
    groups: list[list[float]] = []
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _bottom(groups[-2], gap) - _top(groups[-1], gap) < gap:
            groups[-2:] = [groups[-2] + groups[-1]]
    placed = [_top(group, gap) - i * gap for group in groups for i in range(len(group))]
    low = y_range[0] + gap / 2 - min(placed, default=0.0)
    return [p + max(low, 0.0) for p in placed]


def _top(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) + gap * (len(group) - 1) / 2


def _bottom(group: Sequence[float], gap: float) -> float:
    return sum(group) / len(group) - gap * (len(group) - 1) / 2


def _weights_panel(read: Reading, x: dict[str, Any], chosen: Sequence[int]) -> Panel:
    traces = _each_weight(read, chosen, "weights")
    final = read.values("weights_final") if read.has("weights_final") else np.zeros(0)
    seen = [final]
    if read.has("weights"):
        theory = read.values("weights")
        lines = [theory_trace(read.time, theory[:, i], f"weight {i + 1}") for i in chosen]
        traces += steps(lines)
        seen.append(theory.ravel())
    flat = np.concatenate([[0.0], *(v[np.isfinite(v)] for v in seen)])
    y_range = linear_range(float(flat.min()), float(flat.max()), pad=0.12)
    if final.size:
        traces.append(_end_labels(read, chosen, final, y_range))
    levels = [] if read.has("weights") else [(float(final[i]), "") for i in chosen if final.size]
    words = ", ".join(str(i + 1) for i in chosen)
    return panel(
        "weights",
        "Weights",
        symbol("β", "i"),
        traces,
        x=x,
        y=f"weight {symbol('β', 'i')}",
        linear=y_range,
        times=read.events,
        levels=levels,
        alt=f"Weights of the features {words} against log time.",
    )


def _small_weights_panel(read: Reading, x: dict[str, Any], chosen: Sequence[int]) -> Panel:
    size = f"|{symbol('β', 'i')}|"
    return panel(
        "absolute_weights",
        "Weights, however small",
        size,
        _each_weight(read, chosen, "absolute_weights", bands=False),
        x=x,
        y=f"size {size}",
        log=[-38.0, 1.5],
        times=read.events,
        empty="appears with the run",
        alt="Sizes of the weights on a logarithmic axis, where waiting is a slope.",
    )


def _loss_difference(read: Reading, x: dict[str, Any]) -> Panel:
    tolerance = read.tolerance("loss", 0.01)
    traces = run_traces("loss_difference", records=read.records)
    traces.append(theory_trace(read.span, [0.0, 0.0], ""))
    html = f"({italic('L')} − staircase){SLASH}{symbol('L', 0)}"
    return panel(
        "difference",
        "Run minus theory",
        html,
        traces,
        x=x,
        y=f"share of {symbol('L', 0)}",
        linear=[-0.55, 0.55],
        times=read.events,
        empty="appears with the run",
        note=f"judged by its mean size; the tolerance of that is {significant(tolerance, 2)}",
        alt="Loss of the run minus the predicted staircase; spikes only at jumps.",
    )


def _weight_gap_panel(read: Reading, x: dict[str, Any], chosen: Sequence[int]) -> Panel:
    tolerance = read.tolerance("weights_final", 0.06)
    traces = _each_weight(read, chosen, "weight_gap")
    traces.append(theory_trace(read.span, [0.0, 0.0], ""))
    html = f"({symbol('β', 'i')} − {symbol('β', 'i', 'end')}){SLASH}max|{italic('β')}|"
    return panel(
        "weight_gap",
        "Weights minus their predicted end",
        html,
        traces,
        x=x,
        y="difference",
        linear=[-1.3, 1.3],
        times=read.events,
        tolerances=[-tolerance, tolerance],
        empty="appears with the run",
        alt="Each weight minus its predicted end; all should end within the tolerance.",
    )


def _log_time_tiles(read: Reading, scale: float) -> list[Tile]:
    times = read.values("jump_times") if read.has("jump_times") else np.zeros(0)
    levels = read.values("plateau_losses") if read.has("plateau_losses") else np.zeros(0)
    tiles = []
    for k, t in enumerate(times[:SHOWN_TILES]):
        if not np.isfinite(t):
            continue
        falls = ""
        if k < levels.size:
            end = float(levels[k]) if levels[k] > 1e-9 else 0.0
            falls = f"{symbol('τ', k + 1)} = {decimals(float(t) / scale)}, "
            falls += f"loss falls to {symbol('L', k + 1)} = {short(end)}"
        name = f"jump_times[{k}]"
        letter = symbol("t", k + 1)
        value = decimals(float(t), 1 if t > 100 else 3)
        tiles.append(
            Tile(letter, f"{counted(k)} jump", value, "time", falls, None, name, "jump_times")
        )
    return tiles
