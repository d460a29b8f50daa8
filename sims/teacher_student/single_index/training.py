"""Neurons that look for one direction, side by side: one example each at a step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.teacher_student import draws
from sims.teacher_student.single_index import theory
from sims.teacher_student.single_index.params import Params

RECORDS = 241


class State(NamedTuple):
    """Directions w (replica, input) of length 1, and examples seen, t."""

    w: Array
    t: Array


def started(params: Params, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The hidden direction u, the neuron w, and the key of the examples of one run."""
    d, overlap = int(params.d), float(params.overlap)
    rng = np.random.default_rng(seed)
    u = np.eye(d)[0] if params.direction == "axis" else rng.standard_normal(d)
    u = u / np.linalg.norm(u)
    w = rng.standard_normal(d)
    w = w / np.linalg.norm(w)
    if overlap:
        m, across = overlap / math.sqrt(d), w - (w @ u) * u
        w = m * u + math.sqrt(1 - m**2) * across / np.linalg.norm(across)
    elif w @ u < 0:
        w = -w
    return u, w, rng.integers(0, 2**32, 2, dtype=np.uint32)


def prepare(params: Params, seed: int) -> Task:
    """The starts of the seeds from this one on, one for each run side by side."""
    made = [started(params, seed + r) for r in range(int(params.replicas))]
    u, w, keys = (np.stack(parts) for parts in zip(*made, strict=True))
    return {"u": u, "w": w, "keys": keys, "first": np.sum(u * w, axis=1)}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Even records; time counts examples per dimension."""
    del tasks
    assert params.horizon is not None
    return Schedule.until(params.horizon, 1 / int(params.d), records=RECORDS)


def init(params: Params, task: Tensors) -> State:
    """Before the first example."""
    del params
    return State(task["w"], jnp.zeros((), jnp.int32))


def example(params: Params, keys: Array, t: Array, dtype: jnp.dtype) -> tuple[Array, Array]:
    """Inputs x (input,) of step t of one run, and the label's noise, of deviation 1."""
    key, d = jax.random.wrap_key_data(keys), params.d
    size = draws.set_size(params.samples_per_dimension, d)
    own = jax.random.fold_in(key, draws.number(key, t, size))
    if params.inputs == "binary":
        return draws.coins(own, d, dtype), draws.normal(jax.random.fold_in(own, 0), 1, dtype)[0]
    drawn = draws.normal(own, d + 1, dtype)
    return drawn[:-1], drawn[-1]


def link(params: Params, field: Array) -> tuple[Array, Array]:
    """h_k and its derivative."""
    h = theory.link(params.exponent)
    slope = np.polyder(h)
    made = [sum(float(c) * field**p for p, c in enumerate(one[::-1])) for one in (h, slope)]
    return made[0] + jnp.zeros_like(field), made[1] + jnp.zeros_like(field)


def step(params: Params, task: Tensors, state: State) -> State:
    """One example: w <- w - (δ/d) (h(λ) - y) h'(λ) (x - λ w), to length 1; y = h(ν) + σ ξ."""
    w, dtype = state.w, state.w.dtype
    x, xi = jax.vmap(lambda keys: example(params, keys, state.t, dtype))(task["keys"])
    student, teacher = jnp.sum(w * x, axis=1), jnp.sum(task["u"] * x, axis=1)
    (said, slope), (answer, _) = link(params, student), link(params, teacher)
    gap = said - answer - params.noise * xi
    rate = params.delta / params.d * gap * slope
    w = w - rate[:, None] * (x - student[:, None] * w)
    return State(w / jnp.linalg.norm(w, axis=1, keepdims=True), state.t + 1)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Size of every overlap: for an even link both signs are the direction."""
    del params
    return {"size": jnp.abs(jnp.sum(state.w * task["u"], axis=1))}


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe)
