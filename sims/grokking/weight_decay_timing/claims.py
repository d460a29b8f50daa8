"""Assumptions of the quasi-static curve, measured counterpart, and the claims."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import at_times, largest_gap
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.knobs import filled
from sims.core.sentences import said, share
from sims.grokking.passage import falls_to
from sims.grokking.weight_decay_timing.theory import FITTED, SETTLED, SMALLEST, scale

if TYPE_CHECKING:
    from sims.grokking.weight_decay_timing.params import Params

MOST_SHIFT = 0.05
"""Largest first-order shift of the curve, of E(0), at which it counts as quasi-static."""
GENTLE = 1.0
"""Largest η times the sharpness of the path: half of what diverges."""
CAP = 0.09
"""Largest tolerance, so that a clock 10 % off never passes."""
BEYOND = 1.5
"""Share of the first-order shift that the whole one may be."""
SECOND_ORDER = 2.5
"""What the next order leaves of the error, over the square of how far the first moves the weights.

Of 12 data sets it was 0.4 to 2.
"""
READ, READ_LATER = 0.005, 0.002
"""What reading a time or an error between records and the finite step cost, at most."""


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken."""
    del task
    decay, shift = float(params.weight_decay), float(prediction["first_order_shift"])
    step = filled(params.eta) * float(prediction["path_sharpness"])
    return [
        Assumption(
            "slow_decay",
            "slow decay",
            f"Decay {said(decay)}: the residual is O(wd) and to first order moves the quasi-static "
            f"curve by {share(shift)} of E(0), where the theory wants at most {share(MOST_SHIFT)}.",
            shift <= MOST_SHIFT,
            shift,
        ),
        Assumption(
            "small_step",
            "small step",
            f"The step times the sharpness of the path is {said(step, 2)}; from 2 on the fit "
            f"diverges, wanted is at most {GENTLE:.0f}.",
            step <= GENTLE,
            step,
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
    """Records from wd t = 0.3 on, down to the scale to which the path is followed, (record,)."""
    del prediction
    decay, t = float(params.weight_decay), run["time"].values
    return (decay * t >= SETTLED) & (scale(float(params.alpha), decay, t) >= SMALLEST)


def kernel_error(params: Params, prediction: xr.Dataset) -> float:
    """E_th(0), the error of the kernel solution."""
    del params
    return float(prediction["kernel_error"])


def _no_correction(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del params, run
    far = float(prediction["first_order_shift"]) > MOST_SHIFT
    return "a correction that large is no small one." if far else ""


def one_decay_time(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """1/wd."""
    del task, prediction
    return 1 / float(params.weight_decay)


def uncorrected(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The quasi-static curve, (record,)."""
    del params, task
    return prediction["test_error"].values


def grok_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """min(0.09, 0.005 + 1.5 |t₁/t - 1|) with the time t₁ to first order."""
    del params
    at, later = (float(prediction[n]) for n in ("grok_time", "grok_time_first_order"))
    shift = abs(later / at - 1) if 0 < at < math.inf else math.inf
    return min(CAP, READ + BEYOND * shift)


def error_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """min(0.09, 0.005 + 1.5 shift) with the first-order shift, of E(0)."""
    del params
    return min(CAP, READ + BEYOND * float(prediction["first_order_shift"]))


def corrected_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.002 + 2.5 max |δw|²/E(0) with the first-order change δw of the weights."""
    del params
    return READ_LATER + SECOND_ORDER * float(prediction["second_order"])


HELD = ("slow_decay", "small_step")
GAP = {
    "over": kernel_error,
    "within": is_settled,
    "at": "largest gap at t = {time:3}",
    "empty": "the run ends before wd t = 0.3.",
}

CLAIMS = (
    Claim(
        "grok_time",
        at_times(
            "grok_time",
            until=end,
            spare=grok_tolerance,
            short="the run ends at t = {end}, before it could be late.",
            at_missed="never, within t = {end:4}",
        ),
        grok_tolerance,
        relies_on=HELD,
        unless=(_not_due,),
        on_divergence="not judged",
        baseline=Baseline("after one decay time", one_decay_time),
    ),
    Claim(
        "test_error",
        largest_gap("test_error", **GAP),
        error_tolerance,
        relies_on=HELD,
        symbol="E",
        unit="of E(0)",
        on_divergence="not judged",
    ),
    Claim(
        "test_error_first_order",
        largest_gap("test_error_first_order", "test_error", **GAP),
        corrected_tolerance,
        relies_on=HELD,
        title="test error, corrected",
        symbol="E_1",
        unit="of E(0)",
        unless=(_no_correction,),
        on_divergence="not judged",
        baseline=Baseline("the curve without its correction", uncorrected),
    ),
)


def shuffled(task: Task) -> Task:
    """The same inputs with the answers of other ones."""
    order = np.random.default_rng(0).permutation(len(task["y"]))
    return {**task, "y": task["y"][order]}


CONTROLS = (
    Control("the answers are shuffled", task=shuffled),
    Control("nothing decays", {"weight_decay": 1e-5}),
)
