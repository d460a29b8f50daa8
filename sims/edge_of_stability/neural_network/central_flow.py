"""The central flow: where an oscillating optimiser is on average, and how widely it oscillates.

    dw/dt = -P⁻¹ [∇L(w) + ½ ∇_w <Σ, H(w)>],   Σ >= 0,  2P - H >= 0,  <Σ, 2P - H> = 0

P = 1/η for gradient descent. For RMSProp P = diag(sqrt(ν̂) + ε)/η with ν̂ = ν/(1 - β₂ᵗ) and

    dν/dt = (1-β₂)/β₂ [g² + diag(HΣH) - ν]

(1/β₂ because the rule updates ν before it uses it). Nothing is fitted: Σ = U X Uᵀ on the critical
eigenvectors HU = P U diag(λ), UᵀPU = I, and X is the solution of a complementarity problem.

Source: Cohen, Damian, Talwalkar, Kolter & Lee, arXiv:2410.24206.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from sims.core import curvature
from sims.core.compilation import QUICK_TO_COMPILE, count_trace, jit
from sims.core.nets import Tensor
from sims.edge_of_stability.neural_network import complementarity
from sims.edge_of_stability.neural_network.gradient_flow import PRODUCT, Loss

EDGE = 2.0
"""Largest stable eigenvalue of P⁻¹H."""
CRITICAL = 1.9
"""Eigenvalues of P⁻¹H above it may oscillate; the others have too much slack for one substep."""
NEAR = 1.96
"""λ_2 above which it may meet λ_1 at the edge, and stay there."""
SUBSTEPS = 2
"""Of one step. Four times as many change loss and oscillation by 1e-4 and the weights by 4e-4, on a
cnn by 1e-3 both: some hundredths of what the claims allow."""
OWN = 4
"""Work of a substep beside products and third derivatives, in gradients."""
CAPACITY = 32
"""Steps of one piece, at most."""
EPSILON = 1e-8
"""ε of RMSProp."""


def gradients(several: int, m: int) -> float:
    """Work of a step on `several` critical directions with m products, in gradients, roughly."""
    pairs = several * (several + 1) // 2
    return SUBSTEPS * (OWN + PRODUCT * m + 4 * pairs)


class State(NamedTuple):
    """Weights (P,), ν (P,), X (K, K), eigenvectors (P, k) of P^-1/2 H P^-1/2, λ_2, the step.

    `push` and `renewal` (P,) are what the oscillation did to w and ν in the substep before.
    """

    w: Tensor
    nu: Tensor
    X: Tensor
    vectors: Tensor
    second: Tensor
    step: Tensor
    push: Tensor
    renewal: Tensor


class Path(NamedTuple):
    """What was seen of steps, on the host.

    L(w) (step,), predicted loss L + ½Σ λX (step,), tr Σ (step,), λ of P⁻¹H (step, k), w (step, P).

    L(w), λ and w are those of the beginning of a step. The oscillation, ½Σ λX and tr Σ, is the mean
    over the substeps of the step: where more directions are at the edge than may oscillate, they
    take turns from substep to substep, and one substep alone would show only one of them.
    """

    flow_loss: np.ndarray
    loss: np.ndarray
    variance: np.ndarray
    values: np.ndarray
    weights: np.ndarray


Seen = tuple[Array, Array, Array, Array, Array]
"""Of one substep, inside the compiled program: L(w), ½Σ λX, tr Σ, λ of P⁻¹H (k,), w (P,)."""


def beginning(w: np.ndarray, *, critical: int, tracked: int) -> State:
    """The flow at w (P,), before its first step, for gradient descent (ν = 0, unused)."""
    size = len(w)
    return State(
        np.asarray(w, float),
        np.zeros(size),
        np.zeros((critical, critical)),
        np.zeros((size, tracked)),
        np.zeros(()),
        np.zeros(()),
        np.zeros(size),
        np.zeros(size),
    )


def _substep(
    loss: Loss, data: Any, state: State, eta: Array, beta2: Array, *, adaptive: bool, m: int
) -> tuple[State, Seen]:
    """One semi-implicit substep: X puts the critical eigenvalues back on the edge at its end.

    A_ij = (2-λ_i) δ_ij - dt <D_ij, dw_S>,  B_ij,kl = dt/2 <D_ij, D_kl/P>,  D_ij = ∇(u_iᵀHu_j),
    w <- w + dt (dw_S - ½ Σ X_ij D_ij/P); for RMSProp A and B gain the change of P.

    Of second order, for little: -g/P is the mean of here and of where that leads (Heun), and the
    oscillation's share S = -½ Σ X_ij D_ij, which is dear, is (3 S - S of the substep before)/2
    (Adams and Bashforth), with A and B to match.
    """
    w, nu, X, vectors, second, t, push_before, renewal_before = (jnp.asarray(x) for x in state)
    dt = 1 / SUBSTEPS
    K, k = X.shape[0], vectors.shape[1]
    gradient = jax.grad(partial(loss, data))
    value = loss(data, w)
    g, product = jax.linearize(gradient, w)
    left = 1 - beta2**t if adaptive else 1.0

    def preconditioner(nu: Array, t: Array) -> Array:
        if not adaptive:
            return jnp.full_like(w, 1 / eta)
        return (jnp.sqrt(nu / (1 - beta2**t)) + EPSILON) / eta

    P = preconditioner(nu, t)
    values, vectors = curvature.tracked_eigenpairs(
        curvature.preconditioned(product, P), vectors, second > NEAR, k=k, m=m
    )
    U = (vectors[:, :K] * lax.rsqrt(P)[:, None]).T
    rows, columns = np.tril_indices(K)

    def steepening(p, D):
        u, v = U[jnp.asarray(rows)[p]], U[jnp.asarray(columns)[p]]
        along = jax.jvp(lambda w: jax.jvp(gradient, (w,), (u,))[1], (w,), (v,))[1]
        return D.at[p].set(along)

    several = jnp.sum(values[:K] > CRITICAL)
    pairs = several * (several + 1) // 2
    D = lax.fori_loop(0, pairs, steepening, jnp.zeros((len(rows), w.shape[0]), w.dtype))

    back = jnp.where(jnp.any(push_before != 0), 0.5, 0.0)
    rate = (1 - beta2) / beta2 if adaptive else 0.0
    dw = -g / P
    slope = -dt * (D @ (dw - back * push_before / P))
    gram = 0.5 * dt * (D @ (D / P[None, :]).T)
    dnu, q = rate * (g**2 - nu), jnp.zeros_like(D)
    if adaptive:
        active = (jnp.arange(len(rows)) < pairs)[:, None]
        product_of = jnp.where(active, U[rows] * U[columns], 0.0)
        per_nu = product_of / (2 * eta * jnp.sqrt(nu * left))[None, :]
        q = 4 * rate * product_of * P[None, :] ** 2
        dnu_hat = dnu - back * renewal_before + nu * beta2**t * jnp.log(beta2) / left
        slope = slope + 2 * dt * (per_nu @ dnu_hat)
        gram = gram + 2 * dt * (per_nu @ q.T)

    place = np.zeros((K, K), int)
    place[rows, columns] = place[columns, rows] = np.arange(len(rows))
    A = jnp.diag(EDGE - values[:K]) + slope[place]
    B = (1 + back) * gram[place[:, :, None, None], place[None, None]]
    X = complementarity.solve(A, B, X)
    weight = jnp.zeros(len(rows), w.dtype).at[place].add(X)

    raised = 0.5 * values[:K] @ jnp.diagonal(X)
    seen = (value, raised, jnp.sum(X * (U @ U.T)), values, w)
    push, renewal = -0.5 * (weight @ D), weight @ q
    pushed = push + back * (push - push_before)
    renewed = renewal + back * (renewal - renewal_before)
    ahead = w + dt * (dw + pushed / P)
    nu_ahead = nu + dt * (dnu + renewed) if adaptive else nu
    g_ahead, P_ahead = gradient(ahead), preconditioner(nu_ahead, t + dt)
    w = w + 0.5 * dt * (dw + pushed / P + (pushed - g_ahead) / P_ahead)
    if adaptive:
        nu = nu + dt * (0.5 * (dnu + rate * (g_ahead**2 - nu_ahead)) + renewed)
    return State(w, nu, X, vectors, values[1], t + dt, push, renewal), seen


@jit(QUICK_TO_COMPILE, static_argnames=("loss", "adaptive", "m"))
def _advance(
    loss: Loss,
    data: Any,
    state: State,
    eta: Array,
    beta2: Array,
    count: Array,
    *,
    adaptive: bool,
    m: int,
) -> tuple[State, tuple[Array, Array, Array, Array, Array]]:
    count_trace()
    total = SUBSTEPS * CAPACITY
    scalars = jnp.zeros((total,), state.w.dtype)
    k, size = state.vectors.shape[1], state.w.shape[0]
    blank = (scalars, scalars, scalars, jnp.zeros((total, k)), jnp.zeros((total, size)))

    def substep(j, carry):
        state, buffers = carry
        state, seen = _substep(loss, data, state, eta, beta2, adaptive=adaptive, m=m)
        return state, jax.tree.map(lambda buffer, x: buffer.at[j].set(x), buffers, seen)

    state, seen = lax.fori_loop(0, SUBSTEPS * count, substep, (state, blank))
    flow_loss, values, weights = (seen[part][::SUBSTEPS] for part in (0, 3, 4))
    raised, variance = (jnp.mean(x.reshape(CAPACITY, SUBSTEPS), axis=1) for x in seen[1:3])
    return state, (flow_loss, flow_loss + raised, variance, values, weights)


def advanced(
    loss: Loss, data: Any, state: State, *, eta: float, beta2: float | None, count: int, m: int
) -> tuple[State, Path]:
    """The flow `count` steps on, and what was seen of each of them, on the host.

    With `beta2` it is RMSProp's.
    """
    adaptive = beta2 is not None
    state, seen = _advance(
        loss,
        data,
        state,
        np.float64(eta),
        np.float64(beta2 if adaptive else 0.0),
        count,
        adaptive=adaptive,
        m=m,
    )
    return state, Path(*(np.asarray(x)[:count] for x in seen))
