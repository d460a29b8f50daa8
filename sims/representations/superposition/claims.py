"""When the lowest arrangement is found, what is measured of the best start, and what is claimed.

Where symmetry alone names the arrangement, its number and its angles are no test: whoever knows
nothing puts all features evenly around the circle.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import count, largest_gap, level
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.sentences import said
from sims.representations.superposition import states, theory
from sims.representations.superposition.energy import expected_loss, ignored
from sims.representations.superposition.params import BATCH

if TYPE_CHECKING:
    from sims.representations.superposition.params import Params

MOST_TOGETHER = 0.01
MOST_UNEQUAL = 0.2
"""Logarithm of the last importance in the plane, where rings are of equal features."""
MOST_FEATURES = {1: 2, 2: 5}
"""Features by neurons up to which 24 starts find the lowest arrangement."""
FEWEST_STARTS = 24
FEWEST_SIGHTINGS = 8.0
FEWEST_STEPS = 500
LEAST_GAP = 0.02


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Level, number, lengths and angles of the start whose exact loss is least at the end.

    A feature is written if |w|² is more than half of the smallest predicted. `found` is the share
    of the starts within 1 % of the lowest predicted level.
    """
    del task
    n, losses = params.features, run["loss"].values[-1].astype(float)
    best = int(np.argmin(losses)) if np.isfinite(losses).all() else 0
    arrows = run["weights"].values[-1, best].T.astype(float)
    squares = np.sum(arrows**2, axis=1)
    is_kept = squares > 0.5 * np.nanmin(prediction["norms"].values)
    energy = float(prediction["loss_final"])
    bound = max(1.01 * energy, states.NOTHING * float(params.density))
    return xr.Dataset(
        {
            "loss_final": ((), float(losses[best])),
            "level": ((), float(losses[best]) / float(params.density)),
            "kept": ((), float(is_kept.sum())),
            "norms": ("arrow", theory.padded(squares[is_kept], n)),
            "overlaps": (
                "pair",
                theory.padded(states.cosines(arrows[is_kept]), n * (n - 1) // 2),
            ),
            "found": ((), float(np.mean(losses <= bound))),
        }
    )


# Assumptions


def relu(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether what is negative is cut off."""
    del task, prediction
    sentence = "Opposite features need a ReLU."
    return Assumption("relu", "ReLU", sentence, params.activation == "relu")


def independent(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether features come and go on their own."""
    del task, prediction
    x = float(params.together)
    sentence = f"{said(100 * x)} % of pairs switch on as one (limit 1 %)."
    return Assumption("independent", "independent features", sentence, x <= MOST_TOGETHER, x)


def equal_importance(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether features of the plane weigh the same; on a line the pair knows its weights."""
    del task, prediction
    x = abs(math.log(float(params.importance)))
    is_held = params.neurons == 1 or x < MOST_UNEQUAL
    times = said(math.exp(x))
    sentence = (
        f"Importances differ {times} fold; around a circle they should be equal."
        if params.neurons > 1 else f"Importances differ {times} fold, which a line takes."
    )  # fmt: skip
    return Assumption("equal_importance", "equal importance", sentence, is_held, x)


def few_features(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether so many starts can find the lowest arrangement."""
    del task, prediction
    n, most = params.features, MOST_FEATURES[params.neurons]
    sentence = f"{n} features: with more than {most}, starts get stuck too high."
    return Assumption("few_features", "few features", sentence, n <= most, float(n))


def many_starts(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether one of the starts should find it."""
    del task, prediction
    R = params.replicas
    sentence = f"{R} starts; not every one finds the lowest level, and at least 24 are asked for."
    return Assumption("many_starts", "many starts", sentence, R >= FEWEST_STARTS, float(R))


def seen_often(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether every step sees each feature, for long enough."""
    del task, prediction
    x, steps = BATCH * float(params.density), float(params.steps)
    sentence = (
        f"A step sees each feature {said(x)} times (at least 8), and there are {int(steps)} steps "
        f"(at least {FEWEST_STEPS})."
    )
    is_held = x >= FEWEST_SIGHTINGS and steps >= FEWEST_STEPS
    return Assumption("seen_often", "seen often", sentence, is_held, x)


def clear_winner(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the lowest arrangement is lowest by more than chance."""
    del params, task
    gap, second = float(prediction["gap"]), str(prediction.attrs["second"])
    sentence = (
        "No other arrangement comes near."
        if math.isinf(gap)
        else f"The next arrangement, {second}, lies {said(100 * gap)} % above (at least 2 %)."
    )
    return Assumption("clear_winner", "a clear winner", sentence, gap >= LEAST_GAP, gap)


ASSUMPTIONS = (
    relu, independent, equal_importance, few_features, many_starts, seen_often, clear_winner,
)  # fmt: skip
OF_LEVEL = tuple(one.__name__ for one in ASSUMPTIONS[:-1])
OF_SHAPE = (*OF_LEVEL, "clear_winner")

# Guesses


@cache
def _guesses(features: int, neurons: int) -> tuple[np.ndarray, np.ndarray]:
    """Arrows (neuron, feature) of length 1 by symmetry alone: one a neuron, and all of them evenly.

    On a line they point both ways in turn.
    """
    one = np.eye(neurons, features)
    angle = 2 * np.pi * np.arange(features) / features
    sign = np.where(np.arange(features) % 2, -1.0, 1.0)
    even = sign[None] if neurons == 1 else np.stack([np.cos(angle), np.sin(angle)])
    return one, even


def guessed_loss(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """Of both guesses the loss that is nearer to theory."""
    p, weight = float(params.density), np.sort(np.asarray(task["I"], float))[::-1]
    _, even = _guesses(params.features, params.neurons)
    alone = float(ignored(p) * weight[params.neurons :].sum())
    bias = np.zeros((1, params.features))
    evenly = float(expected_loss(even[None], bias, p, weight)[0])
    energy = float(prediction["loss_final"])
    return min((alone, evenly), key=lambda guess: abs(guess - energy))


def _guessed_arrows(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """Of both guesses the arrows (arrow, neuron) whose number is nearer to theory's."""
    one, even = _guesses(params.features, params.neurons)
    kept = float(prediction["kept"])
    is_one = abs(kept - params.neurons) <= abs(kept - params.features)
    return one[:, : params.neurons].T if is_one else even.T


def guessed_kept(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """One feature a neuron, or all of them."""
    del task
    return float(len(_guessed_arrows(params, prediction)))


def guessed_norms(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """Length 1 for every feature that is written, (arrow,)."""
    del params, task
    return np.where(np.isnan(prediction["norms"].values), np.nan, 1.0)


def guessed_overlaps(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """Cosines of that guess, the smallest ones, as many as theory has, (pair,)."""
    del task
    found = states.cosines(_guessed_arrows(params, prediction))
    asked = int(np.isfinite(prediction["overlaps"].values).sum())
    return theory.padded(found[:asked], prediction.sizes["pair"])


BY_SYMMETRY = "one feature a neuron, or all of them evenly"


# Claims


def scale_of_loss(params: Params, prediction: xr.Dataset) -> float:
    """The level, or what an ignored feature costs where nothing is lost."""
    energy = float(prediction["loss_final"])
    is_some = energy >= states.NOTHING * float(params.density)
    return energy if is_some else float(prediction["ignored"])


def another_number(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Not judged where another number of features is written."""
    del params
    here, there = float(run["kept"]), float(prediction["kept"])
    if here == there:
        return ""
    return f"{here:.0f} features are written, where {there:.0f} are predicted."


CLAIMS = (
    Claim(
        "loss_final",
        level("loss_final", over=scale_of_loss, at="best of all starts, all inputs"),
        0.005,
        relies_on=OF_LEVEL,
        unit="relative",
        on_divergence="not judged",
        baseline=Baseline(BY_SYMMETRY, guessed_loss),
    ),
    Claim(
        "kept",
        count("kept", at="best start"),
        0.0,
        relies_on=OF_SHAPE,
        unit="features",
        on_divergence="not judged",
        baseline=Baseline(BY_SYMMETRY, guessed_kept),
    ),
    Claim(
        "norms",
        largest_gap("norms", over="largest", at="feature {arrow} by length"),
        0.06,
        relies_on=OF_SHAPE,
        unless=(another_number,),
        on_divergence="not judged",
        baseline=Baseline("length 1", guessed_norms),
    ),
    Claim(
        "overlaps",
        largest_gap("overlaps", at="pair {pair} by cosine"),
        0.05,
        relies_on=OF_SHAPE,
        unit="absolute",
        unless=(another_number,),
        on_divergence="not judged",
        baseline=Baseline(BY_SYMMETRY, guessed_overlaps),
    ),
)

CONTROLS = (
    Control("without the ReLU", {"activation": "linear"}, claims=("loss_final", "kept")),
    Control("friends always come together", {"together": 1.0}, claims=("loss_final", "overlaps")),
)
