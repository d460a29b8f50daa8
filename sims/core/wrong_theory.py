"""A theory that is 10 % wrong, to see whether a claim would notice."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import xarray as xr

from sims.core.baseline import PREFIX
from sims.core.schedule import Schedule

LATE = 1.1
"""How wrong a wrong theory is: levels so much higher, curves and times so much later."""
LEVELS = (
    "losses", "final", "illusory_correlation", "edge", "overshoot", "orbit", "slope", "smooth",
    "test_function",
)  # fmt: skip
"""Parts of the names of what is predicted as a level: no curve, or one that counts at its end."""


def wrong(prediction: xr.Dataset, schedule: Schedule, numbers: Collection[str] = ()) -> xr.Dataset:
    """The prediction with levels 10 % too high, curves and times 10 % too late.

    Of `numbers`, which are claimed, those that are no curves are levels.
    """
    twisted = prediction.copy(deep=True)
    times = {"record": schedule.record_times, "snapshot": schedule.snapshot_times}
    for name, variable in prediction.data_vars.items():
        if variable.dtype.kind not in "fiu" or str(name).startswith(PREFIX):
            continue
        values = variable.values.astype(float)
        axis = next((d for d in ("record", "snapshot") if d in variable.dims), None)
        still = axis is not None and np.ptp(values, axis=variable.dims.index(axis)).max() == 0
        level = still or any(word in str(name) for word in LEVELS)
        if axis is not None and not level:
            t, where = times[axis], variable.dims.index(axis)
            late = np.apply_along_axis(lambda v, t=t: np.interp(t / LATE, t, v), where, values)
            twisted[name] = (variable.dims, late, variable.attrs)
        elif level or name in numbers or variable.attrs.get("units") in ("time", "steps"):
            twisted[name] = (variable.dims, LATE * values, variable.attrs)
    return twisted
