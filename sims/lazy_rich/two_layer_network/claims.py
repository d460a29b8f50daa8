"""Measured counterparts of the lazy predictions, and the claims that compare them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.claims import constant
from sims.core.experiment import Claim, Compared, SweepClaim, Task, not_compared
from sims.lazy_rich.assumptions import FROZEN, STAYS_PUT
from sims.lazy_rich.two_layer_network.theory import climb, slope

if TYPE_CHECKING:
    from sims.lazy_rich.two_layer_network.params import Params

NO_END = "the linear model has no end."
NO_SNAPSHOTS = "a sweep keeps no snapshots."
FEWEST_KINKS = 20
FEWEST_WIDTHS = 3
LOSS_WINDOW = (1e-5, 1e6)
"""Range of L_lin/L(0) in which the loss is compared."""
LINEAR = (
    "features_stay_put",
    "kinks_enough",
    "rate_below_the_edge",
    "arithmetic_resolves_the_output",
)

Compare = Callable[[Any, xr.Dataset, xr.Dataset], Compared]


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """How far features and weights have moved at the end; the slope of a catapult."""
    del task
    ends = {
        f"{name}_final": ((), float(run[name][-1]) if run.sizes["record"] else math.nan)
        for name in ("feature_change", "weight_change")
    }
    if float(params.c) > 1:
        between = climb(prediction["train_loss"].values)
        rise = slope(run["step"].values, run["train_loss"].values, between)
        ends["catapult_slope"] = ((), rise)
    return xr.Dataset(ends)


def _stopped(run: xr.Dataset) -> int:
    return int(run.attrs.get("stopped", -1))


def compare_loss(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Max |ln(L/L_lin)| over records where L_lin is within 1e-5..1e6 of the first loss."""
    if _stopped(run) >= 0 and float(params.c) <= 1:
        return not_compared(f"diverged at step {_stopped(run)}.")
    p = prediction["train_loss"].values[: run.sizes["record"]]
    m = run["train_loss"].values
    lo, hi = (x * p[0] for x in LOSS_WINDOW)
    judged = (p > lo) & (p < hi)
    gaps = np.abs(np.log(m[judged] / p[judged]))
    i = int(np.argmax(np.nan_to_num(gaps, nan=np.inf)))
    at = run["step"].values[judged][i]
    return Compared(float(p[judged][i]), float(m[judged][i]), float(gaps[i]), f"at step {at}")


