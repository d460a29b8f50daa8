"""The network: dense layers with ReLU, a feature layer, and a linear classifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flax.linen as nn
import jax
from jax import Array


class Network(nn.Module):
    """`depth` hidden ReLU layers, a feature layer (linear, or ReLU if nonnegative), a classifier.

    Gives the outputs of every layer from the inputs to the features, and the logits.
    """

    hidden: int
    depth: int
    width: int
    classes: int
    nonnegative: bool
    bias: bool

    @nn.compact
    def __call__(self, x: Array) -> tuple[list[Array], Array]:
        """Layers [(sample, units), ...] and logits (sample, class) of inputs (sample, inputs)."""
        layers = [x]
        for i in range(self.depth):
            x = jax.nn.relu(nn.Dense(self.hidden, name=f"layer{i + 1}")(x))
            layers.append(x)
        h = nn.Dense(self.width, name=f"layer{self.depth + 1}")(x)
        if self.nonnegative:
            h = jax.nn.relu(h)
        z = nn.Dense(self.classes, use_bias=self.bias, name="classifier")(h)
        return [*layers, h], z


def variables(task: Mapping[str, Any], depth: int) -> dict[str, dict[str, Any]]:
    """The weights of a task as the network names them."""
    names = [f"layer{i + 1}" for i in range(depth + 1)] + ["classifier"]
    made = {}
    for i, name in enumerate(names, start=1):
        made[name] = {"kernel": task[f"W{i}"]}
        if f"b{i}" in task:
            made[name]["bias"] = task[f"b{i}"]
    return made
