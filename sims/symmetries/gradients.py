"""The gradient of the net of both pages, written out: theory compiles nothing.

Weights may be complex: Im ∇L(θ + iεv)/ε is the product of the Hessian with v, exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from sims.symmetries.nets import AXES, TINY

Function = Callable[[Any], Any]


def _relu(u: Any) -> Any:
    return np.where(u.real > 0, u, 0)


def _gelu(u: Any) -> Any:
    from scipy.special import erf

    return u * (1 + erf(u / np.sqrt(2))) / 2


def _gelu_slope(u: Any) -> Any:
    from scipy.special import erf

    return (1 + erf(u / np.sqrt(2))) / 2 + u * np.exp(-u * u / 2) / np.sqrt(2 * np.pi)


ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "relu": (_relu, lambda u: (u.real > 0).astype(float)),
    "linear": (lambda u: u, np.ones_like),
    "square": (lambda u: u * u, lambda u: 2 * u),
    "tanh": (np.tanh, lambda u: 1 - np.tanh(u) ** 2),
    "gelu": (_gelu, _gelu_slope),
}
"""φ and φ'."""


class Net(NamedTuple):
    """Which net on which data: digits X (row, pixel), one-hot labels y (row, class).

    `eps` is added to the variance of the normalisation.
    """

    X: np.ndarray
    y: np.ndarray
    activation: str
    normalisation: str = "off"
    is_softmax: bool = True
    has_bias: bool = False
    eps: float = 0.0


def loss_and_gradient(net: Net, W: Any, V: Any, b: Any) -> tuple[Any, tuple[Any, Any, Any]]:
    """The loss and its gradient by W (unit, pixel), V (class, unit) and b (unit,)."""
    phi, slope = ACTIVATIONS[net.activation]
    u, s, axis = net.X @ W.T + b, 1.0, AXES.get(net.normalisation)
    if axis is not None:
        u = u - u.mean(axis=axis, keepdims=True)
        s = np.sqrt((u * u).mean(axis=axis, keepdims=True) + net.eps + TINY)
        u = u / s
    hidden = phi(u)
    z = hidden @ V.T
    if net.is_softmax:
        z = z - z.real.max(axis=1, keepdims=True)
        p = np.exp(z)
        total = p.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - (net.y * z).sum(axis=1)).mean()
        dz = p / total - net.y
    else:
        dz = z - net.y
        loss = 0.5 * (dz * dz).sum(axis=1).mean()
    dz = dz / len(net.X)
    du = (dz @ V) * slope(u)
    if axis is not None:
        along = (du * u).mean(axis=axis, keepdims=True)
        du = (du - du.mean(axis=axis, keepdims=True) - u * along) / s
    return loss, (du.T @ net.X, dz.T @ hidden, du.sum(axis=0) if net.has_bias else 0 * b)
