"""The picture of a sweep of the linear network: jump times, and how the wait grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from sims.core.format import decimals
from sims.view import Arrays, Difference, Known, Law, Picture, Tile

SHOWN_TILES = 4


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


def waits(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
    """Slope of the measured jump times so far, (seed, sweep point, mode)."""
    return slopes_so_far(-np.log(run["alpha"]), run["jump_times"])


def wait_exponents(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
    """Slope of the logarithms of the measured jump times so far, (seed, sweep point, mode)."""
    return slopes_so_far(-np.log(run["alpha"]), np.log(run["jump_times"]))


SLOPES = {"waits": waits, "wait_exponents": wait_exponents}


def exponent(known: Known) -> int | None:
    """Power of 1/α that a jump waits, 0 for its logarithm; None where no law is known."""
    found = known.get("jump_times.wait_exponent")
    return None if found is None else int(found)


def slope(k: int) -> Callable[[Known], float]:
    """How the k-th wait grows with a smaller start: a time per factor e, or a power."""

    def found(known: Known) -> float:
        at, times = known["alpha"], known["jump_times"][:, k]
        kept = np.isfinite(times) & (at > 0)
        if kept.sum() < 2:
            return float("nan")
        waited = np.log(times[kept]) if exponent(known) else times[kept]
        return -float(np.polyfit(np.log(at[kept]), waited, 1)[0])

    return found


def slopes(known: Known) -> Sequence[Tile]:
    """The predicted slopes, beside their law and what is measured so far.

    Two layers wait a time per factor e, more layers a power.
    """
    power, count = exponent(known), known["jump_times"].shape[1]
    s = known["spectrum"].reshape(-1, count)[0]  # the same at every point
    made = []
    for k in range(min(count, SHOWN_TILES)):
        line, log = "", r"\ln " if power else ""
        if power:
            line = f"$L-2$ = {power}"
        elif power == 0:
            line = rf"$1\,/\,s_{k + 1}$ = {decimals(1 / float(s[k]))}"
        made.append(
            Tile(slope(k), "slope", line, hue=(k, count), measured="", claim="jump_times",
                 symbol=rf"\mathrm{{d}}{log}t_{k + 1}\,/\,\mathrm{{d}}\ln(1/\alpha)",
                 unit="" if power else "time",
                 follows=f"{'wait_exponents' if power else 'waits'}[{k}]")
        )  # fmt: skip
    return made


def jump_times(over: str) -> Sequence[Picture | Callable[[Known], Sequence[Tile]]]:
    """Jump times against a knob, and run over theory; of the initial scale also the slopes."""
    panels = (
        Law("jump_times", linear=True, log=True, y="jump time $t_k$", names="$t_#$"),
        Difference("jump_times", id="difference", usual=2e-3, names="$t_#$"),
    )
    return (*panels, slopes) if over == "alpha" else panels
