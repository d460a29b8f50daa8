"""How far chance may move the curves and times of the linear estimator.

Two things are left to it: the drawn replicas, and the smallest eigenvalue of the drawn inputs.
Derived here; measured over spectra and replicas drawn at random.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sims.grokking.linear_estimator.theory import (
    Nodes,
    Settings,
    accuracy,
    effective,
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
"""Standard deviations of the replicas, and widths of the edge, that a curve may be off."""


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
    """1/d + max √(|dA/d ln L|² ((3.5 s)² + (1.75 v s_e)²) + (3.5 s_A)²) over the times, (t,) > 0.

    s = √(2/(k n_eff)) is the replicas' spread of ln L, v = -d ln L/d ln t, and the edge moves ln t
    by s_e = edge min(0.76, 1.65/√n_eff); n_eff counts the modes that carry the loss.
    s_A = √(A(1 - A)/(Nk)) is how well a share is known from N inputs of k outputs. Of the train
    accuracy; or, given the spreads, of the test accuracy, both only as far as they are promised.
    """
    train = promised is None
    nodes = marchenko_pastur(found.ratio)
    L = losses(found, nodes, times)[0 if train else 1]
    n_eff = effective(found, nodes, times, d, train=train)
    steep = np.array([slope(found, nodes, float(t), train=train) for t in times])
    width, chance = seen_edge_width(found.ratio, d), np.sqrt(2 / (replicas * n_eff))
    if promised is not None:
        width = min(width, WIDEST_EDGE) if found.ratio <= 1 else width
        chance = chance * min(1.0, WIDEST_REPLICAS / promised.replicas)
    moved = _moved_by_edge(width, n_eff)
    by_loss = _by_loss(found.eps, L)
    away = by_loss * np.hypot(DEVIATIONS * chance, EDGES * steep * moved)
    A = accuracy(found.eps, L)
    counted = np.sqrt(A * (1 - A) / (d / found.ratio * replicas))
    return 1 / d + float(np.nanmax(np.hypot(away, DEVIATIONS * counted)))


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
