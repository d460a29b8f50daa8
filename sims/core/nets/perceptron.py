"""Weights of plain multilayer perceptrons, layer by layer, as their files have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

Tensor = Array | np.ndarray
Layers = tuple[tuple[Tensor, Tensor], ...]
"""(W_l, b_l) of every layer; W_l is (fan_in, fan_out), b_l (fan_out,)."""


def mlp_weights(rng: np.random.Generator, sizes: Sequence[int]) -> dict[str, np.ndarray]:
    """W1, b1, W2, b2, ...: W_l (fan_in, fan_out) ~ N(0, 1/fan_in), layers in order, b_l = 0."""
    drawn = {}
    for i, (fan_in, fan_out) in enumerate(pairwise(sizes), start=1):
        drawn[f"W{i}"] = rng.standard_normal((fan_in, fan_out)) / np.sqrt(fan_in)
        drawn[f"b{i}"] = np.zeros(fan_out)
    return drawn


def count(sizes: Sequence[int]) -> int:
    """P, the number of weights and biases."""
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))


def layers(task: Mapping[str, Any]) -> Layers:
    """(W_l, b_l) of every layer of a Task."""
    depth = sum(name[0] == "W" and name[1:].isdigit() for name in task)
    return tuple((task[f"W{i}"], task[f"b{i}"]) for i in range(1, depth + 1))


def flattened(weights: Layers) -> Array:
    """All weights as one vector (P,): W1 in C order, b1, W2, b2, ..."""
    return jnp.concatenate([jnp.ravel(part) for layer in weights for part in layer])


def unflattened(w: Array, sizes: Sequence[int]) -> Layers:
    """The layers in a flat vector (P,)."""
    found, at = [], 0
    for fan_in, fan_out in pairwise(sizes):
        middle, end = at + fan_in * fan_out, at + (fan_in + 1) * fan_out
        found.append((w[at:middle].reshape(fan_in, fan_out), w[middle:end]))
        at = end
    return tuple(found)
