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
"""Largest h·λ_1 of one Runge-Kutta step: beyond 2.78 it blows up, which looks like physics. Steps
five times as fine change the loss by 2e-4, or 4e-5 of its fall, and the weights by 4e-4, most of it
in the first ten steps."""
CAPACITY = 64
"""Steps of one piece, at most."""
REFINEMENTS = 6
"""Times a step that climbed is halved, at most."""
PRODUCT = 1.5
"""Work of a product with the Hessian in a Lanczos run, in gradients."""


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

    `end` is L(w) behind the last step; `losses` (step,), `weights` (step, P); `records` (step, k)
    are the eigenvalues last looked at.
    """

    w: Tensor
    vectors: Tensor
    values: Tensor
    end: Tensor
    losses: Tensor
    records: Tensor
    weights: Tensor


SEEN = ("losses", "records", "weights")
"""What of a piece has an entry for each step."""


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
            piece.end,
            piece.losses.at[i].set(value),
            piece.records.at[i].set(values),
            piece.weights.at[i].set(w),
        )

    seen = jnp.zeros((capacity,), w.dtype)
    blank = jnp.zeros((capacity, k), w.dtype)
    path = jnp.zeros((capacity, w.shape[0]), w.dtype)
    start = Piece(w, vectors, values, jnp.zeros((), w.dtype), seen, blank, path)
    piece = lax.fori_loop(0, count, step, start)
    return piece._replace(end=loss(data, piece.w))


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

    Gradient flow never climbs. Where a step did, the stretch from the last look at the spectrum to
    the next is integrated again twice as finely; if nothing helps, all is NaN behind it. Pieces
    that begin at a look may have any length: it changes no number.
    """
    attempt = partial(_attempt, loss, data, rate=rate, rule=rule, m=m)
    if rule.stages == 1:
        return attempt(piece, due, 1)
    ends, parts, begin, most = stretches(due), [], 0, len(due)
    while begin < len(due):
        ahead = due[begin : ends[np.searchsorted(ends, begin + most) :].min(initial=len(due))]
        found = attempt(piece, ahead, 1)
        good, most = _descending(found), 2 * len(ahead)
        if good < len(ahead):
            climbs = begin + good
            start, end = max(begin, ends[ends <= climbs].max(initial=0)), ends[ends > climbs].min()
            parts += [attempt(piece, due[begin:start], 1)] if start > begin else []
            found, most = _refined(attempt, [piece, *parts][-1], due[start:end]), 1
            begin = start
        parts, piece, begin = [*parts, found], found, begin + len(found.losses)
        if not np.isfinite(np.asarray(piece.w)).all():
            break
    return piece if len(piece.losses) == len(due) else _joined(parts, len(due))


def stretches(due: np.ndarray) -> np.ndarray:
    """Where stretches from one look at the spectrum to the next end, in steps; at last len(due)."""
    return np.append(np.flatnonzero(due[1:]) + 1, len(due))


def _attempt(
    loss: Loss,
    data: Any,
    piece: Piece,
    due: np.ndarray,
    fineness: float,
    *,
    rate: float,
    rule: Tableau,
    m: int,
) -> Piece:
    """The steps as they are, whether they climb or not, with as many records as steps."""
    count = len(due)
    padded = np.zeros(CAPACITY, bool)
    padded[:count] = due
    start = (piece.w, piece.vectors, piece.values)
    sizes = (np.float64(rate), rule, np.float64(fineness))
    found = _advance(loss, data, *start, *sizes, padded, count, m=m)
    seen = {name: np.asarray(getattr(found, name))[:count] for name in SEEN}
    return found._replace(**seen)


def _descending(piece: Piece) -> int:
    """How many steps of a piece, from its first, ended where the loss was not higher."""
    losses = np.append(np.asarray(piece.losses), float(piece.end))
    fine = np.diff(losses) <= 1e-9 * np.abs(losses[:-1])
    return len(fine) if fine.all() else int(np.argmin(fine))


def _refined(attempt: Callable[..., Piece], piece: Piece, due: np.ndarray) -> Piece:
    """A stretch as finely as it takes not to climb; NaN behind the climb if nothing helps."""
    found = attempt(piece, due, 2)
    for refinement in range(2, REFINEMENTS + 1):
        if _descending(found) == len(due):
            return found
        found = attempt(piece, due, 2**refinement)
    good = _descending(found)
    if good == len(due):
        return found
    losses = np.where(np.arange(len(due)) > good, np.nan, found.losses)
    return found._replace(w=np.full(len(piece.w), np.nan), losses=losses)


def _joined(parts: list[Piece], count: int) -> Piece:
    """The end of the last part, and what all of them saw; NaN for steps that none took."""

    def whole(name: str) -> np.ndarray:
        seen = np.concatenate([np.asarray(getattr(part, name)) for part in parts])
        return np.concatenate([seen, np.full((count - len(seen), *seen.shape[1:]), np.nan)])

    return parts[-1]._replace(**{name: whole(name) for name in SEEN})


def gradients(piece: Piece, rate: float, due: np.ndarray, m: int) -> np.ndarray:
    """Work of each step ahead of a piece, (step,), in gradients, roughly."""
    top = float(np.max(np.asarray(piece.values), initial=0.0))
    substeps = math.ceil(max(1.0, rate * top / STABLE)) if math.isfinite(top) else 1
    return RUNGE_KUTTA.stages * substeps + PRODUCT * m * due


def beginning(w: np.ndarray, k: int) -> Piece:
    """A flow at w (P,) of which k eigenpairs are followed, before its first step."""
    none = np.zeros(0)
    zero = np.zeros(())
    return Piece(np.asarray(w, float), np.zeros((len(w), k)), np.zeros(k), zero, none, none, none)


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
