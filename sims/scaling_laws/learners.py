"""SGD of several students at once, all of them on the same fresh samples.

Axes: r replica, s student, m coefficient, b sample of a batch.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array


def samples(
    key: Array, t: Array, replicas: int, batch_size: int, deviations: Array
) -> tuple[Array, Array]:
    """Inputs (r, b, m) of step t, and noise (r, b) of variance 1.

    `deviations` (m,) are those of the inputs. `key` is a Task's, two uint32; no step
    depends on what was drawn before it.
    """
    now = jax.random.fold_in(jax.random.wrap_key_data(key), t)
    shape = (replicas, batch_size, len(deviations) + 1)
    drawn = jax.random.normal(now, shape, deviations.dtype)
    return drawn[..., :-1] * deviations[None, None], drawn[..., -1]


def gaps(w: Array, x: Array, xi: Array, targets: Array, noise: Array) -> Array:
    """What each student says more than it is told, (r, s, b).

    w (r, s, m); targets (s, m), 0 where a student holds nothing; noise (s,), standard deviations.
    """
    # w - w* is what tells the two apart: one product in place of two
    return jnp.einsum("rbm,rsm->rsb", x, w - targets[None]) - noise[None, :, None] * xi[:, None]


def stepped(w: Array, x: Array, gap: Array, rates: Array, held: Array | None = None) -> Array:
    """The weights after w <- w - (eta/B) sum_b gap_b x_b, (r, s, m); rates (s,).

    `held` (s, m) is 1 where a student has a coefficient, and 0 elsewhere.
    """
    gradient = jnp.einsum("rsb,rbm->rsm", gap, x) / x.shape[1]
    if held is not None:
        gradient = gradient * held[None]
    return w - rates[None, :, None] * gradient


def excess(w: Array, targets: Array, lam: Array) -> Array:
    """The part of the loss that can be learned, sum lam (w - w*)^2, (r, s)."""
    return (w - targets[None]) ** 2 @ lam
