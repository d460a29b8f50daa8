"""The network: a body that the knobs choose, a feature layer, and a linear classifier."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import flax.linen as nn
import jax
from jax import Array

from sims.core import nets
from sims.core.knobs import filled
from sims.core.nets.modules import blocks, convolutions
from sims.neural_collapse.real_network.scales import inputs

if TYPE_CHECKING:
    from sims.neural_collapse.real_network.params import Params

HEADS = 2
"""Of a transformer's attention."""
FEATURES = "features"
"""The feature layer behind a body that is no perceptron."""


class Network(nn.Module):
    """A body of `depth` layers, a feature layer (linear, or ReLU if nonnegative), a classifier.

    The body: dense ReLU layers; or 3 x 3 ReLU convolutions with hidden, 2·hidden, ... channels, the
    first with stride 1, the others with 2; or blocks of a transformer over the rows of the image.
    Gives the outputs of every layer from the inputs to the features, and the logits.
    """

    hidden: int
    depth: int
    width: int
    classes: int
    nonnegative: bool
    bias: bool
    architecture: str = "mlp"

    @nn.compact
    def __call__(self, x: Array) -> tuple[list[Array], Array]:
        """Layers [(sample, units), ...] and logits (sample, class) of inputs (sample, inputs)."""
        layers = [x, *(part.reshape(len(part), -1) for part in self._body(x))]
        name = f"layer{self.depth + 1}" if self.architecture == "mlp" else FEATURES
        h = nn.Dense(self.width, name=name)(layers[-1])
        if self.nonnegative:
            h = jax.nn.relu(h)
        z = nn.Dense(self.classes, use_bias=self.bias, name="classifier")(h)
        return [*layers, h], z

    def _body(self, x: Array) -> list[Array]:
        if self.architecture == "cnn":
            return convolutions(x, self.hidden, (1, *(2,) * (self.depth - 1)), "relu")
        if self.architecture == "transformer":
            return blocks(self, x, self.hidden, self.depth, "gelu", HEADS)
        layers = []
        for i in range(self.depth):
            x = jax.nn.relu(nn.Dense(self.hidden, name=f"layer{i + 1}")(x))
            layers.append(x)
        return layers


def network(params: Params) -> Network:
    """The network of these knobs."""
    return Network(
        filled(params.hidden),
        filled(params.depth),
        filled(params.width),
        filled(params.classes),
        bool(params.nonnegative),
        bool(params.bias),
        params.architecture,
    )


def variables(params: Params, task: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The weights of a task as the network names them."""
    if params.architecture != "mlp":
        return nets.tree(network(params), inputs(params.data, params.dim), task)
    names = [f"layer{i + 1}" for i in range(filled(params.depth) + 1)] + ["classifier"]
    made = {}
    for i, name in enumerate(names, start=1):
        made[name] = {"kernel": task[f"W{i}"]}
        if f"b{i}" in task:
            made[name]["bias"] = task[f"b{i}"]
    return made


def weights_below(params: Params) -> int:
    """Weights and biases below the classifier of a network that is no perceptron."""
    leaves = nets.shapes(network(params), inputs(params.data, params.dim))
    return sum(math.prod(leaf.shape) for leaf in leaves if leaf.path[0] != "classifier")
