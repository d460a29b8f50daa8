"""Forward and backward through one net in numpy, and what the first step therefore does.

h^l = k_l W_l x^(l-1), x^l = phi(h^l), f = k_(L+1) W_(L+1) x^L on examples X (m, d). `multipliers`
k (layer,) are all 1 unless they are given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Net = Sequence[np.ndarray]
"""W_1 (n, d), W_2..W_L (n, n), W_(L+1) (n,) in float64."""
ROUNDING = 1e-15
"""Gradient entries up to this size are zero."""


def activated(h: np.ndarray, activation: str) -> np.ndarray:
    """phi(h)."""
    if activation == "relu":
        return np.maximum(h, 0)
    return np.tanh(h) if activation == "tanh" else h


def forward(
    net: Net, X: np.ndarray, activation: str, multipliers: np.ndarray | None = None
) -> tuple[list[np.ndarray], np.ndarray]:
    """The hidden h^1..h^L, each (n, m), and f (m,)."""
    k = np.ones(len(net)) if multipliers is None else multipliers
    x, hidden = X.T, []
    for W, factor in zip(net[:-1], k, strict=False):
        hidden.append(factor * (W @ x))
        x = activated(hidden[-1], activation)
    return hidden, k[-1] * (net[-1] @ x)


def backward(
    net: Net,
    hidden: Sequence[np.ndarray],
    seed: np.ndarray,
    activation: str,
    multipliers: np.ndarray | None = None,
) -> list[np.ndarray]:
    """Derivatives of seed_i f_i by h^l_i, l = 1..L, each (n, m)."""
    k = np.ones(len(net)) if multipliers is None else multipliers
    slope = {"relu": lambda h: h > 0, "tanh": lambda h: 1 - np.tanh(h) ** 2}.get(activation)
    found: list[np.ndarray] = []
    B = k[-1] * np.outer(net[-1], seed)
    for l in range(len(hidden) - 1, -1, -1):
        found.insert(0, B if slope is None else B * slope(hidden[l]))
        B = k[l] * (net[l].T @ found[0]) if l else B
    return found


def smallest_median(net: Net, X: np.ndarray, y: np.ndarray, activation: str) -> float:
    """The smallest over layers 2..L+1 of the median |gradient entry| of the loss |f - y|²/2m."""
    hidden, f = forward(net, X, activation)
    x = [X.T, *(activated(h, activation) for h in hidden)]
    back = (f - y) / len(y)
    signals = backward(net, hidden, back, activation)
    medians = [np.median(np.abs(x[-1] @ back))]
    medians += [np.median(np.abs(signals[l] @ x[l].T)) for l in range(1, len(hidden))]
    return float(min(medians))


def first_changes(
    net: Net,
    X: np.ndarray,
    y: np.ndarray,
    rates: np.ndarray,
    optimizer: str,
    activation: str,
    multipliers: np.ndarray | None = None,
) -> np.ndarray:
    """The phi_l (layer, m): what a first step of rate 1 adds to f, to first order, layer by layer.

    W_l loses rates_l times its gradient of |f - y|²/2m, or for adam the gradient's sign. Entries
    that are rounding alone, as of a pixel that is never lit, have none.
    """
    k = np.ones(len(net)) if multipliers is None else multipliers
    hidden, f = forward(net, X, activation, k)
    x = [X.T, *(activated(h, activation) for h in hidden)]
    B = [*backward(net, hidden, np.ones(len(y)), activation, k), np.ones((1, len(y)))]
    found = []
    for factor, rate, signal, given in zip(k, rates, B, x, strict=True):
        G = factor * (signal * ((f - y) / len(y))) @ given.T
        step = np.sign(np.where(np.abs(G) > ROUNDING, G, 0.0)) if optimizer == "adam" else G
        found.append(-rate * factor * np.sum(signal * (step @ given), axis=0))
    return np.array(found)


def best_rate(r: np.ndarray, phi: np.ndarray) -> float:
    """The rate r·phi/|phi|² that leaves least of |r - rate phi|², both (m,)."""
    return float(r @ phi / (phi @ phi))


def tangent_kernel(
    net: Net,
    X: np.ndarray,
    rates: np.ndarray,
    activation: str,
    multipliers: np.ndarray | None = None,
) -> np.ndarray:
    """The Σ_l rates_l (df/dW_l)(df/dW_l)ᵀ at the start, (m, m)."""
    k = np.ones(len(net)) if multipliers is None else multipliers
    hidden, _ = forward(net, X, activation, k)
    x = [X.T, *(activated(h, activation) for h in hidden)]
    B = [*backward(net, hidden, np.ones(len(X)), activation, k), np.ones((1, len(X)))]
    layers = zip(rates * k**2, B, x, strict=True)
    return np.sum([scale * (b.T @ b) * (given.T @ given) for scale, b, given in layers], axis=0)
