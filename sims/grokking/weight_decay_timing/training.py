"""Gradient descent with weight decay on a diagonal linear network, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import SNAPSHOTS, Schedule, even
from sims.grokking.weight_decay_timing import theory
from sims.grokking.weight_decay_timing.params import Params

RECORDS = 300


class State(NamedTuple):
    """u and v, (feature,) each, with w = u² - v²; and the number of steps taken."""

    u: Array
    v: Array
    steps: Array


def prepare(params: Params, seed: int) -> Task:
    """Gaussian data, sparse true weights, and the start u = v = α."""
    X, y, truth = theory.drawn(seed, params.n, params.d, int(params.k))
    start = np.full(params.d, float(params.alpha))
    return {"X": X, "y": y, "target": truth, "u": start, "v": start.copy()}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """300 records, evenly spaced in time."""
    del tasks
    records = even(int(filled(params.steps)), RECORDS)
    return Schedule(records, even(len(records) - 1, SNAPSHOTS), filled(params.eta))


def weights(state: State) -> Array:
    """The weights w = u² - v², (feature,)."""
    return state.u**2 - state.v**2


def init(params: Params, task: Tensors) -> State:
    """Everywhere u = v = α, so w = 0."""
    del params
    return State(jnp.copy(task["u"]), jnp.copy(task["v"]), jnp.zeros((), jnp.int32))


def step(params: Params, task: Tensors, state: State) -> State:
    """One step of size η down |Xw - y|²/2n + (wd/2)(|u|² + |v|²).

    u <- u - ηu(2g + wd), v <- v + ηv(2g - wd) with g = Xᵀ(Xw - y)/n.
    """
    X, y = task["X"], task["y"]
    push = 2 * ((X @ weights(state) - y) @ X) / y.shape[0]
    eta, decay = filled(params.eta), params.weight_decay
    return State(
        state.u * (1 - eta * (push + decay)),
        state.v * (1 + eta * (push - decay)),
        state.steps + 1,
    )


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """|Xw - y|²/2n, |w - w*|², smallest and largest u_i v_i, and max |u_i v_i/β² - 1|.

    β = α e^{-wd t} at the time t = η × steps; α is where u starts.
    """
    w, products = weights(state), state.u * state.v
    t = filled(params.eta) * state.steps
    beta2 = task["u"] ** 2 * jnp.exp(-2 * params.weight_decay * t)
    return {
        "train_loss": 0.5 * jnp.mean((task["X"] @ w - task["y"]) ** 2),
        "test_error": jnp.sum((w - task["target"]) ** 2),
        "product": jnp.stack([jnp.min(products), jnp.max(products)]),
        "product_drift": jnp.max(jnp.abs(products / beta2 - 1)),
    }


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """The weights, (feature,)."""
    del params, task
    return {"weights": weights(state)}


def simulation(params: Params) -> Simulation[State]:
    """The four functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot)
