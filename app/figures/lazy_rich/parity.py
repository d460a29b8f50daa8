"""Figures of parity: where features win, and what a kernel makes of the same points."""

from __future__ import annotations

import numpy as np
import xarray as xr

from app.figures.lazy_rich.training import (
    PREDICTED_CHANGE,
    LogStepReading,
    loss_panel,
    regime_words,
)
from app.figures.panels import (
    Derived,
    Panel,
    RunArrays,
    Tile,
    View,
    axis,
    legend,
    linear_range,
    panel,
    positive,
    run_traces,
    tag,
    theory_trace,
)
from app.figures.reading import Tolerances
from app.figures.style import italic, symbol
from sims.core.format import decimals, short, significant

SHARE = italic("s")


def _axis_shares(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    values = prediction["axis_shares"].values
    values = values if values.ndim == 3 else values[None]
    return values[:, : run["axis_shares"].shape[1]]


DERIVED: Derived = {"axis_shares_predicted": _axis_shares}


def parity(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Losses on their lazy curves, the share of the bits that matter, and points needed."""
    read = LogStepReading(prediction, tolerances or {})
    kernel = read.values("test_loss_kernel") if read.has("test_loss_kernel") else np.zeros(0)
    panels = [
        loss_panel(read, "train_loss", "Train loss", italic("L"), floor=1e-6),
        _test_loss(read),
        _share(read),
        _shares_of_bits(read),
    ]
    if kernel.size:
        panels.append(_points_needed(read))
    words = {"theory": "lazy theory, at the run's own step"}
    return View(panels, _tiles(read), (), legend(panels, words, read.seeds), DERIVED)


def _test_loss(read: LogStepReading) -> Panel:
    y = read.values("test_loss")
    traces = run_traces("test_loss", x="step", records=read.records)
    traces.append(theory_trace(read.step, y, "lazy"))
    shown = positive(y[y < 1e3])
    top = max(0.5, float(shown.max()))
    return panel(
        "test_loss",
        "Test loss",
        f"{italic('L')}′",
        traces,
        x=read.x,
        y=f"test loss {italic('L')}′",
        linear=[-0.03 * top, 1.15 * top],
        log=[-3.5, float(np.log10(2 * top))],
        levels=[(0.5, "")],
        note="dotted: what a constant zero has",
        alt=read.described("Test loss", "test_loss"),
    )


def _share(read: LogStepReading) -> Panel:
    traces = run_traces("relevant_share", x="step", records=read.records)
    traces.append(theory_trace(read.step, read.values("relevant_share"), "lazy"))
    chance = read.number("chance")
    return panel(
        "relevant_share",
        "Share of the bits that matter",
        SHARE,
        traces,
        x=read.x,
        y=f"share of the mass {SHARE}",
        linear=[-0.03, 1.03],
        levels=[(chance, "")],
        note=f"dotted: by chance, {significant(chance, 2)}",
        alt=read.described("Share of the weights' mass on the bits that matter", "relevant_share"),
    )


def _shares_of_bits(read: LogStepReading) -> Panel:
    number = np.asarray(read.one["axis"].values, float)
    values = read.values("axis_shares")
    run = run_traces("axis_shares", bands=False, at="scrub", markers=True)[0]
    run["meta"]["run"]["x"] = ""
    moving = {"meta": tag("axis_shares_predicted", x="", at="scrub")}
    theory = theory_trace(number, values[-1], "lazy") | moving
    top = max(0.5, 1.3 * float(values.max()))
    return panel(
        "axis_shares",
        "Share of each bit",
        symbol("s", "j"),
        [run | {"x": number}, theory],
        x=axis(f"bit {italic('j')}", linear_range(1.0, float(number[-1]), pad=0.04)),
        y=f"share {symbol('s', 'j')}",
        linear=[-0.02, top],
        hovermode="closest",
        note=f"the first {short(read.number('relevant'))} matter; move through time below",
        alt="Share of the weights' mass on each input bit at the time of the scrubber.",
    )


def _points_needed(read: LogStepReading) -> Panel:
    samples = np.asarray(read.one["samples"].values, float)
    kernel = read.values("test_loss_kernel")
    ends = np.log10([samples[0], samples[-1]])
    x = axis(
        f"train points {italic('n')}",
        linear_range(float(ends[0]), float(ends[1]), pad=0.05),
        log=True,
    )
    theory = theory_trace(samples, kernel, "kernel") | {"mode": "lines+markers"}
    theory["marker"] = {"size": 6, "symbol": "circle-open", "color": "role:ink"}
    top = float(positive(kernel, 0.5).max())
    return panel(
        "test_loss_kernel",
        "How many points the kernel needs",
        f"{italic('L')}′",
        [theory],
        x=x,
        y=f"test loss of the kernel {italic('L')}′",
        linear=[-0.03 * top, 1.12 * top],
        note="theory alone: the kernel at birth, trained to the end on so many points",
        alt="Test loss of the kernel at birth against the number of train points, with no run.",
    )


def _tiles(read: LogStepReading) -> list[Tile]:
    change = read.number("feature_change_final")
    loss, share = read.number("test_loss_final"), read.number("relevant_share_final")
    name = "test_loss_final"
    tiles = [
        Tile(
            f"{italic('L')}′", "test loss of the lazy net", decimals(loss, 4), "",
            f"here {italic('α')} = {short(read.number('alpha'))}", None, name, name,
        )
    ]  # fmt: skip
    name = "relevant_share_final"
    words = "share of the bits that matter"
    by_chance = f"by chance {significant(read.number('chance'), 3)}"
    value = decimals(share)
    tiles.append(Tile(SHARE, words, value, "", by_chance, None, name, "relevant_share"))
    value = significant(change, 3)
    tiles.append(Tile(PREDICTED_CHANGE, "change of the features", value, "", regime_words(read)))
    return tiles
