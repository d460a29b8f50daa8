"""The root of a function that grows."""

from __future__ import annotations

from collections.abc import Callable

HALVINGS = 100


def root(grows: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that grows passes 0 between the two, or the end that is nearer."""
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if grows(middle) > 0 else (middle, high)
    return 0.5 * (low + high)
