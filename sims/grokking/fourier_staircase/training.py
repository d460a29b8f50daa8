"""Gradient descent on modular addition of a template, to be read aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.knobs import filled
from sims.core.nets import Tensor
from sims.core.schedule import SNAPSHOTS, Schedule, even
from sims.grokking.fourier_staircase import theory
from sims.grokking.fourier_staircase.params import Params
from sims.grokking.passage import logarithmic

RECORDS = 600


class State(NamedTuple):
    """Both inner weights u, v and the outer w of every neuron, (neuron, position) each."""

    u: Tensor
    v: Tensor
    w: Tensor


def prepare(params: Params, seed: int) -> Task:
    """A template of random phases and neurons with entries N(0, σ²/3p)."""
    p, rng = params.p, np.random.default_rng(seed)
    magnitudes = np.asarray(params.magnitudes, float)
    x = theory.template(p, magnitudes, rng.uniform(-np.pi, np.pi, len(magnitudes)))
    size = float(params.init_scale) / math.sqrt(3 * p)
    u, v, w = size * rng.standard_normal((3, params.width, p))
    return {"template": x, "u": u, "v": v, "w": w}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """At most 600 records, evenly spaced in the logarithm of time; every tenth is a snapshot."""
    del tasks
    records = logarithmic(int(filled(params.steps)), RECORDS)
    return Schedule(records, even(len(records) - 1, SNAPSHOTS), float(params.eta))


def shifts(x: Tensor) -> Array:
    """The template shifted by each a, x_a[n] = x[n - a], (a, n)."""
    p = x.shape[0]
    n = jnp.arange(p)
    return jnp.asarray(x)[(n[None, :] - n[:, None]) % p]


def output(state: State, x: Tensor) -> Array:
    """f(a, b) = Σ_i (u_i·x_a + v_i·x_b)² w_i for all pairs, (a, b, position)."""
    rows = shifts(x)
    act = ((rows @ state.u.T)[:, None, :] + (rows @ state.v.T)[None, :, :]) ** 2
    return jnp.asarray(act @ state.w)


def targets(x: Tensor) -> Array:
    """The template shifted by a + b, (a, b, position)."""
    n = jnp.arange(x.shape[0])
    return shifts(x)[(n[:, None] + n[None, :]) % x.shape[0]]


def loss(state: State, x: Tensor) -> Array:
    """(1/2p²) Σ_ab |x_{a+b} - f(a, b)|²."""
    return 0.5 * jnp.sum((targets(x) - output(state, x)) ** 2) / x.shape[0] ** 2


def init(params: Params, task: Tensors) -> State:
    """The neurons of the task."""
    del params
    return State(*(jnp.copy(task[name]) for name in State._fields))


def step(params: Params, task: Tensors, state: State) -> State:
    """One full-batch gradient step of size η."""
    slope = jax.grad(loss)(state, task["template"])
    return State(*(a - params.eta * g for a, g in zip(state, slope, strict=True)))


def powers(w: Tensor) -> Array:
    """|DFT(w_i)[k]|² of every neuron at k = 1 to (p-1)/2, (neuron, frequency)."""
    p = w.shape[1]
    n, k = np.arange(p), np.arange(1, p // 2 + 1)
    angle = 2 * np.pi * n[:, None] * k[None, :] / p
    parts = [(w @ jnp.asarray(wave(angle), w.dtype)) ** 2 for wave in (np.cos, np.sin)]
    return jnp.asarray(sum(parts))


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss, and Σ_i |DFT(w_i)[k]|² of every frequency."""
    del params
    return {
        "loss": loss(state, task["template"]),
        "frequency_strengths": jnp.sum(powers(state.w), axis=0),
    }


def learned_template(state: State, x: Tensor) -> Array:
    """Mean of f(a, b) over all pairs, shifted back by a + b, (position,)."""
    p = x.shape[0]
    n = jnp.arange(p)
    f = output(state, x)
    back = (n[:, None, None] + n[None, :, None] + n[None, None, :]) % p
    return jnp.mean(jnp.take_along_axis(f, back, axis=2), axis=(0, 1))


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """The template as learned so far, and √ of the power of every neuron at every frequency."""
    del params
    return {
        "learned_template": learned_template(state, task["template"]),
        "neuron_spectrum": jnp.sqrt(powers(state.w)).T,
    }


def simulation(params: Params) -> Simulation[State]:
    """The four functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot)
