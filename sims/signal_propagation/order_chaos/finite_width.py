"""The band that a net of n neurons a layer must stay in, without drawing a weight.

Given the activities of one layer, the n neurons of the next are independent draws from a Gaussian
whose covariance is the empirical one. So a chain of layers needs no matrix: 2 m numbers a neuron,
m inputs and their tangents, drawn anew in every layer. That holds every order in 1/n of what goes
forward. On the way back Wᵀ is taken as drawn anew, which is right to leading order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sims.signal_propagation.order_chaos.averages import with_slope
from sims.signal_propagation.order_chaos.infinite_width import Net, Signal
from sims.signal_propagation.order_chaos.ring import circle, on_the_circle

COPIES = 20
SEED = 4321
JITTER = 1e-9
FLOOR = 0.01
"""Of every band: what is left of the sampled scatter's own scatter."""
SIGMAS, SIGMAS_OF_DIFFERENCE = 5.0, 6.0
NEAR = 3
"""Layers on both sides over which a variance is averaged."""


class Readings(NamedTuple):
    """Means over the ring, in every layer.

    Attributes:
        length: ln q. difference: 1 - c, with an axis of distances behind the layers'.
        stretch, gradient: ln of the squared tangent over that of layer 0, and of the squared
            gradient over that of the last layer.
    """

    length: np.ndarray
    difference: np.ndarray
    stretch: np.ndarray
    gradient: np.ndarray


def forward_readings(z: np.ndarray, dz: np.ndarray) -> tuple[float, np.ndarray, float]:
    """Ln q, 1 - c at distances 1..m//2, ln of the squared tangent; means over the m inputs."""
    m = z.shape[1]
    squares = np.mean(z**2, axis=0)
    unit = z / np.sqrt(len(z) * squares)
    apart = np.clip(1 - unit.T @ unit, 0, 2)
    i = np.arange(m)
    distances = np.array([apart[i, (i + k) % m].mean() for k in range(1, m // 2 + 1)])
    return float(np.log(squares).mean()), distances, float(np.log(np.mean(dz**2, axis=0)).mean())


def root(K: np.ndarray) -> np.ndarray:
    """A Cholesky factor of a covariance.

    Its diagonal is made 1 before the jitter is added: tangents outgrow inputs by χ^l, and a jitter
    of their size would drown them.
    """
    d = np.sqrt(np.diag(K))
    return d[:, None] * np.linalg.cholesky(K / np.outer(d, d) + JITTER * np.eye(len(K)))


def chain(net: Net, q0: float, depth: int, n: int, points: int, copies: int = COPIES) -> Readings:
    """That many copies of a random net of width n, without weights; (copy, layer[, distance])."""
    rng = np.random.default_rng(SEED)
    w2, b2, found = net.sigma_w**2, net.sigma_b**2, []
    for _ in range(copies):
        z, dz = on_the_circle(*circle(rng, n, q0), points)
        rows, slopes = [forward_readings(z, dz)], []
        for _ in range(depth):
            y, s = with_slope(net.activation, z)
            slopes.append(s)
            F = np.hstack([y, s * dz])
            K = w2 * F.T @ F / n
            K[:points, :points] += b2
            z, dz = np.hsplit(rng.standard_normal((n, 2 * points)) @ root(K).T, 2)
            rows.append(forward_readings(z, dz))
        D, back = np.ones((points, points)), [0.0]
        for s in slopes[::-1]:
            delta = s * (rng.standard_normal((n, points)) @ root(w2 * D / n).T)
            D = delta.T @ delta
            back.append(float(np.mean(np.log(np.diag(D)))))
        q, e, g = (np.array(column) for column in zip(*rows, strict=True))
        found.append(Readings(q, e, g - g[0], np.array(back[::-1])))
    return Readings(*(np.array(column) for column in zip(*found, strict=True)))


def bands(lines: Signal, sampled: Readings) -> Readings:
    """How far from the infinite net's lines a net of that width may be, (layer[, distance]).

    0.01 + |mean over the copies - line| + 5 standard deviations over them (6 of a difference, which
    is no sum of many). A variance is the larger of the layer's own and its average over the layers
    near by, without the one that is known exactly: 0, or L of the gradient.
    """
    depth = len(lines.length) - 1
    of = Readings(np.log(lines.length), lines.difference, lines.stretch, lines.gradient)
    found = {}
    for name, line, copies in zip(Readings._fields, of, sampled, strict=True):
        variance = copies.var(axis=0, ddof=1).reshape(depth + 1, -1)
        there = np.ones((depth + 1, 1))
        there[depth if name == "gradient" else 0] = 0
        sigmas = SIGMAS_OF_DIFFERENCE if name == "difference" else SIGMAS
        near = _over_near(variance * there) / _over_near(there)
        deviation = np.sqrt(np.maximum(near, variance)).reshape(line.shape)
        found[name] = FLOOR + np.abs(copies.mean(axis=0) - line) + sigmas * deviation
    return Readings(**found)


def _over_near(rows: np.ndarray) -> np.ndarray:
    """Sums over layers l-3..l+3, (layer, ...)."""
    return np.array([rows[max(0, l - NEAR) : l + NEAR + 1].sum(axis=0) for l in range(len(rows))])
