"""Weights of any flax module: what there is, drawn on the host, as one flat vector and back."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

if TYPE_CHECKING:
    import flax.linen as nn

POSITION = 0.1
"""Standard deviation of the weights that tell one token from another."""


class Leaf(NamedTuple):
    """One array of weights: its name in files, its place in flax's tree, its shape."""

    name: str
    path: tuple[str, ...]
    shape: tuple[int, ...]


def _name(path: tuple[str, ...]) -> str:
    """Its name in files: W1 and b1 of an MLP's first layer, else conv1_kernel."""
    layer = re.fullmatch(r"layer(\d+)", path[0])
    if layer and path[-1] in ("kernel", "bias"):
        return f"{'W' if path[-1] == 'kernel' else 'b'}{layer[1]}"
    return "_".join(path)


def shapes(net: nn.Module, inputs: int) -> tuple[Leaf, ...]:
    """Every leaf of a network of so many inputs, in the order of the flat vector.

    Flax's own order, by name, but for a layer's kernel, which comes before its bias as it always
    has. A renamed layer changes every seed.
    """
    return _shapes(net, inputs)


@lru_cache(maxsize=64)
def _shapes(net: Any, inputs: int) -> tuple[Leaf, ...]:
    made = jax.eval_shape(net.init, jax.random.key(0), jnp.zeros((1, inputs)))["params"]
    found = [
        (tuple(str(part.key) for part in path), tuple(int(n) for n in leaf.shape))
        for path, leaf in jax.tree_util.tree_leaves_with_path(made)
    ]
    found.sort(key=lambda leaf: (leaf[0][0], leaf[0][1:-1], leaf[0][-1] == "bias", leaf[0]))
    return tuple(Leaf(_name(path), path, shape) for path, shape in found)


def parameters(net: nn.Module, inputs: int) -> int:
    """P, the number of weights."""
    return sum(math.prod(leaf.shape) for leaf in shapes(net, inputs))


def drawn(
    net: nn.Module,
    inputs: int,
    rng: np.random.Generator,
    gain: Callable[[str], float] = lambda _: 1.0,
) -> dict[str, np.ndarray]:
    """The weights at the start, by their names in files.

    A kernel is N(0, gain²/fan_in), fan_in all axes but the last; biases are 0, scales 1, positions
    N(0, 0.1²). `gain` takes a kernel's name.
    """
    found = {}
    for name, path, shape in shapes(net, inputs):
        if path[-1] == "kernel":
            fan_in = math.prod(shape[:-1])
            found[name] = gain(name) * rng.standard_normal(shape) / np.sqrt(fan_in)
        elif path[-1] == "position":
            found[name] = POSITION * rng.standard_normal(shape)
        else:
            found[name] = np.ones(shape) if path[-1] == "scale" else np.zeros(shape)
    return found


def flat(net: nn.Module, inputs: int, task: Mapping[str, Any]) -> Array:
    """The weights of a Task as one vector (P,)."""
    return jnp.concatenate([jnp.ravel(task[leaf.name]) for leaf in shapes(net, inputs)])


def tree(net: nn.Module, inputs: int, task: Mapping[str, Any]) -> dict[str, Any]:
    """The weights of a Task as flax nests them."""
    return _nested((leaf.path, task[leaf.name]) for leaf in shapes(net, inputs))


def unravel(net: nn.Module, inputs: int, w: Array) -> dict[str, Any]:
    """The weights in a flat vector (P,) as flax nests them."""
    parts, at = [], 0
    for leaf in shapes(net, inputs):
        end = at + math.prod(leaf.shape)
        parts.append((leaf.path, w[at:end].reshape(leaf.shape)))
        at = end
    return _nested(parts)


def _nested(parts: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, value in parts:
        inner = found
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = value
    return found


def apply(net: nn.Module, inputs: int, w: Array, x: Any) -> Any:
    """What the network with flat weights w (P,) makes of inputs x (sample, inputs)."""
    return net.apply({"params": unravel(net, inputs, w)}, jnp.asarray(x))
