"""One net inside a run, to be read aloud: no biases, one output."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array

from sims.core.nets import ACTIVATIONS


def forward(W: Sequence[Array], X: Array, activation: str) -> tuple[list[Array], Array]:
    """The h^1..h^L, each (n, m), and f(X), (m,); W_l (fan_out, fan_in), the last one (n,)."""
    x, hidden = X.T, []
    for one in W[:-1]:
        hidden.append(one @ x)
        x = ACTIVATIONS[activation](hidden[-1])
    return hidden, W[-1] @ x


def output(W: Sequence[Array], X: Array, activation: str) -> Array:
    """The f(X) of one net, (m,)."""
    return forward(W, X, activation)[1]


def loss(f: Array, y: Array) -> Array:
    """|f - y|²/(2m)."""
    return 0.5 * jnp.mean((f - y) ** 2)
