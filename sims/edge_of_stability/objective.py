"""The loss every net of this phenomenon descends, as a function of flat weights.

Mean square error: L = 1/(2n) Σ |f(x_i) - y_i|². Cross-entropy: L = -1/n Σ y_i·log softmax f(x_i).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core import nets, own_data
from sims.core.nets import Tensor

Loss = Callable[[Array], Array]
"""Scalar function of flat weights (P,)."""

Data = Mapping[str, Any]
"""A Task, on the host or inside a compiled program; X (n, d_in) and y (n, d_out) are read."""

PIXELS = 64


def data(params: Any) -> str:
    """Name of the data; a Params without that knob has Chebyshev regression."""
    return getattr(params, "data", "chebyshev")


def is_digits(params: Any) -> bool:
    """Whether the inputs are real digits."""
    return data(params).startswith("digits")


def is_polynomial(params: Any) -> bool:
    """Whether the targets are those of a Chebyshev polynomial, on a line."""
    return data(params).startswith("chebyshev")


def is_labelled(params: Any) -> bool:
    """Whether there is an output for each class: of digits, and of one's own classes."""
    own = own_data.is_own(data(params))
    return is_digits(params) or (own and own_data.of(data(params)).is_classes)


def is_cross_entropy(params: Any) -> bool:
    """Whether the loss is the softmax cross-entropy."""
    return data(params) in ("chebyshev_sign", "digits_ce")


def sizes(params: Any) -> tuple[int, ...]:
    """(d_in, width, ..., width, d_out), or with `widths` between; `depth` counts hidden layers."""
    if own_data.is_own(data(params)):
        own = own_data.of(data(params))
        d_in, d_out = own.features, int(own.labels().max()) + 1 if own.is_classes else 1
    else:
        d_in = PIXELS if is_digits(params) else 1
        d_out = {"chebyshev": 1, "chebyshev_sign": 2}.get(data(params)) or params.classes
    hidden = getattr(params, "widths", None) or [params.width] * params.depth
    return (d_in, *(int(width) for width in hidden), d_out)


def is_perceptron(params: Any) -> bool:
    """Whether the net is dense layers alone; a Params without that knob has them."""
    return getattr(params, "architecture", "mlp") == "mlp" and not getattr(params, "norm", False)


def module(params: Any) -> Any:
    """The flax module of these knobs, (n, d_in) -> (n, d_out)."""
    from sims.core.nets.modules import CNN, MLP, Transformer  # flax takes a quarter of a second

    kind, norm = getattr(params, "architecture", "mlp"), bool(getattr(params, "norm", False))
    _, *widths, d_out = sizes(params)
    activation = getattr(params, "activation", "tanh")
    if kind == "cnn":
        return CNN(params.width, params.depth, d_out, activation, norm)
    if kind == "transformer":
        return Transformer(params.width, params.depth, d_out, activation, norm, params.heads)
    return MLP((*widths, d_out), activation, norm)


def drawn(params: Any, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The weights at the start, by their names in files; kernels times `gain`."""
    return nets.drawn(module(params), sizes(params)[0], rng, lambda _: float(params.gain))


def flat(params: Any, task: Data) -> Array:
    """The weights of a Task as one vector (P,)."""
    return nets.flat(module(params), sizes(params)[0], task)


def parameters(params: Any) -> int:
    """P, the number of weights and biases."""
    if is_perceptron(params):
        return nets.count(sizes(params))
    return nets.parameters(module(params), sizes(params)[0])


def multiplications(params: Any) -> int:
    """Of one sample's outputs, roughly: each weight as often as there are places that share it."""
    kind, d_in = getattr(params, "architecture", "mlp"), sizes(params)[0]
    if kind == "mlp":
        return parameters(params)
    side, total = math.isqrt(d_in), 0
    for leaf in nets.shapes(module(params), d_in):
        places = 1 if leaf.path[0] == "head" else side
        if kind == "cnn" and leaf.path[0].startswith("conv"):
            places = math.ceil(side / 2 ** int(leaf.path[0].removeprefix("conv"))) ** 2
        total += places * math.prod(leaf.shape)
    return total


def network(params: Any, w: Array, x: Tensor) -> Array:
    """f(x; w), (n, d_out), for inputs x (n, d_in)."""
    return nets.apply(module(params), sizes(params)[0], w, x)


def objective(params: Any, task: Data) -> Loss:
    """The full-batch loss; `task` holds X (n, d_in) and y (n, d_out), one-hot for classes."""
    return lambda w: _loss(params, w, task["X"], task["y"])


def batch_objective(params: Any, task: Data, rows: Array) -> Loss:
    """The loss of the samples `rows` (B,)."""
    X, y = task["X"][rows], task["y"][rows]
    return lambda w: _loss(params, w, X, y)


def _loss(params: Any, w: Array, X: Tensor, y: Tensor) -> Array:
    out = network(params, w, X)
    if is_cross_entropy(params):
        return -jnp.sum(y * jax.nn.log_softmax(out)) / X.shape[0]
    return jnp.sum((out - y) ** 2) / (2 * X.shape[0])


def network_function(params: Any, task: Data, w: Array) -> Array:
    """What is drawn of the net at the training inputs, (n,).

    Its only output; with signs as labels f_+ - f_-; with other classes that of the right one.
    """
    out = network(params, w, task["X"])
    if is_labelled(params):
        return jnp.sum(out * task["y"], axis=1)
    return out[:, 0] if out.shape[1] == 1 else out[:, 1] - out[:, 0]
