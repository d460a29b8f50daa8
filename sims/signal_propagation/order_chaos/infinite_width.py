"""Signals in a net of infinite width: lengths, distances, stretch and gradient, layer by layer.

Poole, Lahiri, Raghu, Sohl-Dickstein, Ganguli (arXiv 1606.05340) for lengths, distances and stretch;
Schoenholz, Gilmer, Ganguli, Sohl-Dickstein (arXiv 1611.01232) for χ, gradients and depth scales.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from sims.signal_propagation.order_chaos.averages import Numbers, power, square_gap, square_slope

MOST_ITERATIONS = 20_000
NEAREST, HALVINGS = 1e-9, 60
"""Between which 1 - c* lies, and how often its logarithm's range is halved."""
CONVERGED = 1e-13
LEAST = 1e-4
"""A length below is on its way to 0."""
SETTLED = 60
"""Layers after which a length has settled as far as colours show."""
NUDGE = 1e-4
"""Relative step of the derivative at a fixed point."""


class Net(NamedTuple):
    """A layer z' = W φ(z) + b with W_ij ~ N(0, σ_w²/n) and b_i ~ N(0, σ_b²)."""

    activation: str
    sigma_w: float
    sigma_b: float

    def length(self, q: Numbers) -> Numbers:
        """Mean square activity of the next layer, σ_w² E φ² + σ_b²."""
        return self.sigma_w**2 * power(self.activation, q) + self.sigma_b**2

    def chi(self, q: Numbers) -> Numbers:
        """Factor of squared small steps and of squared gradients, χ = σ_w² E φ'²."""
        return self.sigma_w**2 * square_slope(self.activation, q)

    def difference(self, q: float, e: np.ndarray) -> np.ndarray:
        """1 - cosine in the next layer of two inputs of one length, (pair,)."""
        gap = self.sigma_w**2 * square_gap(self.activation, q, e)
        return np.clip(gap / (2 * self.length(q)), 0, 2)


class Signal(NamedTuple):
    """Layer by layer, layers 0 to L: q (layer,), 1 - c (layer, pair), ln χ between them, (L,)."""

    length: np.ndarray
    difference: np.ndarray
    log_chi: np.ndarray

    @property
    def stretch(self) -> np.ndarray:
        """Ln of the squared length of a small step over what it was, (layer,)."""
        return np.append(0.0, np.cumsum(self.log_chi))

    @property
    def gradient(self) -> np.ndarray:
        """Ln of the squared gradient over that of the last layer, (layer,)."""
        return self.stretch[-1] - self.stretch


def propagated(net: Net, q0: float, e0: np.ndarray, depth: int) -> Signal:
    """Inputs of squared length n q_0, pairs of them e_0 apart, through that many layers."""
    q, e, chi = [float(q0)], [np.asarray(e0, float)], []
    for _ in range(depth):
        chi.append(float(net.chi(q[-1])))
        e.append(net.difference(q[-1], e[-1]))
        q.append(float(net.length(q[-1])))
    return Signal(np.array(q), np.array(e), np.log(chi))


@lru_cache(64)
def fixed_length(net: Net) -> float:
    """The q that a layer leaves as it is; 0 or infinite where none does."""
    if net.activation == "relu":
        growth = net.sigma_w**2 / 2
        if growth >= 1:
            return np.inf
        return net.sigma_b**2 / (1 - growth)
    q = net.sigma_w**2 + net.sigma_b**2
    for _ in range(MOST_ITERATIONS):
        before, q = q, float(net.length(q))
        if abs(q - before) < CONVERGED:
            break
    return q if q > LEAST else 0.0


def fixed_difference(net: Net, q: float) -> tuple[float, float]:
    """1 - c* at which all pairs end, and ξ, the layers in which they come e times nearer to it.

    A point, c* = 1, where χ < 1; ξ is infinite at χ = 1.
    """
    chi = float(net.chi(q))
    if chi <= 1:
        return 0.0, float(-1 / np.log(chi)) if chi < 1 else np.inf
    low, high = NEAREST, 1.0  # below the end pairs drift apart, above it together
    for _ in range(HALVINGS):
        middle = np.array([np.sqrt(low * high)])
        is_below = float(net.difference(q, middle)[0]) > middle[0]
        low, high = (float(middle[0]), high) if is_below else (low, float(middle[0]))
    e = np.array([high])
    up, down = (float(net.difference(q, (1 + s * NUDGE) * e)[0]) for s in (1, -1))
    factor = (up - down) / (2 * NUDGE * float(e[0]))
    return float(e[0]), float(-1 / np.log(factor))


@cache
def edge(activation: str) -> tuple[np.ndarray, np.ndarray]:
    """Where χ = 1: σ_w (point,) and σ_b (point,) by the fixed length, from σ_b = 0 on.

    At the fixed length q, σ_w² = 1/E φ'² makes χ = 1, and σ_b² = q - σ_w² E φ² keeps q.
    """
    if activation == "relu":
        return np.full(2, np.sqrt(2.0)), np.array([0.0, 10.0])
    q = np.geomspace(1e-6, 30, 160)
    w2 = 1 / np.asarray(square_slope(activation, q))
    return np.sqrt(w2), np.sqrt(np.maximum(q - w2 * power(activation, q), 0))


@cache
def chi_map(activation: str, least: float, most: float, cells: int) -> tuple[np.ndarray, ...]:
    """χ at the fixed length over σ_w and σ_b: (their values, (cells,) each; χ (σ_b, σ_w)).

    Next to χ = 1 lengths go on settling for longer than is waited for here.
    """
    w, b = np.linspace(least, most, cells), np.linspace(0, 1, cells)
    if activation == "relu":
        return w, b, np.broadcast_to(w**2 / 2, (cells, cells))
    net = Net(activation, w[None, :], b[:, None])  # pyright: ignore[reportArgumentType]
    q: Numbers = net.sigma_w**2 + net.sigma_b**2
    for _ in range(SETTLED):
        q = net.length(q)
    return w, b, np.asarray(net.chi(q))
