"""What a person without the theory would guess of the end: that it is as the start was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from sims.core.cache import latest_kept
from sims.core.experiment import Baseline, Task
from sims.neural_collapse import collapse


class Start(NamedTuple):
    """Features H (sample, d), classifier W (class, d), bias b (class,) before training."""

    H: np.ndarray
    W: np.ndarray
    b: np.ndarray


Starts = Callable[[Any, Task], Start]


@latest_kept
def measured(starts: Starts, params: Any, task: Task) -> dict[str, float]:
    """Every number of `collapse.measured` at the start."""
    start = starts(params, task)
    onehot = np.eye(len(start.W))[task["labels"]]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = collapse.measured(start.H, onehot, start.W, start.b, task["minority"], np)
    return {name: float(value) for name, value in found.items()}


def nothing_learned(params: Any, task: Task, prediction: xr.Dataset) -> float:
    """The loss of features that are zero."""
    del params, task
    return float(prediction.attrs["loss_zero"])


def equal_angles(params: Any, task: Task, prediction: xr.Dataset) -> float:
    """-1/(K - 1), the cosine between any two of K corners of a simplex."""
    del params, task
    return -1 / (int(prediction.attrs["classes"]) - 1)


NOTHING_LEARNED = Baseline("nothing is learned", nothing_learned)
EQUAL_ANGLES = Baseline("equal angles between all classes", equal_angles)
SMALL_STAY_APART = Baseline("the small classes stay apart at any imbalance", float("inf"))


def as_at_the_start(starts: Starts, name: str) -> Baseline:
    """The number `name` of `collapse.measured` stays as it is."""

    def value(params: Any, task: Task, prediction: xr.Dataset) -> float:
        del prediction
        return measured(starts, params, task)[name]

    return Baseline("it stays as at the start", value)


def angles_of_the_start(starts: Starts) -> Baseline:
    """The cosines between the rows of the classifier, (class, class), stay as they are."""

    def value(params: Any, task: Task, prediction: xr.Dataset) -> np.ndarray:
        del prediction
        return collapse.cosines_between(starts(params, task).W, np)

    return Baseline("the angles stay as at the start", value)


def eigenvalues_of_the_start(starts: Starts) -> Baseline:
    """The eigenvalues of W Wᵀ, (class,), largest first, stay as they are."""

    def value(params: Any, task: Task, prediction: xr.Dataset) -> np.ndarray:
        del prediction
        W = starts(params, task).W
        return np.linalg.eigvalsh(W @ W.T)[::-1]

    return Baseline("the eigenvalues stay as at the start", value)
