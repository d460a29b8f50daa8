"""Networks in flax: weights drawn on the host, one flat vector inside the run.

Weights are drawn with numpy, by file name, and not with flax's initialisers: a seed means the same
weights on every device, and in every file that was ever written.
"""

from sims.core.nets.activations import ACTIVATIONS
from sims.core.nets.perceptron import (
    Layers,
    Tensor,
    count,
    flattened,
    layers,
    mlp_weights,
    unflattened,
)
from sims.core.nets.weights import Leaf, apply, drawn, flat, parameters, shapes, tree, unravel

__all__ = [
    "ACTIVATIONS",
    "Layers",
    "Leaf",
    "Tensor",
    "apply",
    "count",
    "drawn",
    "flat",
    "flattened",
    "layers",
    "mlp_weights",
    "parameters",
    "shapes",
    "tree",
    "unflattened",
    "unravel",
]
