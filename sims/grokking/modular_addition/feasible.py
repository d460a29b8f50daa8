"""Knobs drawn at random, made to fit together: pairs, decays and lengths that are taken."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

WORK = 1e10
"""Products of a run, steps x width x train pairs x p, that take a thread some seconds."""
CUBIC_DECADES = (-5.0, -3.0)
"""Decays of the cubic term, which are a weight on another penalty than the slider's."""


def feasible(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is changed: pairs to train and to test on, a decay of its kind, and seconds of work.

    The cubic decay is asked about all pairs, the only ones its theorem speaks of. What is too long
    loses width and steps alike.
    """
    p, fraction, decay = values["p"], values["fraction"], values["weight_decay"]
    changed: dict[str, Any] = {}
    if values["regulariser"] == "cubic":
        fraction = 1.0
        low, high = CUBIC_DECADES
        changed["weight_decay"] = float(f"{10 ** (low + (high - low) * decay / 5):.4g}")
    else:
        fraction = min(max(fraction, math.ceil(1e4 / p) / 1e4), math.floor(1e4 - 1e4 / p**2) / 1e4)
    changed["fraction"] = fraction
    work = values["steps"] * values["width"] * round(fraction * p * p) * p
    if work > WORK:
        part = math.sqrt(WORK / work)
        changed["width"] = max(16, round(part * values["width"]))
        changed["steps"] = max(500, round(part * values["steps"]))
    return changed


__all__ = ["feasible"]
