"""Sequences of linear tasks, drawn on the host: for tests, never for training."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

LENGTHS = (4, 8, 16, 32, 64, 128, 256)
"""Context lengths at which the trained layer is asked."""
COUNT = 1024
"""Sequences of a test."""
FEW = 128
"""The same at every length where a softmax has to be taken over each."""


class Sequences(NamedTuple):
    """Examples x (sequence, n + 1, D), the last the query; labels seen (sequence, n); tasks w.

    Tasks are (sequence, D); the clean answer is w.x of the query.
    """

    x: np.ndarray
    labels: np.ndarray
    w: np.ndarray

    @property
    def answers(self) -> np.ndarray:
        """The clean answers, (sequence,)."""
        return np.sum(self.x[:, -1] * self.w, axis=1)

    @property
    def tokens(self) -> np.ndarray:
        """Tokens (x, y), the query's (x, 0), (sequence, n + 1, D + 1)."""
        seen = np.pad(self.labels, ((0, 0), (0, 1)))
        return np.concatenate([self.x, seen[..., None]], axis=-1)

    @property
    def beta(self) -> np.ndarray:
        """One gradient step's direction from the context, sum_n y_n x_n / n, (sequence, D)."""
        return np.einsum("bn,bni->bi", self.labels, self.x[:, :-1]) / self.labels.shape[1]


@lru_cache(maxsize=32)
def _unit(
    key: tuple[int, ...], count: int, n: int, dimension: int, signs: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is random in sequences: inputs of variance 1, tasks, noise of variance 1; float32."""
    rng = np.random.default_rng(key)
    w = rng.standard_normal((count, dimension), np.float32)
    noise = rng.standard_normal((count, n), np.float32)
    g = rng.standard_normal((count, n + 1, dimension), np.float32)
    return (np.sign(g) if signs else g), w, noise


def drawn(
    key: tuple[int, ...], n: int, lam: np.ndarray, noise: float, inputs: str, count: int = COUNT
) -> Sequences:
    """Sequences with n examples each: x of variances lam (D,), tasks N(0, 1), labels with noise."""
    g, w, xi = _unit(key, count, n, len(lam), inputs == "signs")
    x = g * np.sqrt(lam)
    labels = np.einsum("bnd,bd->bn", x[:, :-1], w, optimize=True) + noise * xi
    return Sequences(x, labels, w.astype(float))


def losses(matrices: np.ndarray, told: Sequences) -> np.ndarray:
    """Mean squared error on these sequences of the estimators beta^T U x, U (..., D, D)."""
    y, D = told.answers, told.w.shape[1]
    features = np.einsum("bi,bj->bij", told.beta, told.x[:, -1]).reshape(len(y), D * D)
    U = matrices.reshape(*matrices.shape[:-2], D * D)
    second, mixed = features.T @ features / len(y), features.T @ y / len(y)
    return np.asarray(np.mean(y**2) - 2 * U @ mixed + np.sum((U @ second) * U, axis=-1))


def best_possible(told: Sequences, noise: float) -> float:
    """Mean squared error of the Bayes estimate: ridge regression, least squares without noise.

    The ridge is the variance of the noise, as tasks have variance 1; without noise its limit, the
    shortest w that fits, up to rounding.
    """
    x, y = told.x[:, :-1], told.labels
    gram = np.einsum("bni,bnj->bij", x, x, optimize=True)
    ridge = noise**2 + 1e-9
    mixed = np.einsum("bni,bn->bi", x, y, optimize=True)
    w = np.linalg.solve(gram + ridge * np.eye(x.shape[-1]), mixed[..., None])[..., 0]
    return float(np.mean((np.sum(w * told.x[:, -1], axis=1) - told.answers) ** 2))
