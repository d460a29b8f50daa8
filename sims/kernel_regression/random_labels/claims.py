"""What the frozen kernel wants, what is measured of both nets, and what is claimed of them.

The ratio of both times where it is near 1 is no claim: whoever expects no difference says the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import at_times, largest_gap, level
from sims.core.controls import OTHER_SEED, Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.sentences import said
from sims.kernel_regression.random_labels import theory

if TYPE_CHECKING:
    from sims.kernel_regression.random_labels.params import Params

MOST_MOVED = 0.08
"""Change of the features R, said by the frozen kernel itself, up to which it is believed."""
MOST_LUCK = 0.15
"""Deviation of ln steps up to which labels not yet drawn are judged."""
SURE = 0.8
"""Share of the run within which a label's last must have been predicted."""
SPARE = 0.2
"""Share that a run must go beyond a predicted passage before its not coming counts."""
BEHIND = "predicted for a step behind the end of the run, at {end}."
WORDS = ("true labels", "random labels")


def put(params: Params, prediction: xr.Dataset, i: int) -> float:
    """R of a net, or where the frozen kernel is given up, if that is less."""
    del params
    return min(float(prediction["feature_change"][i]), MOST_MOVED)


def affine(*, start: float, by: float, nets: tuple[int, ...]):
    """Tolerance start + by (R of these nets together)."""

    def allowed(params: Params, prediction: xr.Dataset) -> float:
        return start + by * sum(put(params, prediction, i) for i in nets)

    return allowed


def of_memorised(i: int) -> Callable[[Params, xr.Dataset], float]:
    """Tolerance 0.03 + 1.2 R + two steps: a single label decides."""

    def allowed(params: Params, prediction: xr.Dataset) -> float:
        counted = float(prediction["memorised"][i])
        return 0.03 + 1.2 * put(params, prediction, i) + 2 / counted

    return allowed


