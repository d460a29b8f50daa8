"""Ticks of an axis: where they stand, and how their numbers are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from app.figures.paper.words import mathtext
from app.wording import fixed
from sims.core.format import TIMES

BETWEEN = (1, 2, 5)
PLAIN = (0, 1)
"""Powers of ten on a logarithmic axis that are written as numbers."""
WIDE = 5
"""Digits before or behind the point from which numbers are written with a power of ten."""


def ticks(axis: Mapping[str, Any], span: Sequence[float]) -> tuple[list[float], list[str]]:
    """Places on an axis, in its own numbers, with their words; `span` as the layout has it."""
    low, high = min(span), max(span)
    if "tickvals" in axis:
        places = [float(v) for v in axis["tickvals"]]
        words = axis.get("ticktext")
        return places, [mathtext(str(w)) for w in words] if words is not None else _plain(places)
    if axis.get("type") == "log":
        return _powers(axis.get("dtick", 1), low, high)
    if isinstance(axis.get("dtick"), (int, float)):
        step = float(axis["dtick"])
        places = [step * k for k in range(int(np.ceil(low / step)), int(high // step) + 1)]
    else:
        places = MaxNLocator(axis.get("nticks", 7), steps=[1, 2, 5, 10]).tick_values(low, high)
    places = [float(p) for p in places if low - 1e-9 * (high - low) <= p <= high + 1e-12]
    return places, _plain(places)


def _powers(dtick: Any, low: float, high: float) -> tuple[list[float], list[str]]:
    """Ticks of a logarithmic axis from 10^low to 10^high."""
    if isinstance(dtick, str):
        decades = range(int(np.floor(low)), int(np.floor(high)) + 1)
        places = [m * 10.0**k for k in decades for m in BETWEEN]
        places = [p for p in places if 10**low <= p <= 10**high]
        return places, [_short(p) for p in places]
    step = max(1, int(dtick))
    powers = [k for k in range(int(np.ceil(low)), int(np.floor(high)) + 1) if k % step == 0]
    return [10.0**k for k in powers], [power(k) for k in powers]


def power(k: int) -> str:
    """A power of ten, the smallest of them as numbers."""
    return str(10**k) if k in PLAIN else f"10$^{{{k}}}$"


def _short(value: float) -> str:
    """A number with one digit, with a power of ten where it is far from 1."""
    k = int(np.floor(np.log10(value) + 1e-9))
    if -3 <= k <= 3:
        return fixed(value, max(0, -k))
    first = round(value / 10.0**k)
    return power(k) if first == 1 else f"{first} {TIMES} {power(k)}"


def _plain(places: Sequence[float]) -> list[str]:
    """Numbers of a linear axis, all with as many decimals as tell neighbours apart."""
    if not places:
        return []
    gaps = np.diff(sorted(places))
    step = float(gaps.min()) if gaps.size and gaps.min() > 0 else abs(places[0]) or 1.0
    most = max(abs(p) for p in places)
    places_behind = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    while places_behind < WIDE and any(not _is_whole(p * 10**places_behind) for p in places):
        places_behind += 1
    if most < 10.0 ** (WIDE + 1) and places_behind <= WIDE:
        return [fixed(p, places_behind) for p in places]
    k = int(np.floor(np.log10(most)))
    unit = 10.0**k
    digits = max(0, k - int(np.floor(np.log10(step) + 1e-9)))
    return ["0" if p == 0 else f"{fixed(p / unit, digits)} {TIMES} 10$^{{{k}}}$" for p in places]


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-6 * max(1.0, abs(value))
