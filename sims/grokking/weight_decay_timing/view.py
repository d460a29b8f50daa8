"""The picture of when it groks: the curve, the clock, the weights on their path."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import decimals, short
from sims.grokking.passage import falls_to
from sims.grokking.weight_decay_timing.theory import FITTED
from sims.view import (
    LOG_TIME,
    Arrays,
    Curves,
    Difference,
    Given,
    Guess,
    Known,
    Law,
    Level,
    Moment,
    Picture,
    Profile,
    Tile,
    View,
)  # fmt: skip

SHOWN = 40
"""Weights drawn one by one, the true ones first."""


def order(known: Known) -> np.ndarray:
    """Weights drawn: the true ones first, then by their size at the start of the curve."""
    weights = known["weights"]
    first = np.abs(weights[min(1, len(weights) - 1)])
    return np.lexsort((-first, -np.abs(known["weights_true"])))[:SHOWN]


def halved(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """First time the error is half the kernel's, from the record on at which it is."""
    t = prediction["time"].values[: run["test_error"].shape[1]]
    late = float(prediction.attrs["weight_decay"]) * t > FITTED
    half = np.atleast_1d(prediction["kernel_error"].values) / 2
    found = np.full(run["test_error"].shape, np.nan)
    for i, E in enumerate(run["test_error"]):
        at = falls_to(t[late], E[late], float(half[min(i, len(half) - 1)]))
        if np.isfinite(at):
            found[i, t >= at] = at
    return found


def error_gap(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Test error minus the theory, from the moment on at which the fit counts as done."""
    rows = run["test_error"].shape[1]
    theory = np.atleast_2d(prediction["test_error"].values)[: len(run["test_error"]), :rows]
    fitted = float(prediction.attrs["weight_decay"]) * prediction["time"].values[:rows] >= FITTED
    return np.where(fitted, run["test_error"] - theory, np.nan)


def slope(known: Known) -> str:
    """The delay for a factor e of the start."""
    return rf"slope $1/\gamma = {short(1 / known['weight_decay'])}$ per factor e"


def left_over(known: Known) -> list[float]:
    """Decades of the train loss: what decay leaves of it is of order γ²/8."""
    return [math.log10(known["weight_decay"] ** 2 / 8) - 4, 0.3]


def within_run(known: Known) -> float:
    """The grokking time, if the run comes so far."""
    late = known["grok_time"] > known["time"][-1]
    return math.nan if late else known["grok_time"]


def from_kernel(known: Known) -> str:
    """The error of the kernel's solution."""
    return f"from {decimals(known['kernel_error'], 3)} of the kernel"


def sweep(over: str) -> Sequence[Picture]:
    """Grokking time against a knob."""
    return (
        Law("grok_time", log=over == "weight_decay"),
        Difference("grok_time", usual=0.04, wide=1.6),
    )


VIEW = View(
    Curves("test_error", linear=True, log=True, shows=(1.0,), second="test_error_first_order",
           levels=(Level(lambda k: k["kernel_error"] / 2, "half"), "test_error_floor"),
           note=r"lower dots: the lasso, where a run at this $\gamma$ ends"),
    (
        Law("grok_time_curve", over="scale", id="clock", title="The clock: when, from every start",
            symbol=r"t_\mathrm{grok}", y=r"grokking time $t_\mathrm{grok}$", linear=True,
            x=r"initial scale $\alpha$", x_log=True, run="halved", at="alpha", ring="grok_time",
            note=slope),
        Profile("weights", order=order, lines=False, x="weight, true ones first", symbol="w_i",
                title="Weights, from spread out to sparse", name="",
                given=(Given(lambda k: np.arange(1, 1 + len(order(k))),
                             lambda k: k["weights_true"][order(k)], "true weight", "bar"),),
                note="bars: the true weights; drag the scrubber"),
        Difference("test_error", by="error_gap", id="error_difference", unit="kernel_error",
                   title="Test error, run minus theory", symbol=r"\Delta|w-w^*|^2", usual=0.05,
                   wide=2, note=rf"shown from $\gamma t = {FITTED}$ on, judged from 0.3"),
        Curves("product", theory=lambda k: k["product"][:, 0], entries=(0, 1),
               names=("smallest", "largest"), title="What decays: the product of the factors",
               symbol=r"u_iv_i = \beta^2", y="$u_iv_i$", log=True,
               note="smallest and largest of all features"),
        Difference("product_drift", by="product_drift", distance=True, usual=0.005,
                   title="Drift of the products", symbol=r"\max|u_iv_i/\beta^2-1|", y="drift",
                   note="gradient flow has none, whatever it learns; a finite step makes it drift"),
        Curves("train_loss", symbol="L", log=left_over,
               empty="fitted long before; appears with the run",
               note=r"what is left is of order $\gamma^2$"),
    ),
    (
        Tile("grok_time", "the error halves", r"$\ln(\alpha/\beta_c)/\gamma$", places=1),
        Tile("critical_scale", "critical scale", "set by the data alone", symbol=r"\beta_c",
             unit="√weight", digits=3),
        Tile(lambda k: math.log(2) / k["weight_decay"], "delay for twice the start",
             r"$\ln2/\gamma$", symbol=r"\Delta", unit="time", places=1),
        Tile("test_error_floor", "error of the lasso, its end", from_kernel, symbol="E", digits=2),
    ),
    (Moment(within_run, r"t_\mathrm{grok}"),),
    clock=LOG_TIME,
    legend={
        "theory": "theory, decaying interpolator",
        "second_theory": "corrected to first order in the decay",
        "predicted": "predicted time or level",
    },
    derived={"error_gap": error_gap, "halved": halved},
    sweep=sweep,
    guess=Guess.time("grok_time", "When has the test error halved?"),
)  # fmt: skip
