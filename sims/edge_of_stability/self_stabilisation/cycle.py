"""The cycle of displacement x and sharpness gap y as numbers: the map, its formula, its events."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

SOONEST = 3
"""First step at which a maximum of the gap may lie."""
PERIODS = 1.5
"""Small-cycle periods within which the first maximum is looked for."""


class Constants(NamedTuple):
    """α = -∇L·∇S, b = |∇S|² (u-components removed) and y_0 = λ_1 - 2/η at the crossing."""

    alpha: float
    b: float
    gap: float


class Events(NamedTuple):
    """Height and step of the first overshoot, and the first step behind it below the edge."""

    overshoot: float
    overshoot_step: float
    return_step: float


def delta(alpha: float, b: float) -> float:
    """δ = √(2α/b), the amplitude |x| at which sharpening and self-stabilisation balance."""
    return math.sqrt(2 * alpha / b) if alpha > 0 else math.nan


def period(alpha: float, eta: float) -> float:
    """2π/(η√(2α)), steps of a small cycle."""
    return 2 * math.pi / (eta * math.sqrt(2 * alpha)) if alpha > 0 else math.nan


def cycle_map(
    constants: Constants, eta: float, kick: float, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Displacement and gap at steps 0..steps, (t,) each.

    x' = -(1 + ηy)x,   y' = y + η(α - bx²/2), from x_0 = kick. Source: Damian, Nichani & Lee,
    arXiv:2209.15594; α and b frozen at the crossing.
    """
    alpha, b, y = constants
    x, xs, ys = kick, [kick], [y]
    for _ in range(steps):
        x, y = -(1 + eta * y) * x, y + eta * (alpha - 0.5 * b * x * x)
        if not abs(x) < 1e100:
            x = y = math.nan
        xs.append(x)
        ys.append(y)
    return np.array(xs), np.array(ys)


def overshoot_formula(alpha: float, b: float, kick: float) -> float:
    """y_max = √(2α[ln(δ/x_0) - 1/2 + x_0²/(2δ²)]) of the continuous cycle from y_0 = 0.

    It conserves E = y²/2 + bx²/4 - α ln|x|.
    """
    if not (alpha > 0 and kick > 0):
        return math.nan
    d = delta(alpha, b)
    inside = math.log(d / kick) - 0.5 + 0.5 * (kick / d) ** 2
    return math.sqrt(2 * alpha * max(inside, 0.0))


def events(gap: np.ndarray, period: float) -> Events:
    """First maximum of y within 1.5 periods and the return behind it; NaN where there is none.

    The maximum: first j >= 3 with y_j > 0, y_j >= y_{j-1}, y_{j-2}, y_{j+2} and y_j > y_{j+1}.
    """
    nan = math.nan
    last = min(PERIODS * period, len(gap) - 3) if period > 0 else -1
    for j in range(SOONEST, int(last) + 1):
        y = gap[j]
        around = max(gap[j - 1], gap[j - 2], gap[j + 2])
        if y > 0 and y >= around and y > gap[j + 1]:
            below = np.flatnonzero(gap[j:] < 0)
            return Events(float(y), float(j), float(j + below[0]) if len(below) else nan)
    return Events(nan, nan, nan)


def one_cycle(gap: np.ndarray, events: Events) -> int:
    """Steps of the first cycle: up to where y rises through 0 again behind the return."""
    if math.isnan(events.return_step):
        return len(gap) - 1
    start = int(events.return_step)
    above = np.flatnonzero(gap[start:] >= 0)
    return start + int(above[0]) if len(above) else len(gap) - 1


def level_curve(
    constants: Constants, kick: float, points: int = 121
) -> tuple[np.ndarray, np.ndarray]:
    """|x| and y of one turn on the level of E through the start, (2 points,) each."""
    alpha, b, gap = constants
    if not (alpha > 0 and kick > 0):
        return np.full(2 * points, math.nan), np.full(2 * points, math.nan)
    d = delta(alpha, b)
    energy = 0.5 * gap**2 + 0.25 * b * kick**2 - alpha * math.log(kick)

    def left(log_x: float) -> float:
        return energy - 0.25 * b * math.exp(2 * log_x) + alpha * log_x

    inner, outer = (_root(left, math.log(d), way) for way in (-1, 1))
    turn = 0.5 * (1 - np.cos(np.linspace(0, math.pi, points)))
    log_x = inner + (outer - inner) * turn
    y = np.sqrt(2 * np.maximum([left(float(v)) for v in log_x], 0))
    y[[0, -1]] = 0
    return np.exp(np.concatenate([log_x, log_x[::-1]])), np.concatenate([y, -y[::-1]])


def _root(left: Callable[[float], float], start: float, way: int) -> float:
    """Where `left` falls through 0 on that side of its maximum at `start`."""
    near, far = start, start + way
    while left(far) > 0:
        near, far = far, far + 2 * (far - start)
    for _ in range(80):
        middle = 0.5 * (near + far)
        near, far = (middle, far) if left(middle) > 0 else (near, middle)
    return 0.5 * (near + far)
