"""What is claimed of networks that look alike, and what it relies on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from sims.compare import largest_gap
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.format import short
from sims.representations.universality import theory
from sims.representations.universality.params import Params
from sims.representations.universality.training import moments

MOST_NOISE = 0.4
MOST_RATE = 0.3
ENDS = ("cka_narrow", "cka_wide", "cka_other")


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """How alike the networks of each group are in the end."""
    del params, task, prediction
    return xr.Dataset({f"{name}_final": ((), float(run[name][-1])) for name in ENDS})


# Assumptions


def white_inputs(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether all inputs count alike."""
    del task, prediction
    held = bool(params.white)
    words = "All components count alike." if held else "The modes are solved for white inputs."
    return Assumption("white_inputs", "white inputs", words, held)


def linear_units(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether hidden units say what they get."""
    del task, prediction
    held = params.activation == "linear"
    words = "Hidden units are linear." if held else "ReLU units have another kernel and clock."
    return Assumption("linear_units", "linear units", words, held)


def wide(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the noise of a start is small enough for its first order."""
    del task, prediction
    x = theory.first_noise(params)
    words = (
        f"Noise over signal is {short(x)} at the start (limit {MOST_NOISE}); the next order is "
        f"{short(x**2)}."
    )
    return Assumption("wide", "wide", words, x <= MOST_NOISE, x)


def small_rate(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether a step is short."""
    del task, prediction
    x = float(params.rate)
    words = f"A step is {short(x)} of the stable rate (limit {MOST_RATE})."
    return Assumption("small_rate", "small rate", words, x <= MOST_RATE, x)


ASSUMPTIONS = (white_inputs, linear_units, wide, small_rate)
RELIES = tuple(one.__name__ for one in ASSUMPTIONS)

# Guesses


def nearer(name: str, other: str = "") -> Callable[[Params, Task, xr.Dataset], np.ndarray]:
    """Of two guesses the one nearer to theory, (record,): as at the start; or 1, or another's."""

    def guessed(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
        del params, task
        curve, allowed = prediction[name].values, prediction[f"allowed_{name}"].values
        second = prediction[other].values if other else np.ones_like(curve)
        both = (np.full_like(curve, curve[0]), second)
        return min(both, key=lambda guess: float(np.max(np.abs(guess - curve) / allowed)))

    return guessed


START_OR_SAME = "as at the start, or the same"


def units_of(name: str) -> Callable[[Params, xr.Dataset], np.ndarray]:
    """What a run may be off, (record,), in which gaps are counted."""

    def units(params: Params, prediction: xr.Dataset) -> np.ndarray:
        del params
        return prediction[f"allowed_{name}"].values

    return units


CLOCK = (
    "networks of a finite width leave their start at moments of their own, which differ by nearly "
    "as much; the clock is the loss's to test."
)


def _claim(name: str, baseline: Baseline) -> Claim:
    """A curve that is off by no more than chance allows, at the worst record."""
    return Claim(
        name,
        largest_gap(name, divided_by=units_of(name), at="step {step}"),
        1.0,
        relies_on=RELIES,
        unit="of the tolerance",
        on_divergence="not judged",
        baseline=baseline,
        sees_ten_percent=name == "loss",
        because="" if name == "loss" else CLOCK,
    )


CLAIMS = (
    _claim("cka_narrow", Baseline(START_OR_SAME, nearer("cka_narrow"))),
    _claim("cka_wide", Baseline(START_OR_SAME, nearer("cka_wide"))),
    _claim(
        "cka_other",
        Baseline("as at the start, or whatever they learn", nearer("cka_other", "cka_narrow")),
    ),
    _claim("debiased", Baseline(START_OR_SAME, nearer("debiased"))),
    _claim("loss", Baseline("nothing changes")),
)


def _labels_shuffled(task: Task) -> Task:
    """Every image is given the labels of another one."""
    mixed = np.random.default_rng(0).permutation(len(task["y"]))
    Y, Y_other = task["Y"][mixed], task["Y_other"][mixed]
    return {**task, "Y": Y, "Y_other": Y_other, **moments(task["X"], Y, Y_other)}


CONTROLS = (Control("labels are shuffled", task=_labels_shuffled),)
