"""Many small networks that write features into too few neurons and read them again, with Adam."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.representations.superposition import states
from sims.representations.superposition.energy import expected_loss, expected_loss_linear
from sims.representations.superposition.params import BATCH, Params

RECORDS = 101
Weights = tuple[Array, Array]
"""Columns w_i of every start, (replica, neuron, feature), and biases (replica, feature)."""


class State(NamedTuple):
    """Weights of all starts, Adam's memory, and steps so far."""

    weights: Weights
    memory: Any
    t: Array


def prepare(params: Params, seed: int) -> Task:
    """Starts of the seed, importances, and the key of all samples."""
    rng = np.random.default_rng(seed)
    shape = (params.replicas, params.neurons, params.features)
    return {
        "W": float(params.init_scale) * rng.standard_normal(shape),
        "I": states.importances(params.features, float(params.importance)),
        "key": rng.integers(0, 2**32, 2, dtype=np.uint32),
    }


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Dense at the beginning, where arrows grow; everything is kept at every record."""
    del tasks
    wanted = float(params.steps) * np.linspace(0, 1, RECORDS) ** 2
    steps = np.unique(np.round(wanted).astype(np.int64))
    return Schedule(steps, np.arange(len(steps)), 1.0)


def drawn(params: Params, task: Tensors, t: Array | int, count: int) -> Array:
    """Samples x (count, n) of a step: 0 with chance 1 - p, else uniform in 0..1."""
    key = jax.random.fold_in(jax.random.wrap_key_data(task["key"]), t)
    shape = (3, count, params.features)
    on, x, as_one = jax.random.uniform(key, shape, task["W"].dtype)
    is_on = on < params.density
    first = np.arange(params.features) // 2 * 2
    is_on = jnp.where(as_one < params.together, is_on[:, first], is_on)
    return jnp.where(is_on, x, 0.0)


def losses(params: Params, task: Tensors, weights: Weights, x: Array) -> Array:
    """Mean over samples of Σ_i I_i (x_i - act(w_i·Σ_j w_j x_j + b_i))², (replica,)."""
    W, b = weights
    z = jnp.einsum("xj,rmj,rmi->rxi", x, W, W) + b[:, None, :]
    said = jax.nn.relu(z) if params.activation == "relu" else z
    return jnp.mean((x[None] - said) ** 2 @ task["I"], axis=1)


def _adam() -> Any:
    import optax

    return optax.scale_by_adam()


def init(params: Params, task: Tensors) -> State:
    """Random arrows, and no bias."""
    del params
    W = task["W"]
    weights = (W, jnp.zeros((W.shape[0], W.shape[2]), W.dtype))
    return State(weights, _adam().init(weights), jnp.zeros((), jnp.int32))


def step(params: Params, task: Tensors, state: State) -> State:
    """θ <- θ - η_t u_t, u Adam's, of every start; η_t = η (1 + cos(πt/T))/2."""
    x = drawn(params, task, state.t, BATCH)
    found = jax.grad(lambda w: jnp.sum(losses(params, task, w, x)))(state.weights)
    found, memory = _adam().update(found, state.memory)
    share = state.t.astype(x.dtype) / params.steps
    rate = params.eta * 0.5 * (1 + jnp.cos(jnp.pi * share))
    W, b = (w - rate * u for w, u in zip(state.weights, found, strict=True))
    return State((W, b), memory, state.t + 1)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Expected loss of every start over all inputs there are, (replica,), its arrows and biases."""
    W, b = state.weights
    # differences of high order would leave no digit of 32 bits
    wide = [jnp.asarray(x, jnp.float64) for x in (W, b, params.density, task["I"], params.together)]
    exact = expected_loss if params.activation == "relu" else expected_loss_linear
    return {"loss": exact(*wide, xp=jnp), "weights": W, "biases": b}


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe)
