"""One race of six schedules, a network each, on the same digits, many times at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core import two_layer
from sims.core.experiment import Task, Tensors
from sims.core.schedule import Schedule
from sims.scaling_laws import schedules
from sims.scaling_laws.problem import edge
from sims.scaling_laws.real_network import population
from sims.scaling_laws.real_network.params import Params

RECORDS = 20
"""Records evenly spaced in the step, and as many in its logarithm: one costs as much as a step."""


class State(NamedTuple):
    """Weights W (replica, schedule, N, d) and a (replica, schedule, N), and the steps done."""

    W: Array
    a: Array
    t: Array


def prepare(params: Params, seed: int) -> Task:
    """The points, the network as it is born, and the peak rate, in units of 1/k_1."""
    X, y = population.points(params)
    W, a = two_layer.initial(np.random.default_rng(seed), params.width, X.shape[1])
    task: Task = {"X": X, "y": y, "W": W, "a": a, "key": np.array([0, seed], np.uint32)}
    found = population.of(task, params.train, float(params.noise))
    peak = float(params.c) * edge(found.problem.lam, params.batch_size)
    return task | {"eta": np.array(peak), "top": np.array(found.top)}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """As dense in the logarithm of the step as in the step; the scrubber stops at every record."""
    del tasks
    steps = schedules.record_steps(int(params.steps), RECORDS)
    return Schedule(steps, np.arange(len(steps)), 1.0)


def init(params: Params, task: Tensors) -> State:
    """The same network for every schedule and in every replica."""
    many = (params.replicas, len(schedules.NAMES))
    W = jnp.broadcast_to(task["W"], (*many, *task["W"].shape))
    return State(W, jnp.broadcast_to(task["a"], (*many, params.width)), jnp.zeros((), jnp.int32))


def step(params: Params, task: Tensors, state: State) -> State:
    """A step of every network on |f - y - σξ|²/(2Bα²), on samples that all schedules share."""
    R, B = params.replicas, params.batch_size
    pick, draw = jax.random.split(
        jax.random.fold_in(jax.random.wrap_key_data(task["key"]), state.t)
    )
    chosen = jax.random.randint(pick, (R, B), 0, len(task["y"]))
    told = task["y"][chosen] + params.noise * jax.random.normal(draw, (R, B), task["y"].dtype)
    born = two_layer.output(task["W"], task["a"], task["X"], "relu")[chosen]
    x = (state.t + 0.5) / params.steps
    rates = task["eta"] / task["top"] * schedules.shapes(x, params.decay, params.power, jnp)

    def one(W: Array, a: Array, eta: Array, X: Array, y: Array, h0: Array) -> tuple[Array, Array]:
        now = two_layer.State(W, a, h0)
        after = two_layer.step(now, X, y, params.alpha, eta, "relu")
        return (W if params.train == "last" else after.W), after.a

    every = jax.vmap(jax.vmap(one, (0, 0, 0, None, None, None)), (0, 0, None, 0, 0, 0))
    W, a = every(state.W, state.a, rates, task["X"][chosen], told, born)
    return State(W, a, state.t + 1)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """The loss over all points, with their own labels, of every schedule; the mean of replicas."""
    born = two_layer.output(task["W"], task["a"], task["X"], "relu")

    def loss(W: Array, a: Array) -> Array:
        h = two_layer.output(W, a, task["X"], "relu")
        return jnp.mean((params.alpha * (h - born) - task["y"]) ** 2)

    return {"loss": jnp.mean(jax.vmap(jax.vmap(loss))(state.W, state.a), axis=0)}
