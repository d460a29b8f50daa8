"""Regression data of the diagonal network: random, orthogonal, and two fixed examples."""

from __future__ import annotations

import numpy as np

DESIGNS = ("seeded", "orthogonal", "near_degenerate", "drops_a_feature")

FIXED_DESIGNS: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "near_degenerate": (
        np.array([[1, -0.4, 0.3, 0, 0.7], [0.2, 1, -0.6, 0.5, 0], [0, 0.3, 1, -0.8, 0.4]]),
        np.array([1, 2, -1.5]),
    ),
    "drops_a_feature": (
        np.array([[-0.8, 0.6, -0.6, -1.5], [-0.6, 0.4, 0.3, -0.5], [-1.5, -1.2, -0.5, -0.3]]),
        np.array([-1.3, -2.1, 0]),
    ),
}
"""(X, y) by name, found by search: one whose limit needs an astronomically small start, one that
drops a feature it had learned."""

SEEDED_WEIGHTS = (3.0, -2.0, 1.0)
ORTHOGONAL_WEIGHTS = (4.0, -2.0, 1.0, 0.5)


def drawn(design: str, n: int, d: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(X, y) of a design, X (n, d): y = X β with the first few weights of β not zero.

    `seeded`: X Gaussian. `orthogonal`: XᵀX = n I, √n times d columns of a Haar matrix.
    """
    if design in FIXED_DESIGNS:
        X, y = FIXED_DESIGNS[design]
        return X.copy(), y.copy()
    if design == "orthogonal":
        X = np.sqrt(n) * np.linalg.qr(rng.standard_normal((n, n)))[0][:, :d]
        return X, X @ padded(ORTHOGONAL_WEIGHTS, d)
    X = rng.standard_normal((n, d))
    return X, X @ padded(SEEDED_WEIGHTS, d)


def padded(weights: tuple[float, ...], d: int) -> np.ndarray:
    """The first d of these weights, zeros behind them, (d,)."""
    beta = np.zeros(d)
    kept = min(d, len(weights))
    beta[:kept] = weights[:kept]
    return beta
