"""What is claimed of word vectors, what it relies on, and how it is measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from sims.compare import NO_SNAPSHOTS, largest_gap
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.format import short
from sims.representations.word_vectors import theory
from sims.representations.word_vectors.params import Params

SMALL = 0.3
"""Largest η λ₁ at which a step is taken for small."""
SEATS = 2.5
"""Dimensions a meaning needs for the stronger ones to leave it its own start."""
SMALL_START = 0.03
"""Largest start at which one mode has ended before the next is seen."""
OF_THE_WAIT = 0.02
"""What a moment may be off, besides, for each step of the wait."""


def has_room(params: Params, count: int) -> bool:
    """Whether every meaning has its own start."""
    return params.dim >= SEATS * count and float(params.alpha) <= SMALL_START


def of_times(params: Params, prediction: xr.Dataset) -> float:
    """A quarter of a step; a whole one where meanings compete."""
    return 0.25 if has_room(params, prediction.sizes["mode"]) else 1.0


def of_sizes(share: float) -> Callable[[Params, xr.Dataset], float]:
    """The next order of a finite step: 0.01 + 0.3 η λ₁, as long as that is small."""

    def allowed(params: Params, prediction: xr.Dataset) -> float:
        del prediction
        return share * (0.01 + 0.3 * min(float(params.eta_lambda1), SMALL))

    return allowed


def seen(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """The modes that are predicted to be learned within the run, from below, (mode,)."""
    del params, run
    return np.isfinite(prediction["half_times"].values)


def spared(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """1 + 0.02 t steps, in which moments are counted, (mode,)."""
    del params
    return 1 + OF_THE_WAIT * np.nan_to_num(prediction["half_times"].values, posinf=0.0)


def eigenvalues(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """Where each strength ends, (mode,)."""
    del params
    return prediction["eigenvalues"].values


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """When each strength passed half of its eigenvalue."""
    del params, task
    found = theory.half_times(
        run["strengths"].values, prediction["eigenvalues"].values, run["step"].values
    )
    found = np.where(np.isfinite(found), found, np.nan)
    return xr.Dataset(
        {"half_times": ("mode", found, {"units": "steps"})},
        coords={"mode": prediction["mode"].values},
    )


# Assumptions


def quadratic_loss(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the pull on a word is linear in what is missing."""
    del task, prediction
    held = params.loss_kind == "quadratic"
    words = "The loss is quadratic." if held else "word2vec's loss bends where words go far."
    return Assumption("quadratic_loss", "quadratic loss", words, held)


def even_weights(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether all pairs pull alike."""
    del task, prediction
    held = params.weights == "even"
    words = "All pairs pull alike." if held else "Frequent pairs pull harder."
    return Assumption("even_weights", "even weights", words, held)


def small_step(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether a step is short against what the strongest mode allows."""
    del task, prediction
    c = float(params.eta_lambda1)
    words = f"A step is {short(c)} of what the strongest meaning allows (limit {SMALL})."
    return Assumption("small_step", "small step", words, c <= SMALL, c)


def room(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the stronger meanings leave each its own start."""
    del task
    count = prediction.sizes["mode"]
    words = (
        f"{count} meanings share {params.dim} dimensions (at least {short(SEATS * count)} are "
        f"wanted), from a start of {short(float(params.alpha))} (limit {SMALL_START})."
    )
    return Assumption("room", "room", words, has_room(params, count), params.dim / count)


ASSUMPTIONS = (quadratic_loss, even_weights, small_step, room)
_HELD = ("quadratic_loss", "even_weights", "small_step")

# Guesses


def guessed(name: str) -> Callable[[Params, Task, xr.Dataset], np.ndarray]:
    """Moments by another start, (mode,)."""
    return lambda _params, _task, prediction: prediction[name].values


ALIKE = Baseline("every meaning starts alike", guessed("alike"))
VANISHING = Baseline("as from a vanishing start", guessed("vanishing"))

CLAIMS = (
    Claim(
        "half_times",
        largest_gap("half_times", within=seen, divided_by=spared, at="mode {mode}"),
        of_times,
        relies_on=_HELD,
        unit="steps and 2 % of the wait",
        baseline=ALIKE,
    ),
    Claim(
        "strengths",
        largest_gap("strengths", over=eigenvalues, at="mode {mode} at step {step}"),
        of_sizes(1.0),
        relies_on=_HELD,
        unit="of its eigenvalue",
    ),
    Claim(
        "places",
        largest_gap(
            "places", over="largest", vectors="last", at="{word}, step {step}", empty=NO_SNAPSHOTS
        ),
        of_sizes(1.0),
        relies_on=_HELD,
        unit="of the farthest word",
    ),
    Claim("loss", largest_gap("loss", over="start"), of_sizes(0.5), relies_on=_HELD),
    Claim(
        "one_line",
        largest_gap("one_line", "half_times", over="predicted", within=seen, at="mode {mode}"),
        0.03,
        relies_on=(*_HELD, "room"),
        title="half-way times, in one line",
        symbol="t_k",
        baseline=VANISHING,
    ),
)


def _pairs_shuffled(task: Task) -> Task:
    """Every pair of words is given the company of another pair."""
    M = task["target"]
    upper = np.triu_indices(len(M), 1)
    mixed = np.diag(np.diag(M))
    mixed[upper] = np.random.default_rng(0).permutation(M[upper])
    return {**task, "target": mixed + np.triu(mixed, 1).T}


CONTROLS = (Control("pairs of words are shuffled", task=_pairs_shuffled),)
