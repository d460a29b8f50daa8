"""Sizes and times of modular addition, and what is said of them; plain numbers in."""

from __future__ import annotations

from typing import Any

from sims.core.sentences import said

COVERED = 0.05
"""Chance that some number is shown by no train pair."""


def coverage_fraction(p: int) -> float:
    """1 - (0.05/3p)^(1/p): fraction of pairs that show every a, b and c, probability 0.95."""
    return 1 - (COVERED / (3 * p)) ** (1 / p)


def decay_steps(eta: float, weight_decay: float, momentum: float = 0.0) -> float:
    """(1 - β)/(η w), the steps in which decay takes a weight to 1/e.

    β is the momentum that a decay within the gradient goes through: v ← β v + w θ, θ ← θ - η v
    shrinks θ by ηw/(1 - β) a step while that is small. Decoupled decay goes around it: 1/(η w).
    """
    return (1 - momentum) / (eta * weight_decay)


def fraction_line(params: Any) -> str:
    """Beneath the fraction of pairs: how many there are, and how many show every number."""
    p, fraction = params.p, float(params.fraction)
    pairs, covered = round(fraction * p**2), coverage_fraction(p)
    return f"{pairs} of {p**2} pairs; {covered:.2f} shows every number"


def decay_line(params: Any) -> str:
    """Beneath the weight decay: its time, where it is decoupled, or goes through momentum alone."""
    eta, decay = float(params.eta), float(params.weight_decay)
    kind = getattr(params, "regulariser", "decoupled")
    if decay == 0 or kind == "cubic":
        return ""
    if kind == "decoupled":
        return rf"weights decay in $1/(\eta w) =$ {_steps(decay_steps(eta, decay))} steps"
    if params.optimizer != "gd":
        return ""
    steps = _steps(decay_steps(eta, decay, float(params.momentum)))
    return rf"weights decay in $(1-\beta)/(\eta w) =$ {steps} steps"


def _steps(count: float) -> str:
    return said(round(count, 1), 5)
