"""Gradient flow of any loss, with the top of its Hessian's spectrum, in pieces of many steps.

dw/dt = -rate ∇L(w), t counted in steps of the run it stands beside. Programs are compiled once for
a loss and its shapes: data, weights, rate and the number of steps are arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from sims.core import curvature
from sims.core.compilation import QUICK_TO_COMPILE, RUN_ONCE, count_trace, jit
from sims.core.nets import Tensor

Loss = Callable[[Any, Array], Array]
"""(data, w (P,)) -> scalar; hashable, for it selects the program."""

STABLE = 1.5
"""Largest h·λ_1 of one Runge-Kutta step: beyond 2.78 it blows up, which looks like physics."""
CAPACITY = 64
"""Steps of one piece, at most."""
REFINEMENTS = 6


class Tableau(NamedTuple):
    """A Runge-Kutta rule whose stages depend on the one before: offsets a, shares b, its limit."""

    offsets: np.ndarray
    shares: np.ndarray
    stages: int
    limit: float


RUNGE_KUTTA = Tableau(np.array([0, 0.5, 0.5, 1]), np.array([1, 2, 2, 1]) / 6, 4, STABLE)
DESCENT = Tableau(np.array([0.0, 0, 0, 0]), np.array([1.0, 0, 0, 0]), 1, math.inf)
"""Gradient descent itself: one stage and never a smaller step."""


class Piece(NamedTuple):
    """What a piece left behind: the end, and every step seen at its beginning.

    `losses` (step,), `weights` (step, P); `values` (step, k) are those of the last record.
    """

    w: Tensor
    vectors: Tensor
    values: Tensor
    losses: Tensor
    records: Tensor
    weights: Tensor


@jit(QUICK_TO_COMPILE, static_argnames=("loss", "m"))
def _advance(
    loss: Loss,
    data: Any,
    w: Array,
    vectors: Array,
    values: Array,
    rate: Array,
    tableau: tuple[Array, Array, Array, Array],
    fineness: Array,
    due: Array,
    count: Array,
    *,
    m: int,
) -> Piece:
    count_trace()
    offsets, shares, stages, limit = tableau
    value_and_gradient = jax.value_and_grad(partial(loss, data))
    k, capacity = values.shape[0], due.shape[0]

    def spectrum(w, vectors, values):
        del values
        product = curvature.hessian_product(partial(loss, data), w)
        return curvature.top_eigenpairs(product, curvature.warm_start(vectors), k=k, m=m)

    def keep(w, vectors, values):
        del w
        return values, vectors

    def step(i, piece):
        w = piece.w
        values, vectors = lax.cond(due[i], spectrum, keep, w, piece.vectors, piece.values)
        substeps = jnp.ceil(fineness * jnp.maximum(1, rate * values[0] / limit)).astype(int)
        h = rate / substeps

        def stage(j, carry):
            w, slope, total, first = carry
            s = j % stages
            value, gradient = value_and_gradient(w + h * offsets[s] * slope)
            total = total - shares[s] * gradient
            last = s == stages - 1
            return (
                jnp.where(last, w + h * total, w),
                -gradient,
                jnp.where(last, 0.0, total),
                jnp.where(j == 0, value, first),
            )

        zeros = jnp.zeros_like(w)
        ahead, _, _, value = lax.fori_loop(
            0, substeps * stages, stage, (w, zeros, zeros, jnp.zeros((), w.dtype))
        )
        return Piece(
            ahead,
            vectors,
            values,
            piece.losses.at[i].set(value),
            piece.records.at[i].set(values),
            piece.weights.at[i].set(w),
        )

    seen = jnp.zeros((capacity,), w.dtype)
    blank = jnp.zeros((capacity, k), w.dtype)
    path = jnp.zeros((capacity, w.shape[0]), w.dtype)
    return lax.fori_loop(0, count, step, Piece(w, vectors, values, seen, blank, path))


def advanced(
    loss: Loss,
    data: Any,
    piece: Piece,
    *,
    rate: float,
    due: np.ndarray,
    m: int,
    rule: Tableau = RUNGE_KUTTA,
) -> Piece:
    """The flow `len(due)` steps on; the spectrum is looked at in the beginning of the steps due.

    Gradient flow never climbs. Where a step did, the piece is integrated again twice as finely; if
    nothing helps, its losses are NaN from there on.
    """
    count = len(due)
    padded = np.zeros(CAPACITY, bool)
    padded[:count] = due

    def attempt(fineness: float) -> Piece:
        start = (piece.w, piece.vectors, piece.values)
        sizes = (np.float64(rate), rule, np.float64(fineness))
        return _advance(loss, data, *start, *sizes, padded, count, m=m)

    found = attempt(1)
    if rule.stages == 1:
        return found
    for refinement in range(1, REFINEMENTS + 1):
        if np.isnan(_descended(found)[:count]).any():
            found = attempt(2**refinement)
    return found._replace(losses=_descended(found))


def _descended(piece: Piece) -> np.ndarray:
    """Losses of a piece up to the first that is not below the one before, NaN from there on."""
    losses = np.array(piece.losses)
    fine = np.diff(losses) <= 1e-9 * np.abs(losses[:-1])
    climbs = np.concatenate([~np.isfinite(losses[:1]), ~fine])
    losses[np.cumsum(climbs) > 0] = np.nan
    return losses


def beginning(w: np.ndarray, k: int) -> Piece:
    """A flow at w (P,) of which k eigenpairs are followed, before its first step."""
    none = np.zeros(0)
    return Piece(np.asarray(w, float), np.zeros((len(w), k)), np.zeros(k), none, none, none)


@jit(RUN_ONCE, static_argnames="loss")
def _sharpening(loss: Loss, data: Any, w: Array, u: Array) -> tuple[Array, Array]:
    count_trace()
    gradient = jax.grad(partial(loss, data))

    def curvature_along(w):
        return jax.jvp(gradient, (w,), (u,))[1]

    force, (_, steepening) = gradient(w), jax.jvp(curvature_along, (w,), (u,))
    force, steepening = (x - u * (u @ x) for x in (force, steepening))
    return -(force @ steepening), steepening @ steepening


def sharpening(loss: Loss, data: Any, w: Tensor, u: Tensor) -> tuple[float, float]:
    """α = -<∇L, ∇S> and b = |∇S|², the components along u removed; S = λ_1, u its eigenvector.

    ∇S = ∇_w(uᵀH(w)u) with u held fixed, exact because u is an eigenvector: how fast gradient flow
    sharpens, and how strongly an oscillation along u flattens (-b x²/2).

    Source: Damian, Nichani & Lee, arXiv:2209.15594.
    """
    alpha, b = _sharpening(loss, data, w, u)
    return float(alpha), float(b)
