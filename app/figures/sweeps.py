"""Figures of a sweep over one knob: each point is a run, the line is the prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.panels import (
    Derived,
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
    text_trace,
    theory_trace,
)
from app.figures.reading import Tolerances
from app.figures.style import italic, symbol
from sims.core.format import decimals, significant

KNOB_WORDS = {
    "alpha": ("initial scale", "α"),
    "eta": ("learning rate", "η"),
    "width": ("hidden width", "h"),
}
SHOWN_TILES = 4


def _jump_difference(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Measured over predicted jump times, minus one; (seed, sweep point, mode)."""
    theory = prediction["jump_times"]
    front = [d for d in ("seed",) if d in theory.dims]
    values = theory.transpose(*front, ..., "mode").values
    values = values if front else values[None]
    return run["jump_times"] / values[:, : run["jump_times"].shape[1]] - 1


def _waits(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """Slope of the measured jump times so far, (seed, sweep point, mode)."""
    return slopes_so_far(-np.log(run["alpha"]), run["jump_times"])


def slopes_so_far(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    r"""Least-squares slope of y (..., row, mode) over x (..., row), on rows 0 to each row.

    $$ b = \frac{n \sum xy - \sum x \sum y}{n \sum x^2 - (\sum x)^2} $$

    Points that are not finite are left out; NaN where fewer than two are left.
    """
    known = np.isfinite(y)
    from_first = np.where(known, (x - x[..., :1])[..., None], 0.0)
    values = np.where(known, y, 0.0)
    n, sx, sy, sxx, sxy = (
        np.cumsum(each, axis=-2)
        for each in (known, from_first, values, from_first**2, from_first * values)
    )
    spread = n * sxx - sx**2
    slope = np.full(y.shape, np.nan)
    return np.divide(n * sxy - sx * sy, spread, out=slope, where=spread > 0)


def _wait_exponents(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """Slope of the logarithms of the measured jump times so far, (seed, sweep point, mode)."""
    return slopes_so_far(-np.log(run["alpha"]), np.log(run["jump_times"]))


SWEEP_DERIVED: Derived = {
    "jump_times_difference": _jump_difference,
    "waits": _waits,
    "wait_exponents": _wait_exponents,
}


def jump_times_against(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """Jump times against a knob, with the theory line and the relative difference.

    `prediction` has `jump_times` on (the knob, mode) and perhaps seed; rows are sweep points.
    """
    one = first_seed(prediction)
    at = np.asarray(one[over].values, float)
    times = one["jump_times"].transpose(over, "mode").values
    x = _knob_axis(over, at)
    panels = [_times(over, at, times, x), _difference(over, times, x, tolerances)]
    words = {"theory": "theory, step included"}
    seeds = prediction.sizes.get("seed", 1)
    tiles = _slopes(at, times, one) if over == "alpha" else []
    return View(panels, tiles, (), legend(panels, words, seeds), SWEEP_DERIVED)


def _knob_axis(over: str, at: np.ndarray) -> dict[str, Any]:
    words, letter = KNOB_WORDS.get(over, (over, ""))
    title = f"{words} {italic(letter)}" if letter else words
    if at.min() > 0 and at.max() > 20 * at.min():
        ends = np.log10([at.min(), at.max()])
        return axis(title, linear_range(ends[0], ends[1], pad=0.04), log=True)
    return axis(title, linear_range(float(at.min()), float(at.max()), pad=0.04))


def _times(over: str, at: np.ndarray, times: np.ndarray, x: dict[str, Any]) -> Panel:
    shown = min(times.shape[1], style.MOST_MODES)
    seen = positive(times)
    top = float(seen.max())
    traces: list[dict[str, Any]] = []
    ends: list[tuple[float, float, str, str]] = []
    for k in range(shown):
        how = {"k": k, "of": shown, "name": f"t{k + 1}", "x": over, "markers": True}
        traces += run_traces("jump_times", [k], x_index=[], **how)
        kept = np.isfinite(times[:, k])
        traces.append(theory_trace(at[kept], times[kept, k], f"t{k + 1}"))
        if kept.any():
            colour = style.series(k, shown, "text")
            words = f"<b>{symbol('t', k + 1)}</b>"
            ends.append((float(at[kept][0]), float(times[kept, k][0]), words, colour))
    if ends:
        places, heights, words, colours = (list(c) for c in zip(*ends, strict=True))
        traces.append(text_trace(places, heights, words, colours=colours, side="top right"))
    said = ", ".join(
        f"{significant(float(times[0, k]))} to {significant(float(times[-1, k]))}"
        for k in range(shown)
    )
    return panel(
        "jump_times",
        "Jump times",
        symbol("t", "k"),
        traces,
        x=x,
        y=f"jump time {symbol('t', 'k')}",
        linear=[0.0, 1.1 * top],
        log=log_range(float(seen.min()), top),
        alt=f"Jump times against {over}; theory for {shown} modes: {said}.",
    )


def _difference(over: str, times: np.ndarray, x: dict[str, Any], tolerances: Tolerances) -> Panel:
    found = tolerances.get("jump_times", np.nan)
    tolerance = float(found) if np.isfinite(found) and found > 0 else 2e-3
    factor, title = magnified(tolerance)
    shown = min(times.shape[1], style.MOST_MODES)
    ends = np.asarray(x["range"], float)
    traces = [theory_trace(10.0**ends if x.get("type") == "log" else ends, [0.0, 0.0], "")]
    for k in range(shown):
        how = {"k": k, "of": shown, "name": f"t{k + 1}", "x": over, "markers": True}
        traces += run_traces("jump_times_difference", [k], x_index=[], scale=factor, **how)
    top = tolerance * factor
    return panel(
        "difference",
        "Run over theory, minus one",
        f"{symbol('t', 'k', 'run')}\u200a/\u200a{symbol('t', 'k')} − 1",
        traces,
        x=x,
        y=title,
        linear=[-1.4 * top, 1.4 * top],
        tolerances=[-top, top],
        empty="appears with the run",
        alt=f"Relative difference of jump times; tolerance {significant(tolerance, 2)}.",
    )


def _slopes(at: np.ndarray, times: np.ndarray, one: xr.Dataset) -> list[Tile]:
    """How the wait grows with a smaller start: predicted, beside its law, and measured so far.

    Two layers wait a time per factor e, more layers a power (`wait_exponent` of the prediction).
    """
    exponent = one["jump_times"].attrs.get("wait_exponent")
    power = bool(exponent)
    tiles = []
    for k in range(min(times.shape[1], SHOWN_TILES)):
        kept = np.isfinite(times[:, k]) & (at > 0)
        if kept.sum() < 2:
            continue
        waited = np.log(times[kept, k]) if power else times[kept, k]
        slope = -float(np.polyfit(np.log(at[kept]), waited, 1)[0])
        goal = ""
        if power:
            goal = f"{italic('L')}\u200a−\u200a2 = {exponent}"
        elif exponent == 0:
            s = float(one["spectrum"].values.reshape(-1, times.shape[1])[0, k])
            goal = f"1\u200a/\u200a{symbol('s', k + 1)} = {decimals(1 / s)}"
        jump = f"{' ln ' if power else ''}{symbol('t', k + 1)}"
        letters = f"d{jump}\u200a/\u200ad ln(1\u200a/\u200a{italic('α')})"
        hue = k if times.shape[1] <= style.MOST_HUES else None
        tiles.append(
            Tile(
                letters, "slope", decimals(slope), "" if power else "time", goal, hue, "",
                "jump_times", style.series(k, times.shape[1]),
                f"{'wait_exponents' if power else 'waits'}[{k}]",
            )
        )  # fmt: skip
    return tiles
