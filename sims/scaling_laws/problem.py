"""Least squares on a power law, and the edge beyond which the mean loss of its SGD grows for ever.

Inputs x ~ N(0, diag(lam)) with lam_j = j^-a, and y = w*·x + sigma xi, where the shares of the
signal lam_j w*_j^2 = j^-b/zeta(b) sum to 1. A student holds the first coefficients and starts at
w = 0, so that the excess loss L = sum lam_j (w_j - w*_j)^2 + tail starts at 1. What it cannot hold
is exactly label noise, as coordinates of x are independent.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sims.scaling_laws.bisection import root


class Problem(NamedTuple):
    """What SGD with fresh samples is given.

    Attributes:
        lam: variance of each input, (mode,), the largest first.
        target: the coefficients w*, (mode,).
        tail: part of the loss that is out of reach.
        s2: variance of the label noise, with what is out of reach.
    """

    lam: np.ndarray
    target: np.ndarray
    tail: float
    s2: float


def tail(b: float, width: float) -> float:
    """Share of the signal beyond the first coefficients, zeta(b, width + 1)/zeta(b)."""
    from scipy.special import zeta

    return float(zeta(b, width + 1) / zeta(b))


def power_law(a: float, b: float, width: int, noise: float = 0.0) -> Problem:
    """The problem of a student of that width; a > 0, b > 1, and the noise's standard deviation."""
    from scipy.special import zeta

    j = np.arange(1, width + 1.0)
    beyond = tail(b, width)
    return Problem(j**-a, np.sqrt(j ** (a - b) / zeta(b)), beyond, noise**2 + beyond)


def feedback(eta: float, lam: np.ndarray, batch_size: float) -> float:
    """Share of the loss that noise feeds back, F = sum_j (eta lam_j/B)/(2 - eta lam_j (1 + 1/B)).

    The mean loss at a constant rate is bounded if and only if F < 1 (the kernel norm of
    arXiv:2405.15074, here for Gaussian inputs). An infinite batch feeds nothing back.
    """
    x = eta * lam
    return float(np.sum(x / batch_size / (2 - x * (1 + 1 / batch_size))))


def edge(lam: np.ndarray, batch_size: float) -> float:
    """The rate at which F = 1; that of an infinite batch is 2/lam_1."""
    top = 2 / (float(lam[0]) * (1 + 1 / batch_size))
    if math.isinf(batch_size):
        return top
    return root(lambda eta: feedback(eta, lam, batch_size) - 1, 0.0, (1 - 1e-12) * top)
