"""The two-layer network behind an output scale, its start, and its gradient descent.

    h(x) = N^(-1/2) Σ_i a_i φ(w_i·x/√d),   f = α (h - h_0),   L = |f(X) - y|²/(2 n α²).

Source: Chizat, Oyallon & Bach, arXiv:1812.07956, for the scale α and the centred output.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.knobs import Scalar

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "tanh": jnp.tanh,
    "erf": jax.scipy.special.erf,
    "relu": jax.nn.relu,
}


class State(NamedTuple):
    """Weights W (N, d), a (N,), and h_0 (n,), the output the net was born with on its data."""

    W: Array
    a: Array
    h0: Array


class Features(NamedTuple):
    """φ(z) and a φ'(z), each (n, N): the Jacobian of h is made of these and of the inputs."""

    hidden: Array
    slopes: Array


def initial(rng: np.random.Generator, N: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """W (N, d), then a (N,), all N(0, 1)."""
    W = rng.standard_normal((N, d))
    return W, rng.standard_normal(N)


def output(W: Array, a: Array, X: Array, activation: str) -> Array:
    """h(X), (n,)."""
    N, d = W.shape
    return ACTIVATIONS[activation](X @ W.T / math.sqrt(d)) @ a / math.sqrt(N)


def start(W: Array, a: Array, X: Array, activation: str) -> State:
    """The state before the first step."""
    return State(W, a, output(W, a, X, activation))


def step(
    state: State, X: Array, y: Array, alpha: Scalar | Array, eta: Scalar | Array, activation: str
) -> State:
    """θ <- θ - η ∇L(θ), with (W, a) = θ and L as above."""

    def loss(W: Array, a: Array) -> Array:
        gap = output(W, a, X, activation) - state.h0 - y / alpha
        return jnp.sum(gap**2) / (2 * X.shape[0])

    gW, ga = jax.grad(loss, argnums=(0, 1))(state.W, state.a)
    return State(state.W - eta * gW, state.a - eta * ga, state.h0)


def features(W: Array, a: Array, X: Array, activation: str) -> Features:
    """φ(z) and a φ'(z) at z = X Wᵀ/√d."""
    z = X @ W.T / math.sqrt(W.shape[1])
    hidden, slope = jax.jvp(ACTIVATIONS[activation], (z,), (jnp.ones_like(z),))
    return Features(hidden, slope * a[None, :])


def kernel(at: Features, X: Array) -> Array:
    """Tangent kernel (n, n): [a²φ'φ' x·z/d + φφ] averaged over the neurons."""
    N, overlap = at.hidden.shape[1], X @ X.T / X.shape[1]
    return (at.slopes @ at.slopes.T * overlap + at.hidden @ at.hidden.T) / N


def feature_change(at: Features, born: Features, X: Array) -> Array:
    """|J - J_0|_F / |J_0|_F over the points X, without forming J (n, P)."""
    squares = jnp.sum(X**2, axis=1) / X.shape[1]

    def size(f: Features) -> Array:
        return jnp.sum(f.hidden**2) + jnp.sum(jnp.sum(f.slopes**2, axis=1) * squares)

    moved = Features(at.hidden - born.hidden, at.slopes - born.slopes)
    return jnp.sqrt(size(moved) / size(born))


def weight_change(W: Array, a: Array, W0: Array, a0: Array) -> Array:
    """|θ - θ_0| / |θ_0|."""
    moved = jnp.sum((W - W0) ** 2) + jnp.sum((a - a0) ** 2)
    return jnp.sqrt(moved / (jnp.sum(W0**2) + jnp.sum(a0**2)))
