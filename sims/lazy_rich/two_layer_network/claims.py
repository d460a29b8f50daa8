"""Measured counterparts of the lazy predictions, and the claims that compare them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.compare import largest_gap, level, one_sided, slope
from sims.core.controls import OTHER_SEED
from sims.core.experiment import Baseline, Claim, SweepClaim, Task
from sims.lazy_rich.assumptions import FROZEN, STAYS_PUT
from sims.lazy_rich.two_layer_network import theory
from sims.lazy_rich.two_layer_network.theory import climb

if TYPE_CHECKING:
    from sims.lazy_rich.two_layer_network.params import Params

FEWEST_KINKS = 20
LOSS_WINDOW = (1e-5, 1e6)
"""Range of L_lin/L(0) in which the loss is compared."""
LINEAR = (
    "features_stay_put",
    "modes_learned",
    "kinks_enough",
    "rate_below_the_edge",
    "arithmetic_resolves_the_output",
)


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """How far features and weights have moved at the end; the slope of a catapult."""
    del task
    ends = {
        f"{name}_final": ((), float(run[name][-1]) if run.sizes["record"] else math.nan)
        for name in ("feature_change", "weight_change")
    }
    if float(params.c) > 1:
        between = climb(prediction["train_loss"].values)
        rise = theory.slope(run["step"].values, run["train_loss"].values, between)
        ends["catapult_slope"] = ((), rise)
    return xr.Dataset(ends)


def _stopped(run: xr.Dataset) -> int:
    return int(run.attrs.get("stopped", -1))


# Why nothing is compared


def _diverged(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del params, prediction
    at = _stopped(run)
    return f"diverged at step {at}." if at >= 0 else ""


def _diverged_below_the_edge(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    return _diverged(params, prediction, run) if float(params.c) <= 1 else ""


def _no_end(params: Params, *_: xr.Dataset) -> str:
    return "the linear model has no end." if float(params.c) > 1 else ""


def _no_catapult(params: Params, *_: xr.Dataset) -> str:
    return "" if float(params.c) > 1 else "the rate is below the edge."


def _few_kinks(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del run
    if "kinks_crossed" not in prediction or float(params.c) > 1:
        return ""
    crossed = int(prediction["kinks_crossed"])
    return f"the theory crosses {crossed} kinks." if crossed < FEWEST_KINKS else ""


def _no_climb(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del params
    if climb(prediction["train_loss"].values) is None:
        return "the linear model does not grow tenfold within this run."
    unseen = math.isnan(float(run["catapult_slope"]))
    return f"diverged at step {_stopped(run)}." if unseen else ""


# Where, and over what


def in_range(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Records where L_lin is within 1e-5..1e6 of the first loss, (record,)."""
    del params
    p = prediction["train_loss"].values[: run.sizes["record"]]
    lo, hi = (x * p[0] for x in LOSS_WINDOW)
    return (p > lo) & (p < hi)


