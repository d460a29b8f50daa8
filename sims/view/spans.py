"""Ranges of logarithmic axes."""

from __future__ import annotations

import math


def decades(low: float, high: float, *, pad: float = 0.06) -> list[float]:
    """A logarithmic range around two positive numbers: at least half a decade, and a margin."""
    top = math.log10(high)
    bottom = min(math.log10(low), top - 0.5)
    margin = pad * (top - bottom)
    return [bottom - margin, top + margin]
