"""Examples by their number: normal inputs, or fair coins, drawn fast inside a compiled step."""

from __future__ import annotations

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

BITS, WORD = 16, 32


@lru_cache(maxsize=1)
def quantiles() -> np.ndarray:
    """The normal distribution as 2¹⁶ equally likely numbers of variance 1, (65536,)."""
    from scipy.special import ndtri

    x = ndtri((np.arange(2**BITS) + 0.5) / 2**BITS)
    return x / np.sqrt(np.mean(x**2))


def normal(key: Array, n: int, dtype: jnp.dtype) -> Array:
    """Independent standard normal numbers, (n,), each from 16 random bits.

    They go up to 4.3 deviations. A table is five times as fast as the inverse error function, and
    what is summed over hundreds of inputs cannot tell.
    """
    bits = jax.random.bits(key, ((n + 1) // 2,), jnp.uint32)
    places = jnp.concatenate([bits & (2**BITS - 1), bits >> BITS])[:n]
    return jnp.asarray(quantiles().astype(dtype))[places]


def coins(key: Array, n: int, dtype: jnp.dtype) -> Array:
    """Independent fair coins, 1 or -1, (n,)."""
    words = jax.random.bits(key, (-(-n // WORD),), jnp.uint32)
    bits = (words[:, None] >> jnp.arange(WORD, dtype=jnp.uint32)[None]) & 1
    return 2 * bits.ravel()[:n].astype(dtype) - 1


def number(key: Array, t: Array, size: Array) -> Array:
    """Number of the example of step t: always a new one, or one of a set of `size` > 0 at random.

    Which one it is, is drawn apart from what the examples are.
    """

    def again() -> Array:
        drawn = jax.random.bits(jax.random.fold_in(key, -1 - t), (), jnp.uint32)
        return (drawn % size.astype(jnp.uint32)).astype(t.dtype)

    return jax.lax.cond(size > 0, again, lambda: t)


def set_size(per_dimension: Array | float, d: int) -> Array:
    """Examples in a set of so many a dimension; 0 of none."""
    return jnp.floor(per_dimension * d + 1e-3).astype(jnp.int32)


OFTEN_NEW = 5.0
"""Size of a set drawn at random, per dimension, below which every example is new instead."""


def often_new(per_dimension: float) -> float:
    """The same size, or 0: a value of its own that a number drawn at random never has."""
    return 0.0 if per_dimension < OFTEN_NEW else per_dimension
