"""Learning coefficients of two-layer linear networks, and the scales of the run: plain numbers.

A is (H, M), B (N, H); the loss is K = |BA - C|^2/2, the rank of C is r.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

RATE = 0.05
"""Learning rate times the strength s of the map."""
QUICK = 20.0
"""A sharp direction is forgotten within so many steps over the step size c."""
FILLED, FILLED_LARGE = 32, 10
"""Forgetting times an automatic run lasts: usually, and where few of many directions are slow."""


class Local(NamedTuple):
    """lambda of a minimum, its multiplicity m, and the share of lambda that valleys have."""

    value: float
    multiplicity: int
    rest: float


def coefficient(M: int, N: int, H: int, r: int) -> tuple[float, int]:
    """Learning coefficient and multiplicity at the most singular minimum of rank r.

    Aoyagi and Watanabe, Neural Networks 18 (2005) 924; the two-layer case of the table in arXiv
    2402.03698.
    """
    if N + r > M + H:
        return (H * M - H * r + N * r) / 2, 1
    if M + r > N + H:
        return (H * N - H * r + M * r) / 2, 1
    if H + r > M + N:
        return M * N / 2, 1
    q = -((H + r) ** 2) - M**2 - N**2 + 2 * (H + r) * (M + N) + 2 * M * N
    odd = (M + N + H + r) % 2
    return (q + odd) / 8, 1 + odd


def local_coefficient(M: int, N: int, H: int, r: int, a: int, b: int) -> Local:
    """The same at any minimum BA = C, where A has rank a and B has rank b.

    (A, B) -> BA has N a + M b - a b sharp directions there, each worth 1/2; what is left is a
    network of M - a, H - a - b + r, N - b with nothing to learn.
    """
    left = (M - a, N - b, H - a - b + r)
    rest, m = coefficient(*left, 0) if min(left) > 0 else (0.0, 1)
    return Local((N * a + M * b - a * b) / 2 + rest, m, rest)


def trained(M: int, N: int, H: int, r: int, large: int) -> Local:
    """The same where training ends: the large directions of A stay, B is as small as it can be."""
    return local_coefficient(M, N, H, r, max(large, r), r)


def half_the_maps(M: int, N: int, H: int) -> float:
    """Half the dimension of the set of all maps BA: weights less their symmetry."""
    return N * M / 2 if min(N, M) <= H else H * (M + N - H) / 2


def singular_values(r: int, s: float, large: int) -> tuple[np.ndarray, np.ndarray]:
    """Those of A, (max(large, r),), and of B, (r,), where training ends.

    A A^T - B^T B is conserved (arXiv 2406.06158): s in the large directions, else 0.
    """
    conserved = np.where(np.arange(max(large, r)) < large, s, 0.0)
    squares = conserved.copy()
    squares[:r] = (conserved[:r] + np.sqrt(conserved[:r] ** 2 + 4 * s**2)) / 2
    A = np.sqrt(squares)
    return A, s / A[:r]


def end_of_training(
    M: int, N: int, H: int, r: int, s: float, large: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A, B and C there, up to rotations."""
    a, b = singular_values(r, s, large)
    A, B, C = np.zeros((H, M)), np.zeros((N, H)), np.zeros((N, M))
    A[range(len(a)), range(len(a))] = a
    B[range(r), range(r)] = b
    C[range(r), range(r)] = s
    return A, B, C


def curvatures(M: int, N: int, r: int, s: float, large: int) -> np.ndarray:
    """Of K there: A_j^2 + B_i^2 over all pairs, (N M,); all others are 0."""
    a, b = singular_values(r, s, large)
    A2, B2 = (np.pad(x**2, (0, size - len(x))) for x, size in ((a, M), (b, N)))
    return np.add.outer(B2, A2).ravel()


def stiffest(M: int, N: int, r: int, s: float, large: int) -> float:
    """The largest curvature; where nothing is stiff, that of a direction that could be learned."""
    return max(float(curvatures(M, N, r, s, large).max()), s if large else 2 * s)


def kicks(c: float, M: int, N: int, r: int, s: float, large: int) -> np.ndarray:
    """By how much a step widens each direction: variance over 1 - kick, (N M,)."""
    return c * curvatures(M, N, r, s, large) / (4 * stiffest(M, N, r, s, large))


def forgetting(t: float, s: float, c: float) -> tuple[float, float]:
    """Steps after which a valley and a sharp direction have forgotten where they were."""
    return math.sqrt(t) * s / c, QUICK / c
