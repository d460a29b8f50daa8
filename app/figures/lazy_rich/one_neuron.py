"""Figures of one hidden neuron: lazy, balanced or delayed, on its exact solution."""

from __future__ import annotations

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
    drawn,
    legend,
    linear_range,
    log_range,
    magnified,
    panel,
    run_traces,
    text_trace,
    theory_trace,
)
from app.figures.reading import Reading, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import decimals, significant

TIME = f"time {italic('t')}"
BETA = italic("β")
HALF = 0.5
SMALLEST_LOSS = 1e-8


def _angles(w: np.ndarray) -> np.ndarray:
    """Angle between w and the target, which lies along the first axis, in degrees."""
    return np.degrees(np.abs(np.arctan2(w[..., 1], w[..., 0])))


def _angle(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    return _angles(run["w"])


def _drift(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Drift of the conserved quantity, over the fastest rate."""
    fastest = np.reshape(prediction["rate_max"].values, (-1, 1))[: len(run["conserved"])]
    return (run["conserved"] - run["conserved"][:, :1]) / fastest


def _beta_gap(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Distance of β to the closed form, over its largest size, at least 1."""
    theory = prediction["beta"].values
    theory = theory if theory.ndim == 3 else theory[None]
    size = np.linalg.norm(theory, axis=-1).max(axis=1).clip(1.0)[: len(run["beta"]), None]
    theory = theory[: len(run["beta"]), : run["beta"].shape[1]]
    gap = np.linalg.norm(run["beta"] - theory, axis=-1) / size
    gap[:, 0] = np.nan  # both begin at the same weights
    return gap


DERIVED: Derived = {"angle": _angle, "drift": _drift, "beta_gap": _beta_gap}


def one_neuron(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """The function learned, both weights, loss, the path in the plane, and what is conserved."""
    read = Reading(prediction, tolerances or {}, _events)
    panels = [_beta(read), _outer(read), _loss(read), _plane(read)]
    panels += [_conserved(read), _turning(read), _difference(read)]
    words = {"theory": "theory, exact gradient flow"}
    return View(panels, _tiles(read), read.events, legend(panels, words, read.seeds), DERIVED)


def _events(read: Reading) -> list[Event]:
    loss = read.values("loss")
    under = np.flatnonzero(loss <= HALF * loss[0])
    return [Event(symbol("t", "½"), float(read.time[under[0]]))] if under.size else []


def _time(read: Reading) -> dict[str, Any]:
    return axis(TIME, read.span)


def _beta(read: Reading) -> Panel:
    beta = read.values("beta")
    traces: list[dict[str, Any]] = []
    words, places, heights, colours = [], [], [], []
    for k in range(beta.shape[1]):
        how: dict[str, Any] = {"k": k, "of": 2, "name": f"β{k + 1}", "bands": False}
        traces += run_traces("beta", [k], records=read.records, **how)
        traces.append(theory_trace(read.time, beta[:, k], f"β{k + 1}"))
        words.append(f"<b>{symbol('β', k + 1)}</b>")
        places.append(read.span[1])
        heights.append(float(beta[-1, k]))
        colours.append(style.series(k, 2, "text"))
    span = linear_range(min(float(beta.min()), 0.0), max(float(beta.max()), 1.0), pad=0.14)
    traces.append(text_trace(places, heights, words, colours=colours, side="bottom left"))
    return panel(
        "beta",
        "Function learned",
        f"{BETA} = {italic('aw')}",
        traces,
        x=_time(read),
        y=f"function {BETA}",
        linear=span,
        times=read.events,
        levels=[(1.0, ""), (0.0, "")],
        alt=f"Both components of the function learned; theory ends at "
        f"{significant(float(beta[-1, 0]), 3)} and {significant(float(beta[-1, 1]), 2)}.",
    )


def _outer(read: Reading) -> Panel:
    a = read.values("a")
    w = np.linalg.norm(read.values("w"), axis=1)
    ends = " to ".join(significant(float(size), 3) for size in (w[0], w[-1]))
    traces = run_traces("a", name="a", records=read.records, bands=False)
    traces.append(theory_trace(read.time, a, "a"))
    return panel(
        "a",
        "Outer weight",
        italic("a"),
        traces,
        x=_time(read),
        y=f"outer weight {italic('a')}",
        linear=linear_range(min(float(a.min()), 0.0), float(a.max()), pad=0.12),
        times=read.events,
        note=f"|{italic('w')}| goes from {ends}",
        alt=read.described("Outer weight", "a"),
    )


def _loss(read: Reading) -> Panel:
    y = read.values("loss")
    traces = run_traces("loss", records=read.records, bands=False)
    traces.append(theory_trace(read.time, y, ""))
    low = max(float(y.min()), SMALLEST_LOSS)
    return panel(
        "loss",
        "Loss",
        italic("L"),
        traces,
        x=_time(read),
        y=f"loss {italic('L')}",
        linear=[-0.04 * float(y.max()), 1.1 * float(y.max())],
        log=log_range(low, float(y.max())),
        times=read.events,
        alt=read.described("Loss", "loss"),
    )


def _plane(read: Reading) -> Panel:
    """The way of w and of β = a w in the plane of inputs; the target is at (1, 0)."""
    w, beta = read.values("w"), read.values("beta")
    traces: list[dict[str, Any]] = []
    for k, (name, values) in enumerate((("beta", beta), ("w", w))):
        word = "β" if name == "beta" else name
        how: dict[str, Any] = {"k": k, "of": 2, "name": word, "x": name, "x_index": [0]}
        traces += run_traces(name, [1], bands=False, records=read.records, **how)
        traces.append(theory_trace(values[:, 0], values[:, 1], word))
    words = [f"<b>{BETA}</b>", f"<b>{italic('w')}</b>"]
    places = [beta[len(beta) // 3], w[0]]
    colours = [style.series(k, 2, "text") for k in range(2)]
    traces.append(
        text_trace(
            [p[0] for p in places], [p[1] for p in places], words, colours=colours, side="top right"
        )
    )
    target = text_trace([1.0], [0.0], ["×"], colours="role:ink", side="middle center", size=20)
    both = np.concatenate([w, beta, [[1.0, 0.0]]])
    x = linear_range(float(both[:, 0].min()), float(both[:, 0].max()), pad=0.12)
    y = linear_range(float(both[:, 1].min()), float(both[:, 1].max()), pad=0.16)
    figure = drawn(
        [*traces, target],
        x=axis("along the target", x),
        y=axis("across", y) | {"scaleanchor": "x"},
        hovermode="closest",
    )
    said = "The way of the inner weights and of the function learned in the plane of inputs."
    return Panel(
        "plane",
        "The way in the plane of inputs",
        f"{italic('w')}, {BETA}",
        figure,
        alt=lambda _run: said,
        note="cross: the target",
    )


def _conserved(read: Reading) -> Panel:
    tolerance = read.tolerance("conserved", 2e-3)
    factor, title = magnified(tolerance)
    traces = run_traces("drift", scale=factor, records=read.records, bands=False)
    traces.append(theory_trace(read.span, [0.0, 0.0], "gradient flow"))
    top = factor * tolerance
    delta = italic("δ")
    return panel(
        "conserved",
        "What gradient flow conserves",
        f"{delta} = {symbol('η', 'w')}{italic('a')}² − {symbol('η', 'a')}|{italic('w')}|²",
        traces,
        x=_time(read),
        y=title.replace("difference", "drift"),
        linear=[-1.5 * top, 1.5 * top],
        times=read.events,
        tolerances=[-top, top],
        empty="appears with the run",
        note=f"{delta} − {symbol('δ', 0)} over the fastest rate; a finite step makes it drift",
        alt=f"Drift of the conserved quantity; tolerance {significant(tolerance, 2)}.",
    )


def _turning(read: Reading) -> Panel:
    traces = run_traces("angle", records=read.records, bands=False)
    traces.append(theory_trace(read.time, _angles(read.values("w")), ""))
    return panel(
        "angle",
        "Angle between inner weights and target",
        italic("θ"),
        traces,
        x=_time(read),
        y="angle in degrees",
        linear=[-6.0, 188.0],
        times=read.events,
        alt="Angle between the inner weights and the target against time, in degrees.",
    )


def _difference(read: Reading) -> Panel:
    tolerance = read.tolerance("beta", 2e-3)
    letter = f"|{BETA} − {symbol('β', 'exact')}|"
    return panel(
        "beta_gap",
        "Run minus theory",
        letter,
        run_traces("beta_gap", records=read.records, bands=False),
        x=_time(read),
        y=f"distance {letter}",
        log=[float(np.log10(tolerance)) - 4, float(np.log10(tolerance)) + 1],
        times=read.events,
        tolerances=[tolerance],
        empty="appears with the run",
        alt=f"Distance of the function learned to the closed form; tolerance "
        f"{significant(tolerance, 2)}.",
    )


def _tiles(read: Reading) -> list[Tile]:
    last = read.records - 1
    delta, balance = float(read.values("conserved")[0]), read.number("balance")
    kind = "balanced: rich"
    if abs(balance) > 0.1:
        kind = "upstream: lazy" if balance > 0 else "downstream: lazy, then rich"
    tiles = [Tile(italic("δ"), "imbalance, conserved", significant(delta, 3), "", kind)]
    beta, a, loss = read.values("beta")[-1, 0], read.values("a")[-1], read.values("loss")[-1]
    if read.events:
        at = significant(read.events[0].time, 3)
        tiles.append(Tile(symbol("t", "½"), "half the loss is gone", at, "time"))
    tiles.append(
        Tile(
            symbol("β", 1), "learned by the end", decimals(float(beta), 4), "",
            f"loss {significant(float(loss), 2)}", None, f"beta[{last}][0]", "beta",
        )
    )  # fmt: skip
    tiles.append(
        Tile(
            italic("a"), "outer weight at the end", decimals(float(a), 4), "",
            f"from {significant(float(read.values('a')[0]), 3)}", None, f"a[{last}]", "a",
        )
    )  # fmt: skip
    return tiles
