"""Gradient descent of a linear student on a linear teacher, to be read aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import RECORDS, Schedule
from sims.grokking.linear_estimator.params import Params
from sims.grokking.linear_estimator.theory import samples
from sims.grokking.passage import logarithmic


class State(NamedTuple):
    """D = S - T, student minus teacher, (coordinate, output).

    Kept instead of S because both losses are quadratic in it: no digits cancel late in the run.
    """

    gap: Array


@lru_cache(maxsize=8)
def _inputs(seed: int, n: int, d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """X (n, d), X_test (n, d) with entries N(0, 1), and Σ = XᵀX/n (d, d); single precision."""
    rng = np.random.default_rng([seed, 0])
    X, X_test = (rng.standard_normal((n, d), dtype=np.float32) for _ in range(2))
    covariance = X.T @ X / np.float32(n)
    for drawn in (X, X_test, covariance):
        drawn.flags.writeable = False
    return X, X_test, covariance


def prepare(params: Params, seed: int) -> Task:
    """Inputs, teacher with entries N(0, τ²/d), and student with entries N(0, σ²/d)."""
    d, k = params.d, params.replicas
    X, X_test, covariance = _inputs(seed, samples(params), d)
    rng = np.random.default_rng([seed, 1])
    T, S = rng.standard_normal((2, d, k))
    return {
        "X": X,
        "X_test": X_test,
        "input_covariance": covariance,
        "target": T * math.sqrt(float(params.teacher_variance) / d),
        "W1": S * math.sqrt(float(params.student_variance) / d),
    }


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """At most 240 records, evenly spaced in the logarithm of the step; time counts steps."""
    del tasks
    records = logarithmic(int(filled(params.steps)), RECORDS)
    return Schedule(records, np.zeros(0, np.int64), 1.0)


def init(params: Params, task: Tensors) -> State:
    """The student of the task."""
    del params
    return State(task["W1"] - task["target"])


def step(params: Params, task: Tensors, state: State) -> State:
    """One step of size η: S <- S - η (Σ (S - T) + wd S)."""
    pull = task["input_covariance"] @ state.gap
    return State(
        state.gap - params.eta * (pull + params.weight_decay * (state.gap + task["target"]))
    )


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Losses |XD|²/(Nk) and |D|²/k, and the shares of outputs with (x·D_j)² <= ε."""
    train = (task["X"] @ state.gap) ** 2
    test = (task["X_test"] @ state.gap) ** 2
    right = {"train_accuracy": train <= params.eps, "test_accuracy": test <= params.eps}
    return {
        "train_loss": jnp.mean(train),
        "test_loss": jnp.sum(state.gap**2) / state.gap.shape[1],
        **{name: jnp.mean(share, dtype=state.gap.dtype) for name, share in right.items()},
    }
