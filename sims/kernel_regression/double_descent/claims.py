"""What the law wants of data and neurons, and the claims: both branches, the peak, and the end.

That the peak is at k = n is no claim: whoever counts neurons and examples says the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap, level
from sims.core.controls import OTHER_SEED, Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.sentences import said
from sims.kernel_regression.double_descent import theory

if TYPE_CHECKING:
    from sims.kernel_regression.double_descent.params import Params

MOST_LUCK = 0.06
"""Standard error of the typical error up to which a width is judged."""
MOST_LUCK_OF_PEAK = 0.25
FEWEST = 0.2
"""Neurons for each example from which on a width is judged."""
MOST_UNEVEN = 0.4
FEWEST_DIMENSIONS = 6.0
FEWEST_FIRINGS = 5.0
ALL = ("even_points", "high_dimensional", "common_neurons")


def widths_of(prediction: xr.Dataset) -> np.ndarray:
    """Neurons k at every record, (record,)."""
    return prediction["step"].values


def luck(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """Standard error of the typical error over the training sets, relative, (record,)."""
    return prediction["spread"].values / math.sqrt(int(params.trials))


def judged(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """Widths that are judged: k >= n/5, where chance leaves 6 % at most, (record,)."""
    is_wide = widths_of(prediction) >= FEWEST * int(params.examples)
    return is_wide & (luck(params, prediction) <= MOST_LUCK)


def branch(side: int) -> Callable[[Params, xr.Dataset], np.ndarray]:
    """Judged widths below n (-1) or above it (1)."""

    def chosen(params: Params, prediction: xr.Dataset) -> np.ndarray:
        beyond = side * (widths_of(prediction) - int(params.examples)) > 0
        return judged(params, prediction) & beyond

    return chosen


def squares(prediction: xr.Dataset) -> np.ndarray:
    """The h², unevenness squared and capped where the law is given up, (record,)."""
    return np.minimum(prediction["unevenness"].values, MOST_UNEVEN) ** 2


def of_branch(side: int) -> Callable[[Params, xr.Dataset], float]:
    """Tolerance 0.02 + h²/2 + three standard errors, each the mean over the branch."""

    def allowed(params: Params, prediction: xr.Dataset) -> float:
        at = branch(side)(params, prediction)
        if not at.any():
            return math.nan
        chance = luck(params, prediction)[at].mean()
        return float(0.02 + 0.5 * squares(prediction)[at].mean() + 3 * chance)

    return allowed


def of_widest(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance 0.02 + h²/2 + three standard errors, of the widest network."""
    chance = luck(params, prediction)[-1]
    return float(0.02 + 0.5 * squares(prediction)[-1] + 3 * chance)


def luck_of_peak(params: Params, prediction: xr.Dataset) -> float:
    """Standard errors at the predicted peak and at the widest network, together."""
    chance, k = luck(params, prediction), widths_of(prediction)
    return float(chance[k == float(prediction["peak_place"])][0] + chance[-1])


def of_peak(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance 0.03 + h²/2 near the peak + three of its standard errors."""
    near = theory.near_peak(widths_of(prediction), int(params.examples))
    uneven = squares(prediction)[near].mean()
    return float(0.03 + 0.5 * uneven + 3 * luck_of_peak(params, prediction))


def _all_chance(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del run
    chance = luck_of_peak(params, prediction)
    if chance <= MOST_LUCK_OF_PEAK:
        return ""
    return f"chance leaves {said(100 * chance)} % at the peak, more than 25 %."


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """The height of the run's peak over its widest network, its place from n/2 on, and the end."""
    del task, prediction
    n, E, k = int(params.examples), run["test_error"].values, run["step"].values
    far = np.where(k >= n / 2, E, -np.inf)
    is_whole = k[-1] >= theory.NEAR[1] * n
    return xr.Dataset(
        {
            "peak_height": ((), theory.height(E, k, n) if is_whole else np.nan),
            "test_error_final": ((), E[-1]),
            "peak_place": ((), float(k[int(np.argmax(far))]), {"units": "steps"}),
        }
    )


# Assumptions


def even_points(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether all points weigh about the same."""
    del task
    at = judged(params, prediction)
    uneven = prediction["unevenness"].values[at]
    h = float(np.sqrt(np.mean(uneven**2))) if at.any() else math.inf
    sentence = f"Some points weigh more than others: unevenness {said(h)} (limit {MOST_UNEVEN})."
    return Assumption("even_points", "even points", sentence, h <= MOST_UNEVEN, h)


def high_dimensional(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether inputs fill so many dimensions that no few neighbours decide."""
    del params, task
    filled = float(prediction["dimensions"])
    sentence = f"Inputs fill {said(filled)} dimensions; below 6 a few neighbours decide."
    is_held = filled >= FEWEST_DIMENSIONS
    return Assumption("high_dimensional", "many dimensions", sentence, is_held, filled)


def common_neurons(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether every neuron answers to several examples."""
    del task
    rarest = float(prediction["rarest"])
    sentence = (
        f"The rarest neuron answers to {said(rarest)} of {int(params.examples)} examples; "
        "it should be 5."
    )
    is_held = rarest >= FEWEST_FIRINGS
    return Assumption("common_neurons", "common neurons", sentence, is_held, rarest)


# Claims

NOTHING_LEARNED = Baseline("nothing is learned", 1.0)
ALIKE = {OTHER_SEED: "many random neurons of any seed have much the same spectrum."}


def _branch_claim(name: str, side: int, title: str, other: str) -> Claim:
    chosen = branch(side)
    return Claim(
        name,
        largest_gap(
            "test_error",
            over="logarithm",
            within=lambda params, prediction, _run: chosen(params, prediction),
            take="mean",
            at="mean of {n} widths; at {step} neurons",
            empty=f"chance leaves more than 6 % at every width {other}.",
        ),
        of_branch(side),
        relies_on=ALL,
        title=title,
        unit="in the logarithm",
        baseline=NOTHING_LEARNED,
        void=ALIKE,
    )


CLAIMS = (
    _branch_claim("left_branch", -1, "error, fewer neurons than examples", "below n"),
    _branch_claim("right_branch", 1, "error, more neurons than examples", "above n"),
    Claim(
        "peak_height",
        level("peak_height", over="logarithm", at="largest error near n, over that at 4n"),
        of_peak,
        relies_on=ALL,
        unless=(_all_chance,),
        baseline=Baseline("no peak", 1.0),
        sees_ten_percent=False,
        because="at the peak the error of a single training set has no finite spread",
        void=ALIKE,
    ),
    Claim(
        "test_error_final",
        level("test_error_final", over="logarithm", at="at four neurons for each example"),
        of_widest,
        relies_on=ALL,
        baseline=NOTHING_LEARNED,
        void=ALIKE,
    ),
)


def _relabelled(task: Task) -> Task:
    """The labels that are trained on, dealt out anew within every training set."""
    dealt = np.random.default_rng(0).permuted(task["y_noisy"], axis=1)
    return {**task, "y_noisy": dealt}


CONTROLS = (
    Control(
        "the labels that are trained on are shuffled",
        task=_relabelled,
        claims=("left_branch", "right_branch", "test_error_final"),  # noise has a peak, too
    ),
    Control(
        "with a ridge of 1 at every width",
        task=lambda task: {**task, "ridges": np.ones_like(task["ridges"])},
        claims=("peak_height",),
    ),
)
