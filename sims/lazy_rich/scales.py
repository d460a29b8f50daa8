"""How rich an output scale is, and what is said of a rate; plain numbers in."""

from __future__ import annotations

import math
from typing import Any

from sims.core.sentences import said

WIDE_STEP = 0.05
"""Learning rate over the edge up to which a run counts as gradient flow."""


def richness(alpha: float, width: int) -> float:
    """γ_0 = 1/(α√N), the scale that means the same at every width N; and back, α = 1/(γ_0√N)."""
    return 1 / (alpha * math.sqrt(width))


def imbalance(a: float, w: float, eta_a: float, eta_w: float) -> float:
    """δ = η_w a² - η_a |w|², which gradient flow on one neuron conserves."""
    return eta_w * a**2 - eta_a * w**2


def balance(delta: float, eta_a: float, eta_w: float, size: float = 1.0) -> float:
    """δ/√(δ² + 4 η_a η_w |b|²): 1 upstream, 0 balanced, -1 downstream; |b| = `size`."""
    return delta / math.hypot(delta, 2 * math.sqrt(eta_a * eta_w) * size)


def rate_line(params: Any) -> str:
    """Beneath the knob c: on which side of the edge of the linear model it lies."""
    if float(params.c) > 1:
        return "! past the edge of the linear model, which diverges"
    return "below the edge of the linear model, at 1"


def richness_line(params: Any) -> str:
    """Beneath the knob alpha: how rich it is at this width."""
    gamma = richness(float(params.alpha), params.width)
    return rf"$\gamma_0 = 1/(\alpha\sqrt{{N}}) =$ {said(gamma, 3)}"
