"""Runs whose step was too large: nothing is said about a theory of small steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import xarray as xr

from sims.core.experiment import Compared, not_compared

Compare = Callable[[Any, xr.Dataset, xr.Dataset], Compared]


def unless_diverged(compare: Compare) -> Compare:
    """The same comparison, but none where the run left the finite range."""

    @wraps(compare)
    def compared(params: Any, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
        stopped = run.attrs.get("stopped", -1)
        if stopped >= 0:
            return not_compared(f"the run diverged at step {stopped}: the learning rate is large.")
        return compare(params, prediction, run)

    return compared
