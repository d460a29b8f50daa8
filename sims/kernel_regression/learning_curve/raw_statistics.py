"""The modes of a kernel from the covariance of the data alone, without any kernel matrix.

Source: Karkada et al., arXiv:2510.14878, the Hermite eigenstructure ansatz: data are taken for a
Gaussian with their covariance, whose modes are products of Hermite polynomials.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable

import numpy as np

from sims.kernel_regression.learning_curve.data import Modes, kept

HIGHEST = 9
"""Degree of the highest polynomial."""
SMALLEST = 1e-6
"""Singular values over the largest below which a direction is left out."""


def coefficient(kind: str, bandwidth: float) -> Callable[[int], float]:
    """The c_l = d^l/dt^l at t = 0 of the kernel between unit vectors of overlap t.

    rbf: e^(-1/w²) w^(-2l). laplace, with z = w/√2: e^(-1/z) y_(l-1)(z)/(2z)^l, y the Bessel
    polynomials, y_(-1) = 1.
    """
    if kind == "rbf":
        return lambda order: math.exp(-1 / bandwidth**2) * bandwidth ** (-2.0 * order)
    z = bandwidth / math.sqrt(2)

    def bessel(n: int) -> float:
        return sum(
            math.factorial(n + k) / math.factorial(n - k) / math.factorial(k) * (z / 2) ** k
            for k in range(n + 1)
        )

    def laplace(order: int) -> float:
        return math.exp(-1 / z) * (bessel(order - 1) if order else 1.0) / (2 * z) ** order

    return laplace


def modes(X: np.ndarray, kind: str, bandwidth: float) -> Modes:
    """The N largest modes that the covariance of X (N, d) says, kept for whoever asks again."""
    return kept(("raw", kind, bandwidth), X, lambda: _computed(X, kind, bandwidth))


def _computed(X: np.ndarray, kind: str, bandwidth: float) -> Modes:
    """Monomial α has eigenvalue c_|α| Πγ^α and mode Π h_α(Z)/√α!; QR in falling order."""
    N = len(X)
    left, values, _ = np.linalg.svd(X, full_matrices=False)
    is_there = values > SMALLEST * values[0]
    Z, variances = math.sqrt(N) * left[:, is_there], values[is_there] ** 2 / N
    found = monomials(variances, coefficient(kind, bandwidth), N)
    H = [np.ones_like(Z), Z]
    for k in range(1, HIGHEST):  # normalised, so that each has mean square 1 over a Gaussian
        H.append((Z * H[k] - math.sqrt(k) * H[k - 1]) / math.sqrt(k + 1))
    columns = np.ones((N, len(found)))
    for j, (indices, _) in enumerate(found):
        for i in set(indices):
            columns[:, j] *= H[indices.count(i)][:, i]
    eigenvalues = np.array([value for _, value in found])
    return Modes(eigenvalues, np.linalg.qr(columns)[0])


def monomials(
    variances: np.ndarray, level: Callable[[int], float], count: int
) -> list[tuple[tuple[int, ...], float]]:
    """The largest monomials as sorted indices of their factors, with eigenvalues, falling.

    Each degree starts from the power of the widest direction; the next ones have one factor moved
    to the next narrower direction, so that nothing larger is left behind.
    """
    found: list[tuple[tuple[int, ...], float]] = [((), level(0))]
    heap = [(-level(k) * variances[0] ** k, (0,) * k) for k in range(1, HIGHEST + 1)]
    heapq.heapify(heap)
    seen: set[tuple[int, ...]] = set()
    while len(found) < count and heap:
        value, indices = heapq.heappop(heap)
        found.append((indices, -value))
        for i, index in enumerate(indices):
            is_last = i == len(indices) - 1
            if index + 1 < len(variances) and (is_last or indices[i + 1] > index):
                moved = (*indices[:i], index + 1, *indices[i + 1 :])
                if moved not in seen:
                    seen.add(moved)
                    scale = float(np.prod(variances[list(moved)]))
                    heapq.heappush(heap, (-level(len(moved)) * scale, moved))
    return found
