"""What kernel ridge regression learns from n examples, read off the spectrum of its kernel.

Conservation of learnability, κ and the error in an infinite world: Simon et al., arXiv:2110.03922.
Data are finite, and examples are drawn from them without replacement; the law of a finite world
below is derived here, point by point, by the cavity argument, and is theirs as the world grows.
Nothing here sees a run.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

BISECTIONS = 64
SMALLEST = 1e-20
"""A κ below all that a spectrum in double precision can hold."""


class Learned(NamedTuple):
    """What is expected of n examples, one row for each (row) asked for.

    kappa: threshold κ: modes with λ above it are learned. learnability: L_i = λ_i/(λ_i + κ), (row,
    mode). error: E, mean squared error on points not trained on, against labels without noise.
    inflation: E_0, by how much chance multiplies what is not learned. bias: Σ(1 - L_i)² v_i².
    spread: standard deviation of E over training sets, over E. uncertainty: m = κS, the posterior
    variance of a point on average. scatter: over training sets the variance of a mode's own
    learnability, (row, mode).
    """

    kappa: np.ndarray
    learnability: np.ndarray
    error: np.ndarray
    inflation: np.ndarray
    bias: np.ndarray
    spread: np.ndarray
    uncertainty: np.ndarray
    scatter: np.ndarray


def learned(
    examples: np.ndarray,
    points: int,
    eigenvalues: np.ndarray,
    energy: np.ndarray,
    ridge: np.ndarray,
    noise: float = 0.0,
) -> Learned:
    """The error of n examples out of N points, to be learned with a ridge.

    With p = n/N, S = ΣL_i, m = κS, b = m - δ, the threshold κ solves

        1/(Nκ) = 1/m - 1/c,   c = [b + √(b² + 4(1-p)mδ)] / (2(1-p)),

    m being the mean posterior variance of a point, c that of a point whose own label is left out.
    With D = 1/(Nκ), s = δ/(c+δ), Q = Nκ²ΣL², g = p((1-Dδ)/(c+δ))² + (1-p)D², τ = 1-p+ps²,
    q = p((1+Dc)/(c+δ))², B = Σ(1-L)²v²:

        E = [B + σ²(Qq - p(1-s)²)]/(τ - Qg),   E_0 = τ/(τ - Qg).

    As p → 0 this is S + δ/κ = n, E_0 = n/(n - ΣL²), E + σ² = E_0 (B + σ²). Over training sets the
    coefficient of mode i has variance V_i = Nκ²L_i²(gE + qσ²), and E itself the relative deviation
    √E_0 √Σ(4(1-L)²v²V + 2V²) / Σ((1-L)²v² + V). A mode's own learnability has the variance
    2Nκ²L_i²g(1-L_i)²/(τ-Qg), twice that of what one mode is taken for another: the diagonal of a
    random symmetric matrix.

    Args:
        examples: n, (row,), positive, below N.
        points: N.
        eigenvalues: λ_i of the kernel matrix over N, (mode,), positive.
        energy: v_i² = (u_i·y)²/N, (mode,).
        ridge: δ, (row,), positive.
        noise: σ², variance of the noise on the labels that are trained on.
    """
    n, delta = np.broadcast_arrays(np.asarray(examples, float), np.asarray(ridge, float))
    N, p = points, n / points

    def at(kappa: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        L = eigenvalues / (eigenvalues + kappa[:, None])
        m = kappa * L.sum(axis=1)
        b = m - delta
        return L, m, (b + np.sqrt(b * b + 4 * (1 - p) * m * delta)) / (2 * (1 - p))

    low, high = np.full(n.shape, SMALLEST), 10 * (eigenvalues.sum() + delta)
    for _ in range(BISECTIONS):
        kappa = np.sqrt(low * high)
        _, m, c = at(kappa)
        is_low = 1 / (kappa * N) > 1 / m - 1 / c
        low, high = np.where(is_low, kappa, low), np.where(is_low, high, kappa)
    kappa = np.sqrt(low * high)
    L, m, c = at(kappa)
    D, s = 1 / (N * kappa), delta / (c + delta)
    Q = N * kappa**2 * np.sum(L**2, axis=1)
    g = p * ((1 - D * delta) / (c + delta)) ** 2 + (1 - p) * D**2
    q = p * ((1 + D * c) / (c + delta)) ** 2
    tau = 1 - p + p * s**2
    missed = (1 - L) ** 2 * energy
    bias = missed.sum(axis=1)
    error = (bias + noise * (Q * q - p * (1 - s) ** 2)) / (tau - Q * g)
    inflation = tau / (tau - Q * g)
    V = N * kappa[:, None] ** 2 * L**2 * (g * error + q * noise)[:, None]
    deviation = np.sqrt(inflation * np.sum(4 * missed * V + 2 * V**2, axis=1))
    spread = deviation / np.sum(missed + V, axis=1)
    scatter = 2 * N * (kappa**2 * g / (tau - Q * g))[:, None] * (L * (1 - L)) ** 2
    return Learned(kappa, L, error, inflation, bias, spread, m, scatter)


def error_in_an_infinite_world(
    examples: np.ndarray,
    eigenvalues: np.ndarray,
    energy: np.ndarray,
    ridge: float,
    noise: float = 0.0,
) -> np.ndarray:
    """The law of the paper, (row,): S + δ/κ = n, E + σ² = n/(n - ΣL²) (Σ(1-L)²v² + σ²).

    Args as of `learned`; the world goes on for ever, so that there are no points.
    """
    n = np.asarray(examples, float)
    low, high = np.full(n.shape, SMALLEST), np.full(n.shape, 10 * (eigenvalues.sum() + ridge))
    for _ in range(BISECTIONS):
        kappa = np.sqrt(low * high)
        shared = np.sum(eigenvalues / (eigenvalues + kappa[:, None]), axis=1) + ridge / kappa
        low, high = np.where(shared > n, kappa, low), np.where(shared > n, high, kappa)
    L = eigenvalues / (eigenvalues + np.sqrt(low * high)[:, None])
    bias = np.sum((1 - L) ** 2 * energy, axis=1)
    squares = np.minimum(np.sum(L**2, axis=1), n * (1 - 1e-12))
    return n / (n - squares) * (bias + noise) - noise
