"""How slowly training comes to rest at an optimum of free features under cross-entropy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sims.neural_collapse.optimum import Optimum, Setting

AT_REST, SEEN = 1e-6, 1e-6


def slowest_relaxation(setting: Setting, found: Optimum) -> float:
    """The smallest rate at which centred logits near the optimum approach it; NaN if none is found.

    Minus the largest eigenvalue of the linearised flow of W, one feature h_k a class, and b,

        δẆ = -Σ q_k (S_k δz_k h_kᵀ + r_k δh_kᵀ) - λ_W δW,
        δḣ_k = -(δWᵀ r_k + Wᵀ S_k δz_k)/K - λ_H δh_k,   δḃ = -Σ q_k S_k δz_k,

    with δz_k = δW h_k + W δh_k + δb, r_k = p_k - e_k, S_k = diag(p_k) - p_k p_kᵀ and q_k the share
    of class k (arXiv 2012.08465 writes the same loss). Motions that leave the centred logits alone,
    turns of the feature space and shifts common to all classes, do not count. With a bias that does
    not decay and a rare class, the slowest is the bias: hardly any sample pulls at it any more.
    """
    K = setting.classes
    share = np.asarray(setting.sizes, float) / np.sum(setting.sizes)
    p = np.exp(found.logits - found.logits.max(axis=0)[None, :])
    p /= p.sum(axis=0)[None, :]
    r = p - np.eye(K)
    values, vectors = np.linalg.eigh(found.classifier)
    kept = values > AT_REST * values.max()
    W = vectors[:, kept] * np.sqrt(values[kept])
    H = -W.T @ r / (K * setting.lambda_h)
    rank = W.shape[1]
    sizes = (K * rank, rank * K, K if setting.bias else 0)
    ends = np.cumsum((0, *sizes))

    def parts(flat: np.ndarray) -> list[np.ndarray]:
        w, h, b = (flat[a:e] for a, e in pairwise(ends))
        return [w.reshape(K, rank), h.reshape(rank, K), b if setting.bias else np.zeros(K)]

    def logits(flat: np.ndarray) -> np.ndarray:
        w, h, b = parts(flat)
        return w @ H + W @ h + b[:, None]

    def flow(flat: np.ndarray) -> np.ndarray:
        w, h, _ = parts(flat)
        z = logits(flat)
        moved = p * z - p * np.sum(p * z, axis=0)[None, :]
        pulled = -(moved * share) @ H.T - (r * share) @ h.T - setting.lambda_w * w
        drawn = -(w.T @ r + W.T @ moved) / K - setting.lambda_h * h
        shifted = -moved @ share
        return np.concatenate([pulled.ravel(), drawn.ravel(), shifted[: sizes[2]]])

    units = np.eye(int(ends[-1]))
    rates, modes = np.linalg.eig(np.stack([flow(unit) for unit in units], axis=1))
    slowest = np.nan
    for rate, mode in zip(-np.real(rates), np.real(modes).T, strict=True):
        seen = logits(mode)
        seen = np.abs(seen - seen.mean(axis=0)[None, :]).max()
        if seen > SEEN and rate > AT_REST * setting.lambda_h:
            slowest = np.fmin(slowest, rate)
    return float(slowest)
