"""What is measured of a network that adds: progress, order, margin, pictures.

θ is (3, p, m): A, B and the transpose of C; f are logits (p, p²) by distance d = a + b - c.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.grokking.modular_addition.theory import frequencies, max_margin
from sims.grokking.modular_network import losses, margins, over_sets

TINY = 1e-30


def neuron_norms(theta: Array) -> Array:
    """|θ_i|, (m,)."""
    return jnp.sqrt(jnp.sum(theta**2, axis=(0, 1)) + TINY)


def waves(p: int) -> np.ndarray:
    """Real and imaginary part of exp(-2πikn/p), (2, K, p): cosines and minus sines.

    That of p/2 is over √2: without a mirror image it stands once in the square of a column, where
    all others stand twice, so that squares are shares of it.
    """
    k = frequencies(p)
    angle = 2 * np.pi * k[:, None] * np.arange(p)[None, :] / p
    made = np.stack([np.cos(angle), -np.sin(angle)])
    lone = 2 * k == p
    made[0, lone] /= np.sqrt(2)
    made[1, lone] = 0.0
    return made


def order(theta: Array) -> dict[str, Array]:
    """How single the frequencies are, how well the phases agree, how the norm is shared.

    ipr: mean over neurons of Σ_k q_k², q the shares of A; 1 for one frequency, by chance
    `chance_ipr`.
    phase_defect: mean |arg A + arg B - arg C|, weighted by |C|, at the dominant frequency, which
    has the largest sum of the shares of A, B and C; π/2 by chance. frequency_shares (K,): part of
    Σ|θ_i|³ in the neurons of each dominant frequency.
    """
    wave = jnp.asarray(waves(theta.shape[1]), theta.dtype)
    re, im = jnp.einsum("rkn,tnm->rtkm", wave, theta)
    power = re**2 + im**2
    shares = power / (jnp.sum(power, axis=1, keepdims=True) + TINY)
    summed = jnp.sum(shares, axis=0)
    own = (summed == jnp.max(summed, axis=0, keepdims=True)).astype(theta.dtype)
    re, im = (jnp.sum(part * own[None, :, :], axis=1) for part in (re, im))
    a, b, c = jnp.arctan2(im, re)
    weight = jnp.sqrt(re[2] ** 2 + im[2] ** 2)
    cubes = neuron_norms(theta) ** 3
    return {
        "ipr": jnp.mean(jnp.sum(shares[0] ** 2, axis=0)),
        "phase_defect": jnp.sum(weight * jnp.abs(wrapped(a + b - c))) / (jnp.sum(weight) + TINY),
        "frequency_shares": own @ (cubes / jnp.sum(cubes)),
    }


def wrapped(angle: Array) -> Array:
    """The same angle in [-π, π]."""
    return angle - 2 * np.pi * jnp.round(angle / (2 * np.pi))


def progress(f: Array, mask: Array) -> dict[str, Array]:
    """Cross-entropy of what depends on a + b - c alone, and of the rest.

    With f centred over c and g(d) its mean over pairs of d = a + b - c: restricted_loss is that of
    g over the test pairs, NaN where there are none. Over all pairs g would hold the memorised
    answers and be right in any net that fits. With g over all pairs excluded logits are f - g, on
    the train pairs, and restricted_share is |g|²/|f|².
    Source: Nanda and others, arXiv:2301.05217, section 5, there with g over all pairs.
    """
    f = f - jnp.mean(f, axis=0, keepdims=True)
    g = jnp.mean(f, axis=1, keepdims=True)
    rest = losses(f - g, "ce")
    share = f.shape[1] * jnp.sum(g**2) / (jnp.sum(f**2) + TINY)
    unseen = over_sets(f, mask)[1]
    return {
        "restricted_loss": losses(unseen[:, None], "ce")[0],
        "excluded_loss": over_sets(rest[None, :], mask)[0, 0],
        "restricted_share": share,
    }


def margin_ratio(f: Array, theta: Array) -> Array:
    """Smallest margin over all pairs / (Σ|θ_i|³ γ*)."""
    p = theta.shape[1]
    return jnp.min(margins(f)) / (jnp.sum(neuron_norms(theta) ** 3) * max_margin(p))


def answers(f: Array, mask: Array) -> Array:
    """0 wrong, 1 right, plus 2 on train pairs; (p, p)."""
    right = (margins(f) > 0).reshape(mask.shape)
    return (right + 2 * mask).astype(jnp.int8)
