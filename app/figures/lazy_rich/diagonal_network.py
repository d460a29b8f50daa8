"""Figures of the diagonal network: which of all solutions the initial scale selects."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.lazy_rich.training import (
    LogStepReading,
    known,
    law_panel,
    quotient,
    ratio,
    ratio_panel,
)
from app.figures.panels import (
    Derived,
    Panel,
    RunArrays,
    Tile,
    View,
    axis,
    drawn,
    legend,
    linear_range,
    log_range,
    panel,
    run_traces,
    text_trace,
    theory_trace,
)
from app.figures.reading import SLASH, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import decimals, significant

SCALE = symbol("α", 0)
ERROR = f"|{italic('w')} − {symbol('w', '', '*')}|²"
NORM = f"|{italic('w')}|<sub>1</sub>"
SHOWN = 12
"""Weights whose way is drawn, from the largest predicted end."""
DEEP = 14.0


# Quantities computed for the screen


def _shown(prediction: xr.Dataset) -> np.ndarray:
    """Indices of the weights drawn, largest predicted end first."""
    values = prediction["weights_final"].values
    one = values[0] if values.ndim == 2 else values
    return np.argsort(-np.abs(one), kind="stable")[:SHOWN]


def _ends(prediction: xr.Dataset) -> np.ndarray:
    values = prediction["weights_final"].values
    return values if values.ndim == 2 else values[None]


def _weights_shown(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    return run["weights"][..., _shown(prediction)]


def _ends_shown(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """The predicted ends of the weights drawn, in every row."""
    ends = _ends(prediction)[: len(run["weights"]), None, _shown(prediction)]
    return np.broadcast_to(ends, (*run["weights"].shape[:2], ends.shape[-1]))


def _gap(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """|w - w_pred|/|w_pred|, (seed, record)."""
    ends = _ends(prediction)[: len(run["weights"]), None]
    return np.linalg.norm(run["weights"] - ends, axis=-1) / np.linalg.norm(ends, axis=-1)


def _product(largest: bool) -> Any:
    def extreme(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
        return run["products"].max(axis=-1) if largest else run["products"].min(axis=-1)

    return extreme


def _start(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """The initial scale, in every row."""
    return np.broadcast_to(float(prediction.attrs.get("alpha_0", np.nan)), run["train_loss"].shape)


def _root_gap(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """√E_run - √E at each point of a sweep, in units of |w*| = 1; (seed, point)."""
    theory = prediction["test_error_final"]
    theory = theory.transpose("seed", ...).values if "seed" in theory.dims else theory.values
    theory = theory if theory.ndim == 2 else theory[None]
    found = run["test_error_final"]
    return np.sqrt(found) - np.sqrt(theory[:, : found.shape[1]])


DERIVED: Derived = {
    "weights_shown": _weights_shown,
    "ends_shown": _ends_shown,
    "weight_gap": _gap,
    "product_least": _product(False),
    "product_most": _product(True),
    "start": _start,
}
SWEEP_DERIVED: Derived = {
    "test_error_gap": _root_gap,
    "l1_norm_gap": ratio("l1_norm_final"),
}


# The view of a run


def diagonal_network(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Errors, weights against their predicted ends, norms, and the map over data and start."""
    read = LogStepReading(prediction, tolerances or {})
    panels = [
        _errors(read),
        _end_points(read),
        _gap_panel(read),
        _against_start(read, "test_error"),
    ]
    panels += [_train(read), _norm(read), _against_start(read, "l1_norm"), _products(read)]
    if read.has("test_error_map"):
        panels.append(_map(read))
    words = {"theory": "theory, the end of gradient flow"}
    return View(panels, _tiles(read), (), legend(panels, words, read.seeds), DERIVED)


def _end_line(read: LogStepReading, name: str) -> dict[str, Any]:
    end = read.number(name)
    return theory_trace([1.0, read.span[1]], [end, end], "at the end")


