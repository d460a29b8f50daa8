"""Where features are looked at from: the K - 1 directions that hold the simplex."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Tensors
from sims.neural_collapse.optimum import simplex


def ideal(gram: np.ndarray) -> np.ndarray:
    """Points (class, axis) around 0 with this Gram matrix once centred, in a fixed position.

    The symmetric root of the centred Gram matrix along `waves`; two columns at least.
    """
    K = len(gram)
    centred = simplex(K) @ gram @ simplex(K)
    level, U = np.linalg.eigh(0.5 * (centred + centred.T))
    root = (U * np.sqrt(np.maximum(level, 0.0))) @ U.T
    return padded(root @ waves(K), 2)


def waves(K: int) -> np.ndarray:
    """Orthonormal basis (class, K - 1) of the vectors that sum to zero: cos and sin, slow first.

    The first three columns show all classes apart, as the corners of a simplex around a circle.
    """
    angles = 2 * np.pi * np.arange(K) / K
    columns = [wave(m * angles) for m in range(1, K // 2 + 1) for wave in (np.cos, np.sin)]
    basis = np.stack(columns, axis=1)[:, : K - 1]
    return basis / np.linalg.norm(basis, axis=0)[None, :]


def padded(columns: np.ndarray, most: int) -> np.ndarray:
    """The same with columns of zeros, up to that many."""
    missing = max(0, most - columns.shape[1])
    return np.pad(columns, ((0, 0), (0, missing)))


def axes(V: np.ndarray, K: int) -> np.ndarray:
    """Directions (d, axis) of V, then one more for K = 2, then zeros where d has no more."""
    d = len(V)
    if V.shape[1] < 2 <= d:
        other = np.linalg.svd(V, full_matrices=True)[0][:, V.shape[1] :][:, : 2 - V.shape[1]]
        V = np.concatenate([V, other], axis=1)
    return padded(V, max(2, K - 1))


def procrustes(M: Array, ideal: Array) -> Array:
    """Directions (d, axis) along which the centred class means lie closest to the ideal ones.

    The polar factor of M_cᵀ E.
    """
    Mc = M - jnp.mean(M, axis=0)[None, :]
    U, _, Vt = jnp.linalg.svd(Mc.T @ ideal, full_matrices=False)
    return U @ Vt


def seen(H: Array, M: Array, W: Array, task: Tensors) -> dict[str, Array]:
    """Features, class means and classifier along the axes of the picture.

    Where the place of the simplex is predicted these are the directions of the task, else those of
    `procrustes`, with everything centred.
    """
    oriented = task["oriented"]
    along = jnp.where(oriented, task["axes"], procrustes(M, task["ideal"]))
    middle = jnp.where(oriented, 0.0, jnp.mean(M, axis=0))[None, :]
    rows = jnp.where(oriented, 0.0, jnp.mean(W, axis=0))[None, :]
    return {
        "features": (H - middle) @ along,
        "class_means": (M - middle) @ along,
        "classifier": (W - rows) @ along,
    }
