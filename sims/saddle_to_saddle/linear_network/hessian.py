"""The Hessian of a two-layer linear network, and how many of its eigenvalues are negative."""

from __future__ import annotations

import numpy as np


def hessian(W1: np.ndarray, W2: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Second derivatives of ½|W_2 W_1 - M|² by (W_1, W_2) flattened row by row, (P, P)."""
    h, d_in = W1.shape
    d_out = W2.shape[0]
    error = W2 @ W1 - target
    cross = np.einsum("oa,bi->aiob", W2, W1) + np.einsum("oi,ab->aiob", error, np.eye(h))
    cross = cross.reshape(h * d_in, d_out * h)
    return np.block(
        [
            [np.kron(W2.T @ W2, np.eye(d_in)), cross],
            [cross.T, np.kron(np.eye(d_out), W1 @ W1.T)],
        ]
    )


def count_below(matrix: np.ndarray, level: float) -> int:
    """Number of eigenvalues of a symmetric matrix below `level`.

    By Sylvester's law of inertia on the LDLᵀ factors of the shifted matrix; a 2x2 pivot of the
    Bunch-Kaufman factorisation is indefinite and counts once.
    """
    from scipy.linalg import get_lapack_funcs

    shifted = matrix - level * np.eye(len(matrix))
    block = 64  # without room for blocks LAPACK takes the unblocked path, twice as slow
    (sytrf,) = get_lapack_funcs(("sytrf",), (shifted,))
    factors, pivots, _ = sytrf(shifted, lower=1, lwork=block * len(matrix))
    single = pivots > 0
    return int(np.sum(np.diagonal(factors)[single] < 0) + np.sum(~single) // 2)