def _errors(read: LogStepReading) -> Panel:
    end = read.number("test_error_final")
    start = float(np.sum(read.values("weights_true") ** 2))
    top = max(start, float(np.max(read.everywhere("test_error_final"))))
    traces = run_traces("test_error", x="step", records=read.records)
    return panel(
        "test_error",
        "Test error",
        ERROR,
        [*traces, _end_line(read, "test_error_final")],
        x=read.x,
        y=f"test error {ERROR}",
        linear=[-0.04 * top, 1.15 * top],
        log=log_range(0.1 * max(end, 1e-12), 2 * top),
        levels=[(start, "")],
        note="dotted: nothing learned",
        alt=read.described("Test error", "test_error_final"),
    )


def _train(read: LogStepReading) -> Panel:
    return panel(
        "train_loss",
        "Train loss",
        italic("L"),
        run_traces("train_loss", x="step", records=read.records),
        x=read.x,
        y=f"train loss {italic('L')}",
        log=[-DEEP, 0.7],
        empty="ends at zero at every scale; appears with the run",
        alt=read.described("Train loss", "train_loss"),
    )


def _norm(read: LogStepReading) -> Panel:
    end = read.number("l1_norm_final")
    top = max(end, float(np.sum(np.abs(read.values("weights_true")))))
    return panel(
        "l1_norm",
        "Sum of the sizes of the weights",
        NORM,
        [*run_traces("l1_norm", x="step", records=read.records), _end_line(read, "l1_norm_final")],
        x=read.x,
        y=f"l1 norm {NORM}",
        linear=[-0.04 * top, 1.25 * top],
        alt=read.described("The l1 norm", "l1_norm_final"),
    )


def _end_points(read: LogStepReading) -> Panel:
    """Each drawn weight on its way up to the diagonal, where run and prediction agree."""
    ends = read.values("weights_final")
    chosen = _shown(read.whole)
    low, high = float(ends.min()), float(ends.max())
    span = linear_range(min(low, 0.0), max(high, 0.0), pad=0.12)
    traces = []
    for k in range(len(chosen)):
        how: dict[str, Any] = {"name": f"weight {chosen[k] + 1}", "x": "ends_shown", "x_index": [k]}
        trace = run_traces("weights_shown", [k], bands=False, records=10**6, **how)[0]
        traces.append(trace | {"line": {"width": 1.6, "color": style.series(0)}})
    traces.append(theory_trace(span, span, "end"))
    every = theory_trace(ends, ends, "end of each weight") | {"mode": "markers"}
    every["marker"] = {"size": 6, "symbol": "circle-open", "color": "role:ink"}
    true = read.values("weights_true")
    on = np.flatnonzero(true)
    truth = theory_trace(ends[on], true[on], "true weight") | {
        "mode": "markers",
        "marker": {"size": 7, "symbol": "x-thin-open", "color": "role:ink2"},
        "hovertemplate": "true %{y:.4~g}<extra></extra>",
    }
    words = f"from 0 to their ends; the {len(chosen)} largest are drawn"
    return panel(
        "weights",
        "Weights against their predicted ends",
        symbol("w", "i"),
        [*traces, every, truth],
        x=axis(f"predicted end of {symbol('w', 'i')}", span),
        y=f"weight {symbol('w', 'i')}",
        linear=linear_range(min(low, 0.0), max(high, float(true.max())), pad=0.12),
        hovermode="closest",
        note=f"{words}; crosses: the true weights that are not zero",
        alt="Weights of the run against their predicted ends; they should stop on the diagonal.",
    )


def _gap_panel(read: LogStepReading) -> Panel:
    tolerance = read.tolerance("weights_final", 0.015)
    letter = f"|{italic('w')} − {symbol('w', 'end')}|{SLASH}|{symbol('w', 'end')}|"
    return panel(
        "weight_gap",
        "Distance to the predicted end",
        letter,
        run_traces("weight_gap", x="step", records=read.records),
        x=read.x,
        y=f"distance {letter}",
        log=[-4.6, 0.4],
        tolerances=[tolerance],
        empty="appears with the run",
        alt=f"Relative distance to the predicted end; tolerance {significant(tolerance, 2)}.",
    )


