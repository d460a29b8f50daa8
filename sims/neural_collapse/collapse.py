"""How far features and classifier have collapsed: NC1 to NC4, safe at both ends.

Papyan, Han & Donoho, arXiv:2008.08186. Everything works on numpy arrays as on traced ones: `xp` is
the array module. Shapes: features H (sample, d), classifier W (class, d), bias b (class,).
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import jax.numpy as jnp
import numpy as np

Tensor = Any
NO_SIGNAL = 1e-6
"""Norm of the class means below which there is nothing to measure."""


def metrics(
    features: Any, labels: Any, classifier: Any, bias: Any | None = None
) -> dict[str, float]:
    """NC1 to NC4 of any features (sample, d), labels (sample,) 0..K-1, classifier (K, d).

    In float64. Entries are NaN ("no signal") where all class means vanish.

    Raises:
        ValueError: shapes that do not fit, labels that are no class, a class without samples.
    """
    H, W = np.asarray(features, float), np.asarray(classifier, float)
    y = np.asarray(labels)
    if H.ndim != 2 or W.ndim != 2 or H.shape[1] != W.shape[1] or y.shape != H.shape[:1]:
        raise ValueError(
            f"features {H.shape}, labels {y.shape} and classifier {W.shape} do not fit: give "
            "(samples, d), (samples,) and (classes, d)."
        )
    K = len(W)
    if K < 2:
        raise ValueError(f"The classifier has {K} row: give at least two classes.")
    b = np.zeros(K) if bias is None else np.asarray(bias, float)
    if b.shape != (K,):
        raise ValueError(f"bias has shape {b.shape}: give one number for each of {K} classes.")
    if y.dtype.kind not in "iu" or y.min(initial=0) < 0 or y.max(initial=0) >= K:
        raise ValueError(f"labels must be whole numbers from 0 to {K - 1}.")
    empty = np.flatnonzero(np.bincount(y, minlength=K) == 0)
    if empty.size:
        raise ValueError(f"Class {empty[0]} has no sample: give every class at least one.")
    with np.errstate(divide="ignore", invalid="ignore"):
        found = collapse(H, np.eye(K)[y], W, b, np)
    return {name: float(value) for name, value in found.items()}


def class_means(H: Tensor, onehot: Tensor) -> Tensor:
    """Mean feature of every class, (class, d); onehot (sample, class)."""
    return onehot.T @ H / onehot.sum(axis=0)[:, None]


def within_over_between(deviations: Tensor, between: Tensor, xp: ModuleType = jnp) -> Tensor:
    """Tr(Σ_w pinv(BᵀB)), Σ_w the mean outer product of deviations (sample, d), B (class, d).

    In the singular directions of B, of which those below rounding are left out: no d x d matrix,
    and no pseudo-inverse of one.
    """
    _, s, Vt = xp.linalg.svd(between, full_matrices=False)
    eps = max(between.shape) * np.finfo(np.dtype(between.dtype)).eps
    kept = s > eps * s[0]
    inside = xp.mean((deviations @ Vt.T) ** 2, axis=0)
    return xp.sum(xp.where(kept, inside / xp.where(kept, s, 1.0) ** 2, 0.0))


def layer_separation(x: Tensor, onehot: Tensor, xp: ModuleType = jnp) -> Tensor:
    """D = Tr(SS_w pinv(SS_b)) of one layer, x (sample, units); K times NC1 for equal classes.

    SS_b = Σ_k (n_k/N) (x̄_k - x̄)(x̄_k - x̄)ᵀ. He & Su, arXiv:2210.17020.
    """
    shares = onehot.mean(axis=0)
    means = class_means(x, onehot)
    between = xp.sqrt(shares)[:, None] * (means - xp.mean(x, axis=0)[None, :])
    return within_over_between(x - onehot @ means, between, xp)


def cosines_between(rows: Tensor, xp: ModuleType = jnp) -> Tensor:
    """Cosines of all pairs of rows, (class, class)."""
    tiny = np.finfo(np.dtype(rows.dtype)).tiny ** 0.5
    unit = rows / (xp.linalg.norm(rows, axis=1) + tiny)[:, None]
    return unit @ unit.T


def _pairs(values: Tensor, xp: ModuleType) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation off the diagonal."""
    K = values.shape[0]
    off = 1.0 - xp.eye(K, dtype=values.dtype)
    mean = xp.sum(off * values) / (K * (K - 1))
    return mean, xp.sqrt(xp.sum(off * (values - mean) ** 2) / (K * (K - 1)))


