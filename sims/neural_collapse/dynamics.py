"""How free features get to their optimum from a small start: gradient flow, time t = η·steps.

All of it for λ_W = λ_H = λ. Near zero only the sum of classifier and class means grows, so its
singular vectors and values at the start decide orientation and times.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np


class Seed(NamedTuple):
    """What survives the escape from zero: U (class, mode), s (mode,), V (d, mode)."""

    U: np.ndarray
    s: np.ndarray
    V: np.ndarray


def seed_of(W: np.ndarray, M: np.ndarray) -> Seed:
    """G = (W_c + M_c)/2 = U diag(s) Vᵀ, centred over classes; its K - 1 terms (at most d).

    Linearised at the origin, centred parts follow dW/dt = M/K - λW, dM/dt = W/K - λM for both
    losses: W + M grows as e^{(1/K-λ)t}, W - M decays. Mixon, Parshall & Pi, arXiv:2011.11619.
    """
    G = 0.5 * (W + M)
    G = G - np.mean(G, axis=0)[None, :]
    U, s, Vt = np.linalg.svd(G, full_matrices=False)
    kept = min(len(W) - 1, W.shape[1])
    return Seed(U[:, :kept], s[:kept], Vt[:kept].T)


def final_simplex(seed: Seed, radius: float) -> np.ndarray:
    """M_∞ = r U Vᵀ, (class, d): the polar factor of G, the simplex nearest to the start."""
    return radius * seed.U @ seed.V.T


def mode_strengths(alpha: np.ndarray, S: float, K: int, t: np.ndarray) -> np.ndarray:
    """a_j(t) = S α_j/(α_j + (S - α_j) e^{-2St/K}), (t, mode): logistic growth of Z = W Mᵀ.

    Squared loss with bias, equal classes, balanced flow; S = 1 - Kλ, α_j = s_j².
    """
    left = np.exp(-2 * S * np.asarray(t, float)[:, None] / K)
    return S * alpha[None, :] / (alpha[None, :] + (S - alpha)[None, :] * left)


def half_times(alpha: np.ndarray, S: float, K: int) -> np.ndarray:
    """t_j = (K/2S) log((S - α_j)/α_j), when a_j is half of S; 0 if it starts beyond."""
    return np.where(alpha < S / 2, K / (2 * S) * np.log(np.maximum(S - alpha, alpha) / alpha), 0.0)


def logits_with_bias(seed: Seed, lam: float, t: np.ndarray) -> np.ndarray:
    """Z(t) = U diag(a_j(t)) Uᵀ, doubly centred, (t, class, class); squared loss, equal classes."""
    K = len(seed.U)
    a = mode_strengths(seed.s**2, 1 - K * lam, K, t)
    return np.einsum("kj,tj,lj->tkl", seed.U, a, seed.U)


def starting_strengths(W: np.ndarray, M: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """A_0 = G Gᵀ, (class, class), with G = (W_0 + diag(s) M_0)/2: what survives without a bias."""
    G = 0.5 * (W + np.sqrt(sizes / np.mean(sizes))[:, None] * M)
    return G @ G.T


def logits_without_bias(A0: np.ndarray, sizes: np.ndarray, lam: float, t: np.ndarray) -> np.ndarray:
    """Z(t) = A(t) diag(1/s), (t, class, class); squared loss without bias, any class sizes.

    With S = diag(s_k - Kλ), D = e^{-St/K} and A_0 of `starting_strengths`,

        A(t) = [D A_0⁻¹ D + (I - D²) S⁻¹]⁻¹,   2t/K for the last entry where s_k = Kλ,

    the Riccati flow of W Wᵀ; cf. Saxe et al., arXiv:1312.6120. Rows and columns of classes that
    die out (S < 0) are scaled by 1/D, or D would overflow.
    """
    K = len(A0)
    s = np.sqrt(sizes / np.mean(sizes))
    rate = s - K * lam
    level, U = np.linalg.eigh(A0)
    inverse = (U / np.maximum(level, 1e-14 * level[-1])[None, :]) @ U.T
    made = np.empty((len(t), K, K))
    for i, x in enumerate(np.asarray(t, float)[:, None] * rate[None, :] / K):
        flat = np.abs(rate) < 1e-12
        filled = np.where(
            flat, 2 * t[i] / K, -np.expm1(-2 * np.abs(x)) / np.where(flat, 1, np.abs(rate))
        )
        D, P = np.exp(-np.maximum(x, 0)), np.exp(np.minimum(x, 0))
        A = np.linalg.inv(D[:, None] * inverse * D[None, :] + np.diag(filled))
        made[i] = P[:, None] * A * P[None, :]
    return made / s[None, None, :]


def class_times(A0: np.ndarray, sizes: np.ndarray, lam: float) -> np.ndarray:
    """t_k = (K/2(s_k - Kλ)) log((s_k - Kλ)/A0_kk), (class,); infinite where s_k <= Kλ.

    Large classes are learned first, those of s_k <= Kλ never.
    """
    K = len(A0)
    rate = np.sqrt(sizes / np.mean(sizes)) - K * lam
    lives = rate > 0
    ratio = np.where(lives, rate, 1.0) / np.diag(A0)
    return np.where(
        lives, K / (2 * np.where(lives, rate, 1.0)) * np.log(np.maximum(ratio, 1)), np.inf
    )


def within_class_decay(
    W: np.ndarray, H: np.ndarray, M: np.ndarray, labels: np.ndarray, lam: float, t: np.ndarray
) -> np.ndarray:
    """NC1(t) = F e^{-2t/K} + Q e^{-6λt}, (t,), valid for t > 2K; squared loss with bias.

    F = (1/N) Σ_j |X_0 v_j|²/s_j², X_0 = H_0 - M_0[y]: the features of a class fall together at rate
    2/K whatever the start. Q = (1/N)|X_0 P Θ|²/S ((1 - 2Kλ)/(1 - 3Kλ))², Θ = P C_0 V/√S,
    P = I - V Vᵀ, C_0 = W_0ᵀW_0 - H_0ᵀH_0/n: classifier and features span slightly different
    spaces, for C is conserved up to e^{-2λt}. The slow term is left out for Kλ >= 1/3.
    """
    K, N = len(W), len(H)
    S = 1 - K * lam
    seed = seed_of(W, M)
    V = seed.V
    X0 = H - M[labels]
    fast = float(np.sum((X0 @ V) ** 2 / seed.s[None, :] ** 2)) / N
    found = fast * np.exp(-2 * t / K)
    if 3 * K * lam < 1:
        C0V = W.T @ (W @ V) - H.T @ (H @ V) * K / N
        theta = (C0V - V @ (V.T @ C0V)) / math.sqrt(S)
        outside = X0 - (X0 @ V) @ V.T
        slow = float(np.sum((outside @ theta) ** 2)) / N / S
        slow *= ((1 - 2 * K * lam) / (1 - 3 * K * lam)) ** 2
        found = found + slow * np.exp(-6 * lam * t)
    return found


def terminal_rate(classes: int, lam: float, a: float) -> float:
    """Rate r = λ(1 + a*/K): within-class deviations end as e^{-rt}, so that NC1 ~ e^{-2rt}.

    Cross-entropy, equal classes, K >= 3; derived from the Hessian at the optimum.
    """
    return lam * (1 + a / classes)


def signal_to_noise(H: np.ndarray, M: np.ndarray, labels: np.ndarray) -> np.ndarray | None:
    """ω_j, the K - 1 singular values of Σ_W^{-1/2} M_cᵀ/√K, strongest first; NC1 = Σ_j ω_j⁻²/K.

    None where the samples do not fill the space, so that Σ_W has no inverse.
    """
    K, d = M.shape
    X = H - M[labels]
    if len(H) - K < d or d < K - 1:
        return None
    level, U = np.linalg.eigh(X.T @ X / len(H))
    if level[0] <= 1e-12 * level[-1]:
        return None
    Mc = M - np.mean(M, axis=0)[None, :]
    return np.linalg.svd((Mc @ U) / np.sqrt(K * level)[None, :], compute_uv=False)[: K - 1]


def central_path(omega: np.ndarray, classes: int, t: np.ndarray) -> np.ndarray:
    """ω_j(t) of squared loss on its central path, (t, mode): log ω + ω² + ω⁴/4 = t/K² + const.

    There the classifier is always the least-squares one and features are renewed to Σ_W = I;
    dω/dt = ω/(K²(1 + ω²)²) in our time, in which features move at n̄ ∂L/∂H. Han, Papyan & Donoho,
    arXiv:2106.02073.
    """
    level = np.log(omega) + omega**2 + omega**4 / 4
    wanted = level[None, :] + np.asarray(t, float)[:, None] / classes**2
    x = np.where(wanted > 1, np.minimum(np.maximum(4 * wanted, 1.0) ** 0.25, 1e9), np.exp(wanted))
    for _ in range(60):  # Newton in log ω: convex and increasing there
        x2 = x**2
        x = x * np.exp((wanted - np.log(x) - x2 - x2**2 / 4) / (1 + x2) ** 2)
    return x


def slowest_growth(strengths: np.ndarray, lambda_w: float, lambda_h: float, K: int) -> float:
    """ρ = min |r|, r = -(λ_W+λ_H)/2 + √(((λ_W-λ_H)/2)² + (σ_j/K)²) over all σ_j, at the origin."""
    half, apart = (lambda_w + lambda_h) / 2, (lambda_w - lambda_h) / 2
    return float(np.min(np.abs(-half + np.hypot(apart, strengths / K))))
