"""Gradient descent from the crossing on, after a kick, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core import curvature, nets
from sims.core.experiment import Task, Tensors
from sims.core.schedule import Schedule
from sims.edge_of_stability.objective import objective
from sims.edge_of_stability.self_stabilisation.crossing import crossing
from sims.edge_of_stability.self_stabilisation.params import Params

PRODUCTS = 12
"""Lanczos steps of a record; they start from the vector before."""
RUNAWAY = 1e4
"""A loss this many times the first one counts as diverged."""


class State(NamedTuple):
    """Flat weights w_t and w_{t-1} (P,); the loss at the start.

    `sharpness` and `vector` (P, 1) are the top eigenpair at the midpoint, renewed at records and
    never read by the update.
    """

    w: Array
    previous: Array
    first_loss: Array
    sharpness: Array
    vector: Array


def prepare(params: Params, seed: int) -> Task:
    """Train one seed up to the crossing; see `crossing`."""
    return crossing(params, seed)


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Every step; time counts steps since the kick."""
    del tasks
    return Schedule(np.arange(int(params.steps) + 1), np.zeros(0, np.int64), 1.0)


def init(params: Params, task: Tensors) -> State:
    """The weights at the crossing and the kick along u; w_{-1} is w_1, as if it oscillated."""
    u = task["u"]
    start = nets.flattened(nets.layers(task))
    w = start + params.kick * u
    loss = objective(params, task)
    ahead = w - params.eta * jax.grad(loss)(w)
    return State(w, ahead, loss(start), jnp.zeros_like(w[0]), jnp.copy(u)[:, None])


def step(params: Params, task: Tensors, state: State) -> State:
    """One step of gradient descent: w <- w - η ∇L(w)."""
    w = state.w
    return state._replace(w=w - params.eta * jax.grad(objective(params, task))(w), previous=w)


def midpoint(params: Params, task: Tensors, state: State) -> Array:
    """(w_{t-1} + 2w_t + w_{t+1})/4, (P,): the path without its oscillation."""
    ahead = step(params, task, state).w
    return 0.25 * (state.previous + 2 * state.w + ahead)


def refresh(params: Params, task: Tensors, state: State) -> State:
    """Top eigenpair of the Hessian at the midpoint, its sign that of the one before."""
    product = curvature.hessian_product(objective(params, task), midpoint(params, task, state))
    start = curvature.warm_start(state.vector)
    values, vector = curvature.top_eigenpairs(product, start, k=1, m=PRODUCTS)
    aligned = jnp.where(jnp.vdot(vector, state.vector) < 0, -vector, vector)
    return state._replace(sharpness=values[0], vector=aligned)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss; y = λ_1 - 2/η at the midpoint; x = u·(w_t - midpoint)."""
    loss = objective(params, task)(state.w)
    gone = ~(loss <= RUNAWAY * state.first_loss)
    away = state.w - midpoint(params, task, state)
    return {
        "loss": jnp.where(gone, jnp.inf, loss),
        "sharpness_gap": state.sharpness - 2 / params.eta,
        "displacement": jnp.vdot(state.vector[:, 0], away),
    }
