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
COLLAPSE = (
    "nc1",
    "nc1_trace",
    "equinorm_features",
    "equinorm_classifier",
    "equiangle_std_features",
    "equiangle_std_classifier",
    "max_angle",
    "self_duality",
    "nearest_mean_mismatch",
)


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
        found = measured(H, np.eye(K)[y], W, b, np.zeros(K), np)
    return {name: float(found[name]) for name in COLLAPSE}


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
    inside = xp.mean((Vt @ deviations.T) ** 2, axis=1)
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
    return cosines_of(rows @ rows.T, xp)


def cosines_of(gram: Tensor, xp: ModuleType = jnp) -> Tensor:
    """Cosines from a Gram matrix (..., class, class); 0 for a vector that is zero."""
    tiny = np.finfo(np.dtype(gram.dtype)).tiny ** 0.5
    norms = xp.sqrt(xp.diagonal(gram, axis1=-2, axis2=-1)) + tiny
    return gram / (norms[..., :, None] * norms[..., None, :])


def _off_diagonal(values: Tensor, weights: Tensor, xp: ModuleType) -> Tensor:
    """Weighted mean over pairs, (...,); weights (class, class) are 0 on the diagonal."""
    wide = weights if values.ndim == 2 else weights[None, :, :]
    return xp.sum(wide * values, axis=(-2, -1)) / xp.sum(weights)


def measured(
    H: Tensor, onehot: Tensor, W: Tensor, b: Tensor, minority: Tensor, xp: ModuleType = jnp
) -> dict[str, Tensor]:
    """All that is read off features and classifier; m_G is the mean of class means, Mc = M - m_G.

    NC1 = Tr(Σ_W pinv(Σ_B))/K and, without a pseudo-inverse, Tr Σ_W/Tr Σ_B; NC2: coefficient of
    variation of the norms, standard deviation of the cosines over pairs, and mean
    |cos + 1/(K-1)| of the centred means; NC3 = |W/|W| - Mc/|Mc||²; NC4: share of samples whose
    largest logit is not their nearest class mean. The mean cosine of centred means of equal norm is
    -1/(K-1) whatever they are, so it is not among them. These are NaN where |M| < 1e-6.

    Then margin (mean over k of z_kk - mean_{l≠k} z_lk with z = W m_k + b), mean norms of w_k and
    m_k, smallest over largest |m_k|; and over the small classes, minority (class,) 0 or 1, the mean
    cosine of their classifiers and rms |w_k - their mean| over rms_all |w_k|: NaN if there are
    fewer than two.
    """
    K, off = W.shape[0], 1.0 - xp.eye(W.shape[0], dtype=W.dtype)
    M = class_means(H, onehot)
    middle = xp.mean(M, axis=0)[None, :]
    Mc, deviations = M - middle, (H.T - M.T @ onehot.T).T
    rows = xp.concatenate([W, Mc, middle])
    gram, scores = rows @ rows.T, rows @ H.T  # every product that is needed, in two
    grams = xp.stack([gram[:K, :K], gram[K : 2 * K, K : 2 * K]])
    squares = xp.diagonal(grams, axis1=1, axis2=2)
    along = gram[K : 2 * K, 2 * K]
    norms = xp.sqrt(xp.maximum(squares[1] + 2 * along + gram[2 * K, 2 * K], 0.0))

    lengths = xp.sqrt(squares)
    variation = xp.std(lengths, axis=1) / xp.mean(lengths, axis=1)
    cosines = cosines_of(grams, xp)
    mean = _off_diagonal(cosines, off, xp)
    spread = xp.sqrt(_off_diagonal((cosines - mean[:, None, None]) ** 2, off, xp))
    size, weight = xp.sqrt(xp.sum(squares[1])), xp.sqrt(xp.sum(squares[0]))
    distances = squares[1][:, None] - 2 * (scores[K : 2 * K] - along[:, None])
    mismatch = xp.argmax(scores[:K] + b[:, None], axis=0) != xp.argmin(distances, axis=0)
    found = {
        "nc1": within_over_between(deviations, Mc, xp),
        "nc1_trace": K * xp.sum(deviations**2) / len(H) / size**2,
        "equinorm_features": variation[1],
        "equinorm_classifier": variation[0],
        "equiangle_std_features": spread[1],
        "equiangle_std_classifier": spread[0],
        "max_angle": _off_diagonal(xp.abs(cosines[1] + 1 / (K - 1)), off, xp),
        "self_duality": xp.sum((W / weight - Mc / size) ** 2),
        "nearest_mean_mismatch": xp.mean(mismatch * 1.0),
    }
    signal = xp.sum(norms**2) >= NO_SIGNAL**2
    found = {name: xp.where(signal, value, xp.nan) for name, value in found.items()}

    logits = gram[:K, K : 2 * K] + gram[:K, 2 * K][:, None] + b[:, None]
    few = xp.sum(minority)
    pairs = minority[:, None] * minority[None, :] * off
    within = xp.sum(pairs * grams[0]) + xp.sum(minority * squares[0])
    apart = xp.maximum(xp.sum(minority * squares[0]) - within / few, 0.0) / few
    return found | {
        "margin": _off_diagonal(xp.diagonal(logits)[None, :] - logits, off, xp),
        "classifier_norm": xp.mean(lengths[0]),
        "feature_norm": xp.mean(norms),
        "feature_norm_ratio": xp.min(norms) / xp.max(norms),
        "minority_cosine": xp.sum(pairs * cosines[0]) / xp.sum(pairs),
        "minority_spread": xp.where(few < 2, xp.nan, xp.sqrt(apart / xp.mean(squares[0]))),
    }
