"""Gradient flow of a two-layer linear network as a matrix Riccati equation, solved exactly."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.linalg import solve_triangular

SUBSTEP = 0.5
"""Largest s_1 d of one exact sub-step; the one-shot formula loses small modes to rounding."""


@jax.jit
def _substepped(c, f, gaps, pieces):
    """C = OᵀQ after each gap, (time, d_in + d_out, h)."""
    identity = jnp.eye(c.shape[1])

    def after(c, gap):
        d = gap / pieces
        grow = jnp.exp(f * d)[:, None]
        weight = jnp.where(f == 0, d, jnp.expm1(2 * f * d) / jnp.where(f == 0, 1.0, 2 * f))[:, None]

        def substep(_, c):
            K = jnp.linalg.cholesky(identity + c.T @ (weight * c))
            return solve_triangular(K, (grow * c).T, lower=True).T

        c = lax.fori_loop(0, pieces, substep, c)
        return c, c

    return lax.scan(after, c, gaps)[1]


def two_layer_flow(
    W1: np.ndarray, W2: np.ndarray, target: np.ndarray, times: np.ndarray, imbalance: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Factors of the product W_2 W_1 under gradient flow of ½|W_2 W_1 - M|², at the given times.

    With Q = [W_1ᵀ; W_2] and F = [[-λ/2 I, Mᵀ], [M, λ/2 I]], balanced layers
    (W_2ᵀW_2 - W_1W_1ᵀ = λI) obey dQ/dt = F Q - ½ Q QᵀQ, whose exact semigroup in the
    eigenbasis F = O diag(f) Oᵀ, c = OᵀQ, is

        K = cholesky(I + cᵀ diag(expm1(2fd)/2f) c),   c <- (e^{fd} c) K^{-T}.

    Args:
        W1: (h, d_in) initial first layer.
        W2: (d_out, h) initial second layer.
        target: M, (d_out, d_in).
        times: (time,) increasing from 0.
        imbalance: λ.

    Returns:
        (left, right): (time, d_out, h) and (time, h, d_in) with left @ right = W_2 W_1(t).

    Source: Fukumizu 1998; Braun et al. 2022; Dominé et al. arXiv:2409.14623 for λ != 0.
    Holds for: λ-balanced layers; to O(α²) of the strengths for a random start of scale α.
    """
    d_out, d_in = target.shape
    half = imbalance / 2
    F = np.block([[-half * np.eye(d_in), target.T], [target, half * np.eye(d_out)]])
    f, O = np.linalg.eigh(F)
    c = O.T @ np.concatenate([W1.T, W2])
    gaps = np.diff(times, prepend=times[0])
    pieces = max(1, int(np.ceil(np.max(gaps) * np.max(np.abs(f)) / SUBSTEP)))
    states = np.asarray(_substepped(c, f, gaps, pieces))
    Q = O @ states
    return Q[:, d_in:], Q[:, :d_in].transpose(0, 2, 1)
