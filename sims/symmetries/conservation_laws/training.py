"""Descent of a small net on digits, with the ledger of its charge, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.datasets import digits
from sims.core.experiment import Simulation, Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import RECORDS, Schedule
from sims.symmetries import nets
from sims.symmetries.conservation_laws import charges
from sims.symmetries.conservation_laws.charges import LEAKY, Weights
from sims.symmetries.conservation_laws.params import Params

CLASSES = 10
ADAM = (0.9, 0.999, 1e-8)


class State(NamedTuple):
    """Weights, velocity, mean squared gradient (Adam alone), steps so far, and the ledger.

    `expected` (unit,) is what the kinetic terms of all steps make of the charge, `echo` (unit,) of
    the product of weights and velocity.
    """

    weights: Weights
    velocity: Weights
    squares: Any
    k: Array
    expected: Array
    echo: Array


def prepare(params: Params, seed: int) -> Task:
    """Digits, one-hot labels, the weights, and the velocity they begin with."""
    pixels, labels = digits()
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(labels))[: params.n]
    h, gain = params.width, float(params.gain)
    W = gain * rng.standard_normal((h, pixels.shape[1])) / np.sqrt(pixels.shape[1])
    V = gain * rng.standard_normal((CLASSES, h)) / np.sqrt(h)
    weights = Weights(W, V, np.zeros(h))
    velocity = Weights(0 * W, 0 * V, np.zeros(h))
    if params.symmetry == "rotation":
        velocity = charges.turning(weights, float(params.spin))
    return {
        "X": pixels[rows],
        "y": np.eye(CLASSES)[labels[rows]],
        **weights._asdict(),
        **{f"v{name}": value for name, value in velocity._asdict().items()},
        "key": np.array([0, seed], np.uint32),
    }


def start(task: Any) -> tuple[Weights, Weights]:
    """Weights and velocity of a task."""
    names = Weights._fields
    return Weights(*(task[n] for n in names)), Weights(*(task[f"v{n}"] for n in names))


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Even records until the horizon, each of which may be looked at."""
    del tasks
    return Schedule.until(params.horizon, params.eta, snapshots=RECORDS)


def loss(params: Params, weights: Weights, X: Array, y: Array) -> Array:
    """Mean cross-entropy, or mean |z - y|²/2, of z = V φ(N(W x + b))."""
    W, V, b = weights
    u = nets.normalised(X @ W.T + b[None], filled(params.normalisation))
    z = nets.ACTIVATIONS[filled(params.activation)](u) @ V.T
    if params.loss_kind == "softmax":
        return nets.cross_entropy(z, y)
    return 0.5 * jnp.mean(jnp.sum((z - y) ** 2, axis=1))


def init(params: Params, task: Tensors) -> State:
    """The drawn net; the ledger begins with its charge."""
    weights, velocity = start(task)
    q = charge(params, weights, velocity)
    empty = jax.tree.map(jnp.zeros_like, weights) if params.optimizer == "adam" else ()
    return State(weights, velocity, empty, jnp.zeros((), jnp.int32), q, jnp.zeros_like(q))


def step(params: Params, task: Tensors, state: State) -> State:
    """One step: v <- β v - η (g + λ θ), θ <- θ + v, or Adam's. Then the ledger.

    With κ = dᵀ A d of the step d taken, q <- q + 2 (β e - ηλ q) + κ and e <- β e - ηλ q + κ hold of
    every conserved quadratic charge, at any size of the step and for any batch.
    """
    X, y, (weights, velocity) = task["X"], task["y"], state[:2]
    eta, beta, lam = params.eta, params.momentum, params.weight_decay
    if params.batch_size:
        batch = nets.rows(task["key"], state.k, X.shape[0], params.batch_size)
        X, y = X[batch], y[batch]
    g = jax.grad(loss, argnums=1)(params, weights, X, y)
    if not params.bias:
        g = g._replace(b=jnp.zeros_like(g.b))
    squares = state.squares
    if params.optimizer == "adam":
        velocity, squares, d = adam(params, state, g)
    else:
        velocity = d = jax.tree.map(
            lambda v, g, w: beta * v - eta * (g + lam * w), velocity, g, weights
        )
    kin = charges.pair(params.symmetry, filled(params.activation), d, d)
    echo = beta * state.echo - eta * lam * state.expected
    return State(
        jax.tree.map(jnp.add, weights, d),
        velocity,
        squares,
        state.k + 1,
        state.expected + 2 * echo + kin,
        echo + kin,
    )


def adam(params: Params, state: State, g: Weights) -> tuple[Weights, Weights, Weights]:
    """Mean gradient, mean squared gradient, and Adam's step."""
    one, two, small = ADAM
    k = (state.k + 1).astype(g.W.dtype)
    m = jax.tree.map(lambda m, g: one * m + (1 - one) * g, state.velocity, g)
    s = jax.tree.map(lambda s, g: two * s + (1 - two) * g * g, state.squares, g)

    def moved(m: Array, s: Array, w: Array) -> Array:
        scaled = m / (1 - one**k) / (jnp.sqrt(s / (1 - two**k)) + small)
        return -params.eta * (scaled + params.weight_decay * w)

    return m, s, jax.tree.map(moved, m, s, state.weights)


def charge(params: Params, weights: Weights, velocity: Weights) -> Array:
    """The charge of every unit, (unit,)."""
    return charges.charge(params.symmetry, filled(params.activation), weights, velocity)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss on all digits and the charges; of lengths also the ledger's rest and both lengths."""
    W, V, _ = state.weights
    q = charge(params, state.weights, state.velocity)
    seen = {"loss": loss(params, state.weights, task["X"], task["y"]), "charge": q}
    if params.symmetry not in LEAKY:
        return seen
    lengths = {"norm_in": jnp.sum(W * W, axis=1), "norm_out": jnp.sum(V * V, axis=0)}
    return seen | {"ledger": state.expected - q} | lengths


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe)
