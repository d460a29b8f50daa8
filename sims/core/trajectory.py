"""What a run showed, as one Dataset with named dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from sims.core.arithmetic import theory_arithmetic
from sims.core.experiment import Experiment
from sims.core.prediction import of_seed, schedule_coords, stack
from sims.core.setup import Setup
from sims.core.simulation import Seen


def _variables(
    experiment: Experiment, arrays: Mapping[str, np.ndarray], axis: str, length: int
) -> dict[str, xr.Variable]:
    made = {}
    for name, values in arrays.items():
        seen = experiment.observables[name]
        made[name] = xr.Variable(
            ("seed", axis, *seen.dims),
            values[:, :length],
            {"long_name": seen.label, "units": seen.unit},
        )
    return made


def records(setup: Setup, run: Seen) -> xr.Dataset:
    """Records and snapshots so far: dimensions (seed, record, ...) and (seed, snapshot, ...)."""
    rows, shots = run.rows, run.snapshot_rows
    coords: dict[str, Any] = {
        name: (axis, values[: rows if axis == "record" else shots])
        for name, (axis, values) in schedule_coords(setup.schedule).items()
    }
    data = {
        **_variables(setup.experiment, run.records, "record", rows),
        **_variables(setup.experiment, run.snapshots, "snapshot", shots),
    }
    stopped = {
        f"stopped_{s}": int(n) for s, n in zip(setup.seeds, run.stopped, strict=True) if n >= 0
    }
    return xr.Dataset(data, coords={**coords, "seed": setup.seeds}, attrs=stopped)


def trajectory(setup: Setup, prediction: xr.Dataset, run: Seen) -> xr.Dataset:
    """Records, snapshots and the measured counterparts of what was predicted."""
    seen = records(setup, run)
    with theory_arithmetic():
        measured = [
            setup.experiment.measure(setup.params, task, of_seed(prediction, i), of_seed(seen, i))
            for i, task in enumerate(setup.tasks)
        ]
    variables, coords = stack(measured)
    return seen.assign_coords(coords).assign(variables)
