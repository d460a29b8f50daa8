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
    effective,
    grok_time,
    losses,
    marchenko_pastur,
    slope,
    spread,
    train_time,
)

CAP = 0.09
"""Largest tolerance of a time, so that a clock 10 % off never passes."""
DEVIATIONS, EDGES = 3.5, 1.75
"""Standard deviations of the replicas, and widths of the edge, that the train curve may be off."""


def edge_width(ratio: float, d: int) -> float:
    """Relative width √λ (d(1 - √λ))^{-2/3} of the smallest eigenvalue; 0 for λ > 1, inf at 1."""
    if ratio > 1:
        return 0.0
    gap = 1 - math.sqrt(ratio)
    return math.sqrt(ratio) * (d * gap) ** (-2 / 3) if gap > 0 else math.inf


class Spreads(NamedTuple):
    """How far chance may move the two times: relative tolerances and what they are made of."""

    edge: float
    replicas: float
    train_time: float
    grok_time: float


def spreads(found: Settings, d: int, replicas: int, last: int) -> Spreads:
    """T_t = 0.005 + 3/d + 3.5 s(t_tr) and T_g = 0.005 + 0.7 s_e + 2.8 √(s_e² + s(t_g)²).

    s_e = edge min(0.76, 1.65/√n_eff(t_g)); a time that never comes is replaced by the one before.
    """
    nodes = marchenko_pastur(found.ratio)
    early, late = train_time(found), grok_time(found)
    early = early if math.isfinite(early) and early > 0 else float(last)
    late = late if math.isfinite(late) and late > 0 else early
    width = edge_width(found.ratio, d)
    n_eff = float(effective(found, nodes, late, d))
    s_edge = float(_moved_by_edge(width, n_eff))
    s_late = spread(found, nodes, late, d, replicas)
    s_early = spread(found, nodes, early, d, replicas, train=True)
    T_g = 0.005 + 0.7 * s_edge + 2.8 * math.hypot(s_edge, s_late)
    T_t = 0.005 + 3 / d + 3.5 * s_early
    return Spreads(width, s_late, min(CAP, T_t), min(CAP, T_g))


class TrainSpread(NamedTuple):
    """How far chance may move the train accuracy, how much it moves with ln t, and T_t's edge."""

    accuracy: float
    slope: float
    edge: float


def train_spread(
    found: Settings, d: int, replicas: int, last: int, times: np.ndarray
) -> TrainSpread:
    """1/d + max |dA/d ln L| √((3.5 s)² + (1.75 v s_e)²) over the times, (t,), all above 0.

    s = √(2/(k n_eff)) is the replicas' spread of ln L_tr, v = -d ln L_tr/d ln t, and the edge moves
    ln t by s_e = edge min(0.76, 1.65/√n_eff); n_eff counts the modes that carry the train loss.
    """
    nodes = marchenko_pastur(found.ratio)
    L = losses(found, nodes, times)[0]
    n_eff = effective(found, nodes, times, d, train=True)
    steep = np.array([slope(found, nodes, float(t), train=True) for t in times])
    moved = _moved_by_edge(edge_width(found.ratio, d), n_eff)
    chance = np.hypot(DEVIATIONS * np.sqrt(2 / (replicas * n_eff)), EDGES * steep * moved)
    by_loss = _by_loss(found.eps, L)
    early = train_time(found)
    early = early if math.isfinite(early) and early > 0 else float(last)
    at_passage = effective(found, nodes, early, d, train=True)
    return TrainSpread(
        1 / d + float(np.nanmax(by_loss * chance)),
        float(np.nanmax(np.abs(by_loss * steep))),
        float(_moved_by_edge(edge_width(found.ratio, d), at_passage)),
    )


def _moved_by_edge(width: float, n_eff: Any) -> Any:
    """How far the edge moves ln t: its width times min(0.76, 1.65/√n_eff)."""
    return width * np.minimum(0.76, 1.65 / np.sqrt(n_eff)) if width else 0.0 * n_eff


def _by_loss(eps: float, L: np.ndarray) -> np.ndarray:
    """-dA/d ln L of the accuracy."""
    x = np.sqrt(eps / (2 * L))
    return x * np.exp(-(x**2)) / math.sqrt(math.pi)


def steepest(found: Settings, nodes: Nodes, times: np.ndarray) -> float:
    """Largest |dA_gen/d ln t| over the times, (t,), all above 0."""
    L = losses(found, nodes, times)[1]
    by_loss = _by_loss(found.eps, L)
    by_time = np.array([slope(found, nodes, float(t)) for t in times])
    return float(np.max(np.abs(by_loss * by_time)))
