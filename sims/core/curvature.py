"""The top of a Hessian's spectrum, from products with vectors alone.

Everything can be compiled, keeps the dtype of its input, and has static shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

Loss = Callable[[Array], Array]
"""Scalar function of flat weights (P,)."""
Product = Callable[[Array], Array]
"""v -> A v for a symmetric (P, P) matrix A that is never formed."""

FRESH = 0.3
"""Share of a fixed random direction in a warm start, so that a new rising direction is met."""


def hvp(loss: Loss, w: Array, v: Array) -> Array:
    """H(w) v, (P,): forward over reverse."""
    return jax.jvp(jax.grad(loss), (w,), (v,))[1]


def hessian_product(loss: Loss, w: Array) -> Product:
    """The product v -> H(w) v; what depends on w alone is computed once for all products."""
    return jax.linearize(jax.grad(loss), w)[1]


def preconditioned(product: Product, diagonal: Array) -> Product:
    """The product with D^-1/2 A D^-1/2 for a positive diagonal D (P,): the spectrum of D^-1 A."""
    root = lax.rsqrt(diagonal)
    return lambda v: root * product(root * v)


def probe(size: int, dtype: jnp.dtype | type | str) -> Array:
    """A fixed random unit vector (size,)."""
    return jnp.asarray(_probe(size), dtype)


@lru_cache(maxsize=32)
def _probe(size: int) -> np.ndarray:
    drawn = np.random.default_rng(0).standard_normal(size)
    return drawn / np.linalg.norm(drawn)


def warm_start(vectors: Array) -> Array:
    """Sum of known eigenvectors (P, k) and 0.3 of a fixed random direction, (P,)."""
    return jnp.sum(vectors, axis=1) + FRESH * probe(vectors.shape[0], vectors.dtype)


def lanczos(product: Product, start: Array, m: int) -> tuple[Array, Array]:
    """Ritz values (m,), descending, and vectors (P, m) from m products.

    Every direction is made orthogonal twice to all before it. Where the Krylov space ends early
    the rest are zeros.
    """
    m = min(m, start.shape[0])
    floor = 10 * jnp.finfo(start.dtype).eps
    first = start / jnp.linalg.norm(start)
    rows = jnp.zeros((m, start.shape[0]), start.dtype)
    zeros = jnp.zeros(m, start.dtype)

    def grow(i, carry):
        rows, q, diagonal, off, scale = carry
        rows = rows.at[i].set(q)
        ahead = product(q)
        a = ahead @ q
        for _ in range(2):
            ahead = ahead - (rows @ ahead) @ rows
        b = jnp.linalg.norm(ahead)
        scale = jnp.maximum(scale, jnp.abs(a) + b)
        open_ = b > floor * scale
        q = jnp.where(open_, ahead / jnp.where(open_, b, 1), 0)
        return rows, q, diagonal.at[i].set(a), off.at[i].set(jnp.where(open_, b, 0)), scale

    rows, _, diagonal, off, _ = lax.fori_loop(
        0, m, grow, (rows, first, zeros, zeros, jnp.zeros((), start.dtype))
    )
    tridiagonal = jnp.diag(diagonal) + jnp.diag(off[:-1], 1) + jnp.diag(off[:-1], -1)
    values, mixing = jnp.linalg.eigh(tridiagonal, symmetrize_input=False)
    return values[::-1], (mixing[:, ::-1].T @ rows).T


def top_eigenpairs(product: Product, start: Array, *, k: int, m: int) -> tuple[Array, Array]:
    """The k largest eigenvalues (k,), descending, and eigenvectors (P, k), by m Lanczos steps."""
    values, vectors = lanczos(product, start, max(m, k))
    return values[:k], vectors[:, :k]


def tracked_eigenpairs(
    product: Product, vectors: Array, close: Array, *, k: int, m: int
) -> tuple[Array, Array]:
    """The k largest eigenvalues (k,) and eigenvectors (P, k), near known ones (P, k).

    m Lanczos steps from their sum; where eigenvalues may be `close`, Rayleigh-Ritz on that space
    and the known vectors together: of two that are equal a single Krylov space holds only one.
    """
    values, krylov = lanczos(product, warm_start(vectors), m)
    m = krylov.shape[1]

    def plain() -> tuple[Array, Array]:
        return values[:k], krylov[:, :k]

    def joined() -> tuple[Array, Array]:
        extra = vectors
        for _ in range(2):
            extra = extra - krylov @ (krylov.T @ extra)
            size = jnp.maximum(jnp.linalg.norm(extra, axis=0), jnp.finfo(extra.dtype).tiny)
            extra = extra / size[None, :]
        extra = jnp.linalg.qr(jnp.concatenate([krylov, extra], axis=1))[0][:, m:]
        image = _columns(product, extra)
        across = krylov.T @ image
        small = jnp.block([[jnp.diag(values), across], [across.T, extra.T @ image]])
        ritz, mixing = jnp.linalg.eigh(small)
        basis = jnp.concatenate([krylov, extra], axis=1)
        return ritz[::-1][:k], basis @ mixing[:, ::-1][:, :k]

    return lax.cond(close, joined, plain)


def block_iteration(
    product: Product, vectors: Array, directions: Array
) -> tuple[Array, Array, Array]:
    """One warm step towards the top eigenpairs: Rayleigh-Ritz on [V, residual, last direction].

    Takes V (P, k) with orthonormal columns and the directions (P, k) of the step before (zeros at
    first); gives values (k,), descending, the new V and directions. For clustered eigenvalues,
    which a short Lanczos run tells apart badly. The step of LOBPCG (Knyazev 2001).
    """
    k = vectors.shape[1]
    image = _columns(product, vectors)
    residual = image - vectors @ (vectors.T @ image)
    extra = jnp.concatenate([residual, directions], axis=1)
    scale = jnp.maximum(jnp.linalg.norm(extra, axis=0), jnp.finfo(vectors.dtype).tiny)
    extra = extra / scale[None, :]
    for _ in range(2):
        extra = extra - vectors @ (vectors.T @ extra)
    basis = jnp.concatenate([vectors, jnp.linalg.qr(extra)[0]], axis=1)
    basis = jnp.linalg.qr(basis)[0]
    small = basis.T @ _columns(product, basis)
    values, mixing = jnp.linalg.eigh(small)
    mixing = mixing[:, ::-1][:, :k]
    new = basis @ mixing
    return values[::-1][:k], new, new - vectors @ (vectors.T @ new)


def _columns(product: Product, block: Array) -> Array:
    """A V, (P, k), for V (P, k)."""
    return jax.vmap(product, in_axes=1, out_axes=1)(block)
