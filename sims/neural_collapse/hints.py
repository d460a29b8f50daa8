"""What is said beneath the knobs that decide how much of the classes is left."""

from __future__ import annotations

import math
from typing import Any

from sims.core.sentences import said
from sims.neural_collapse.classes import minority_threshold


def decay(params: Any) -> float:
    """C = √(λ_W λ_H), the size of the signal that the decays eat."""
    return math.sqrt(float(params.lambda_w) * float(params.lambda_h))


def collapse_line(params: Any) -> str:
    """Beneath the decay of the features: how near total collapse is."""
    x = params.classes * decay(params)
    if x >= 1:
        return f"! $Kc =$ {said(x, 3)}: total collapse"
    return f"$Kc =$ {said(x, 3)}, total collapse from 1 on"


def threshold_line(params: Any) -> str:
    """Beneath the imbalance: where small classes merge."""
    c = decay(params)
    if float(params.imbalance) <= 1 or c == 0:
        return ""
    R0 = minority_threshold(params.classes, c)
    return f"small classes merge beyond $R_0 =$ {said(R0, 4)}"
