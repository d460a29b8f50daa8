"""Gradient descent on a diagonal linear network, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Task, Tensors
from sims.core.schedule import Schedule
from sims.lazy_rich import records
from sims.lazy_rich.diagonal_network import theory
from sims.lazy_rich.diagonal_network.params import Params


class State(NamedTuple):
    """u and v, (feature,) each; the weights are w = u² - v²."""

    u: Array
    v: Array


def prepare(params: Params, seed: int) -> Task:
    """The data of one seed, the true weights, and the rate c times the edge at the predicted end.

    The start u = v = α_0 is the same for all.
    """
    X, y, truth = theory.drawn(seed, params.n, params.d, int(params.k), float(params.noise))
    scale = float(params.alpha_0)
    end = theory.end_point(X, y, scale)
    rate = float(params.c) * theory.edge(X, end.weights, scale)
    start = np.full(params.d, scale)
    return {"X": X, "y": y, "target": truth, "u": start, "v": start, "rate": np.array(rate)}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """A hundred even and a hundred log-spaced records; they hold all there is to see."""
    del tasks
    return records.schedule(int(params.steps), snapshots=0)


def weights(state: State) -> Array:
    """The weights w = u² - v², (feature,)."""
    return state.u**2 - state.v**2


def init(params: Params, task: Tensors) -> State:
    """Everywhere u = v = α_0, so w = 0."""
    del params
    return State(jnp.copy(task["u"]), jnp.copy(task["v"]))


def step(params: Params, task: Tensors, state: State) -> State:
    """One step down |Xw - y|²/2n: u <- u - 2ηgu, v <- v + 2ηgv with g = Xᵀ(Xw - y)/n."""
    del params
    X, y = task["X"], task["y"]
    push = 2 * task["rate"] * ((X @ weights(state) - y) @ X / y.shape[0])
    return State(state.u * (1 - push), state.v * (1 + push))


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Train loss |Xw - y|²/2n, test error |w - w*|², l1 norm, w, and u v over its start.

    Gradient flow conserves each u_i v_i; a step of descent shrinks it.
    """
    del params
    w = weights(state)
    return {
        "train_loss": 0.5 * jnp.mean((task["X"] @ w - task["y"]) ** 2),
        "test_error": jnp.sum((w - task["target"]) ** 2),
        "l1_norm": jnp.sum(jnp.abs(w)),
        "weights": w,
        "products": state.u * state.v / (task["u"] * task["v"]),
    }
