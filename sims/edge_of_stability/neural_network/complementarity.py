"""The semidefinite complementarity problem that sets the size of the oscillation.

X >= 0,  A + B[X] >= 0,  <X, A + B[X]> = 0, for symmetric (K, K) matrices: whatever direction
oscillates (X) has no slack left below the edge (A + B[X]). For symmetric B it is the condition of
the minimum of 1/2 <X, B X> + <A, X> over X >= 0.

Source: Cohen, Damian, Talwalkar, Kolter & Lee, arXiv:2410.24206, who solve it as a quadratic
program over the cone.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

ITERATIONS = 150
"""Of the accelerated projected descent, at most."""
TOLERANCE = 1e-11
"""Change of X within one iteration, relative to its size, at which the iteration ends."""


def projected(X: Array) -> Array:
    """Nearest positive semidefinite matrix: negative eigenvalues of X (K, K) become 0."""
    if X.shape[0] == 1:
        return jnp.maximum(X, 0)
    values, vectors = jnp.linalg.eigh(X)
    return (vectors * jnp.maximum(values, 0)[None, :]) @ vectors.T


def applied(B: Array, X: Array) -> Array:
    """B[X]_ij = Σ_kl B_ij,kl X_kl, (K, K), for B (K, K, K, K)."""
    k = X.shape[0]
    return (B.reshape(k * k, k * k) @ X.reshape(k * k)).reshape(k, k)


def solve(A: Array, B: Array, start: Array) -> Array:
    """X (K, K) of the problem with A (K, K) and B (K, K, K, K); `start` is a guess of X.

    K = 1: X = max(0, -A/B). Else FISTA on the cone with step 1/|B|_F, restarted where the momentum
    points uphill (O'Donoghue & Candès, arXiv:1204.3982). X = 0 where A >= 0 already.
    """
    if A.shape[0] == 1:
        slope = B[0, 0, 0, 0]
        return jnp.where(slope > 0, jnp.maximum(0, -A / jnp.where(slope > 0, slope, 1)), 0.0)
    slack = jnp.linalg.eigvalsh(A)[0]
    steepest = jnp.linalg.norm(B)
    step = 1 / jnp.where(steepest > 0, steepest, 1)

    def going(carry):
        X, _, _, change, n = carry
        return (n < ITERATIONS) & (change > TOLERANCE * jnp.linalg.norm(X)) & (slack < 0)

    def iteration(carry):
        X, Y, t, _, n = carry
        new = projected(Y - step * (A + applied(B, Y)))
        uphill = jnp.sum((Y - new) * (new - X)) > 0
        t_new = jnp.where(uphill, 1.0, (1 + jnp.sqrt(1 + 4 * t**2)) / 2)
        ahead = jnp.where(uphill, 0.0, (t - 1) / t_new)
        return new, new + ahead * (new - X), t_new, jnp.linalg.norm(new - Y), n + 1

    X0 = jnp.where(slack < 0, start, 0.0)
    one, far = jnp.ones((), A.dtype), jnp.full((), jnp.inf, A.dtype)
    return lax.while_loop(going, iteration, (X0, X0, one, far, 0))[0]
