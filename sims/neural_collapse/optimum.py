"""Where training ends: the global optimum of free features, in closed form or as a convex problem.

    L = (1/N) Σ_i ℓ(z_i, y_i) + (λ_W/2)|W|² + (λ_H/2n̄)|H|²,   z_i = W h_i + b,   c = √(λ_W λ_H).

Minimised over all factorisations of the scaled logits Zs = W Msᵀ, Ms = diag(s) M, s_k = √(n_k/n̄),
decay becomes c times their nuclear norm, so that only a K x K problem is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sims.neural_collapse.classes import relative_sizes

CONVERGED = 1e-11
MOST_ITERATIONS = 5000


@dataclass(frozen=True)
class Setting:
    """What the optimum depends on; `sizes` are the samples of each class, (class,)."""

    loss_kind: str
    bias: bool
    nonnegative: bool
    sizes: np.ndarray
    lambda_w: float
    lambda_h: float

    @property
    def classes(self) -> int:
        """K."""
        return len(self.sizes)

    @property
    def balanced(self) -> bool:
        """All classes have the same number of samples."""
        return bool(np.all(self.sizes == self.sizes[0]))

    @property
    def c(self) -> float:
        """The c = √(λ_W λ_H), all that logits, angles and loss depend on."""
        return math.sqrt(self.lambda_w * self.lambda_h)


@dataclass(frozen=True)
class Optimum:
    """The best arrangement: L*, logits of the class means, Gram matrices, singular values of Zs.

    `logits[l, k]` is that of class l at the mean of class k, with the bias. The Gram matrices are
    W Wᵀ and M Mᵀ (means not centred); they are NaN where a decay of zero leaves the norms open.
    """

    loss: float
    logits: np.ndarray
    classifier: np.ndarray
    features: np.ndarray
    modes: np.ndarray

    @property
    def survives(self) -> bool:
        """The optimum is not zero."""
        return bool(self.modes.max() > 0)

    @property
    def margin(self) -> float:
        """Mean over classes k of z_kk - mean_{l≠k} z_lk."""
        return margin(self.logits)

    @property
    def classifier_norms(self) -> np.ndarray:
        """|w_k|, (class,)."""
        return np.sqrt(np.diag(self.classifier))

    @property
    def feature_norms(self) -> np.ndarray:
        """|m_k|, (class,)."""
        return np.sqrt(np.diag(self.features))

    @property
    def cosines(self) -> np.ndarray:
        """cos(w_k, w_l), (class, class); NaN where a classifier is predicted to be zero."""
        return cosines(self.classifier)


def margin(logits: np.ndarray) -> float:
    """Mean over classes k of z_kk - mean_{l≠k} z_lk, logits (class, class2)."""
    K = len(logits)
    right = np.trace(logits)
    return float((right - (np.sum(logits) - right) / (K - 1)) / K)


def cosines(gram: np.ndarray) -> np.ndarray:
    """Cosines of some vectors from their Gram matrix; NaN where a vector is zero."""
    norms = np.sqrt(np.maximum(np.diag(gram), 0.0))
    dead = norms <= 1e-9 * max(float(np.max(norms)), 1e-300)
    norms = np.where(dead, np.nan, norms)
    return gram / np.outer(norms, norms)


def simplex(classes: int) -> np.ndarray:
    """I - J/K."""
    return np.eye(classes) - 1 / classes


def best_margin(classes: int, c: float) -> float:
    """a* = log(1/c - (K - 1)), 0 where K c >= 1, infinite at c = 0; cross-entropy, equal classes.

    Zhu et al., arXiv:2105.02375, solved here in closed form: every wrong class keeps the
    probability c.
    """
    if c == 0:
        return math.inf
    return math.log(1 / c - (classes - 1)) if classes * c < 1 else 0.0


def nonnegative_decay(classes: int, c: float) -> float:
    """The q = c √(K/(K - 1)), which takes the place of c where features are not negative."""
    return c * math.sqrt(classes / (classes - 1))


def optimum(setting: Setting) -> Optimum | None:
    """The global optimum; None where cross-entropy without decay has no finite one."""
    if setting.loss_kind == "mse":
        return _squared_loss(setting)
    if setting.c == 0:
        return None
    if setting.nonnegative:
        return _nonnegative(setting)
    return _equal_classes(setting) if setting.balanced else _unequal_classes(setting)


def _equal_classes(setting: Setting) -> Optimum:
    """Cross-entropy, equal classes: Z = a* (I - J/K), a simplex."""
    K, c = setting.classes, setting.c
    a = best_margin(K, c)
    loss = math.log1p((K - 1) * math.exp(-a)) + c * (K - 1) * a
    share = math.sqrt(setting.lambda_h / setting.lambda_w)
    gram = a * simplex(K)
    modes = np.array([a] * (K - 1) + [0.0])
    return Optimum(loss, gram, share * gram, gram / share, modes)


def _nonnegative(setting: Setting) -> Optimum:
    """Cross-entropy, equal classes, h >= 0: orthogonal class means under a simplex of classifiers.

    a = log(1/q - (K - 1)), L* = log(1 + (K-1) e^{-a}) + c √(K(K-1)) a, and
    λ_W |w_k|² = λ_H |h_k|² = c √(K(K-1)) a/K.
    """
    K, c = setting.classes, setting.c
    a = best_margin(K, nonnegative_decay(K, c))
    cost = c * math.sqrt(K * (K - 1)) * a
    loss = math.log1p((K - 1) * math.exp(-a)) + cost
    classifier = cost / (K * setting.lambda_w) * simplex(K) * K / (K - 1)
    features = cost / (K * setting.lambda_h) * np.eye(K)
    modes = np.array([a] * (K - 1) + [0.0])
    return Optimum(loss, a * simplex(K), classifier, features, modes)


def squared_loss_target(sizes: np.ndarray, *, bias: bool) -> np.ndarray:
    """Y = I - π 1ᵀ with π_k = n_k/N where a bias takes the mean, else Y = I; (class, class)."""
    K = len(sizes)
    pi = np.asarray(sizes, float) / np.sum(sizes)
    return np.eye(K) - np.outer(pi, np.ones(K)) * bias


def _squared_loss(setting: Setting) -> Optimum:
    """Squared loss, any class sizes: the singular values of Y diag(s) lowered by K c.

    L* = |Zs - Y diag(s)|²/(2K) + c Σ_j max(σ_j - Kc, 0). Tirer & Bruna, arXiv:2202.08087; Zhou et
    al., arXiv:2203.01238; Dang et al., arXiv:2301.00437.
    """
    K, c = setting.classes, setting.c
    s = relative_sizes(setting.sizes)
    target = squared_loss_target(setting.sizes, bias=setting.bias) * s[None, :]
    U, sigma, Vt = np.linalg.svd(target)
    kept = np.where(sigma > 1e-12, np.maximum(sigma - K * c, 0.0), 0.0)
    Zs = (U * kept) @ Vt
    loss = np.sum((Zs - target) ** 2) / (2 * K) + c * np.sum(kept)
    Z = Zs / s[None, :]
    pi = setting.sizes / np.sum(setting.sizes)
    b = (pi - Z @ pi) if setting.bias else np.zeros(K)
    grams = _grams(setting, U, kept, Vt, s)
    return Optimum(float(loss), Z + b[:, None], *grams, kept)


def _unequal_classes(setting: Setting) -> Optimum:
    """Cross-entropy, any class sizes: the convex problem of `nuclear_norm_problem`."""
    K, c = setting.classes, setting.c
    Zs, b = nuclear_norm_problem(setting.sizes, c, bias=setting.bias)
    s = relative_sizes(setting.sizes)
    logits = Zs / s[None, :] + b[:, None]
    shares = np.asarray(setting.sizes, float) / np.sum(setting.sizes)
    top = logits.max(axis=0)
    nats = top + np.log(np.sum(np.exp(logits - top[None, :]), axis=0)) - np.diag(logits)
    U, sigma, Vt = np.linalg.svd(Zs)
    sigma = np.where(sigma > 1e-9 * K, sigma, 0.0)
    loss = float(shares @ nats + c * np.sum(sigma))
    return Optimum(loss, logits, *_grams(setting, U, sigma, Vt, s), sigma)


def _grams(
    setting: Setting, U: np.ndarray, kept: np.ndarray, Vt: np.ndarray, s: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """W Wᵀ = √(λ_H/λ_W) U T Uᵀ and M Mᵀ = √(λ_W/λ_H) diag(1/s) V T Vᵀ diag(1/s)."""
    share = np.nan
    if setting.lambda_w > 0 and setting.lambda_h > 0:
        share = math.sqrt(setting.lambda_h / setting.lambda_w)
    features = (Vt.T * kept) @ Vt / np.outer(s, s)
    return share * (U * kept) @ U.T, features / share


def nuclear_norm_problem(
    sizes: np.ndarray, c: float, *, bias: bool, converged: float = CONVERGED
) -> tuple[np.ndarray, np.ndarray]:
    """Zs (..., class, class) and b (..., class) of the cross-entropy optimum, any class sizes.

    min Σ_k (n_k/N) CE(Zs[:, k]/s_k + b, k) + c |Zs|_*, by accelerated proximal gradient: steps
    1/(2·1/(2K)) on Zs and 1 on b, the soft threshold of singular values as proximal map, restarted
    where the momentum points uphill. Many problems of K classes may lie along the leading axes.
    Derived here; see Hong & Ling, arXiv:2309.09725.
    """
    n = np.asarray(sizes, float)
    K = n.shape[-1]
    shares = n / np.sum(n, axis=-1, keepdims=True)
    s = np.sqrt(K * shares)
    step = K if bias else 2 * K
    X = V = np.zeros((*n.shape, K))
    b = v = np.zeros(n.shape)
    t = 1.0
    for _ in range(MOST_ITERATIONS):
        logits = V / s[..., None, :] + v[..., :, None]
        p = np.exp(logits - logits.max(axis=-2, keepdims=True))
        gap = p / p.sum(axis=-2, keepdims=True) - np.eye(K)
        U, sigma, Wt = np.linalg.svd(V - step / K * gap * s[..., None, :])
        new = (U * np.maximum(sigma - c * step, 0.0)[..., None, :]) @ Wt
        new_b = v - np.sum(gap * shares[..., None, :], axis=-1) if bias else v
        moved, moved_b = new - X, new_b - b
        if np.sum((V - new) * moved) + np.sum((v - new_b) * moved_b) > 0:
            t = 1.0
        following = 0.5 * (1 + math.sqrt(1 + 4 * t * t))
        V, v = new + (t - 1) / following * moved, new_b + (t - 1) / following * moved_b
        X, b, t = new, new_b, following
        if max(np.abs(moved).max(), np.abs(moved_b).max()) < converged:
            break
    return X, b


def minority_cosines(setting: Setting, imbalances: np.ndarray) -> np.ndarray:
    """Cosine between two small classes' classifiers at each imbalance R; NaN where they are zero.

    ⌊K/2⌋ classes are R times as large as the others.
    """
    K, small = setting.classes, setting.classes - setting.classes // 2
    if setting.c == 0 and setting.loss_kind == "ce":
        return np.full(len(imbalances), np.nan)
    sizes = np.ones((len(imbalances), K))
    sizes[:, : K - small] = imbalances[:, None]
    if setting.loss_kind == "ce":
        Zs, _ = nuclear_norm_problem(sizes, setting.c, bias=setting.bias, converged=1e-8)
    else:
        s = relative_sizes(sizes)
        Zs = np.stack(
            [
                squared_loss_target(n, bias=setting.bias) * one[None, :]
                for n, one in zip(sizes, s, strict=True)
            ]
        )
    U, sigma, _ = np.linalg.svd(Zs)
    kept = sigma if setting.loss_kind == "ce" else np.maximum(sigma - K * setting.c, 0.0)
    kept = np.where(kept > 1e-6, kept, 0.0)
    grams = (U * kept[:, None, :]) @ np.swapaxes(U, 1, 2)
    return np.array([pair_mean(cosines(gram), np.arange(K) >= K - small) for gram in grams])


def pair_mean(values: np.ndarray, which: np.ndarray) -> float:
    """Mean of a symmetric matrix over the pairs of some classes; NaN if there is no pair."""
    chosen = np.flatnonzero(which)
    if len(chosen) < 2:
        return float("nan")
    rows, columns = np.triu_indices(len(chosen), 1)
    return float(np.mean(values[np.ix_(chosen, chosen)][rows, columns]))


def simplex_encoded_labels(sizes: np.ndarray) -> np.ndarray:
    """Cosines of the classifiers in the limit c → 0 of cross-entropy, (class, class).

    From the singular vectors of (I - J/K) diag(s): W Wᵀ ∝ U S Uᵀ. The approach is only logarithmic
    in c. Thrampoulidis et al., arXiv:2208.05512.
    """
    U, sigma, _ = np.linalg.svd(simplex(len(sizes)) * relative_sizes(sizes)[None, :])
    return cosines((U * sigma) @ U.T)


def lost_directions(setting: Setting, found: Optimum) -> float:
    """Largest singular value below 0.999 c of the data gradient at the optimum; NaN if none.

    How firmly the directions that are zero there are held at zero.
    """
    s = relative_sizes(setting.sizes)
    logits = found.logits
    p = np.exp(logits - logits.max(axis=0)[None, :])
    gap = p / p.sum(axis=0)[None, :] - np.eye(setting.classes)
    sigma = np.linalg.svd(gap * s[None, :] / setting.classes, compute_uv=False)
    below = sigma[(sigma < 0.999 * setting.c) & (sigma > 1e-9)]
    return float(np.max(below)) if below.size else float("nan")
