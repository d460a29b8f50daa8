"""SGD with every batch size at once, on the same samples, one sample after another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import RECORDS, Schedule
from sims.scaling_laws import learners
from sims.scaling_laws.critical_batch import theory
from sims.scaling_laws.critical_batch.params import Params

FARTHEST = 1e9
"""Size of a weight, at most: what diverges stays a number, and the others go on."""


class State(NamedTuple):
    """Weights w and the batch's gradient so far g, (replica, learner, mode); samples seen t."""

    w: Array
    g: Array
    t: Array


def prepare(params: Params, seed: int) -> Task:
    """The problem, a rate for every batch size, and the key of the samples."""
    problem = theory.problem_of(params)
    rng = np.random.default_rng(seed)
    return {
        "lam": problem.lam,
        "coefficients": problem.target,
        "s": np.array(math.sqrt(problem.s2)),
        "tail": np.array(problem.tail),
        "batch_size": theory.sizes(params.batches).astype(np.int32),
        "eta": theory.rates(params),
        "key": rng.integers(0, 2**32, 2, dtype=np.uint32),
    }


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """A step is one sample; records are evenly spaced in their logarithm."""
    del tasks
    most = theory.samples(params)
    steps = np.unique(np.append(0, np.round(np.geomspace(1, most, RECORDS - 1)).astype(np.int64)))
    return Schedule(steps, np.arange(len(steps)), 1.0)


def init(params: Params, task: Tensors) -> State:
    """Every student starts at w = 0."""
    shape = (params.replicas, len(task["eta"]), len(task["lam"]))
    w = jnp.zeros(shape, task["lam"].dtype)
    return State(w, w, jnp.zeros((), jnp.int32))


def step(params: Params, task: Tensors, state: State) -> State:
    """One sample for all: g += (w·x - y) x; whose batch is full steps, w <- w - (eta/B) g."""
    root = jnp.sqrt(task["lam"])
    x, xi = learners.samples(task["key"], state.t, params.replicas, 1, root)
    gap = learners.gaps(state.w, x, xi, task["coefficients"][None], task["s"][None])
    g = state.g + gap * x
    t = state.t + 1
    full = (t % task["batch_size"] == 0)[None, :, None]
    rate = (task["eta"] / task["batch_size"])[None, :, None]
    stepped = jnp.clip(state.w - rate * g, -FARTHEST, FARTHEST)
    return State(jnp.where(full, stepped, state.w), jnp.where(full, 0.0, g), t)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss of every learner, and the noise scale of the one that steps at every sample.

    Both are means over the replicas; the weights are known, so that the loss is that of all
    samples there are.
    """
    del params
    lam = task["lam"]
    c = jnp.mean((state.w - task["coefficients"][None, None]) ** 2, axis=0)
    excess, G2 = c @ lam, c[0] @ (lam * lam)
    scale = (jnp.sum(lam) * (excess[0] + task["s"] ** 2) + G2) / G2
    return {"loss": excess + task["tail"], "noise_scale_curve": scale}


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, fused=True)
