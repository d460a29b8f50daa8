"""What the law wants of data and kernel, what is measured, and what is claimed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap, level
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.sentences import said
from sims.kernel_regression.learning_curve import theory

if TYPE_CHECKING:
    from sims.kernel_regression.learning_curve.params import Params

FEWEST_DIMENSIONS = 6.0
STEEPEST = 1.6
MOST_UNEVEN = 0.15
SYMMETRIC = 0.02
WORLD = 32
"""Points for each example from which on a world counts as infinite."""
GAUSSIAN = 0.05
LEARNED_WELL = 0.02
"""Distance of a learnability that is allowed beside chance."""
ENOUGH = 32
"""Examples from which on the scatter over training sets is judged."""
SCATTER = 0.11
"""Of what the ridge takes, between training sets, three deviations."""
MEAN_FIELD = ("high_dimensional", "slow_spectrum")
EVEN = (*MEAN_FIELD, "even_points")


def judged(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Records with so many examples that they are judged, (record,)."""
    del params, run
    return theory.judged(prediction["step"].values)


def standard_error(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """Of the mean error over the training sets, relative, (record,)."""
    return prediction["spread"].values / math.sqrt(int(params.trials))


def squared(prediction: xr.Dataset) -> float:
    """0.7 h², what the unevenness h of the points costs."""
    return 0.7 * min(float(prediction["unevenness"]), MOST_UNEVEN) ** 2


def of_error(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance 0.01 + 0.7 h² + 2.2 standard errors, the mean over what is judged."""
    at = theory.judged(prediction["step"].values)
    chance = standard_error(params, prediction)[at].mean()
    return float(0.01 + squared(prediction) + 2.2 * chance)


def of_raw(params: Params, prediction: xr.Dataset) -> float:
    """The same, and 0.05 for what the covariance does not know."""
    return GAUSSIAN + of_error(params, prediction)


def of_infinite(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance 0.02 + 0.7 h² + 2.5 standard errors, at the end."""
    chance = standard_error(params, prediction)[-1]
    return float(0.02 + squared(prediction) + 2.5 * chance)


def of_octave(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """What is allowed of every octave: 0.02 and five standard errors, (record, octave).

    Three, as modes of real data scatter by up to two thirds more than is predicted.
    """
    del params
    return LEARNED_WELL + 5 * prediction["octave_error"].values


def of_budget(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance 0.01, and 0.11/√T of what the ridge takes at most, 1 - S/n.

    Without a ridge the sum is n for every set; only what the ridge takes differs between them.
    """
    n = prediction["step"].values
    at = theory.judged(n)
    taken = 1 - prediction["budget"].values[at] / n[at]
    return float(0.01 + SCATTER * taken.max() / math.sqrt(int(params.trials)))


def few(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Not judged where few records are there to average over."""
    del prediction, run
    n = int(params.examples)
    if n >= ENOUGH:
        return ""
    return f"{n} examples leave too few records to average over, {ENOUGH} are enough."


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Octaves of the learnabilities, the typical error, and how far sets scatter, over theory."""
    del params, task
    n = run["step"].values
    seen = theory.judged(n)
    typical = theory.typical(run["test_error"].values, n) if seen.any() else math.nan
    ratio = run["scatter"].values[seen] / prediction["scatter"].values[: len(n)][seen]
    return xr.Dataset(
        {
            "octaves": (("record", "octave"), theory.octaves(run["learnability"].values)),
            "typical_error": ((), typical),
            "test_error_final": ((), run["test_error"].values[-1]),
            "luck": ((), math.sqrt(ratio.mean()) if seen.any() else math.nan),
        },
        coords={"octave": prediction["octave"].values},
    )


# Assumptions


def high_dimensional(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether inputs fill so many dimensions that no few neighbours decide."""
    del params, task
    filled = float(prediction["dimensions"])
    sentence = f"Inputs fill {said(filled)} dimensions; below 6 a few neighbours decide."
    is_held = filled >= FEWEST_DIMENSIONS
    return Assumption("high_dimensional", "many dimensions", sentence, is_held, filled)


def slow_spectrum(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether many modes share the edge between learned and not learned."""
    del params, task
    a = float(prediction["exponent"])
    sentence = f"At the edge eigenvalues fall as i to the power −{said(a)} (limit {STEEPEST})."
    return Assumption("slow_spectrum", "a slow spectrum", sentence, a <= STEEPEST, a)


def _of_unevenness(name: str, label: str, words: str, limit: float, h: float) -> Assumption:
    return Assumption(name, label, f"{words}: unevenness {said(h)} (limit {limit}).", h <= limit, h)


def even_points(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether all points weigh about the same."""
    del params, task
    h = float(prediction["unevenness"])
    words = "Some points weigh more than others"
    return _of_unevenness("even_points", "even points", words, MOST_UNEVEN, h)


def symmetric_world(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether modes spread over all points alike."""
    del params, task
    h = float(prediction["unevenness"])
    words = "Modes of real data sit on few points"
    return _of_unevenness("symmetric_world", "a symmetric world", words, SYMMETRIC, h)


def large_world(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the world is so large that drawing from it leaves it as it was."""
    del task
    share = int(params.examples) / float(prediction["world_size"])
    sentence = (
        f"The training set is {said(100 * share)} % of the world (limit {said(100 / WORLD)} %)."
    )
    return Assumption("large_world", "a large world", sentence, share <= 1 / WORLD, share)


def gaussian_enough(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the covariance alone says nearly what the exact spectrum does."""
    del params, task
    off = 0.0
    if "typical_error_raw" in prediction:
        ratio = float(prediction["typical_error_raw"]) / float(prediction["typical_error"])
        off = abs(math.log(ratio))
    sentence = f"The covariance alone misses the exact spectrum by {said(off)} (limit {GAUSSIAN})."
    return Assumption("gaussian_enough", "Gaussian enough", sentence, off <= GAUSSIAN, off)


ASSUMPTIONS = (
    high_dimensional,
    slow_spectrum,
    even_points,
    symmetric_world,
    large_world,
    gaussian_enough,
)

# Guesses


def unseen(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """1 - n/N: what was seen is known, and nothing else, (record,)."""
    del params
    return 1 - prediction["step"].values / len(task["y"])


def unseen_at_the_end(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """The same after the last example."""
    return float(unseen(params, task, prediction)[-1])


def counted(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """ΣL = n, (record,)."""
    del params, task
    return prediction["step"].values.astype(float)


def first_modes(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The first n modes are learned, the others not, (record, octave)."""
    del params, task
    n, modes = prediction["step"].values, np.arange(prediction.sizes["mode"])
    return theory.octaves((modes[None] < n[:, None]).astype(float))


def nearer_guess(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """Of "what was seen is known" and "nothing is learned" the one that is nearer to theory."""
    n = prediction["step"].values
    guesses = (theory.typical(unseen(params, task, prediction), n), 1.0)
    right = math.log(float(prediction["typical_error"]))
    return min(guesses, key=lambda guess: abs(math.log(guess) - right))


SEEN_IS_KNOWN = Baseline("what was seen is known, and no more: 1 - n/N", unseen)
NEARER = Baseline('the nearer of "nothing is learned" and 1 - n/N', nearer_guess)
FROM = "{step} examples"

CLAIMS = (
    Claim(
        "uncertainty",
        largest_gap("uncertainty", over="logarithm", within=judged, at=FROM),
        0.035,
        relies_on=MEAN_FIELD,
        baseline=SEEN_IS_KNOWN,
    ),
    Claim(
        "budget",
        largest_gap("budget", over="predicted", within=judged, at=FROM),
        of_budget,
        relies_on=MEAN_FIELD,
        baseline=Baseline("all examples are learned: n", counted),
    ),
    Claim(
        "learnability",
        largest_gap("octaves", over=of_octave, within=judged, at="modes {octave}, {step} examples"),
        1.0,
        relies_on=EVEN,
        title="learnability, octaves of modes",
        unit="of the tolerance",
        baseline=Baseline("the first n modes are learned, no other", first_modes),
    ),
    Claim(
        "test_error",
        level("typical_error", over="logarithm", at="geometric mean, from 8 examples on"),
        of_error,
        relies_on=EVEN,
        title="test error",
        symbol="E",
        baseline=NEARER,
    ),
    Claim(
        "raw_statistics",
        level("typical_error_raw", "typical_error", over="logarithm",
              at="geometric mean, from 8 examples on"),
        of_raw,
        relies_on=(*EVEN, "gaussian_enough"),
        title="test error from the covariance alone",
        symbol="E",
        applies=lambda params: theory.has_raw(params.data),
        baseline=NEARER,
        sees_ten_percent=False,
        because="what the covariance does not know may be 5 % already",
    ),
    Claim(
        "infinite_world",
        level("test_error_infinite_final", "test_error_final", over="logarithm",
              at="after the last example"),
        of_infinite,
        relies_on=(*EVEN, "large_world"),
        title="test error in an infinite world",
        symbol="E",
        baseline=Baseline("what was seen is known, and no more: 1 - n/N", unseen_at_the_end),
    ),
    Claim(
        "luck",
        level("luck", over="logarithm", at="of all learnabilities, from 8 examples on"),
        0.15,
        relies_on=(*MEAN_FIELD, "symmetric_world"),
        unless=(few,),
        baseline=Baseline("as much as one mode is taken for another: √2 less", math.sqrt(0.5)),
        sees_ten_percent=False,
        because="a deviation over a few sets is itself known to some 10 %",
    ),
)  # fmt: skip


def _relabelled(task: Task) -> Task:
    """The labels that are trained on, dealt out anew within every training set."""
    dealt = np.random.default_rng(0).permuted(task["y_noisy"], axis=1)
    return {**task, "y_noisy": dealt}


CONTROLS = (
    Control(
        "the labels that are trained on are shuffled",
        task=_relabelled,
        claims=("test_error", "raw_statistics", "infinite_world"),
    ),
    Control(
        "every example is learned once more",  # the same half twice: half as many are seen
        task=lambda task: {
            **task,
            "order": np.repeat(task["order"], 2, axis=1)[:, : task["order"].shape[1]],
            "y_noisy": np.repeat(task["y_noisy"], 2, axis=1)[:, : task["y_noisy"].shape[1]],
        },
        claims=("uncertainty", "budget", "learnability"),
    ),
)
