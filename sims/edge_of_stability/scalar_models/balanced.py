"""The map of a balanced product x^D, its two-cycle, and what it visits at every learning rate."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

RATES = np.linspace(0.5, 2.1, 241)
"""Learning rates of the diagram, over the flip at 2/D."""
VISITS = 48
TRANSIENT = 600


def step(x: Any, eta: Any, D: int) -> Any:
    """f(x) = x - ηx^{D-1}(x^D - 1)."""
    return x - eta * x ** (D - 1) * (x**D - 1)


def slope(x: Any, eta: Any, D: int) -> Any:
    """f'(x) = 1 - η[(2D - 1)x^{2D-2} - (D - 1)x^{D-2}]."""
    return 1 - eta * ((2 * D - 1) * x ** (2 * D - 2) - (D - 1) * x ** (D - 2))


def flip(D: int) -> float:
    """2/D: there f'(1) = 1 - ηD passes -1, and x = 1 gives way to the two-cycle."""
    return 2 / D


def orbit(eta: float, D: int) -> np.ndarray:
    """Where the balanced product ends, smaller point first: (1,) up to η = 2/D, then (2,).

    D = 2: x = [√(1 + 3/η) ± √(1 - 1/η)]/2, from x1 x2 = 1/η and x1² + x2² = 1 + 1/η. Deeper: the
    root of f(f(x)) = x in (0, 1) nearest 1, and its image.
    """
    if eta <= flip(D):
        return np.ones(1)
    if D == 2:
        middle, half = math.sqrt(1 + 3 / eta), math.sqrt(1 - 1 / eta)
        return np.array([middle - half, middle + half]) / 2
    low = _two_cycle(eta, D)
    return np.array([low, step(low, eta, D)])


def _two_cycle(eta: float, D: int) -> float:
    """Bisection of f(f(x)) - x from 1 downwards to its first change of sign."""

    def ahead(x: Any) -> Any:
        return step(step(x, eta, D), eta, D) - x

    grid = 1 - np.geomspace(1e-7, 1, 1501)[:-1]
    above = np.flatnonzero(ahead(grid) > 0)
    if len(above) == 0:
        return math.nan
    i = int(above[0])
    low, high = float(grid[i]), float(grid[i - 1]) if i else 1.0
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if ahead(middle) > 0 else (low, middle)
    return 0.5 * (low + high)


def multiplier(eta: float, D: int) -> float:
    """Product of f' along `orbit`: 1 - ηD at x = 1; 9 - 2(1 + η)² on the two-cycle of D = 2."""
    if eta > flip(D) and D == 2:
        return 9 - 2 * (1 + eta) ** 2
    return float(np.prod(slope(orbit(eta, D), eta, D)))


def outermost(eta: float, D: int) -> float:
    """R > 1 with f(R) = -R, from where every step is longer than the last: ηR^{D-2}(R^D - 1) = 2.

    R = √(1 + 2/η) for D = 2.
    """
    low, high = 1.0, 1 + 2 / eta
    for _ in range(100):
        middle = 0.5 * (low + high)
        beyond = eta * middle ** (D - 2) * (middle**D - 1) > 2
        low, high = (low, middle) if beyond else (middle, high)
    return 0.5 * (low + high)


def escape_steps(x0: float, eta: float, D: int) -> float:
    """Steps that leave the saddle at 0 from x0, or from f(x0) where that is nearer.

    There x' = x + ηx^{D-1}: 1/(η(D - 2)x^{D-2}), and ln(1/x)/ln(1 + η) for D = 2.
    """
    x = min(abs(x0), abs(step(x0, eta, D)), 1.0)
    if x == 0:
        return math.inf
    if D == 2:
        return math.log(1 / x) / math.log1p(eta)
    return 1 / (eta * (D - 2) * x ** (D - 2))


@lru_cache(maxsize=8)
def branches(D: int) -> tuple[np.ndarray, np.ndarray]:
    """`orbit` (rate, 2), twice x = 1 below the flip, and `multiplier` (rate,) at every rate."""
    rates = RATES * flip(D)
    points = np.stack([np.broadcast_to(orbit(float(eta), D), 2) for eta in rates])
    return points, np.array([multiplier(float(eta), D) for eta in rates])


@lru_cache(maxsize=32)
def attractor(D: int, x0: float) -> np.ndarray:
    """48 steps from x0 after a transient of 600, (rate, visit); NaN where the map diverges."""
    rates = RATES * flip(D)
    x = np.full(len(rates), x0)
    visits = np.empty((VISITS, len(rates)))
    for k in range(-TRANSIENT, VISITS):
        power = x ** (D - 1)
        x = x - rates * power * (power * x - 1)
        visits[max(k, 0)] = x
    return np.where(np.isfinite(visits), visits, np.nan).T
