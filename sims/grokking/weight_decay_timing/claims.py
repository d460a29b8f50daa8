"""Assumptions of the quasi-static curve, measured counterpart, and the claims."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.claims import constant
from sims.core.experiment import Assumption, Claim, Compared, Task, not_compared
from sims.core.sentences import said
from sims.grokking.divergence import unless_diverged
from sims.grokking.passage import falls_to

if TYPE_CHECKING:
    from sims.grokking.weight_decay_timing.params import Params

SLOW = 0.02
LARGE = 0.5
CAP = 0.09
"""Largest tolerance, so that a clock 10 % off never passes."""
LATE = 8.0
"""Time units that the grokking time may be late."""
FITTED, SETTLED = 0.1, 0.3
"""Decay times after which the error is watched for halving, and compared."""
MOST_DRIFT = 0.005


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken."""
    del task, prediction
    decay, alpha = float(params.weight_decay), float(params.alpha)
    return [
        Assumption(
            "slow_decay",
            "slow decay",
            f"Decay {said(decay)}: the residual is O(wd) and the quasi-static curve is late by 1 "
            "to 5 time units.",
            decay <= SLOW,
            decay,
        ),
        Assumption(
            "large_start",
            "large start",
            f"Starting scale {said(alpha)}: the run does not begin at the kernel solution."
            if alpha < LARGE
            else f"Starting scale {said(alpha)}, wanted at least {LARGE}.",
            alpha >= LARGE,
            alpha,
        ),
    ]


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """First time the error is below half the kernel's, once the fit is done; NaN if never."""
    del task
    late = float(params.weight_decay) * run["time"].values > FITTED
    half = float(prediction["kernel_error"]) / 2
    at = falls_to(run["time"].values[late], run["test_error"].values[late], half)
    return xr.Dataset({"grok_time": ((), at, {"units": "time"})})


@unless_diverged
def compare_grok_time(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|run/theory - 1|; a run that never halves its error though the theory does is inf late."""
    predicted, measured = float(prediction["grok_time"]), float(run["grok_time"])
    last = float(prediction["time"][-1])
    if math.isinf(predicted):
        return not_compared("the error never halves: min-L1 does not recover w*.")
    if predicted > last:
        reached = float(params.alpha) * math.exp(-float(params.weight_decay) * last)
        return not_compared(
            f"the scale β is still {said(reached)} at the end of the run, too large for the error "
            "to halve."
        )
    if math.isnan(measured):
        return Compared(predicted, measured, math.inf, f"never, within t = {said(last, 4)}")
    return Compared(predicted, measured, abs(measured / predicted - 1))


@unless_diverged
def compare_error(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest |E_run - E_th|/E_th(0) once wd t >= 0.3."""
    seen = run["test_error"].values
    t = run["time"].values
    late = float(params.weight_decay) * t >= SETTLED
    if not late.any():
        return not_compared("the run ends before wd t = 0.3.")
    foreseen = prediction["test_error"].values[: len(seen)]
    gaps = np.where(late, np.abs(seen - foreseen), -1.0) / float(prediction["kernel_error"])
    i = int(np.argmax(gaps))
    where = f"largest gap at t = {said(float(t[i]), 3)}"
    return Compared(float(foreseen[i]), float(seen[i]), float(gaps[i]), where)


@unless_diverged
def compare_drift(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest |u_i v_i/β² - 1| over coordinates and records."""
    del params
    seen = run["product"].values
    foreseen = prediction["product"].values[: len(seen)]
    gaps = np.abs(seen / foreseen - 1)
    i, j = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    where = f"largest drift at t = {said(float(run['time'][i]), 3)}"
    return Compared(float(foreseen[i, j]), float(seen[i, j]), float(gaps[i, j]), where)


def grok_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """min(0.09, 8/t_grok)."""
    del params
    at = float(prediction["grok_time"])
    return min(CAP, LATE / at) if at > 0 else CAP


def error_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """min(0.09, 5 wd)."""
    del prediction
    return min(CAP, 5 * float(params.weight_decay))


CLAIMS = (
    Claim(
        "grok_time",
        "grokking time",
        r"t_\mathrm{grok}",
        "relative",
        ("slow_decay",),
        grok_tolerance,
        compare_grok_time,
    ),
    Claim(
        "test_error",
        "test error",
        "E",
        "of E(0)",
        ("slow_decay",),
        error_tolerance,
        compare_error,
    ),
    Claim(
        "product_drift",
        "product of the factors",
        r"u_iv_i/\beta^2",
        "relative",
        ("slow_decay", "large_start"),
        constant(MOST_DRIFT),
        compare_drift,
    ),
)
