"""Assumptions of the quasi-static curve, measured counterpart, and the claims."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import at_times, largest_gap
from sims.core.experiment import Assumption, Claim, Task
from sims.core.sentences import said
from sims.grokking.passage import falls_to
from sims.grokking.weight_decay_timing.theory import SLOW

if TYPE_CHECKING:
    from sims.grokking.weight_decay_timing.params import Params

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


def end(params: Params, prediction: xr.Dataset) -> float:
    """Time of the last record."""
    del params
    return float(prediction["time"][-1])


def _not_due(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why the run cannot show the grokking time."""
    del run
    predicted, last = float(prediction["grok_time"]), end(params, prediction)
    if math.isinf(predicted):
        return "the error never halves: min-L1 does not recover w*."
    if predicted <= last:
        return ""
    reached = float(params.alpha) * math.exp(-float(params.weight_decay) * last)
    return (
        f"the scale β is still {said(reached)} at the end of the run, too large for the error "
        "to halve."
    )


def is_settled(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Records from wd t = 0.3 on, (record,)."""
    del prediction
    return float(params.weight_decay) * run["time"].values >= SETTLED


def kernel_error(params: Params, prediction: xr.Dataset) -> float:
    """E_th(0), the error of the kernel solution."""
    del params
    return float(prediction["kernel_error"])


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
        at_times("grok_time", until=end, at_missed="never, within t = {end:4}"),
        grok_tolerance,
        relies_on=("slow_decay",),
        unless=(_not_due,),
        on_divergence="not judged",
    ),
    Claim(
        "test_error",
        largest_gap(
            "test_error",
            over=kernel_error,
            within=is_settled,
            at="largest gap at t = {time:3}",
            empty="the run ends before wd t = 0.3.",
        ),
        error_tolerance,
        relies_on=("slow_decay",),
        symbol="E",
        unit="of E(0)",
        on_divergence="not judged",
    ),
    Claim(
        "product_drift",
        largest_gap("product", over="predicted", at="largest drift at t = {time:3}"),
        MOST_DRIFT,
        relies_on=("slow_decay", "large_start"),
        title="product of the factors",
        symbol=r"u_iv_i/\beta^2",
        on_divergence="not judged",
    ),
)
