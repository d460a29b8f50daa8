"""How far chance may move the curves and times of the linear estimator.

Two things are left to it: the drawn replicas, and the eigenvalues of the drawn inputs: all of them
for the curves, the smallest for the times. Derived here; measured over spectra and replicas drawn
at random.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sims.grokking.linear_estimator.theory import (
    Nodes,
    Settings,
    accuracy,
    edges,
    effective,
    errors,
    grok_time,
    losses,
    marchenko_pastur,
    slope,
    spread,
    train_time,
)

WIDEST_EDGE, WIDEST_REPLICAS = 0.04, 0.02
"""Up to which the theory promises anything of test loss and grokking time: from there on chance
rules, and what is allowed for grows no more."""
DEVIATIONS, EDGES = 3.5, 1.75
"""Standard deviations, and for the train time widths of the edge, that chance may be off."""
TERMS = 512
"""Chebyshev polynomials by which a loss is written as a function of the eigenvalue."""


def edge_width(ratio: float, d: int) -> float:
    """Relative width √λ (d(1 - √λ))^{-2/3} of the smallest eigenvalue; 0 for λ > 1, inf at 1."""
    if ratio > 1:
        return 0.0
    gap = 1 - math.sqrt(ratio)
    return math.sqrt(ratio) * (d * gap) ** (-2 / 3) if gap > 0 else math.inf


def seen_edge_width(ratio: float, d: int) -> float:
    """The same of the smallest eigenvalue above 0: with λ > 1 that of λ' = 1/λ in d/λ dimensions.

    XXᵀ and XᵀX share their eigenvalues above 0, and samples and dimensions change places.
    """
    return edge_width(1 / ratio, round(d / ratio)) if ratio > 1 else edge_width(ratio, d)


class Spreads(NamedTuple):
    """How far chance may move the two times: relative tolerances and what they are made of."""

    edge: float
    replicas: float
    train_time: float
    grok_time: float


def spreads(found: Settings, d: int, replicas: int, last: int) -> Spreads:
    """T_t = 0.005 + 3/d + √((3.5 s)² + (1.75 s_e)²) and T_g = 0.005 + 0.7 s_e + 2.8 √(s_e² + s²).

    Each at its time, s_e = edge min(0.76, 1.65/√n_eff(t)); both in T_g only as far as they are
    promised. A time that never comes is replaced by the one before.
    """
    nodes = marchenko_pastur(found.ratio)
    early, late = train_time(found), grok_time(found)
    early = early if math.isfinite(early) and early > 0 else float(last)
    late = late if math.isfinite(late) and late > 0 else early
    width = edge_width(found.ratio, d)
    n_eff = float(effective(found, nodes, late, d))
    s_edge = float(_moved_by_edge(min(width, WIDEST_EDGE), n_eff))
    s_late = spread(found, nodes, late, d, replicas)
    s_early = spread(found, nodes, early, d, replicas, train=True)
    at_passage = effective(found, nodes, early, d, train=True)
    s_first = float(_moved_by_edge(seen_edge_width(found.ratio, d), at_passage))
    T_g = 0.005 + 0.7 * s_edge + 2.8 * math.hypot(s_edge, min(s_late, WIDEST_REPLICAS))
    T_t = 0.005 + 3 / d + math.hypot(DEVIATIONS * s_early, EDGES * s_first)
    return Spreads(width, s_late, T_t, T_g)


def accuracy_spread(
    found: Settings,
    d: int,
    replicas: int,
    times: np.ndarray,
    promised: Spreads | None = None,
) -> float:
    """Largest |A' m - L² A_LL/n_eff| + 3.5 √(A'² (s² + s_ν²) + A(1 - A)/(Nk)), times (t,) > 0.

    A' = -dA/d ln L. Of ln L the replicas leave the spread s = √(2/(k n_eff)), where n_eff counts
    the modes that carry the loss, and the drawn spectrum leaves the mean m and spread s_ν of
    `spectral`. The accuracy is a mean over outputs with losses of their own, of relative spread
    √(2/n_eff), and theory takes it at their mean: L² A_LL = A' (3/2 - ε/2L). A share of N inputs
    of k outputs is known as well as it can be counted. Of the train accuracy; or, given the
    spreads, of the test accuracy, all only as far as they are promised.
    """
    train = promised is None
    nodes = marchenko_pastur(found.ratio)
    L = losses(found, nodes, times)[0 if train else 1]
    by_loss = _by_loss(found.eps, L)
    n_eff = effective(found, nodes, times, d, train=train)
    mean, by_spectrum = spectral(found, d, times, train=train)
    chance = np.sqrt(2 / (replicas * n_eff))
    if promised is not None:
        seen = min(1.0, WIDEST_EDGE / promised.edge) if promised.edge > 0 else 1.0
        mean, by_spectrum = mean * seen, by_spectrum * seen
        chance = chance * min(1.0, WIDEST_REPLICAS / promised.replicas)
    off = by_loss * np.abs(mean - (1.5 - found.eps / (2 * L)) / n_eff)
    A = accuracy(found.eps, L)
    counted = np.sqrt(A * (1 - A) / (d / found.ratio * replicas))
    strays = np.hypot(by_loss * np.hypot(chance, by_spectrum), counted)
    return float(np.nanmax(off + DEVIATIONS * strays))


def spectral(
    found: Settings, d: int, times: np.ndarray, *, train: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of ln L, (t,), over samples of d dimensions: what the law leaves.

    A sum Σ f(ν) over the eigenvalues of real Gaussian samples has, beyond the law, the mean
    (f(ν₋) + f(ν₊))/4 - a_0/2 and the variance ½ Σ k a_k², where f = Σ a_k T_k between the ends of
    the spectrum (Bai and Silverstein 2004). To first order in 1/d L is such a sum over d.
    """
    from scipy.fft import dct

    lo, hi = edges(found.ratio)
    # T_k at the Chebyshev points of the interval; the ends are where all T_k are 1 or (-1)^k
    angles = (np.arange(TERMS) + 0.5) * math.pi / TERMS
    nu = np.concatenate([[lo, hi], (hi + lo) / 2 + (hi - lo) / 2 * np.cos(angles)])
    f = errors(found, nu, times)
    if train:
        f = f * nu
    a = np.asarray(dct(f[:, 2:], axis=-1)) / TERMS
    mean = (f[:, 0] + f[:, 1] - a[:, 0]) / 4
    spread = np.sqrt(np.square(a) @ np.arange(TERMS) / 2)
    whole = d * losses(found, marchenko_pastur(found.ratio), times)[0 if train else 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return mean / whole, spread / whole


def _moved_by_edge(width: float, n_eff: Any) -> Any:
    """How far the edge moves ln t: its width times min(0.76, 1.65/√n_eff)."""
    return width * np.minimum(0.76, 1.65 / np.sqrt(n_eff)) if width else 0.0 * n_eff


def _by_loss(eps: float, L: np.ndarray) -> np.ndarray:
    """-dA/d ln L of the accuracy."""
    x = np.sqrt(eps / (2 * L))
    return x * np.exp(-(x**2)) / math.sqrt(math.pi)


def steepest(found: Settings, nodes: Nodes, times: np.ndarray) -> float:
    """Largest |dA_gen/d ln t| over the times, (t,), all above 0."""
    by_loss = _by_loss(found.eps, losses(found, nodes, times)[1])
    by_time = np.array([slope(found, nodes, float(t)) for t in times])
    return float(np.max(np.abs(by_loss * by_time)))
