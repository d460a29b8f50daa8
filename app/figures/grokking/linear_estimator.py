"""Figures of the linear estimator: two accuracies on their lines, and the spectrum behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.grokking.time import StepsReading, constant
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
    log_range,
    magnified,
    panel,
    positive,
    run_traces,
    text_trace,
    theory_trace,
)
from app.figures.reading import SLASH, Reading, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import EN, decimals, short, significant
from sims.grokking.passage import falls_to

DEEPEST = 8.0
"""Decades of a loss that are drawn below the threshold."""
T_TRAIN, T_GROK = symbol("t", "tr"), symbol("t", "gen")
L_TRAIN, L_TEST = symbol("L", "tr"), symbol("L", "gen")
A_TRAIN, A_TEST = symbol("A", "tr"), symbol("A", "gen")
BARS = 40


def _gap_to_sample(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Test loss over that of the sample's own eigenvalues, minus one, in standard deviations."""
    exact, spread = (
        np.atleast_2d(prediction[name].values)[: len(run["test_loss"]), : run["test_loss"].shape[1]]
        for name in ("test_loss_sample_exact", "test_loss_spread")
    )
    return (run["test_loss"] / exact - 1) / spread


def _delay(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Grokking time over train time, from the record on at which both have come."""
    level = float(first_seed(prediction)["loss_level"])
    steps = prediction["step"].values[: run["test_loss"].shape[1]]
    found = np.full(run["test_loss"].shape, np.nan)
    for i, (train, test) in enumerate(zip(run["train_loss"], run["test_loss"], strict=True)):
        early, late = (falls_to(steps, y, level, log=True) for y in (train, test))
        if early > 0 and np.isfinite(late):
            found[i, steps >= late] = late / early
    return found


DERIVED: Derived = {
    "gap_to_sample": _gap_to_sample,
    "delay": _delay,
    "here": constant(lambda prediction: float(prediction.attrs["ratio"]), "test_loss"),
}


def linear_estimator(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Accuracies, losses, spectrum, the delay at every ratio, and how far the run is from each."""
    read = StepsReading(prediction, tolerances or {}, _events)
    panels = [_accuracies(read), _losses(read), _spectrum(read)]
    if read.has("delay_curve"):
        panels.append(_delays(read))
    panels.append(_difference(read))
    if read.has("test_loss_sample_exact"):
        panels.append(_gap(read))
    words = {
        "theory": "theory, Marchenko-Pastur",
        "second_theory": "theory, the sample's own eigenvalues",
        "run": "run: train blue, test orange",
    }
    return View(panels, _tiles(read), read.events, legend(panels, words, read.seeds), DERIVED)


def _events(read: Reading) -> list[Event]:
    found = [Event(T_TRAIN, read.number("train_time")), Event(T_GROK, read.number("grok_time"))]
    return [e for e in found if 0 < e.time <= read.span[1]]


def _pair(read: StepsReading, names: tuple[str, str], words: tuple[str, str]) -> list[Any]:
    """Run traces of a train and a test quantity: blue and orange."""
    traces: list[Any] = []
    for k, (name, word) in enumerate(zip(names, words, strict=True)):
        traces += run_traces(name, k=k, of=2, name=word, records=read.records)
    return traces


def _accuracies(read: StepsReading) -> Panel:
    traces = _pair(read, ("train_accuracy", "test_accuracy"), ("train", "test"))
    for name, word in (("train_accuracy", "train"), ("test_accuracy", "test")):
        traces.append(theory_trace(read.time, read.values(name), word))
    traces.append(_names(read, "train_accuracy", "test_accuracy", (0.62, 0.62)))
    level = read.number("level")
    return read.over_time(
        "accuracy",
        "Accuracy",
        f"{A_TRAIN}, {A_TEST}",
        traces,
        y="share of outputs that are right",
        linear=[-0.03, 1.08],
        levels=[(level, symbol("A", "", "*"))],
        note=f"right: squared error at most {short(read.number('eps'))}",
        alt=_said(read, "Train and test accuracy"),
    )


def _names(
    read: StepsReading, train: str, test: str, heights: tuple[float, float]
) -> dict[str, Any]:
    """The words train and test beside their curves, where those are half-way.

    They stand to the right, where there is room on either time axis.
    """
    places, sides = [], []
    for name, height in zip((train, test), heights, strict=True):
        y = read.values(name)
        beyond = np.flatnonzero(y >= height)
        places.append(float(read.time[beyond[0]]) if beyond.size else read.span[1])
        sides.append("middle right" if beyond.size else "middle left")
    colours = [style.series(k, 2, "text") for k in range(2)]
    words = [f"{EN}{EN}<b>{word}</b>{EN}" for word in ("train", "test")]
    return text_trace(places, heights, words, colours=colours, side=sides)


def _losses(read: StepsReading) -> Panel:
    traces = _pair(read, ("train_loss", "test_loss"), ("train", "test"))
    for name, word in (("train_loss", "train"), ("test_loss", "test")):
        exact = f"{name}_sample_exact"
        if read.has(exact):
            traces.append(theory_trace(read.time, read.values(exact), word, second=True))
        traces.append(theory_trace(read.time, read.values(name), word))
    level = read.number("loss_level")
    shown = positive(read.values("train_loss"), read.values("test_loss"))
    low = max(float(shown.min()), level * 10**-DEEPEST)
    return read.over_time(
        "loss",
        "Loss per output",
        f"{L_TRAIN}, {L_TEST}",
        traces,
        y="loss per output",
        log=log_range(low, float(shown.max())),
        levels=[(level, symbol("L", "", "*"))],
        note=f"at {symbol('L', '', '*')} the accuracy is {short(read.number('level'))}",
        alt=_said(read, "Train and test loss"),
    )


def _spectrum(read: StepsReading) -> Panel:
    """Eigenvalues of the inputs: the law, and those of this very sample as bars of outline."""
    at, density = np.asarray(read.one["bin"].values, float), read.values("spectrum_density")
    traces = [theory_trace(at, density, "density")]
    top = float(np.max(density[np.isfinite(density)], initial=0.0))
    inside = at > 0.02 * (at[-1] - at[0]) + at[0]
    top = float(np.max(density[inside], initial=0.1))
    if read.has("eigenvalues"):
        nu = read.values("eigenvalues")
        own = nu[nu > 0]
        edges = np.linspace(at[0], max(at[-1], float(own.max())), BARS + 1)
        counts, _ = np.histogram(own, edges)
        heights = counts / len(nu) / np.diff(edges)
        x = np.repeat(edges, 2)
        y = np.concatenate([[0.0], np.repeat(heights, 2), [0.0]])
        traces.insert(0, theory_trace(x, y, "eigenvalues of this sample", second=True))
        top = max(top, float(heights.max()))
    ratio, lowest = read.number("ratio"), read.number("lowest")
    unseen = f"{significant(1 - 1 / ratio, 2)} of all are 0" if ratio > 1 else ""
    return panel(
        "spectrum",
        "Eigenvalues of the inputs",
        italic("ν"),
        traces,
        x=axis(f"eigenvalue {italic('ν')}", [min(0.0, float(at[0])), float(at[-1])]),
        y=f"density {italic('ρ')}({italic('ν')})",
        linear=[0.0, 1.15 * top],
        hovermode="closest",
        note=unseen or f"smallest {significant(lowest, 2)}: it learns last",
        alt=f"Eigenvalues of the inputs at ratio {significant(ratio, 3)}, from "
        f"{significant(lowest, 2)} to {significant(float(at[-1]), 3)}.",
    )


def _delays(read: StepsReading) -> Panel:
    ratios, curve = np.asarray(read.one["curve_ratio"].values, float), read.values("delay_curve")
    dot = run_traces("delay", x="here", bands=False, markers=True)[0]
    dot |= {"mode": "markers", "marker": {"size": 11, "color": style.series(1)}}
    traces = [dot, theory_trace(ratios, curve, "")]
    here, delay = read.number("ratio"), read.number("delay")
    if np.isfinite(delay):
        ring = theory_trace([here], [delay], "here") | {"mode": "markers"}
        ring["marker"] = {"size": 10, "symbol": "circle-open", "color": "role:ink"}
        traces.append(ring)
    seen = positive(curve, delay)
    last = 2.55 if here > 1 or np.isfinite(curve[ratios > 1]).any() else 1.02
    finite = bool(read.number("weight_decay"))
    return panel(
        "delay",
        "How much later, at every ratio",
        f"{T_GROK}{SLASH}{T_TRAIN}",
        traces,
        x=axis(
            f"dimensions per sample {italic('λ')} = {italic('d')}{SLASH}{italic('N')}", [0.15, last]
        ),
        y=f"delay {T_GROK}{SLASH}{T_TRAIN}",
        log=log_range(1.0, float(seen.max())),
        hovermode="closest",
        note="beyond 1 decay alone decides" if finite else "no delay is finite from 1 on",
        alt=f"Grokking time over train time against the ratio: it grows from "
        f"{significant(float(seen.min()), 3)} to {significant(float(seen.max()), 3)}.",
    )


def _difference(read: StepsReading) -> Panel:
    """Run minus theory of both accuracies."""
    tolerance = read.tolerance("test_accuracy", 0.035)
    factor, title = magnified(tolerance)
    traces: list[Any] = []
    for k, name in enumerate(("train_accuracy", "test_accuracy")):
        how: dict[str, Any] = {"minus": True, "scale": factor, "records": read.records}
        traces += run_traces(name, k=k, of=2, name=name.split("_")[0], **how)
    top = factor * tolerance
    return read.over_time(
        "accuracy_difference",
        "Accuracy, run minus theory",
        f"Δ{italic('A')}",
        [*traces, theory_trace(read.span, [0.0, 0.0], "")],
        y=title,
        linear=[-2 * top, 2 * top],
        tolerances=[-top, top],
        empty="appears with the run",
        note="tolerance of the test accuracy",
        alt=f"Difference of both accuracies to the theory; tolerance {significant(tolerance, 2)}.",
    )


def _gap(read: StepsReading) -> Panel:
    tolerance = read.tolerance("test_loss_sample_exact", 5.0)
    made = run_traces("gap_to_sample", k=1, of=2, records=read.records)
    zero = theory_trace(read.span, [0.0, 0.0], "sample", second=True)
    return read.over_time(
        "gap_to_sample",
        "Test loss over that of this very sample",
        f"Δ{L_TEST}{SLASH}{italic('σ')}",
        [*made, zero],
        y="difference in standard deviations",
        linear=[-1.7 * tolerance, 1.7 * tolerance],
        tolerances=[-tolerance, tolerance],
        empty="appears with the run",
        note=f"what is left is the chance of {short(read.number('replicas'))} outputs",
        alt="Relative distance of the test loss to that of the sample's own eigenvalues, in "
        "standard deviations of the outputs.",
    )


def _said(read: StepsReading, what: str) -> Any:
    early, late = (significant(read.number(n)) for n in ("train_time", "grok_time"))

    def words(run: xr.Dataset | None) -> str:
        said = f"{what} against the step: the train one is predicted at {early}, the test one at "
        said += late
        if run is not None and "grok_time" in run:
            seen = first_seed(run)
            said += f"; the run had them at {significant(float(seen['train_time']))} and "
            said += significant(float(seen["grok_time"]))
        return said + "."

    return words


def _steps(value: float) -> str:
    """A time in steps, with a decimal where that says something."""
    return decimals(value, 1 if value < 1000 else 0)


def _tiles(read: StepsReading) -> list[Tile]:
    early, late, delay = (read.number(n) for n in ("train_time", "grok_time", "delay"))
    level = f"accuracy {short(read.number('level'))}"
    tiles = [
        Tile(
            T_TRAIN, "own samples are right", _steps(early), "steps", level, 0,
            "train_time", "train_time", style.series(0, 2),
        ),
        Tile(
            T_GROK, "all others too", _steps(late), "steps",
            f"{significant(delay, 3)} times later" if np.isfinite(delay) else "some never are",
            1, "grok_time", "grok_time", style.series(1, 2),
        ),
    ]  # fmt: skip
    if read.has("grok_time_sample_exact"):
        exact = read.number("grok_time_sample_exact")
        tiles.append(
            Tile(
                T_GROK, "in this very sample", _steps(exact), "steps",
                "from its own eigenvalues", None, "grok_time", "grok_time_sample_exact",
            )
        )  # fmt: skip
    if read.has("grok_time_asymptotic"):
        edge = read.number("grok_time_asymptotic")
        tail = significant(read.number("tail"), 2)
        tiles.append(
            Tile(
                f"{T_TRAIN} + Δ{italic('t')}", "edge formula", _steps(edge), "steps",
                f"{tail} decay times deep; needs 10", None, "grok_time",
                "grok_time_asymptotic",
            )
        )  # fmt: skip
    return tiles
