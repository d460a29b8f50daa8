"""Gradient descent on one hidden neuron, to be read aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Task, Tensors
from sims.core.schedule import Schedule
from sims.lazy_rich.one_neuron.params import Params


class State(NamedTuple):
    """The outer weight a, (), and the inner weights w, (coordinate,)."""

    a: Array
    w: Array


def prepare(params: Params, seed: int) -> Task:
    """The target b = (1, 0) and the start; nothing is drawn."""
    del seed
    angle = math.radians(float(params.angle))
    w = float(params.w0) * np.array([math.cos(angle), math.sin(angle)])
    return {"a": np.array(float(params.a0)), "w": w, "target": np.array([1.0, 0.0])}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """At most 240 even records; they hold all there is to see."""
    del tasks
    return Schedule.until(params.horizon, params.dt, snapshots=0)


def init(params: Params, task: Tensors) -> State:
    """The start of the task."""
    del params
    return State(jnp.copy(task["a"]), jnp.copy(task["w"]))


def step(params: Params, task: Tensors, state: State) -> State:
    """One step down |a w - b|²/2: a <- a - dt η_a w·(a w - b), w <- w - dt η_w a (a w - b)."""
    gap = state.a * state.w - task["target"]
    return State(
        state.a - params.dt * params.eta_a * jnp.dot(state.w, gap),
        state.w - params.dt * params.eta_w * state.a * gap,
    )


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss, a, w, β = a w, and δ = η_w a² - η_a |w|², which gradient flow conserves."""
    beta = state.a * state.w
    return {
        "loss": 0.5 * jnp.sum((beta - task["target"]) ** 2),
        "a": state.a,
        "w": state.w,
        "beta": beta,
        "conserved": params.eta_w * state.a**2 - params.eta_a * jnp.sum(state.w**2),
    }
