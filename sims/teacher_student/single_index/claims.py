"""What the scalar equation wants, what is measured, and what is claimed of all runs together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import Comparison, points
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Compared, Task, not_compared
from sims.core.format import short
from sims.core.sentences import said
from sims.teacher_student.single_index import theory

if TYPE_CHECKING:
    from sims.teacher_student.single_index.params import Params

SIGMAS = 3.5

# Measured


def escape(t: np.ndarray, size: np.ndarray) -> np.ndarray:
    """First time at which each run's overlap is 1/2, (replica,), linear between records; or NaN."""
    found = np.full(size.shape[1], np.nan)
    for r, one in enumerate(size.T):
        hit = np.flatnonzero(one >= theory.HALF)
        if len(hit) and (i := hit[0]) > 0:
            found[r] = np.interp(theory.HALF, one[i - 1 : i + 1], t[i - 1 : i + 1])
    return found


def deviates(times: np.ndarray, lives: np.ndarray, end: float) -> np.ndarray:
    """Normal deviate of each run among its predicted lives (start, life), (replica,).

    A run that has not escaped by the end is at least as late as that, and never counts as early.
    """
    rows = np.broadcast_to(lives, (len(times), lives.shape[1]))
    found = []
    for time, row in zip(times, rows, strict=True):
        (late,) = theory.deviate(row, np.array([time if np.isfinite(time) else end])).tolist()
        found.append(late if np.isfinite(time) else max(0.0, late))
    return np.array(found)


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """When each run escapes, and the middle one of them; NaN if that never does."""
    del params, task, prediction
    times = escape(run["time"].values, np.asarray(run["size"].values, float))
    middle = theory.median_of(np.where(np.isnan(times), np.inf, times))
    units = {"units": "time"}
    return xr.Dataset(
        {
            "escape_time": ("replica", times, units),
            "escape_median": ((), middle if math.isfinite(middle) else np.nan, units),
        }
    )


# Assumptions


def gaussian_projection(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the inputs' sum along the hidden direction is Gaussian."""
    del task, prediction
    held = params.inputs == "gaussian" or params.direction == "dense"
    words = "Along the hidden direction the inputs are Gaussian." if held else (
        "Along an axis a coin flip shows the link function at 1 and -1 only: for an even exponent "
        "a constant, nothing to find."
    )  # fmt: skip
    return Assumption("gaussian_projection", "Gaussian along u", words, held)


def fresh_examples(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether every example is new."""
    del task, prediction
    samples = float(params.samples_per_dimension)
    words = "Every example is new." if not samples else (
        f"{said(samples)} d examples used again and again: the walk is no longer independent."
    )  # fmt: skip
    return Assumption("fresh_examples", "fresh examples", words, not samples, samples)


# The claim


def of_mean(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance: of a mean of R normal numbers, and what the equation leaves out, of order 1/d."""
    return SIGMAS / math.sqrt(int(params.replicas)) + float(prediction["leeway"])


def mean_deviate(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """The mean of all runs' deviates among the lives, which are all as late as their median."""
    del params
    lives, middle = prediction["escape_lives"].values, float(prediction["escape_median"])
    if not math.isfinite(middle):
        return not_compared("half of the lives never find it, which is also a guess.")
    median = float(told["escape_median"])
    factor = 1.0 if told is prediction else median / middle
    seen = float(run["escape_median"])
    if points.is_imagined(run):  # one by which the theory is right: each at its own middle life
        times = np.array([theory.median_of(row) for row in lives]) * (seen / middle)
    else:
        times = np.asarray(run["escape_time"].values, float)
    found = deviates(times, lives * factor, float(prediction["time"].values[-1]))
    return Compared(
        median, math.inf if math.isnan(seen) else seen, abs(float(found.mean())),
        f"mean deviate of {len(found)} runs: {short(float(found.mean()))}",
    )  # fmt: skip


def over_the_step(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """One example per dimension, over the step."""
    del task, prediction
    return 1 / float(params.delta)


CLAIMS = (
    Claim(
        "escape_mean",
        Comparison("escape_median", "mean deviate", mean_deviate, "escape_median"),
        of_mean,
        relies_on=("gaussian_projection", "fresh_examples"),
        title="when they escape, all together",
        symbol="t_{1/2}",
        unit="mean deviate",
        baseline=Baseline("an example per dimension, over the step", over_the_step),
    ),
)

CONTROLS = (
    Control("two examples per dimension are all there are", {"samples_per_dimension": 2.0}),
    Control(
        "the neuron looks where the direction is not",
        task=lambda task: {**task, "u": np.roll(task["u"], 1, axis=1)},
    ),
)
