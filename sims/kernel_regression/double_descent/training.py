"""Ridge regression on random neurons, one more neuron a step, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Task, Tensors
from sims.core.schedule import Schedule
from sims.kernel_regression.double_descent import spectra
from sims.kernel_regression.double_descent.data import activity, world
from sims.kernel_regression.double_descent.params import TIMES, Params

WIDTHS = (
    0.04, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1,
    1.05, 1.1, 1.2, 1.35, 1.5, 1.75, 2, 2.5, 3, TIMES,
)  # fmt: skip
"""Neurons for each example at which the network is looked at: many where theory has its peak."""
BIASES = 0.5
"""Standard deviation of a neuron's bias."""


class State(NamedTuple):
    """What each neuron answers (4n, N), ΣΦΦᵀ on every training set (T, n, n), neurons so far k."""

    activity: Array
    kernel: Array
    k: Array


def widths(n: int) -> np.ndarray:
    """Numbers of neurons that are looked at with n examples, (record,), the first one 0."""
    return np.unique(np.round(n * np.array([0, *WIDTHS])).astype(np.int64))


def prepare(params: Params, seed: int) -> Task:
    """The data, 4n random neurons, T training sets with their noisy labels, a ridge per width.

    Neurons and training sets are drawn apart, so that knobs of the one leave the other as it is.
    """
    n, T = int(params.examples), int(params.trials)
    X, y = world(params.data, int(params.target))
    rng = np.random.default_rng([seed, 2])
    W = rng.standard_normal((TIMES * n, X.shape[1]))
    b = BIASES * rng.standard_normal(TIMES * n)
    if params.activation == "bump":
        W = X[np.resize(rng.permutation(len(X)), TIMES * n)]  # of few points, some twice
        b = np.zeros(TIMES * n)
    rng = np.random.default_rng([seed, 3])
    order = np.stack([rng.permutation(len(y))[:n] for _ in range(T)]).astype(np.int32)
    noise = float(params.noise) * rng.standard_normal((T, n))
    task: Task = {"X": X, "y": y, "W": W, "b": b, "order": order, "y_noisy": y[order] + noise}
    return task | {"ridges": _ridges(params, task)}


def _ridges(params: Params, task: Task) -> np.ndarray:
    """The ridge by the number of neurons, (4n + 1,): the given one, or the best by the theory."""
    n = int(params.examples)
    ridges = np.full(TIMES * n + 1, float(params.ridge))
    if params.tune:
        seen = widths(n)[1:]
        known = spectra.of(task, params.activation, seen)
        ridges[seen] = spectra.best_ridges(known, task["y"], n, float(params.noise) ** 2)
    return ridges


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """A step is one more neuron; looked at where theory bends."""
    del tasks
    steps = widths(int(params.examples))
    return Schedule(steps, np.arange(len(steps)), 1.0)


def init(params: Params, task: Tensors) -> State:
    """No neuron yet, hence f = 0."""
    T, n = task["order"].shape
    answers = activity(task["X"], task["W"], task["b"], params.activation, jnp)
    return State(answers, jnp.zeros((T, n, n), answers.dtype), jnp.zeros((), jnp.int32))


def step(params: Params, task: Tensors, state: State) -> State:
    """One more neuron φ: K <- K + φφᵀ on every training set."""
    del params
    phi = state.activity[state.k][task["order"]]
    return State(state.activity, state.kernel + phi[:, :, None] * phi[:, None, :], state.k + 1)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Error on what was not trained on, over T training sets: its typical size, mean and spread.

    The readout is where gradient descent with that ridge ends: α = (K/k + δ)⁻¹ y, β = Φᵀα/k. At
    k = n the error of a single set has no finite spread, so that the typical one is exp(mean ln E).
    """
    del params
    order, T = task["order"], len(task["order"])
    k = jnp.maximum(state.k, 1)
    ridge = task["ridges"][state.k]
    K = state.kernel / k + ridge * jnp.eye(order.shape[1], dtype=state.kernel.dtype)[None]
    factor = jax.scipy.linalg.cho_factor(K, lower=True)
    alpha = jax.scipy.linalg.cho_solve(factor, task["y_noisy"][..., None])[..., 0]
    rows = jnp.arange(T)[:, None]
    seen = jnp.zeros((T, len(task["y"])), alpha.dtype).at[rows, order].set(alpha)
    is_there = jnp.arange(len(state.activity)) < state.k
    beta = (seen @ state.activity.T) * is_there[None] / k
    unseen = jnp.ones_like(seen).at[rows, order].set(0.0)
    squares = unseen * (beta @ state.activity - task["y"][None, :]) ** 2
    E = squares.sum(axis=1) / unseen.sum(axis=1)
    mean = jnp.mean(E)
    return {
        "test_error": jnp.exp(jnp.mean(jnp.log(E))),
        "mean_error": mean,
        "spread": jnp.std(E) / mean,
    }
