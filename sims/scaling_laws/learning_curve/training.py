"""One race of six schedules on the same samples, many times at once, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.scaling_laws import learners, schedules
from sims.scaling_laws.learning_curve.params import Params
from sims.scaling_laws.problem import edge, power_law

BURSTS, LONG, SHORT = 0.1, 7.0, 1 / 3
"""Share of bursts among bursty samples, factors of x² in them and in between: E x² stays."""
NEVER = 2**31 - 1
"""A step that is never reached."""


class State(NamedTuple):
    """Weights (replica, schedule, mode), steps done, and the pool's inputs and noise, if any."""

    w: Array
    t: Array
    x: Array
    xi: Array


def prepare(params: Params, seed: int) -> Task:
    """The problem, the peak rate, and the key of all samples."""
    problem = power_law(float(params.a), float(params.b), params.width, float(params.noise))
    return {
        "lam": problem.lam,
        "target": problem.target,
        "tail": np.array(problem.tail),
        "eta": np.array(float(params.c) * edge(problem.lam, params.batch_size)),
        "key": np.array([0, seed], np.uint32),
    }


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """As dense in the logarithm of the step as in the step; the scrubber stops at every record."""
    del tasks
    steps = schedules.record_steps(int(params.steps))
    return Schedule(steps, np.arange(len(steps)), 1.0)


def init(params: Params, task: Tensors) -> State:
    """All students at zero; a pool is what a step would draw that never comes."""
    R, M = params.replicas, params.width
    x, xi = learners.samples(task["key"], jnp.int32(NEVER), 1, params.pool, jnp.sqrt(task["lam"]))
    w = jnp.zeros((R, len(schedules.NAMES), M), x.dtype)
    return State(w, jnp.zeros((), jnp.int32), x[0], xi[0])


def rates(params: Params, task: Tensors, t: Array) -> Array:
    """The rate of every schedule at step t, (schedule,)."""
    x, power = (t + 0.5) / params.steps, filled(params.power)
    return task["eta"] * schedules.shapes(x, params.decay, power, jnp)


def step(params: Params, task: Tensors, state: State) -> State:
    """Weights w <- w - (η_t/B) Σ_b (w·x_b - y_b) x_b, on samples that all schedules share."""
    lam, R, B, many = task["lam"], params.replicas, params.batch_size, len(schedules.NAMES)
    now = jax.random.fold_in(jax.random.wrap_key_data(task["key"]), state.t)
    if params.pool:
        chosen = jax.random.randint(now, (R, B), 0, params.pool)
        x, xi = state.x[chosen], state.xi[chosen]
    else:
        x, xi = learners.samples(task["key"], state.t, R, B, jnp.sqrt(lam))
    if params.inputs == "bursty":
        is_long = jax.random.uniform(jax.random.fold_in(now, 1), (R, B, 1)) < BURSTS
        x = x * jnp.sqrt(jnp.where(is_long, LONG, SHORT)).astype(x.dtype)
    targets = jnp.broadcast_to(task["target"], (many, params.width))
    noise = jnp.broadcast_to(jnp.sqrt(params.noise**2 + task["tail"]), many)
    gap = learners.gaps(state.w, x, xi, targets, noise)
    w = learners.stepped(state.w, x, gap, rates(params, task, state.t))
    return State(w, state.t + 1, state.x, state.xi)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Of every schedule the mean loss over replicas, and how much of it is scatter of weights."""
    lam, target, R = task["lam"], task["target"], params.replicas
    mean = jnp.mean(learners.excess(state.w, target[None], lam), axis=0)
    signal = learners.excess(jnp.mean(state.w, axis=0)[None], target[None], lam)[0]
    # the mean of R runs scatters, too, by 1/R of the scatter of one
    return {"loss": mean + task["tail"], "scatter": (mean - signal) * R / (R - 1)}