def _against_start(read: LogStepReading, name: str) -> Panel:
    """What the start decides: the end at every initial scale, and the run's own."""
    at = np.asarray(read.one["scale"].values, float)
    curve = read.values(f"{name}_curve")
    title, letter = ("Test error", ERROR) if name == "test_error" else ("l1 norm", NORM)
    end, scale = read.number(f"{name}_final"), read.number("alpha_0")
    traces = []
    if np.isfinite(scale):
        how: dict[str, Any] = {"x": "start", "bands": False, "records": 10**6}
        traces += run_traces(name, **how)
        here = theory_trace([scale], [end], "here") | {"mode": "markers"}
        here["marker"] = {"size": 9, "symbol": "circle-open", "color": "role:ink"}
        traces.append(here)
    traces.append(theory_trace(at, curve, "at the end"))
    top = float(np.max(curve))
    return panel(
        f"{name}_curve",
        f"{title} at the end, whatever the start",
        letter,
        traces,
        x=axis(
            f"initial scale {SCALE}", [float(np.log10(at[-1])), float(np.log10(at[0]))], log=True
        ),
        y=f"{title.lower() if name == 'test_error' else title} {letter}",
        linear=[-0.04 * top, 1.15 * top],
        levels=_shortest(read) if name == "test_error" else [],
        hovermode="closest",
        note="dotted: 1 − n/d; the line is the run's way down" if name == "test_error" else "",
        alt=f"{title} at the end of gradient flow against the initial scale: "
        f"{significant(float(curve[-1]), 3)} for small ones, {significant(float(curve[0]), 3)} "
        "for large ones.",
    )


def _shortest(read: LogStepReading) -> list[tuple[float, str]]:
    """The mean error of the shortest solution, 1 - n/d, without noise."""
    n = read.number("n")
    return [(1 - n / read.one.sizes["feature"], "")] if np.isfinite(n) else []


def _products(read: LogStepReading) -> Panel:
    traces: list[dict[str, Any]] = []
    for k, (name, words) in enumerate((("product_least", "smallest"), ("product_most", "largest"))):
        how: dict[str, Any] = {"k": k, "of": 2, "name": words, "x": "step"}
        traces += run_traces(name, records=read.records, bands=False, **how)
    traces.append(theory_trace([1.0, read.span[1]], [1.0, 1.0], "gradient flow"))
    letter = f"{symbol('u', 'i')}{symbol('v', 'i')}{SLASH}{symbol('α', 0, '2')}"
    return panel(
        "products",
        "What a finite step wears away",
        letter,
        traces,
        x=read.x,
        y=letter,
        linear=[-0.05, 1.12],
        note="gradient flow conserves it; blue: the smallest of all, orange: the largest",
        alt="Product of u and v over its start, which gradient flow conserves.",
    )