def compare_modes(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Max over snapshots and modes of |residual - theory|/|y|."""
    if float(params.c) > 1:
        return not_compared(NO_END)
    if "mode_residuals" not in run:
        return not_compared(NO_SNAPSHOTS)
    m = run["mode_residuals"].values
    p = prediction["mode_residuals"].values[: len(m)]
    gaps = np.abs(m - p) / np.linalg.norm(prediction["sample_target"].values)
    shot, mode = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    at = f"mode {mode + 1} at step {run['snapshot_step'].values[shot]}"
    return Compared(float(p[shot, mode]), float(m[shot, mode]), float(gaps[shot, mode]), at)


def compare_function(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|f' - f'_lin|/|f'_lin| on the test inputs at the last step."""
    if float(params.c) > 1:
        return not_compared(NO_END)
    if "test_function" not in run:
        return not_compared(NO_SNAPSHOTS)
    if _stopped(run) >= 0:
        return Compared(math.nan, math.nan, math.inf, f"diverged at step {_stopped(run)}")
    p, m = (d["test_function"].values[-1] for d in (prediction, run))
    size = float(np.linalg.norm(p))
    error = float(np.linalg.norm(m - p)) / size
    return Compared(size, float(np.linalg.norm(m)), error, "over the test inputs, at the last step")


def _ratio(name: str, predicted: Callable[[Params, xr.Dataset], float]) -> Compare:
    """|measured/predicted - 1| of one number at the end."""

    def compare(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
        if float(params.c) > 1:
            return not_compared(NO_END)
        p, m = predicted(params, prediction), float(run[name])
        return Compared(p, m, abs(m / p - 1), "at the last step")

    return compare


def smooth_law(params: Params, prediction: xr.Dataset) -> float:
    """α*/α."""
    return float(prediction["smooth_alpha"]) / float(params.alpha)


def compare_features(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|R/R_pred - 1| at the last step; not from a handful of kinks."""
    if "kinks_crossed" in prediction and float(params.c) <= 1:
        crossed = int(prediction["kinks_crossed"])
        if crossed < FEWEST_KINKS:
            return not_compared(f"the theory crosses {crossed} kinks.")
    final = _ratio("feature_change_final", lambda _, p: float(p["feature_change_final"]))
    return final(params, prediction, run)


def compare_slope(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|slope/slope_lin - 1| over the tenfold growth of L_lin."""
    if float(params.c) <= 1:
        return not_compared("the rate is below the edge.")
    p, m = (float(d["catapult_slope"]) for d in (prediction, run))
    between = climb(prediction["train_loss"].values)
    if between is None:
        return not_compared("the linear model does not grow tenfold within this run.")
    if math.isnan(m):
        return not_compared(f"diverged at step {_stopped(run)}.")
    first, last = run["step"].values[list(between)]
    return Compared(p, m, abs(m / p - 1), f"steps {first} to {last}")


def compare_rate(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Rate over the edge of the kernel at the end, which should be below 1."""
    del prediction
    if float(params.c) <= 1:
        return not_compared("the rate is below the edge.")
    if _stopped(run) >= 0:
        return not_compared(f"diverged at step {_stopped(run)}.")
    m = float(run["rate_over_edge"][-1])
    return Compared(1.0, m, m, "at the last step; predicted: below 1")


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


def power(widths: np.ndarray, values: np.ndarray) -> float:
    """Least-squares slope of ln value on ln width."""
    return float(np.polyfit(np.log(widths), np.log(values), 1)[0])


def compare_width_slope(params: Params, prediction: xr.Dataset, swept: xr.Dataset) -> Compared:
    """|p - p_pred|, powers of the width in the feature change and in its prediction."""
    del params
    widths = swept["width"].values
    if len(widths) < FEWEST_WIDTHS:
        return not_compared("fewer than 3 widths.")
    p, m = (power(widths, d["feature_change_final"].values) for d in (prediction, swept))
    return Compared(p, m, abs(m - p), f"widths {widths[0]} to {widths[-1]}")


def over_width(axes: Mapping[str, Any]) -> bool:
    """Whether a sweep goes over the width alone."""
    return list(axes) == ["width"]


CLAIMS = (
    Claim(
        "train_loss",
        "loss curve",
        r"|\ln L/L_\mathrm{lin}|",
        "in ln L",
        (
            "features_frozen",
            "smooth_activation",
            "rate_below_the_edge",
            "arithmetic_resolves_the_output",
        ),
        loss_tolerance,
        compare_loss,
    ),
    Claim(
        "mode_residuals",
        "residual of each mode",
        r"u_j\cdot(y-f)",
        "of |y|",
        LINEAR,
        affine(0.001, 0.1),
        compare_modes,
    ),
    Claim(
        "test_function",
        "function at the end",
        "f'",
        "relative",
        LINEAR,
        affine(0.004, 0.7),
        compare_function,
    ),
    Claim(
        "weight_change_final",
        "how far the weights move",
        r"D_\theta",
        "relative",
        LINEAR,
        affine(0.01, 0.75),
        _ratio("weight_change_final", lambda _, p: float(p["weight_change_final"])),
    ),
    Claim(
        "feature_change_final",
        "how far the features move",
        "R",
        "relative",
        LINEAR,
        feature_tolerance,
        compare_features,
    ),
    Claim(
        "smooth_law",
        "the smooth law",
        r"\alpha^*/\alpha",
        "relative",
        (
            "features_stay_put",
            "smooth_activation",
            "rate_below_the_edge",
            "arithmetic_resolves_the_output",
        ),
        affine(0.03, 0.7),
        _ratio("feature_change_final", smooth_law),
    ),
    Claim(
        "catapult_slope",
        "slope of the catapult",
        r"2\ln|1-2c|",
        "relative",
        ("room_to_grow", "arithmetic_resolves_the_output"),
        constant(0.04),
        compare_slope,
        applies=lambda params: float(params.c) > 1,
        judges_stopped=True,
    ),
    Claim(
        "rate_over_edge",
        "flatter at the end",
        r"\eta\lambda_\max(K_T)/2n",
        "of the edge",
        ("below_twice_the_edge",),
        constant(1.0),
        compare_rate,
        applies=lambda params: float(params.c) > 1,
    ),
)

SWEEP_CLAIMS = (
    SweepClaim(
        "width_slope",
        "power of the width",
        r"R\propto N^p",
        "in the power",
        ("features_stay_put", "rate_below_the_edge"),
        constant(0.03),
        compare_width_slope,
        applies=over_width,
    ),
)
