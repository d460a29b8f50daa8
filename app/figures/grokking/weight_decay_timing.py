"""Figures of the decaying diagonal network: the curve, the clock, and the weights on their path."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.grokking.time import LogReading, constant
from app.figures.panels import (
    Derived,
    Event,
    Panel,
    RunArrays,
    Tile,
    View,
    axis,
    first_seed,
    legend,
    linear_range,
    log_range,
    magnified,
    panel,
    positive,
    run_traces,
    tag,
    theory_trace,
)
from app.figures.reading import SLASH, Reading, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import decimals, short, significant
from sims.grokking.passage import falls_to

ERROR = f"|{italic('w')} − {symbol('w', '', '*')}|²"
T_GROK = symbol("t", "grok")
DECAY, BETA = italic("γ"), italic("β")
FITTED = 0.1
SHOWN = 40
"""Weights drawn one by one, the true ones first."""


def _order(prediction: xr.Dataset) -> np.ndarray:
    """Weights drawn: the true ones first, then by their size at the start of the curve."""
    one = first_seed(prediction)
    first = np.abs(one["weights"].values[1 if one.sizes["snapshot"] > 1 else 0])
    true = np.abs(one["weights_true"].values)
    return np.lexsort((-first, -true))[:SHOWN]


def _shown(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    return run["weights"][..., _order(prediction)]


def _predicted(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    values = prediction["weights"].values
    values = values if values.ndim == 3 else values[None]
    return values[: len(run["weights"]), : run["weights"].shape[1], _order(prediction)]


def _grok_time(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """First time the error is half the kernel's, from the record on at which it is."""
    t = prediction["time"].values[: run["test_error"].shape[1]]
    late = float(prediction.attrs["weight_decay"]) * t > FITTED
    half = np.atleast_1d(prediction["kernel_error"].values) / 2
    found = np.full(run["test_error"].shape, np.nan)
    for i, E in enumerate(run["test_error"]):
        at = falls_to(t[late], E[late], float(half[min(i, len(half) - 1)]))
        if np.isfinite(at):
            found[i, t >= at] = at
    return found