def _map(read: LogStepReading) -> Panel:
    """Test error over points and start, from theory alone."""
    values = read.values("test_error_map")
    scales = np.asarray(read.one["map_scale"].values, float)
    samples = np.asarray(read.one["samples"].values, float)
    heat = {
        "type": "heatmap",
        "x": np.log10(scales),
        "y": samples,
        "z": values,
        "zmin": 0.0,
        "zmax": 1.0,
        "colorscale": style.CIVIDIS,
        "showscale": False,
        "name": "test error",
        "hovertemplate": "n = %{y}: %{z:.3f}<extra>theory</extra>",
        "legendgroup": "ground",
    }
    x, y, words = [], [], []
    for i, n in enumerate(samples):
        for j in range(0, scales.size, 2):
            if np.isfinite(values[i, j]):
                x.append(float(np.log10(scales[j])))
                y.append(float(n))
                words.append(f"{values[i, j]:.2f}")
    colours = [style.on_map(float(word)) for word in words]
    label = text_trace(x, y, words, colours=colours, side="middle center")
    step = float(samples[1] - samples[0]) / 2 if samples.size > 1 else 1.0
    half = float(np.log10(scales[0] / scales[1])) / 2
    decade = np.arange(-3, 1)
    ticks = {"tickvals": decade, "ticktext": ["0.001", "0.01", "0.1", "1"]}
    figure = drawn(
        [heat, label],
        x=axis(
            f"initial scale {SCALE}",
            [float(np.log10(scales[-1])) - half, float(np.log10(scales[0])) + half],
        )
        | ticks,
        y=axis(
            f"train points {italic('n')}", [float(samples[0]) - step, float(samples[-1]) + step]
        ),
        hovermode="closest",
    )
    words_alt = (
        "Predicted test error over number of train points and initial scale, with no run at all."
    )
    return Panel(
        "test_error_map",
        "Test error, predicted everywhere",
        ERROR,
        figure,
        alt=lambda _run: words_alt,
        note="theory alone, mean of five data sets; dark is small",
    )


def _tiles(read: LogStepReading) -> list[Tile]:
    curve = read.values("test_error_curve")
    tiny, large = (significant(float(curve[i]), 2) for i in (-1, 0))
    ends = f"{tiny} for tiny {SCALE}, {large} for large"
    error, norm = read.number("test_error_final"), read.number("l1_norm_final")
    name = "test_error_final"
    tiles = [Tile(ERROR, "test error at the end", decimals(error, 4), "", ends, None, name, name)]
    name = "l1_norm_final"
    length = f"|{italic('w')}|<sub>2</sub> = {decimals(read.number('l2_norm_final'))}"
    tiles.append(Tile(NORM, "l1 norm at the end", decimals(norm), "", length, None, name, name))
    needed = read.number("time_needed")
    lasts = read.number("rate") * read.span[1] / needed
    words = f"the run lasts {significant(lasts, 3)} of these"
    tiles.append(
        Tile(symbol("T", 0), "least time to the end", significant(needed, 3), "time", words)
    )
    return tiles


# A sweep over a knob


def scales(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """Test error and l1 norm at the end against a knob, from sparse to short solutions."""
    panels = []
    roots = f"√{symbol('E', 'run')} − √{symbol('E', 'pred')}"
    for name, title, letter, compared in (
        ("test_error", "Test error at the end", ERROR, (roots, "Run minus theory, in roots")),
        ("l1_norm", "l1 norm at the end", NORM, (quotient("w"), "Run over theory, minus one")),
    ):
        more = _whole_curve(prediction, over, name)
        how: dict[str, Any] = {"scale": "linear", "more": more, "joined": not more}
        panels.append(law_panel(prediction, over, f"{name}_final", title, letter, **how))
        tolerance = known(tolerances, f"{name}_final", 0.015)
        symbols, heading = compared
        panels.append(
            ratio_panel(prediction, over, f"{name}_gap", symbols, tolerance, title=heading)
        )
    words = {"theory": "theory, the end of gradient flow"}
    shown = legend(panels, words, prediction.sizes.get("seed", 1))
    return View(panels, (), (), shown, SWEEP_DERIVED)


def _whole_curve(prediction: xr.Dataset, over: str, name: str) -> list[dict[str, Any]]:
    """The curve between the points of a sweep over the initial scale, which any point knows."""
    curve = f"{name}_curve"
    if over != "alpha_0" or curve not in prediction:
        return []
    at = np.asarray(prediction[over].values, float)
    scale = np.asarray(prediction["scale"].values, float)
    first = prediction.isel(seed=0) if "seed" in prediction.dims else prediction
    y = first[curve].isel({over: 0}).values
    kept = (scale >= at.min()) & (scale <= at.max())
    return [theory_trace(scale[kept], np.asarray(y, float)[kept], "")]
