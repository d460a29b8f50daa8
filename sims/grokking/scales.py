"""Sizes and times of modular addition, and what is said of them; plain numbers in."""

from __future__ import annotations

from typing import Any

from sims.core.sentences import said

COVERED = 0.05
"""Chance that some number is shown by no train pair."""


def coverage_fraction(p: int) -> float:
    """1 - (0.05/3p)^(1/p): fraction of pairs that show every a, b and c, probability 0.95."""
    return 1 - (COVERED / (3 * p)) ** (1 / p)


def decay_steps(eta: float, weight_decay: float) -> float:
    """1/(η w), the steps in which decoupled decay takes a weight to 1/e."""
    return 1 / (eta * weight_decay)


def fraction_line(params: Any) -> str:
    """Beneath the fraction of pairs: how many there are, and how many show every number."""
    p, fraction = params.p, float(params.fraction)
    pairs, covered = round(fraction * p**2), coverage_fraction(p)
    return f"{pairs} of {p**2} pairs; {covered:.2f} shows every number"


def decay_line(params: Any) -> str:
    """Beneath the weight decay: its time, where it is decoupled."""
    decay = float(params.weight_decay)
    if decay == 0 or getattr(params, "regulariser", "decoupled") != "decoupled":
        return ""
    steps = round(decay_steps(float(params.eta), decay), 1)
    return rf"weights decay in $1/(\eta w) =$ {said(steps, 5)} steps"
