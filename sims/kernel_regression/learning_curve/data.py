"""The worlds that examples are drawn from, the kernels over them, and what a kernel's modes are."""

from __future__ import annotations

import hashlib
import math
from typing import Any, NamedTuple

import numpy as np

from sims.core import own_data
from sims.core.cache import Cache
from sims.core.datasets import digits
from sims.kernel_regression.questions import about_classes, about_digits

FLOOR = 1e-18
"""Eigenvalue below which rounding alone is left."""
MOST, MOST_BYTES = 8, 96 * 2**20


def points_of(data: str, points: int) -> int:
    """How many points N the world has."""
    return min(points, len(own_data.of(data).y)) if own_data.is_own(data) else points


def world(data: str, points: int, target: int) -> tuple[np.ndarray, np.ndarray]:
    """Points X (N, d), of mean square length 1, and labels y (N,) of mean square 1.

    digits: N of them, the same for every seed, less their mean. hypercube: all signs of log₂ N
    bits; y is the product of the first `target`. circle: even angles θ, y = √2 cos(target θ).
    One's own: the upper half of the classes is +1; other targets are standardised.
    """
    if own_data.is_own(data):
        given = own_data.of(data)
        kept = np.random.default_rng(0).permutation(len(given.y))[:points]
        y = given.y[kept]
        y = about_classes(given)[kept] if given.is_classes else y - y.mean()
        return _of_mean_length(given.scaled(kept)[kept]), y / math.sqrt(np.mean(y**2))
    if data == "digits":
        pixels, labels = digits()
        kept = np.random.default_rng(0).permutation(len(labels))[:points]
        X = pixels[kept] - pixels[kept].mean(axis=0)
        return _of_mean_length(X), about_digits(labels[kept], target)
    if data == "hypercube":
        bits = round(math.log2(points))
        X = 1.0 - 2 * ((np.arange(points)[:, None] >> np.arange(bits)) & 1)
        return X / math.sqrt(bits), np.prod(X[:, :target], axis=1)
    angle = 2 * np.pi * np.arange(points) / points
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X, math.sqrt(2) * np.cos(target * angle)


def _of_mean_length(X: np.ndarray) -> np.ndarray:
    """All rows over the root mean square of their lengths."""
    return X / math.sqrt(np.mean(np.sum(X**2, axis=1)))


def kernel_matrix(X: Any, kind: str, bandwidth: Any, xp: Any = np) -> Any:
    """Laplace exp(-|x - z|/w) or rbf exp(-|x - z|²/2w²) over points, (N, N); `xp` as in numpy."""
    squares = xp.sum(X**2, axis=1)
    apart = xp.maximum(squares[:, None] + squares[None, :] - 2 * X @ X.T, 0)
    if kind == "laplace":
        return xp.exp(-xp.sqrt(apart) / bandwidth)
    return xp.exp(-apart / (2 * bandwidth**2))


class Modes(NamedTuple):
    """Eigenvalues λ of a kernel matrix over N, falling, (mode,), and vectors (N, mode)."""

    eigenvalues: np.ndarray
    vectors: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes of both."""
        return self.eigenvalues.nbytes + self.vectors.nbytes

    def energy(self, y: np.ndarray) -> np.ndarray:
        """v_i² = (u_i·y)²/N, (mode,)."""
        return (self.vectors.T @ y) ** 2 / len(y)


_kept: Cache[Modes] = Cache(MOST, MOST_BYTES, lambda modes: modes.nbytes)


def modes(X: np.ndarray, kind: str, bandwidth: float) -> Modes:
    """The modes of a kernel over a world, kept for whoever asks again; from any thread."""
    return kept(("exact", kind, bandwidth), X, lambda: _computed(X, kind, bandwidth))


def kept(key: tuple[Any, ...], X: np.ndarray, build: Any) -> Modes:
    """Modes of points X by a key; they depend neither on ridge nor on noise nor on labels."""
    digest = hashlib.blake2b(np.ascontiguousarray(X).tobytes()).digest()
    return _kept.get((*key, digest), build)


def _computed(X: np.ndarray, kind: str, bandwidth: float) -> Modes:
    values, vectors = np.linalg.eigh(kernel_matrix(X, kind, bandwidth))
    return Modes(np.maximum(values[::-1] / len(X), FLOOR), vectors[:, ::-1])