def _gap(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Test error minus the theory, from the moment on at which the fit counts as done."""
    rows = run["test_error"].shape[1]
    theory = np.atleast_2d(prediction["test_error"].values)[: len(run["test_error"]), :rows]
    fitted = float(prediction.attrs["weight_decay"]) * prediction["time"].values[:rows] >= FITTED
    return np.where(fitted, run["test_error"] - theory, np.nan)


DERIVED: Derived = {
    "error_gap": _gap,
    "weights_shown": _shown,
    "weights_predicted": _predicted,
    "halved": _grok_time,
    "start": constant(lambda prediction: float(prediction.attrs["alpha"]), "test_error"),
}


def weight_decay_timing(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Test error, the clock against the start, weights, products, and how far the run is."""
    read = LogReading(prediction, tolerances or {}, _events)
    panels = [_error(read), _clock(read), _weights(read), _difference(read)]
    panels += [_products(read), _drift(read), _train(read)]
    words = {"theory": "theory, decaying interpolator", "predicted": "predicted time or level"}
    return View(panels, _tiles(read), read.events, legend(panels, words, read.seeds), DERIVED)


def _events(read: Reading) -> list[Event]:
    at = read.number("grok_time")
    return [Event(T_GROK, at)] if at <= read.span[1] else []


def _error(read: LogReading) -> Panel:
    y = read.values("test_error")
    half, floor = read.number("kernel_error") / 2, read.number("test_error_floor")
    top = max(1.0, float(y.max()))
    return read.over_time(
        "test_error",
        "Test error",
        ERROR,
        [*run_traces("test_error", records=read.records), theory_trace(read.time, y, "")],
        y=f"test error {ERROR}",
        linear=[-0.04 * top, 1.12 * top],
        log=log_range(0.5 * min(floor, float(positive(y).min())), 2 * top),
        levels=[(half, "half"), (floor, "")],
        note=f"lower dots: the lasso, where a run at this {DECAY} ends",
        alt=read.described("Test error", "test_error"),
    )


def _clock(read: LogReading) -> Panel:
    """Grokking time against the start; each factor e delays by 1/γ."""
    at, times = np.asarray(read.one["scale"].values, float), read.values("grok_time_curve")
    dot = run_traces("halved", x="start", bands=False, markers=True)[0]
    dot |= {"mode": "markers", "marker": {"size": 11, "color": style.series(0)}}
    ring = theory_trace([read.number("alpha")], [read.number("grok_time")], "here")
    ring |= {"mode": "markers"}
    ring["marker"] = {"size": 10, "symbol": "circle-open", "color": "role:ink"}
    traces = [dot, theory_trace(at, times, ""), ring]
    top = float(positive(times, read.number("grok_time")).max())
    low, high = sorted([float(at.min()), float(at.max())])
    low, high = min(low, read.number("alpha")), max(high, read.number("alpha"))
    size = short(1 / read.number("weight_decay"))
    slope = f"slope 1{SLASH}{DECAY} = {size}"
    return panel(
        "clock",
        "The clock: when, from every start",
        T_GROK,
        traces,
        x=axis(
            f"initial scale {italic('α')}", linear_range(np.log10(low), np.log10(high)), log=True
        ),
        y=f"grokking time {T_GROK}",
        linear=[-0.04 * top, 1.12 * top],
        hovermode="closest",
        note=f"{slope} per factor e",
        alt="Grokking time against the initial scale: a straight line in its logarithm, of slope "
        f"{size}.",
    )


def _weights(read: LogReading) -> Panel:
    order = _order(read.whole)
    number, true = np.arange(1, len(order) + 1), read.values("weights_true")[order]
    run = run_traces("weights_shown", bands=False, at="scrub", markers=True)[0]
    run["meta"]["run"]["x"] = ""
    run |= {"mode": "markers", "x": number, "marker": {"size": 7, "color": style.series(0)}}
    moving = {"meta": tag("weights_predicted", x="", at="scrub")}
    values = read.values("weights")[:, order]
    theory = theory_trace(number, values[min(1, len(values) - 1)], "") | moving
    truth = theory_trace(number, true, "true weight", second=True)
    truth |= {"mode": "markers", "legendgroup": "words"}
    truth["marker"] = {"size": 9, "symbol": "line-ew-open", "color": "role:ink2"}
    both = np.concatenate([np.ravel(values), true])
    return panel(
        "weights",
        "Weights, from spread out to sparse",
        symbol("w", "i"),
        [run, theory, truth],
        x=axis("weight, true ones first", [0.0, len(order) + 1.0]),
        y=f"weight {symbol('w', 'i')}",
        linear=linear_range(float(both.min()), float(both.max()), pad=0.12),
        hovermode="closest",
        note="bars: the true weights; move through time below",
        alt="The weights at the time of the scrubber, with the predicted ones and the true ones.",
    )


def _difference(read: LogReading) -> Panel:
    kernel = read.number("kernel_error")
    tolerance = read.tolerance("test_error", 0.05) * kernel
    factor, title = magnified(tolerance)
    top = factor * tolerance
    traces = run_traces("error_gap", scale=factor, records=read.records)
    return read.over_time(
        "error_difference",
        "Test error, run minus theory",
        f"Δ{ERROR}",
        [*traces, theory_trace(read.span, [0.0, 0.0], "")],
        y=title,
        linear=[-2 * top, 2 * top],
        tolerances=[-top, top],
        empty="appears with the run",
        note=f"shown from {DECAY}{italic('t')} = {FITTED} on, judged from 0.3",
        alt=f"Difference of the test error to the theory; tolerance {significant(tolerance, 2)}.",
    )


def _products(read: LogReading) -> Panel:
    beta2 = read.values("product")[:, 0]
    traces: list[dict[str, Any]] = []
    for k, word in enumerate(("smallest", "largest")):
        how: dict[str, Any] = {"k": k, "of": 2, "name": word, "bands": False}
        traces += run_traces("product", [k], records=read.records, **how)
    traces.append(theory_trace(read.time, beta2, f"{BETA}²"))
    return read.over_time(
        "product",
        "What decays: the product of the factors",
        f"{symbol('u', 'i')}{symbol('v', 'i')} = {BETA}²",
        traces,
        y=f"{symbol('u', 'i')}{symbol('v', 'i')}",
        log=log_range(float(beta2[-1]), float(beta2[0])),
        note="smallest and largest of all features",
        alt=f"Products of the factors against time: theory goes from {significant(beta2[0], 3)} to "
        f"{significant(beta2[-1], 3)}.",
    )


def _drift(read: LogReading) -> Panel:
    tolerance = read.tolerance("product_drift", 0.005)
    return read.over_time(
        "product_drift",
        "Drift of the products",
        f"max|{symbol('u', 'i')}{symbol('v', 'i')}{SLASH}{BETA}² − 1|",
        run_traces("product_drift", records=read.records),
        y="drift",
        log=[float(np.log10(tolerance)) - 4, float(np.log10(tolerance)) + 1],
        tolerances=[tolerance],
        empty="appears with the run",
        note="gradient flow has none; a finite step makes it drift",
        alt=f"Drift of the products; tolerance {significant(tolerance, 2)}.",
    )


def _train(read: LogReading) -> Panel:
    floor = (read.number("weight_decay") ** 2) / 8
    return read.over_time(
        "train_loss",
        "Train loss",
        italic("L"),
        run_traces("train_loss", records=read.records),
        y=f"train loss {italic('L')}",
        log=[float(np.log10(floor)) - 4, 0.3],
        empty="fitted long before; appears with the run",
        note=f"what is left is of order {DECAY}²",
        alt=read.described("Train loss", "train_loss"),
    )


def _tiles(read: LogReading) -> list[Tile]:
    at, critical = read.number("grok_time"), read.number("critical_scale")
    words = f"ln({italic('α')}{SLASH}{symbol('β', 'c')}){SLASH}{DECAY}"
    tiles = [
        Tile(
            T_GROK,
            "the error halves",
            decimals(at, 1),
            "time",
            words,
            None,
            "grok_time",
            "grok_time",
        )
    ]
    if np.isfinite(critical):
        said = "set by the data alone"
        tiles.append(
            Tile(symbol("β", "c"), "critical scale", significant(critical, 3), "√weight", said)
        )
    later = np.log(2) / read.number("weight_decay")
    tiles.append(
        Tile("Δ", "delay for twice the start", decimals(later, 1), "time", f"ln 2{SLASH}{DECAY}")
    )
    kernel, floor = read.number("kernel_error"), read.number("test_error_floor")
    words = f"from {decimals(kernel, 3)} of the kernel"
    tiles.append(Tile(italic("E"), "error of the lasso, its end", significant(floor, 2), "", words))
    return tiles
