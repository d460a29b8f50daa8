"""The net of both pages: logits z = V φ(N(W x + b)), N a normalisation without gain and shift."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from sims.core.knobs import Scalar

TINY = 1e-300
"""Under the root of a variance, so that a neuron that says nothing divides by something."""
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": jax.nn.relu,
    "linear": lambda u: u,
    "square": jnp.square,
    "tanh": jnp.tanh,
    "gelu": partial(jax.nn.gelu, approximate=False),
}
AXES = {"batch": 0, "layer": 1}
"""Along which axis of (row, unit) a normalisation takes mean and variance."""


def normalised(u: Array, kind: str, eps: Scalar = 0.0) -> Array:
    """Preactivations (row, unit) less their mean, over the root of their variance and eps.

    `kind`: "batch" over the rows, "layer" over the units, "off" not at all.
    """
    if kind not in AXES:
        return u
    u = u - jnp.mean(u, axis=AXES[kind], keepdims=True)
    variance = jnp.mean(u * u, axis=AXES[kind], keepdims=True)
    return u / jnp.sqrt(variance + eps + TINY)


def cross_entropy(z: Array, y: Array) -> Array:
    """Mean of -ln softmax(z) at the labels y, one-hot, both (row, class)."""
    return jnp.mean(jax.nn.logsumexp(z, axis=1) - jnp.sum(y * z, axis=1))


def rows(key: Array, step: Array, n: int, size: int) -> Array:
    """Which `size` of n rows the batch of that step has, none of them twice."""
    folded = jax.random.fold_in(jax.random.wrap_key_data(key), step)
    return jax.random.choice(folded, n, (size,), replace=False)
