"""Figures of free features: the picture, and every number on its way to the optimum."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.neural_collapse import common, simplex
from app.figures.panels import (
    Derived,
    Event,
    Panel,
    RunArrays,
    Tile,
    View,
    axis,
    constantly,
    drawn,
    legend,
    log_range,
    note,
    panel,
    run_traces,
    tag,
    theory_trace,
)
from app.figures.reading import TIME, Reading, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import significant

FLOOR = 1e-22
GUIDE = 1e-4
"""NC1 below which the last slope of cross-entropy is drawn."""
MOST_TIMES = 6
LOW = 1e-13
"""NC1 below which the axis reaches down to rounding."""


def _centred(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    Z = run["logits"] - run["logits"].mean(axis=-1, keepdims=True)
    return Z - Z.mean(axis=-2, keepdims=True)


def _guide(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """The predicted last slope through the first record with NC1 < 1e-4; NaN before it."""
    nc1, t = run["nc1"], prediction["time"].values[: run["nc1"].shape[1]]
    found = np.full_like(nc1, np.nan)
    slope = float(prediction["nc1_slope"])
    for line, seen in zip(found, nc1, strict=True):
        below = np.flatnonzero(seen < GUIDE)
        if below.size:
            i = int(below[0])
            line[i:] = seen[i] * np.exp(slope * (t[i:] - t[i]))
    return np.where(found > FLOOR, found, np.nan)


def _noise_ratio(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """√((K-1)/(K NC1)): the mean signal-to-noise ratio."""
    K = float(prediction.attrs["classes"])
    return np.sqrt((K - 1) / (K * np.maximum(run["nc1"], 1e-300)))


DERIVED: Derived = {
    **simplex.DERIVED,
    **common.DERIVED,
    "centred_logits": _centred,
    "nc1_guide": _guide,
    "noise_ratio": _noise_ratio,
}


def free_features(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """The picture, loss, collapse metrics, sizes, angles, and what is special to the setting."""
    read = Reading(prediction, tolerances or {}, _events)
    panels = [simplex.picture(read), _loss(read), _nc1(read)]
    panels += [common.sizes(read, read.x), *_logits(read), *common.minority(read)]
    panels += common.cosine_maps(read)
    panels += [common.nc2(read, read.x, [-8.4, 1.0]), common.nc3(read, read.x, [-14.6, 1.0])]
    panels += [_nc4(read), *_orientation(read), *_central_path(read)]
    words = {
        "theory": "theory",
        "second_theory": "slope or limit only",
        "predicted": "predicted level or time",
    }
    return View(panels, _tiles(read), read.events, legend(panels, words, read.seeds), DERIVED)


def _events(read: Reading) -> list[Event]:
    """Half-times of the modes; of classes that come together only the first."""
    if not read.has("jump_times"):
        return []
    found: list[Event] = []
    for j, time in enumerate(np.sort(read.values("jump_times"))[:MOST_TIMES]):
        if np.isfinite(time) and (not found or time - found[-1].time > 1e-6):
            found.append(Event(symbol("t", j + 1), float(time)))
    return found


def _loss(read: Reading) -> Panel:
    start, horizon = read.number("loss_zero"), read.span[1]
    levels = [(start, f"log {italic('K')}" if read.one.attrs["loss_kind"] == "ce" else "start")]
    if read.has("loss_final"):
        bound = read.number("reachable", 1.0) < 1
        levels.append((read.number("loss_final"), "lower bound" if bound else f"{italic('L')}*"))
    heights = [level for level, _ in levels]
    first = float(read.time[1])
    traces = run_traces("loss", records=read.records)
    span = [float(np.log10(first)), float(np.log10(horizon))]
    top = max(heights)
    figure = drawn(
        traces,
        x=axis(TIME, span, log=True),
        y=axis(f"loss {italic('L')}", [min(0.0, min(heights)) - 0.04 * top, 1.16 * top]),
        levels=[(h, "") for h in heights],
        annotations=[
            note(word, 0.012, h, xanchor="left", yanchor="bottom", font=_ink(14))
            for h, word in levels
        ],
    )
    ends = read.number("loss_final", np.nan)
    return Panel(
        "loss",
        "Loss with both decays",
        italic("L"),
        figure,
        alt=constantly(
            f"Loss against time; it starts near {significant(start, 4)} and is predicted to end at "
            f"{significant(ends, 6)}."
        ),
    )


def _ink(size: int) -> dict[str, Any]:
    return {"size": size, "color": "role:ink2"}


def _nc1(read: Reading) -> Panel:
    traces = run_traces("nc1", records=read.records)
    words, empty = "", common.LATER
    if read.has("nc1"):
        traces.append(theory_trace(read.time, read.values("nc1"), ""))
        words, empty = "two exponentials, without a fit, from t = 2K on", ""
    elif read.has("nc1_slope"):
        guide = theory_trace([], [], "slope only", second=True)
        traces.append(guide | {"meta": tag("nc1_guide")})
        slope = significant(read.number("nc1_slope"), 4)
        words = f"dash-dotted: slope only, {slope} per time, from where NC1 falls below 10⁻⁴"
        empty = f"the last slope, {slope} per time, is drawn where NC1 falls below 10⁻⁴"
    deep = read.has("nc1") and float(np.nanmin(read.values("nc1"))) < LOW
    traces.append(common.rounding(FLOOR, read.span))
    return panel(
        "nc1",
        "Spread within classes",
        "NC1",
        traces,
        x=read.x,
        y="NC1",
        log=[-23.2 if deep else -17.5, 3.0],
        times=read.events,
        note=words,
        empty=empty,
        alt=read.described("Within-class over between-class spread", "nc1"),
    )


def _logits(read: Reading) -> list[Panel]:
    """Diagonal of Z on the way: run and closed form, class by class."""
    if not read.has("logits"):
        return []
    Z = read.values("logits")
    K = Z.shape[1]
    name = "centred_logits" if read.number("bias", 1.0) else "logits"
    traces: list[dict[str, Any]] = []
    for k in range(K):
        how: dict[str, Any] = {"k": k, "of": K, "name": f"class {k + 1}", "records": read.snapshots}
        traces += run_traces(name, [k, k], at="snapshots", bands=False, **how)
        traces.append(theory_trace(read.snapshot_time, Z[:, k, k], f"class {k + 1}"))
    diagonal = np.einsum("tkk->tk", Z)
    top = float(np.nanmax(diagonal))
    centred = ", without row and column means" if read.number("bias", 1.0) else ""
    return [
        panel(
            "logits",
            "Each class is learned",
            f"{symbol('z', 'kk')}({italic('t')})",
            traces,
            x=read.x,
            y=f"logit of its own class, {symbol('z', 'kk')}",
            linear=[-0.08 * top, 1.15 * top],
            times=read.events,
            note=f"{italic('Z')} = {italic('W')} {italic('M')}<sup>T</sup>{centred}",
            alt=constantly("Logit of the own class against time, for each class, on its curve."),
        )
    ]


def _nc4(read: Reading) -> Panel:
    return panel(
        "nc4",
        "Samples not at their nearest mean",
        "NC4",
        run_traces("nearest_mean_mismatch", records=read.records),
        x=read.x,
        y="share of the samples",
        linear=[-0.04, 1.04],
        empty=common.LATER,
        alt=read.described("Share of samples that are not at their nearest class mean", ""),
    )


def _orientation(read: Reading) -> list[Panel]:
    if not read.number("oriented", 0.0):
        return []
    tolerance = read.tolerance("final_simplex", 0.05)
    return [
        panel(
            "orientation",
            "Distance to the predicted corners",
            f"|{symbol('M', 'c')} − {symbol('M', '∞')}|/|{symbol('M', '∞')}|",
            run_traces("orientation_error", records=read.records),
            x=read.x,
            y="relative distance",
            log=[-3.6, 0.6],
            tolerances=[tolerance],
            empty=common.LATER,
            alt=constantly(
                "Distance of the class means to their predicted corners, all dimensions; tolerance "
                f"{significant(tolerance, 2)}."
            ),
        )
    ]


def _central_path(read: Reading) -> list[Panel]:
    """How slowly the same would go with features renewed at every moment."""
    if not read.has("central_path"):
        return []
    omega = read.values("central_path")
    traces = run_traces("noise_ratio", records=read.records)
    for j in range(omega.shape[1]):
        traces.append(theory_trace(read.time, omega[:, j], f"ω{j + 1}", second=True))
    low = float(np.nanmin(omega))
    return [
        panel(
            "central_path",
            "Beside it: the central path",
            symbol("ω", "j"),
            traces,
            x=read.x,
            y=f"signal to noise {symbol('ω', 'j')}",
            log=log_range(low, 1e11, pad=0.04, most=16),
            note="dash-dotted: least-squares classifier at every moment, no decay, spread held at "
            "1; the run is free of that and collapses exponentially",
            alt=constantly(
                "Signal-to-noise ratios on the central path, and the mean one of the run."
            ),
        )
    ]


def _tiles(read: Reading) -> list[Tile]:
    tiles = [common.kc_tile(read)]
    tiles += common.level_tile(
        read, f"{italic('a')}*", "margin at the end", "margin_final", "margin"
    )
    bound = "lower bound of the loss" if read.number("reachable", 1.0) < 1 else "loss at the end"
    tiles += common.level_tile(read, f"{italic('L')}*", bound, "loss_final", "loss", 5)
    tiles += common.level_tile(
        read, f"|{symbol('m', 'k')}|*", "length of class means", "feature_norm_final",
        "feature_norm",
    )  # fmt: skip
    if read.has("minority_threshold"):
        R0 = significant(read.number("minority_threshold"), 4)
        side = "below it" if read.number("imbalance") < read.number("minority_threshold") else (
            "beyond it: small classes merge"
        )  # fmt: skip
        own = f"R = {significant(read.number('imbalance'), 3)} is {side}"
        tiles.append(Tile(symbol("R", 0), "imbalance at which small classes merge", R0, "", own))
    elif read.events:
        first = read.events[0]
        at = significant(first.time, 4)
        tiles.append(Tile(first.symbol_html, "first mode is half learned", at, "time"))
    return tiles
