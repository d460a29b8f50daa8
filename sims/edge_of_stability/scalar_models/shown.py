"""What the pictures of the solvable models show: how far they reach, and what is derived."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from sims.core.format import decimals, significant
from sims.view import Arrays, Derived, Known

CEILING = 8.0
"""Largest ηλ drawn."""
SETTLED = 1e-3
WHOLE_RECORDS = 50
AVERAGED = 20
COMPARED_STEPS = 50


def window(step: np.ndarray, curvature: np.ndarray) -> float:
    """Steps until the predicted curvature rests, with room behind; the run's end at most."""
    last = float(step[-1])
    known = np.isfinite(curvature)
    if not known.all():
        return min(last, 5.0 + 1.4 * float(step[known][-1]))
    moving = np.flatnonzero(np.abs(curvature - curvature[-1]) > SETTLED * abs(curvature[-1]))
    rest = float(step[moving[-1]]) if moving.size else 0.0
    return min(last, max(20.0, 1.6 * rest))


def orbit_window(step: np.ndarray, multiplier: float) -> float:
    """Steps until the orbit is reached to a thousandth; those recorded one by one if it repels."""
    last, rate = float(step[-1]), abs(multiplier)
    if not 0 < rate < 1:
        return min(last, WHOLE_RECORDS)
    return min(last, max(WHOLE_RECORDS, 4 * np.log(SETTLED) / np.log(rate)))


def end(known: Known) -> float:
    """The last step that is shown."""
    step = known["step"]
    if "orbit" in known:
        return orbit_window(step, known["multiplier"])
    return window(step, known["curvature"]) if "curvature" in known else float(step[-1])


def window_note(known: Known) -> str:
    """How much of the run the panels show, where that is not all of it."""
    last, shown = float(known["step"][-1]), end(known)
    if shown >= last:
        return ""
    return f"the first {decimals(shown, 0)} of {decimals(last, 0)} steps"


def written(value: float) -> str:
    """A number with four digits, or without decimals where it has none."""
    return decimals(value, 0) if value == round(value) else significant(value, 4)


def path(known: Known) -> tuple[np.ndarray, np.ndarray]:
    """The predicted path: every step of two scalars; start and end of the tied product."""
    a0, b0 = (float(known.get(name, np.nan)) for name in ("a", "b"))
    if "curvature" not in known:
        to_end = np.abs(known["minima_curvature"] - known["curvature_final"])
        far = known["minima_first"] > 1 if abs(a0) > abs(b0) else None
        to_end = to_end if far is None else np.where(far, to_end, np.inf)
        end = int(np.argmin(to_end))
        a, b = known["minima_first"][end], known["minima_second"][end]
        return np.array([a0, np.copysign(a, a0)]), np.array([b0, np.copysign(b, b0)])
    trace, residual = known["curvature"], np.sqrt(2 * known["loss"])
    difference = np.sqrt(np.maximum(known["curvature_gradient_flow"] ** 2 - 4, 0))
    large, small = (np.sqrt(np.maximum(trace + s * difference, 0) / 2) for s in (1, -1))
    negative = (residual > 1) & (
        np.abs(large * small + 1 - residual) < np.abs(large * small - 1 - residual)
    )
    sign = np.where(negative, -1.0, 1.0)
    # the larger number keeps its sign while it stays clearly the larger one
    kept = np.logical_and.accumulate(large > 1.01 * small)
    large, small = large[kept], (sign * small)[kept]
    if abs(a0) > abs(b0):
        return np.copysign(1, a0) * large, np.copysign(1, a0) * small
    return np.copysign(1, b0) * small, np.copysign(1, b0) * large


def _first(prediction: xr.Dataset, name: str) -> np.ndarray:
    """A predicted variable of the first seed."""
    found = prediction[name]
    return (found.isel(seed=0) if "seed" in found.dims else found).values


def _edges(prediction: xr.Dataset) -> np.ndarray:
    """2/η of each seed, (seed or 1, 1)."""
    return np.reshape(prediction["edge"].values, (-1, 1)).astype(float)


def eta_curvature(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """ηλ as far as it is drawn: a run that diverges leaves every axis."""
    ratio = 2 * run["curvature"] / _edges(prediction)[: len(run["curvature"])]
    return np.where(ratio <= CEILING, ratio, np.nan)


def eta_curvature_start(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """ηλ of the start, the same in every row."""
    ratio = eta_curvature(run, prediction)
    return np.broadcast_to(ratio[:, :1], ratio.shape)


def loss_shown(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The loss as far as the panels reach."""
    step = prediction["step"].values
    if "orbit" in prediction:
        last = orbit_window(step, float(_first(prediction, "multiplier")))
    else:
        last = window(step, _first(prediction, "curvature"))
    return np.where(step[: run["loss"].shape[1]] <= last, run["loss"], np.nan)


def loss_so_far(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
    """Largest loss up to each record."""
    return np.maximum.accumulate(run["loss"], axis=1)


def learning_rate(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """η in every row."""
    return np.broadcast_to(2 / _edges(prediction), run["loss"].shape)


def late_iterate(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The iterate in the second half of the run."""
    steps = prediction["step"].values
    x = run["iterate"][..., 0]
    return np.where(steps[: x.shape[1]] > steps[-1] / 2, x, np.nan)


def orbit_gap(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Distance of |x| to the nearest predicted point of the orbit."""
    points = np.ravel(prediction["orbit"].values)
    points = points[np.isfinite(points)]
    return np.abs(np.abs(run["iterate"][..., :1]) - points).min(axis=-1)


def loss_averaged(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
    """Mean of the loss over the last 20 records."""
    loss = run["loss"]
    found = np.full(loss.shape, np.nan)
    if loss.shape[1] >= AVERAGED:
        windows = np.lib.stride_tricks.sliding_window_view(loss, AVERAGED, axis=1)
        found[:, AVERAGED - 1 :] = windows.mean(axis=-1)
    return found


def early_difference(name: str) -> Callable[[Arrays, xr.Dataset], np.ndarray]:
    """Run minus map over the first 50 steps, relative to the largest of the map."""

    def difference(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        theory = prediction[name].values
        theory = theory if theory.ndim == 2 else theory[None]
        early = prediction["step"].values <= COMPARED_STEPS
        top = np.nanmax(np.abs(theory[:, early]), axis=1, keepdims=True)
        rows = run[name].shape[1]
        gap = (run[name] - theory[: len(run[name]), :rows]) / top[: len(run[name])]
        return np.where(early[:rows], gap, np.nan)

    return difference


DERIVED: dict[str, Derived] = {
    "eta_curvature": eta_curvature,
    "eta_curvature_start": eta_curvature_start,
    "loss_shown": loss_shown,
    "loss_so_far": loss_so_far,
    "learning_rate": learning_rate,
    "late_iterate": late_iterate,
    "number": lambda run, _: run["iterate"][..., 0],
    "orbit_gap": orbit_gap,
    "loss_averaged": loss_averaged,
    "loss_difference": early_difference("loss"),
    "curvature_difference": early_difference("curvature"),
}
