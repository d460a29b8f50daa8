"""Linear maps to learn that data fix: a semantic tree, real digits, data of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sims.core import own_data

DATA = ("spectrum", "semantic_tree", "digits")
COMPONENTS = 20
LEAST_SPREAD = 1e-6
"""Spread along a component, over the largest, below which it is rounding and is left out."""
LEAST_STRENGTH = 1e-6
"""Largest singular value below which inputs and targets are not correlated at all."""
MOST_KEPT = 64


@dataclass(frozen=True)
class TargetMap:
    """M = U diag(spectrum) Vᵀ (d_out x d_in) for white inputs.

    `irreducible` is the loss left at W = M; `pixels` (d_in x pixel) are the inputs as pictures,
    where they are made of pixels.
    """

    matrix: np.ndarray
    U: np.ndarray
    V: np.ndarray
    spectrum: np.ndarray
    irreducible: float = 0.0
    pixels: np.ndarray | None = None

    @property
    def d_in(self) -> int:
        """Number of inputs."""
        return self.matrix.shape[1]

    @property
    def d_out(self) -> int:
        """Number of outputs."""
        return self.matrix.shape[0]


def semantic_tree_targets(levels: int = 3) -> np.ndarray:
    """Properties x items of a binary tree: row of a node is 1 for the items below it.

    1 + 2 + ... + 2^levels properties, 2^levels one-hot items; s² = 2^(levels+1-l) - 1 at level l.
    Source: Saxe, McClelland & Ganguli, arXiv:1810.10531.
    """
    items = 2**levels
    rows = [np.repeat(np.eye(2**level), items // 2**level, axis=1) for level in range(levels + 1)]
    return np.concatenate(rows)


def digits_targets() -> tuple[np.ndarray, float, np.ndarray]:
    """Input-output covariance (10 x 20) of scikit-learn's 1 797 digits and the irreducible loss.

    Pixels / 16, centred, PCA-whitened to 20 components; targets one-hot, centred. The third array
    (20 x 64) maps whitened components back to pixels.
    """
    from sklearn.datasets import load_digits

    pixels, labels = map(np.asarray, load_digits(return_X_y=True))
    X = pixels / 16.0
    X = X - X.mean(axis=0)
    left, size, right = np.linalg.svd(X, full_matrices=False)
    to_pixels = size[:COMPONENTS, None] / np.sqrt(len(X)) * right[:COMPONENTS]
    X = left[:, :COMPONENTS] * np.sqrt(len(X))
    Y = np.eye(10)[labels]
    Y = Y - Y.mean(axis=0)
    matrix = Y.T @ X / len(X)
    irreducible = 0.5 * float(np.mean(np.sum((Y - X @ matrix.T) ** 2, axis=1)))
    return matrix, irreducible, to_pixels


def own_targets(data: own_data.OwnData) -> tuple[np.ndarray, float]:
    """The same of data of one's own: inputs centred and whitened to at most 20 components.

    Targets are one-hot for classes, centred; other values are centred and over their standard
    deviation, (1 x components).
    """
    X = data.X - data.X.mean(axis=0)
    left, size, _ = np.linalg.svd(X, full_matrices=False)
    kept = np.flatnonzero(size > LEAST_SPREAD * size[0])[:COMPONENTS]
    X = left[:, kept] * np.sqrt(len(X))
    if data.is_classes:
        labels = data.labels()
        Y = np.eye(labels.max() + 1)[labels]
        Y = Y - Y.mean(axis=0)
    else:
        Y = ((data.y - data.y.mean()) / data.y.std())[:, None]
    matrix = Y.T @ X / len(X)
    return matrix, 0.5 * float(np.mean(np.sum((Y - X @ matrix.T) ** 2, axis=1)))


@lru_cache(maxsize=MOST_KEPT)
def fixed_target(data: str) -> TargetMap:
    """The map to learn for `semantic_tree`, `digits`, or data of one's own.

    Raises:
        ValueError: no direction of one's own inputs says anything of the targets; one sentence.
    """
    pixels = None
    if data == "semantic_tree":
        matrix, irreducible = semantic_tree_targets(), 0.0
    elif data == "digits":
        matrix, irreducible, pixels = digits_targets()
    else:
        matrix, irreducible = own_targets(own_data.of(data))
    U, s, Vt = np.linalg.svd(matrix, full_matrices=False)
    if s[0] < LEAST_STRENGTH:
        raise ValueError("No direction of X says anything of y, so a linear net learns nothing.")
    kept = s > 1e-10 * s[0]
    return TargetMap(matrix, U[:, kept], Vt[kept].T, s[kept], irreducible, pixels)
