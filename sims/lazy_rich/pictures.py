"""What the pictures of lazy and rich share: lazy losses, and powers of laws."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sims.core.format import decimals, significant
from sims.view import Clock, Curves, Known, Tile

CAP = 1e6
"""Multiples of the first loss above which a diverging prediction is not drawn."""
DEEPEST = 1e-9
"""Share of the largest loss down to which is drawn."""
LOG_STEPS = Clock("step $n$", "step", "log")


def capped(name: str) -> Callable[[Known], np.ndarray]:
    """A predicted curve as far as it stays below 1e6 times its first value."""

    def curve(known: Known) -> np.ndarray:
        y = known[name]
        return np.where(y <= CAP * y[:1], y, np.nan)

    return curve


def loss(name: str, floor: Callable[[Known], float], **how: Any) -> Curves:
    """A loss of the run on its lazy prediction; there is room down to `floor` of the first."""

    def decades(known: Known) -> list[float]:
        y = capped(name)(known)
        seen = y[np.isfinite(y) & (y > 0)]
        high = float(seen.max())
        low = max(min(float(seen.min()), floor(known) * float(y[0])), DEEPEST * high)
        margin = 0.06 * math.log10(5 * high / low)
        return [math.log10(0.3 * low) - margin, math.log10(1.5 * high) + margin]

    return Curves(name, theory=capped(name), log=decades, **how)


def regime_words(known: Known) -> str:
    """The predicted regime, and how many kinks of the network the weights cross."""
    if "kinks_crossed" not in known:
        return known["regime"]
    return f"{known['regime']}, {decimals(round(known['kinks_crossed']), 0)} kinks crossed"


def power(name: str, over: str) -> Callable[[Known], float]:
    """Least-squares slope of the logarithm of a predicted number on that of the swept knob."""

    def slope(known: Known) -> float:
        at, y = np.ravel(known[over]), np.ravel(known[name])
        kept = np.isfinite(y) & (y > 0) & (at > 0)
        if kept.sum() < 2:
            return math.nan
        return float(np.polyfit(np.log(at[kept]), np.log(y[kept]), 1)[0])

    return slope


def power_tile(over: str) -> Tile:
    """The predicted power of the change of the features in the swept knob."""
    letter = {"width": "N", "alpha": r"\alpha", "gamma_0": r"\gamma_0"}.get(over, over)
    name = "feature_change_final"

    def ends(known: Known) -> str:
        first, last = (significant(float(np.ravel(known[name])[i]), 3) for i in (0, -1))
        return f"{first} to {last}"

    return Tile(power(name, over), f"power of the {over}", ends, claim="width_slope",
                symbol=rf"\mathrm{{d\,ln\,}}R/\mathrm{{d\,ln\,}}{letter}")  # fmt: skip
