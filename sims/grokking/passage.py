"""When a curve first passes a level, between the records of a run, and where to look for that.

A passage is known as the interval between two records; a number for it lies between them.
"""

from __future__ import annotations

import numpy as np

RESOLVED = 30
"""Steps before a record, over those since the one before it, where records lie dense."""


def refined(last: int, stride: int) -> np.ndarray:
    """Every `stride` steps from 0 to `last`, and as long as those are far apart, more in between.

    From one record to the next it is a thirtieth of the steps done, at least 1 and at most
    `stride`: every passage is known to a thirtieth, or to one step. Up to 30 strides those are
    about 45 + 30 ln(stride/1.5) more.
    """
    near = [0]
    while near[-1] < min(RESOLVED * stride, last):
        near.append(near[-1] + max(1, round(near[-1] / RESOLVED)))
    steps = np.concatenate([near, np.arange(0, last, stride), [last]])
    return np.unique(steps[steps <= last]).astype(np.int64)


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


def between(x: np.ndarray, y: np.ndarray, level: float) -> np.ndarray:
    """The records between which y first falls to the level, (2,): the last before, the first there.

    Both are the first record where it begins there; NaN if never.
    """
    reached = np.flatnonzero(np.asarray(y, float) <= level)
    if not reached.size:
        return np.full(2, np.nan)
    i = int(reached[0])
    return np.array([x[max(i - 1, 0)], x[i]], float)


def rises_to(x: np.ndarray, y: np.ndarray, level: float) -> float:
    """First x at which y >= level, linear between records; NaN if never."""
    return falls_to(x, -np.asarray(y, float), -level)
