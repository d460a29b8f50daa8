"""Models of every size, trained by SGD on the same fresh samples, many times over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.scaling_laws import learners
from sims.scaling_laws.compute_frontier.params import Params, widths
from sims.scaling_laws.problem import edge, power_law, tail
from sims.scaling_laws.schedules import record_steps


class State(NamedTuple):
    """Weights (replica, size, coefficient), and the steps taken."""

    w: Array
    t: Array


def prepare(params: Params, seed: int) -> Task:
    """What each size holds and cannot hold, the rate, and the key of the samples.

    Tensors `held` and `targets` are (size, coefficient), `tails` and `noises` (size,).
    """
    a, b, batch_size = float(params.a), float(params.b), int(params.batch_size)
    problem = power_law(a, b, params.width)
    ms = widths(params.width, params.sizes)
    held = np.arange(params.width) < np.array(ms)[:, None]
    tails = np.array([tail(b, m) for m in ms])
    return {
        "lam": problem.lam,
        "held": held.astype(float),
        "targets": held * problem.target,
        "tails": tails,
        "noises": np.sqrt(float(params.noise) ** 2 + tails),
        "rate": np.array(float(params.c) * edge(problem.lam, batch_size)),
        "key": np.array([0, seed], np.uint32),
    }


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Dense at first, even at last."""
    del tasks
    steps = record_steps(int(params.steps))
    return Schedule(steps, np.arange(len(steps)), 1.0)


def init(params: Params, task: Tensors) -> State:
    """All weights are 0."""
    shape = (params.replicas, *task["targets"].shape)
    return State(jnp.zeros(shape, task["targets"].dtype), jnp.zeros((), jnp.int32))


def step(params: Params, task: Tensors, state: State) -> State:
    """One step w <- w - (eta/B) sum_i (w·x_i - y_i) x_i of every size, on the same samples."""
    deviations = jnp.sqrt(task["lam"])
    how = (params.replicas, params.batch_size, deviations)
    x, xi = learners.samples(task["key"], state.t, *how)
    gap = learners.gaps(state.w, x, xi, task["targets"], task["noises"])
    rates = jnp.full_like(task["noises"], task["rate"])
    return State(learners.stepped(state.w, x, gap, rates, task["held"]), state.t + 1)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss of every size, the mean over replicas, and its standard deviation over them."""
    del params
    E = learners.excess(state.w, task["targets"], task["lam"])
    return {"loss": E.mean(axis=0) + task["tails"], "spread": E.std(axis=0, ddof=1)}


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; a step is mostly its random numbers, which fused loops make best."""
    del params
    return Simulation(init, step, observe, fused=True)