def of_accuracy(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance of four test points, and 0.1 R."""
    return 4 / float(prediction["tests"]) + 0.1 * put(params, prediction, 0)


def of_blind(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance of three deviations over draws of the labels, 0.01 and 0.9 R."""
    deviation = float(prediction["blind_deviation"])
    return 3 * deviation + 0.01 + 0.9 * put(params, prediction, 1)


def net(i: int) -> Callable[[Params, xr.Dataset, xr.Dataset], np.ndarray]:
    """The net with true (0) or with random labels (1) alone, (label,)."""

    def chosen(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
        del params, run
        return np.arange(prediction.sizes["label"]) == i

    return chosen


def end(params: Params, prediction: xr.Dataset) -> float:
    """Last step of the run."""
    del params
    return float(prediction["step"][-1])


def late(i: int) -> Callable[[Params, xr.Dataset, xr.Dataset], str]:
    """Not judged where the last label would only be right near the end of the run, or never."""

    def reason(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
        del run
        if float(prediction["memorised"][i]) <= SURE * end(params, prediction):
            return ""
        return "the last label is predicted to come right near the end of the run, or behind it."

    return reason


def behind(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Not judged where a net that is predicted to need longer than the run is not there yet."""
    if np.isfinite(run["steps_needed"].values).all():
        return ""
    last = end(params, prediction)
    needed = float(prediction["steps_needed"].max()) * (1 + SPARE)
    return BEHIND.format(end=f"{last:.0f}") if needed > last else ""


def lucky(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Not judged where labels not yet drawn leave too much open."""
    del params, run
    deviation = float(prediction["blind_deviation"])
    if deviation <= MOST_LUCK:
        return ""
    return f"draws of the labels differ by {said(100 * deviation)} %, more than 15 %."


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """When each net passes the level, when it has all labels right, how far it is at the end."""
    del task
    k, level = run["step"].values, float(params.level)
    passed = np.array([theory.passage(k, curve, level) for curve in run["train_loss"].values.T])
    passed = np.where(np.isfinite(passed), passed, np.nan)
    fit = run["fit"].values[-1]
    steps = {"units": "steps"}
    return xr.Dataset(
        {
            "steps_needed": ("label", passed, steps),
            "steps_blind": ((), passed[1], steps),
            "slow_down": ((), passed[1] / passed[0]),
            "memorised": ("label", np.where(fit >= 0, fit, np.nan), steps),
            "travel_final": ("label", run["travel"].values[-1]),
            "test_accuracy_final": ((), run["test_accuracy"].values[-1, 0]),
        },
        coords={"label": prediction["label"].values},
    )


# Assumptions


def _stays_put(i: int, prediction: xr.Dataset) -> Assumption:
    change, name = float(prediction["feature_change"][i]), theory.LABELS[i]
    return Assumption(
        f"features_stay_put_{name}",
        f"features stay put, {name} labels",
        f"With {WORDS[i]} the frozen kernel itself says that the features move by "
        f"{said(100 * change)} % (limit {said(100 * MOST_MOVED)} %).",
        change <= MOST_MOVED,
        change,
    )


def features_stay_put_true(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the net with true labels keeps its kernel."""
    del params, task
    return _stays_put(0, prediction)


def features_stay_put_random(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the net with random labels keeps its kernel."""
    del params, task
    return _stays_put(1, prediction)


ASSUMPTIONS = (features_stay_put_true, features_stay_put_random)
_HELD = tuple(one.__name__ for one in ASSUMPTIONS)

# Guesses


def as_true(name: str) -> Baseline:
    """That noise takes what truth takes."""
    return Baseline("as with true labels", lambda *given: given[2][name].values[[0, 0]])


def one_rate_steps(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """Steps to the level at the mean rate, (label,)."""
    del prediction
    models = theory.linear_models(params, task)
    return np.array([theory.one_rate(m, float(task["eta"]), float(params.level)) for m in models])


def one_rate_travel(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The way at the mean rate, (label,)."""
    models, last = theory.linear_models(params, task), int(end(params, prediction))
    eta, alpha = float(task["eta"]), float(params.alpha)
    return np.array([theory.one_rate_travel(m, eta, alpha, last) for m in models])


def nearest(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """Accuracy of the label of the nearest training image."""
    del params, prediction
    X, Z = task["X"], task["X_test"]
    apart = np.sum(X**2, axis=1)[None] - 2 * Z @ X.T
    return float(np.mean(task["labels"][0][np.argmin(apart, axis=1)] == task["y_test"]))


def steps_of_true(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """Steps that true labels take."""
    del params, task
    return float(prediction["steps_needed"][0])


ONE_RATE = "all of it learned at one mean rate"
AT_THE_LEVEL = Baseline(
    "when the error passes the level", lambda *given: given[2]["steps_needed"].values
)
ALIKE = {OTHER_SEED: "one image's margin decides, and other images may have the same step."}


def _steps(i: int, baseline: Baseline) -> Claim:
    return Claim(
        f"steps_{theory.LABELS[i]}",
        at_times("steps_needed", within=net(i), until=end, spare=SPARE, at="at the level",
                 short=BEHIND),
        affine(start=0.004, by=0.9, nets=(i,)),
        relies_on=_HELD[i : i + 1],
        title=f"steps to the level, {WORDS[i]}",
        baseline=baseline,
    )  # fmt: skip


def _memorised(i: int) -> Claim:
    return Claim(
        f"memorised_{theory.LABELS[i]}",
        at_times("memorised", within=net(i), at="first step with every label right"),
        of_memorised(i),
        relies_on=_HELD[i : i + 1],
        title=f"every label right, {WORDS[i]}",
        unless=(late(i),),
        baseline=AT_THE_LEVEL,
        sees_ten_percent=False,
        because="a single image's margin decides it; the steps to the level see it",
        void=ALIKE,
    )


def _travel(i: int, baseline: Baseline) -> Claim:
    return Claim(
        f"travel_{theory.LABELS[i]}",
        largest_gap("travel_final", over="predicted", within=net(i), at="at the last step"),
        affine(start=0.003, by=0.3, nets=(i,)),
        relies_on=_HELD[i : i + 1],
        title=f"way of the weights, {WORDS[i]}",
        baseline=baseline,
    )


CLAIMS = (
    _steps(0, Baseline(ONE_RATE, one_rate_steps)),
    _steps(1, as_true("steps_needed")),
    Claim(
        "slow_down",
        level("slow_down", at="steps to the level, random over true"),
        affine(start=0.008, by=0.9, nets=(0, 1)),
        relies_on=_HELD,
        unless=(behind,),
        baseline=Baseline("noise is as easy as truth", 1.0),
    ),
    _memorised(0),
    _memorised(1),
    _travel(0, Baseline(ONE_RATE, one_rate_travel)),
    _travel(1, as_true("travel_final")),
    Claim(
        "accuracy",
        level("test_accuracy_final", over=1.0, at="at the last step, true labels"),
        of_accuracy,
        relies_on=_HELD[:1],
        title="test accuracy, true labels",
        unit="of all test images",
        baseline=Baseline("the label of the nearest training image", nearest),
    ),
    Claim(
        "steps_blind",
        level("steps_blind", over="logarithm", at="at the level, random labels"),
        of_blind,
        relies_on=_HELD[1:],
        unless=(lucky, behind),
        baseline=Baseline("as with true labels", steps_of_true),
        sees_ten_percent=False,
        because="labels not yet drawn leave more open than that",
        void={OTHER_SEED: "it is about all draws of the labels."},
    ),
)


def _noise_for_images(task: Task) -> Task:
    """Training images replaced by noise of the same length; theory stays that of the images."""
    X = np.random.default_rng(0).standard_normal(task["X"].shape)
    sizes = np.linalg.norm(task["X"], axis=1) / np.linalg.norm(X, axis=1)
    return {**task, "X": X * sizes[:, None]}


CONTROLS = (
    Control("the images that are trained on are noise", task=_noise_for_images),
    Control(
        "with an output scale of 1",
        {"alpha": 1.0},
        claims=("steps_random", "travel_random", "slow_down"),
    ),
)
