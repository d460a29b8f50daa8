"""What the screen computes of the solvable models, how far their panels reach, and the view."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.panels import Derived, Panel, RunArrays, Tile, View, legend
from app.figures.reading import StepReading
from sims.core.format import decimals, significant

CEILING = 8.0
"""Largest ηλ drawn."""
SETTLED = 1e-3
WHOLE_RECORDS = 50
AVERAGED = 20
COMPARED_STEPS = 50


def window(prediction: xr.Dataset) -> float:
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


def orbit_window(prediction: xr.Dataset) -> float:
    """Steps until the orbit is reached to a thousandth; those recorded one by one if it repels."""
    last = float(prediction["step"].values[-1])
    rate = abs(float(np.ravel(prediction["multiplier"].values)[0]))
    if not 0 < rate < 1:
        return min(last, WHOLE_RECORDS)
    return min(last, max(WHOLE_RECORDS, 4 * np.log(SETTLED) / np.log(rate)))


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
        last = (orbit_window if "orbit" in prediction else window)(prediction)
        inside = prediction["step"].values[: run[name].shape[1]] <= last
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


def view_of(read: StepReading, panels: list[Panel], tiles: list[Tile], theory: str) -> View:
    """The panels and tiles with the words of the legend."""
    words = {"theory": theory, "second_theory": "an orbit that repels"}
    entries = legend(panels, words, read.seeds)
    return View(panels, tiles, read.events, entries, DERIVED)


def plain(value: float) -> str:
    """A number with four digits, or without decimals where it has none."""
    return decimals(value, 0) if value == round(value) else significant(value, 4)


def dots(traces: list[dict[str, Any]], size: float = 7) -> list[dict[str, Any]]:
    """The same run as dots without a line."""
    made = []
    for trace in traces:
        if trace["legendgroup"] == "run":
            marker = {"size": size, "color": trace["line"]["color"]}
            trace = trace | {"mode": "markers", "marker": marker}
        made.append(trace)
    return made
