"""What is asked of the data of these pages: yes or no, as labels ±1; and how many ways data go."""

from __future__ import annotations

import math

import numpy as np

from sims.core.own_data import OwnData

GROUPS = {1: (0, 2, 4, 6, 8), 2: (5, 6, 7, 8, 9), 3: (0, 6, 8, 9), 4: (2, 3, 5, 7)}
"""Digits whose label is +1: even ones, large ones, those with a closed loop, primes."""


def about_digits(labels: np.ndarray, target: int) -> np.ndarray:
    """The answer to a question about digits 0..9, (N,): +1 for `GROUPS`, else -1."""
    return np.where(np.isin(labels, GROUPS[target]), 1.0, -1.0)


def about_digits_line(target: int) -> str:
    """What that question tells apart, in words."""
    return "digits " + ", ".join(map(str, GROUPS.get(target, ()))) + " against the others"


def about_classes(given: OwnData) -> np.ndarray:
    """The upper half of the classes of one's own data is +1, the lower one -1, (N,)."""
    labels = given.labels()
    return np.where(2 * labels > labels.max(), 1.0, -1.0)


def of_one_length(X: np.ndarray) -> np.ndarray:
    """Rows scaled to length √d."""
    return X * (math.sqrt(X.shape[1]) / np.linalg.norm(X, axis=1, keepdims=True))


def dimensions(X: np.ndarray) -> float:
    """Dimensions that points (N, d) fill: (Σγ)²/Σγ² of the eigenvalues γ of their covariance."""
    covariance = np.atleast_2d(np.cov(X.T))
    return float(np.trace(covariance) ** 2 / np.sum(covariance**2))
