"""Learning-rate schedules, and when a run over decades of steps is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np

from sims.core.knobs import Scalar

NAMES = ("constant", "step", "cosine", "linear", "wsd", "power")
"""wsd is constant and cools down linearly at the end; power is (1 - x)^p."""
RECORDS = 120


def shape(name: str, x: Any, decay: Scalar, power: Scalar, xp: Any = np) -> Any:
    """The rate over its peak at x = (t + 1/2)/T, the step t of T; arrays of numpy or jax.numpy.

    Args:
        name: one of NAMES.
        x: share of the run that is over.
        decay: share of the run in which wsd cools down.
        power: exponent of power; arXiv:2602.06797 finds 2a - 1 best.
        xp: numpy or jax.numpy.
    """
    if name == "constant":
        return xp.ones_like(x)
    if name == "step":
        return xp.where(x < 0.5, 1.0, xp.where(x < 0.75, 0.1, 0.01))
    if name == "cosine":
        return 0.5 * (1 + xp.cos(np.pi * x))
    if name == "linear":
        return 1 - x
    if name == "wsd":
        return xp.minimum(1.0, (1 - x) / decay)
    return (1 - x) ** power


def shapes(x: Any, decay: Scalar, power: Scalar, xp: Any = np) -> Any:
    """The same of all of NAMES, (schedule, ...)."""
    return xp.stack([shape(name, x, decay, power, xp) for name in NAMES])


def record_steps(steps: int, records: int = RECORDS) -> np.ndarray:
    """Steps from 0 to the last: so many evenly spaced in the logarithm, and as many evenly."""
    log = np.round(np.geomspace(1, steps, records))
    return np.unique(np.concatenate([[0], log, np.round(np.linspace(0, steps, records))])).astype(
        np.int64
    )