def is_last(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """The last snapshot alone, (snapshot,)."""
    del params, prediction
    n = run.sizes["snapshot"]
    return np.arange(n) == n - 1


def is_climbing(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Records between those where L_lin has grown tenfold, (record,)."""
    del params
    first, last = climb(prediction["train_loss"].values) or (0, 0)
    n = np.arange(run.sizes["record"])
    return (n >= first) & (n <= last)


def size_of_target(params: Params, prediction: xr.Dataset) -> float:
    """|y| on the train points."""
    del params
    return float(np.linalg.norm(prediction["sample_target"].values))


def smooth_law(params: Params, prediction: xr.Dataset) -> float:
    """α*/α, what the feature change is for a smooth activation while features stay put."""
    return float(prediction["smooth_alpha"]) / float(params.alpha)


def _not_yet_thrown(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why the rate at the end is no test where the loss has had no time to bend the kernel."""
    del run
    highest = float(np.max(prediction["train_loss"].values))
    if highest > float(params.alpha) ** 2:
        return ""
    return "the linear loss stays below α² in this run, so the kernel has no reason to shrink."


def exactly_the_teacher(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The teacher on the test points, (input,)."""
    del params, prediction
    return task["y_test"]


def rate_of_the_start(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """The rate in units of the first kernel's edge."""
    del task, prediction
    return float(params.c)


NOTHING_MOVES = Baseline("the weights do not move", 0.0)
ALIKE = "features of wide networks move by nearly the same amount from every start"


# How closely


def change(prediction: xr.Dataset) -> float:
    """R_pred, or its limit 0.1 if that is smaller."""
    return min(float(prediction["feature_change_final"]), STAYS_PUT)


def affine(start: float, per_change: float) -> Callable[[Any, xr.Dataset], float]:
    """Start + per_change min(R_pred, 0.1)."""

    def tolerance(params: Any, prediction: xr.Dataset) -> float:
        del params
        return start + per_change * change(prediction)

    return tolerance


def loss_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.03 + 9 min(R_pred, 0.012)."""
    del params
    return 0.03 + 9 * min(float(prediction["feature_change_final"]), FROZEN)


def feature_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.02 + 0.3 min(R_pred, 0.1); for relu 1.5/√M, the noise of M crossed kinks."""
    if params.activation == "relu":
        return 1.5 / math.sqrt(max(1, int(prediction["kinks_crossed"])))
    return affine(0.02, 0.3)(params, prediction)


def over_width(axes: Mapping[str, Any]) -> bool:
    """Whether a sweep goes over the width alone."""
    return list(axes) == ["width"]


FROM_THE_END = "at the last step"

CLAIMS = (
    Claim(
        "train_loss",
        largest_gap("train_loss", over="logarithm", within=in_range, at="at step {step}"),
        loss_tolerance,
        relies_on=(
            "features_frozen",
            "smooth_activation",
            "rate_below_the_edge",
            "arithmetic_resolves_the_output",
        ),
        title="loss curve",
        symbol=r"|\ln L/L_\mathrm{lin}|",
        unit="in ln L",
        unless=(_diverged_below_the_edge,),
    ),
    Claim(
        "mode_residuals",
        largest_gap("mode_residuals", over=size_of_target, at="mode {mode} at step {step}"),
        affine(0.001, 0.1),
        relies_on=LINEAR,
        title="residual of each mode",
        symbol=r"u_j\cdot(y-f)",
        unit="of |y|",
        unless=(_no_end,),
    ),
    Claim(
        "test_function",
        largest_gap(
            "test_function",
            over="predicted",
            within=is_last,
            vectors=True,
            show="length",
            at="over the test inputs, at the last step",
        ),
        affine(0.004, 0.7),
        relies_on=LINEAR,
        title="function at the end",
        symbol="f'",
        unless=(_no_end,),
        baseline=Baseline("the network becomes its teacher", exactly_the_teacher),
    ),
    Claim(
        "weight_change_final",
        level("weight_change_final", at=FROM_THE_END),
        affine(0.01, 0.75),
        relies_on=LINEAR,
        title="how far the weights move",
        symbol=r"D_\theta",
        unless=(_no_end,),
        baseline=NOTHING_MOVES,
        void={OTHER_SEED: ALIKE},
    ),
    Claim(
        "feature_change_final",
        level("feature_change_final", at=FROM_THE_END),
        feature_tolerance,
        relies_on=LINEAR,
        title="how far the features move",
        symbol="R",
        unless=(_few_kinks, _no_end),
        baseline=NOTHING_MOVES,
        void={OTHER_SEED: ALIKE},
    ),
    Claim(
        "smooth_law",
        level(smooth_law, "feature_change_final", over=smooth_law, at=FROM_THE_END),
        affine(0.03, 0.7),
        relies_on=(
            "features_stay_put",
            "modes_learned",
            "smooth_activation",
            "rate_below_the_edge",
            "arithmetic_resolves_the_output",
        ),
        title="the smooth law",
        symbol=r"\alpha^*/\alpha",
        unless=(_no_end,),
        baseline=NOTHING_MOVES,
        void={OTHER_SEED: ALIKE},
    ),
    Claim(
        "catapult_slope",
        level("catapult_slope", within=is_climbing, at="steps {first} to {last}"),
        0.04,
        relies_on=("room_to_grow", "arithmetic_resolves_the_output"),
        title="slope of the catapult",
        symbol=r"2\ln|1-2c|",
        unless=(_no_catapult, _no_climb),
        applies=lambda params: float(params.c) > 1,
        on_divergence="judged",
        baseline=Baseline("the loss does not grow", 0.0),
        void={OTHER_SEED: "the rate is set in units of each start's own edge"},
    ),
    Claim(
        "rate_over_edge",
        one_sided(1.0, "rate_over_edge", side="below", at="at the last step; predicted: below 1"),
        1,
        relies_on=("below_twice_the_edge",),
        title="settles below the edge",
        symbol=r"\eta\lambda_\max(K_T)/2n",
        unit="of the edge",
        unless=(_no_catapult, _diverged, _not_yet_thrown),
        applies=lambda params: float(params.c) > 1,
        sees_ten_percent=False,
        because="it says on which side of 1 the rate ends.",
        baseline=Baseline("the kernel stays as at the start", rate_of_the_start),
        void={OTHER_SEED: "the rate is set in units of each start's own edge"},
    ),
)

SWEEP_CLAIMS = (
    SweepClaim(
        "width_slope",
        slope(
            "feature_change_final",
            along="width",
            logs="both",
            over=1.0,
            at="widths {first} to {last}",
            empty="fewer than 3 widths.",
        ),
        0.03,
        relies_on=("features_stay_put", "rate_below_the_edge"),
        title="power of the width",
        symbol=r"R\propto N^p",
        unit="in the power",
        applies=over_width,
        baseline=Baseline("the width does not matter"),
    ),
)
