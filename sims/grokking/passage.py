"""When a curve first passes a level, between the records of a run, and where to look for that."""

from __future__ import annotations

import numpy as np


def logarithmic(last: int, most: int) -> np.ndarray:
    """Step 0 and at most `most` - 1 whole steps from 1 to `last`, evenly spaced in their logarithm.

    The early ones, where rounding makes them coincide, are every single step.
    """
    free = np.geomspace(1, max(last, 1), most - 1)
    return np.unique(np.concatenate([[0], np.round(free), [last]]).astype(np.int64))


def falls_to(x: np.ndarray, y: np.ndarray, level: float, *, log: bool = False) -> float:
    """First x at which y <= level, linear in y (or ln y) between records; NaN if never."""
    y = np.asarray(y, float)
    reached = np.flatnonzero(y <= level)
    if not reached.size:
        return float("nan")
    i = int(reached[0])
    if i == 0:
        return float(x[0])
    a, b, c = float(y[i - 1]), float(y[i]), level
    if log and b > 0:
        a, b, c = np.log(a), np.log(b), np.log(c)
    return float(x[i - 1] + (a - c) / (a - b) * (x[i] - x[i - 1]))


def rises_to(x: np.ndarray, y: np.ndarray, level: float) -> float:
    """First x at which y >= level, linear between records; NaN if never."""
    return falls_to(x, -np.asarray(y, float), -level)
