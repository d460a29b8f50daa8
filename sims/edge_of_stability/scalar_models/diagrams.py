"""What the two-number map does from every learning rate, and the loss of two scalars as a map."""

from __future__ import annotations

from typing import Any

import numpy as np

STARTS = np.round(np.linspace(0.1, 5, 99), 12)
"""ηλ_0 of the catapult's curves."""
LONGEST = 2000
"""Steps after which the catapult's curves are read at the latest."""
CELLS = 61
MARGIN = 1.15


def catapult(
    r: float, lam: float, m: int, y: float, steps: int, limit: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ηλ_0, final ηλ and largest loss of the two-number map for every ηλ_0, (start,) each.

    From this r and λ; NaN where the map diverges. The map is that of `theory.two_number_map`.
    """
    eta = STARTS / lam
    rs, lams = np.full_like(eta, r), np.full_like(eta, lam)
    highest = 0.5 * rs**2
    for _ in range(min(steps, LONGEST)):
        pull = rs * (rs + y) / m
        squared = (eta * rs) ** 2 / m
        rs, lams = (
            rs * (1 - eta * lams) + eta * eta * rs * pull,
            lams - 4 * eta * pull + squared * lams,
        )
        highest = np.fmax(highest, np.where(np.isfinite(rs), 0.5 * rs**2, np.inf))
    ended = highest <= limit
    return STARTS, np.where(ended, eta * lams, np.nan), np.where(ended, highest, np.nan)


def landscape(first: float, second: float, power: int) -> dict[str, Any]:
    """Loss ((ab)^power - 1)²/2 over |a| <= 1.15 first, |b| <= 1.15 second, and its minima.

    `landscape` (second, first) on the axes `landscape_first`, `landscape_second`; along the minima
    ab = 1, (minimum,): `minima_first`, `minima_second` and `minima_curvature` power (a² + b²).
    """
    a, b = (np.linspace(-MARGIN, MARGIN, CELLS) * size for size in (first, second))
    loss = 0.5 * ((a[None, :] * b[:, None]) ** power - 1) ** 2
    line = np.geomspace(1 / b[-1], a[-1], CELLS)
    return {
        "landscape": (("second", "first"), loss),
        "landscape_first": ("first", a),
        "landscape_second": ("second", b),
        "minima_first": ("minimum", line),
        "minima_second": ("minimum", 1 / line),
        "minima_curvature": ("minimum", power * (line**2 + line**-2)),
    }
