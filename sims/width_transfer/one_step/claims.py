"""What the law of the best first rate wants, what is measured, and what is claimed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap, level
from sims.core.comparison import Comparison
from sims.core.controls import OTHER_SEED
from sims.core.experiment import Assumption, Baseline, Claim, Compared, Reason, Task
from sims.core.sentences import said
from sims.width_transfer.one_step import theory
from sims.width_transfer.scales import widths

if TYPE_CHECKING:
    from sims.width_transfer.one_step.params import Params

LARGEST_EPSILON = 0.01
LARGEST_CORRECTION = 1.0
CARRIES = 1.2
"""Factor between the rate used and the one the law asks for, up to which it carries over."""
WIDEST = 1.0
"""Tolerance of ln rate beyond which a single width is no test."""
WIDEST_FIT = 0.5
"""The same of level and slope, and of the loss."""


def known_activation(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the law is for these units."""
    del task, prediction
    held = params.activation != "tanh"
    words = "tanh bends: the law takes it for linear." if not held else "The units do not saturate."
    return Assumption("known_activation", "no saturation", words, held)


def sign_of_gradient(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether Adam's first step is the sign of the gradient."""
    del task
    if params.optimizer == "gd":
        return Assumption(
            "sign_of_gradient", "epsilon negligible", "Gradient descent has no epsilon.", True, 0.0
        )
    at = int(np.argmax(prediction["epsilon_share"].values))
    x, n = float(prediction["epsilon_share"][at]), int(prediction["width"][at])
    words = (
        f"epsilon is {said(x)} of the median gradient entry at width {n} (limit {LARGEST_EPSILON})."
    )
    return Assumption("sign_of_gradient", "epsilon negligible", words, x <= LARGEST_EPSILON, x)


def wide_enough(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether first corrections are corrections."""
    del params, task
    noise, bend = prediction["noise_across"].values, prediction["bend"].values
    at = int(np.argmax(np.maximum(noise, bend)))
    x = float(max(noise[at], bend[at]))
    words = (
        f"Noise across {said(noise[at])}, bend {said(bend[at])} at width "
        f"{int(prediction['width'][at])} (limit {LARGEST_CORRECTION:.0f})."
    )
    return Assumption("wide_enough", "wide enough", words, x <= LARGEST_CORRECTION, x)


def rate_carries_over(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the narrowest width's rate is what the law asks for at every width."""
    del task
    if params.rule == "law":
        words = "Every net takes its own rate."
        return Assumption("rate_carries_over", "the rate carries over", words, True, 1.0)
    factor = prediction["asked_over_used"].values
    at = int(np.argmax(np.abs(np.log(factor))))
    x = float(factor[at])
    words = (
        f"The law asks for {said(x)} times the carried rate at width "
        f"{int(prediction['width'][at])} (limit {CARRIES})."
    )
    held = abs(math.log(x)) <= math.log(CARRIES)
    return Assumption("rate_carries_over", "the rate carries over", words, held, x)


ASSUMPTIONS = (known_activation, sign_of_gradient, wide_enough, rate_carries_over)
ALL = tuple(one.__name__ for one in ASSUMPTIONS)


def lowest(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Where each column of y (point, net) is lowest, and how low, (2, net).

    That of the parabola through the three points around it; the end where it is lowest at an end;
    NaN where nothing is lower than at the first point.
    """
    i, net = np.argmin(y, axis=0), np.arange(y.shape[1])
    j = np.clip(i, 1, max(1, len(x) - 2))
    at, low = x[i].astype(float), y[i, net].astype(float)
    if len(x) > 2:
        (x0, x1, x2), (y0, y1, y2) = x[[j - 1, j, j + 1]], y[[j - 1, j, j + 1], net]
        rise, slope = (y2 - y1) / (x2 - x1), (y1 - y0) / (x1 - x0)
        with np.errstate(all="ignore"):
            c = (rise - slope) / (x2 - x0)
            b = slope + c * (x1 - x0)  # slope of the parabola at the middle point
            inside = i == j
            at, low = (
                np.where(inside, x1 - b / (2 * c), at),
                np.where(inside, y1 - b**2 / (4 * c), low),
            )
    return np.array([np.where(i == 0, np.nan, at), low])


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Best rate (the geometric mean over nets) and best loss of every width, and fits through them.

    The typical rate and the slope are fitted with the weights of the prediction.
    """
    curves = np.asarray(run["net_loss_ratio"].values, float)
    u = np.asarray(run["time"].values, float)[: len(curves)]
    at, low = lowest(u, curves)
    logs = np.log(at * task["best_rate"])
    by_width = [np.mean(part) for part in theory.by_width(params, logs)]
    loss = [np.mean(part) for part in theory.by_width(params, low)]
    x = np.log(widths(params.width_min, params.width_max))
    slope = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
    return xr.Dataset(
        {
            "best_rate": ("width", np.exp(by_width)),
            "best_loss": ("width", loss),
            "typical_rate": float(np.exp(prediction["level_weight"].values @ by_width)),
            "rate_slope": float(slope @ by_width),
        }
    )


def best_rate_gap(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """The largest over widths of |ln(measured/predicted)| over its tolerance."""
    del params
    p, m = (np.asarray(side["best_rate"].values, float) for side in (told, run))
    gaps = np.abs(np.log(m / p)) / prediction["tolerance_rate"].values
    at = int(np.argmax(np.nan_to_num(gaps, nan=np.inf)))
    error = float(np.nan_to_num(gaps[at], nan=np.inf))
    return Compared(float(p[at]), float(m[at]), error, f"width {int(prediction['width'][at])}")


def too_wide(name: str, limit: float, words: str) -> Reason:
    """Not judged where the stated tolerance is wider than any finding."""

    def reason(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
        del params, run
        x = float(np.max(prediction[name].values))
        return "" if x <= limit else f"{words} is {said(x)}, wider than a finding ({limit:g})."

    return reason


def number(name: str):
    """A tolerance that the prediction states."""
    return lambda _, prediction: float(prediction[name])


def curvature_level(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """The typical rate, had one over the curvature been the best."""
    del params, task
    guess = np.log(prediction["curvature_rate"].values)
    return float(np.exp(prediction["level_weight"].values @ guess))


def nearer_slope(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """Of "the same rate for all" and "1/n" the one that is nearer to the theory."""
    del params, task
    return min((0.0, -1.0), key=lambda guess: abs(guess - float(prediction["rate_slope"])))


BY_CURVATURE = "one over the largest curvature (adam: the narrowest width's rate for all)"
ALIKE = {OTHER_SEED: "other nets of the same widths have the same law."}

CLAIMS = (
    Claim(
        "best_rate",
        Comparison("best_rate", "of the tolerance", best_rate_gap, "best_rate"),
        1.0,
        relies_on=ALL,
        unless=(too_wide("tolerance_rate", WIDEST, "the tolerance of ln rate"),),
        baseline=Baseline(BY_CURVATURE, lambda *given: given[2]["curvature_rate"].values),
        sees_ten_percent=False,
        because="a single width has few nets, or narrow ones; the level of all widths sees it.",
        void=ALIKE,
    ),
    Claim(
        "level",
        level("typical_rate", over="logarithm", at="all widths, by how well each is known"),
        number("tolerance_typical"),
        relies_on=ALL,
        title="level of the best rates",
        symbol=r"\bar\eta^*",
        unit="relative",
        unless=(too_wide("tolerance_typical", WIDEST_FIT, "the tolerance"),),
        baseline=Baseline(BY_CURVATURE, curvature_level),
        void=ALIKE,
    ),
    Claim(
        "slope",
        level("rate_slope", over=1.0, at="least squares over all widths"),
        number("tolerance_slope"),
        relies_on=ALL,
        title="slope of the best rates",
        symbol=r"d\ln\eta^*/d\ln n",
        unit="absolute",
        unless=(too_wide("tolerance_slope", WIDEST_FIT, "the tolerance"),),
        baseline=Baseline('the nearer of "the same rate" and "1/n"', nearer_slope),
        void=ALIKE,
    ),
    Claim(
        "best_loss",
        largest_gap(
            "best_loss", over=lambda _, prediction: prediction["tolerance_loss"].values,
            at="width {width}",
        ),
        1.0,
        relies_on=("known_activation", "wide_enough"),
        unit="of the tolerance",
        unless=(too_wide("tolerance_loss", WIDEST_FIT, "the tolerance"),),
        baseline=Baseline("nothing changes", 1.0),
        sees_ten_percent=False,
        because="with narrow nets in the family 10 % of the loss is less than their scatter.",
        void=ALIKE,
    ),
)  # fmt: skip