def _spread(norms: Tensor, xp: ModuleType) -> Tensor:
    return xp.std(norms) / xp.mean(norms)


def collapse(
    H: Tensor, onehot: Tensor, W: Tensor, b: Tensor, xp: ModuleType = jnp
) -> dict[str, Tensor]:
    """All collapse metrics, with m_G the mean of class means and Mc = M - m_G.

    NC1 = Tr(Σ_W pinv(Σ_B))/K and, without a pseudo-inverse, Tr Σ_W/Tr Σ_B; NC2: coefficient of
    variation of the norms, standard deviation of the cosines over pairs, and mean
    |cos + 1/(K-1)| of the centred means; NC3 = |W/|W| - Mc/|Mc||²; NC4: share of samples whose
    largest logit is not their nearest class mean. The mean cosine of centred means of equal norm is
    -1/(K-1) whatever they are, so it is not among them. NaN where |M| < 1e-6.
    """
    K = W.shape[0]
    M = class_means(H, onehot)
    Mc = M - xp.mean(M, axis=0)[None, :]
    deviations = H - onehot @ M
    size, weight = xp.linalg.norm(Mc), xp.linalg.norm(W)
    between = xp.sum(Mc**2) / K
    cosines = cosines_between(Mc, xp)
    off = 1.0 - xp.eye(K, dtype=cosines.dtype)
    centred = H - xp.mean(M, axis=0)[None, :]
    distance = xp.sum(Mc**2, axis=1)[None, :] - 2 * centred @ Mc.T
    said = xp.argmax(H @ W.T + b[None, :], axis=1)
    found = {
        "nc1": within_over_between(deviations, Mc, xp),
        "nc1_trace": xp.mean(xp.sum(deviations**2, axis=1)) / between,
        "equinorm_features": _spread(xp.linalg.norm(Mc, axis=1), xp),
        "equinorm_classifier": _spread(xp.linalg.norm(W, axis=1), xp),
        "equiangle_std_features": _pairs(cosines, xp)[1],
        "equiangle_std_classifier": _pairs(cosines_between(W, xp), xp)[1],
        "max_angle": xp.sum(off * xp.abs(cosines + 1 / (K - 1))) / (K * (K - 1)),
        "self_duality": xp.sum((W / weight - Mc / size) ** 2),
        "nearest_mean_mismatch": xp.mean((said != xp.argmin(distance, axis=1)) * 1.0),
    }
    signal = xp.linalg.norm(M) >= NO_SIGNAL
    return {name: xp.where(signal, value, xp.nan) for name, value in found.items()}


def classifier_spread(W: Tensor, minority: Tensor, xp: ModuleType = jnp) -> tuple[Tensor, Tensor]:
    """Mean cosine over pairs of small classes, and how far their classifiers lie apart.

    The spread is rms_{k small} |w_k - their mean| over rms_k |w_k|. minority (class,) is 0 or 1;
    both are NaN with fewer than two small classes.
    """
    m = minority.astype(W.dtype)
    few = xp.sum(m)
    cosines = cosines_between(W, xp)
    pairs = m[:, None] * m[None, :] * (1.0 - xp.eye(len(m), dtype=W.dtype))
    cosine = xp.sum(pairs * cosines) / xp.sum(pairs)
    mean = (m @ W / few)[None, :]
    apart = xp.sum(m[:, None] * (W - mean) ** 2) / few
    spread = xp.sqrt(apart / xp.mean(xp.sum(W**2, axis=1)))
    alone = few < 2
    return xp.where(alone, xp.nan, cosine), xp.where(alone, xp.nan, spread)


def margins(W: Tensor, M: Tensor, b: Tensor, xp: ModuleType = jnp) -> Tensor:
    """Mean over classes k of z_kk - mean_{l≠k} z_lk with z = W m_k + b at the class means."""
    K = W.shape[0]
    z = W @ M.T + b[:, None]
    right = xp.trace(z)
    return (right - (xp.sum(z) - right) / (K - 1)) / K
