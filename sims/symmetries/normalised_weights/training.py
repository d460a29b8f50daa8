"""Minibatch descent of a normalised net, and how far its neurons turn, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.datasets import digits
from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.symmetries import nets
from sims.symmetries.normalised_weights.params import Params

CLASSES = 10
RECORDS = 201


class Weights(NamedTuple):
    """W (unit, pixel), V (class, unit), or what is added to them."""

    W: Array
    V: Array


class State(NamedTuple):
    """Weights, velocity, steps so far, and all squared turns of each group so far, (unit,)."""

    weights: Weights
    velocity: Weights
    k: Array
    turned: Array


def prepare(params: Params, seed: int) -> Task:
    """Digits, one-hot labels, W with lengths evenly spread in their logarithm, and V."""
    pixels, labels = digits()
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(labels))[: params.n]
    W = rng.standard_normal((params.width, pixels.shape[1]))
    spread = float(params.spread)
    lengths = 10 ** np.linspace(-spread, spread, params.width)
    W *= (lengths / np.linalg.norm(W, axis=1))[:, None]
    V = rng.standard_normal((CLASSES, params.width)) / np.sqrt(params.width)
    y = labels[rows].copy()
    wrong = rng.random(params.n) < float(params.label_noise)
    y[wrong] = rng.integers(0, CLASSES, wrong.sum())
    key = np.array([0, seed], np.uint32)
    return {"X": pixels[rows], "y": np.eye(CLASSES)[y], "W": W, "V": V, "key": key}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Even records, each of which may be looked at."""
    del tasks
    return Schedule.until(params.steps, records=RECORDS, snapshots=RECORDS)


def loss(params: Params, weights: Weights, X: Array, y: Array) -> Array:
    """Mean cross-entropy of V φ(N(W x))."""
    u = nets.normalised(X @ weights.W.T, params.normalisation, params.eps)
    return nets.cross_entropy(nets.ACTIVATIONS[params.activation](u) @ weights.V.T, y)


def groups(params: Params, W: Array) -> Array:
    """What no length of can be felt: each row of W, or all of it behind layer normalisation."""
    return W.reshape(1, -1) if params.normalisation == "layer" else W


def init(params: Params, task: Tensors) -> State:
    """The drawn net at rest."""
    weights = Weights(task["W"], task["V"])
    still = jax.tree.map(jnp.zeros_like, weights)
    turned = jnp.zeros_like(groups(params, weights.W)[:, 0])
    return State(weights, still, jnp.zeros((), jnp.int32), turned)


def step(params: Params, task: Tensors, state: State) -> State:
    """One step: v <- β v - η (g + λ θ), θ <- θ + v, on a fresh batch."""
    X, y, weights = task["X"], task["y"], state.weights
    if params.batch_size:
        batch = nets.rows(task["key"], state.k, X.shape[0], params.batch_size)
        X, y = X[batch], y[batch]
    g = jax.grad(loss, argnums=1)(params, weights, X, y)
    beta, eta, lam = params.momentum, params.eta, params.weight_decay
    velocity = jax.tree.map(
        lambda v, g, w: beta * v - eta * (g + lam * w), state.velocity, g, weights
    )
    turn = turns(groups(params, weights.W), groups(params, velocity.W))
    moved = jax.tree.map(jnp.add, weights, velocity)
    return State(moved, velocity, state.k + 1, state.turned + turn**2)


def turns(w: Array, d: Array) -> Array:
    """Angle between w and w + d, (unit,): an arccosine would lose half the digits."""
    length = jnp.sqrt(jnp.sum(w * w, axis=1))
    along = jnp.sum(w * d, axis=1) / length
    across = d - (along / length)[:, None] * w
    return jnp.arctan2(jnp.sqrt(jnp.sum(across**2, axis=1)), length + along)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss on all digits, squared lengths, and all squared turns so far."""
    w = groups(params, state.weights.W)
    return {
        "loss": loss(params, state.weights, task["X"], task["y"]),
        "length2": jnp.sum(w * w, axis=1),
        "turned": state.turned,
    }


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe)
