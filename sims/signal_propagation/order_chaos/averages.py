"""Averages over a Gaussian neuron: what a layer makes of lengths, distances and small steps.

A neuron sums many inputs, so that its activity over draws of the weights is Gaussian with variance
q, and any two inputs give two such numbers with the cosine of the inputs. Evenly spaced nodes with
Gaussian weights are exact to rounding up to q = 20, where Gauss-Hermite with 120 nodes is not.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

Numbers: TypeAlias = np.ndarray | float
REACH, NODES = 8.0, 161
T = np.linspace(-REACH, REACH, NODES)
WEIGHTS = np.exp(-(T**2) / 2) / np.sum(np.exp(-(T**2) / 2))
HALF = T[NODES // 2 :]
"""Nodes from 0 on: squares of differences are even in both directions."""
HALF_WEIGHTS = np.where(HALF > 0, 2, 1) * WEIGHTS[NODES // 2 :]
WIDE, WIDE_WEIGHTS = HALF[::2], HALF_WEIGHTS[::2] / np.sum(HALF_WEIGHTS[::2])
SMALL_ANGLE = 0.02
"""Radians below which sin θ - θ cos θ of relu is its series."""


def phi(activation: str, x: np.ndarray) -> np.ndarray:
    """The nonlinearity."""
    if activation == "erf":
        from scipy.special import erf

        return np.asarray(erf(x))
    return np.maximum(x, 0) if activation == "relu" else np.tanh(x)


def with_slope(activation: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nonlinearity and its derivative."""
    y = phi(activation, x)
    if activation == "tanh":
        return y, 1 - y**2
    if activation == "relu":
        return y, np.where(x > 0, 1.0, 0.0)
    return y, 2 / np.sqrt(np.pi) * np.exp(-(x**2))


def power(activation: str, q: Numbers) -> Numbers:
    """E φ(√q t)², t standard normal; of the shape of q."""
    q = np.asarray(q, float)
    if activation == "relu":
        return q / 2
    return phi(activation, np.sqrt(q)[..., None] * T) ** 2 @ WEIGHTS


def square_slope(activation: str, q: Numbers) -> Numbers:
    """E φ'(√q t)²; of the shape of q."""
    q = np.asarray(q, float)
    if activation == "relu":
        return np.full(q.shape, 0.5)
    return with_slope(activation, np.sqrt(q)[..., None] * T)[1] ** 2 @ WEIGHTS


def square_gap(activation: str, q: float, e: np.ndarray) -> np.ndarray:
    """E (φ(u) - φ(v))² of Gaussians u, v with variance q and cosine 1 - e, (pair,).

    With u, v = √q (√(1 - e/2) t ± √(e/2) t') nothing cancels, however near the two are.
    """
    e = np.asarray(e, float)
    if activation == "relu":
        angle = 2 * np.arcsin(np.sqrt(np.clip(e, 0, 2) / 2))
        series = angle**3 / 3 * (1 - angle**2 / 10)
        exact = np.sin(angle) - angle * np.cos(angle)
        return q * (e - np.where(angle < SMALL_ANGLE, series, exact) / np.pi)
    middle = np.sqrt(q * (1 - e / 2))[:, None, None] * HALF[:, None]
    apart = np.sqrt(q * e / 2)[:, None, None] * WIDE
    gaps = (phi(activation, middle + apart) - phi(activation, middle - apart)) ** 2
    return (gaps @ WIDE_WEIGHTS) @ HALF_WEIGHTS
