"""What is known of a point of the diagram before its run: whether its data show every number.

No formula says where the phases meet: what is predicted is a bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.grokking.modular_addition.theory import coverage
from sims.grokking.scales import coverage_fraction

if TYPE_CHECKING:
    from sims.grokking.phase_diagram.params import Params


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Probability that the train pairs show every a, b and sum, and the fraction for 0.95 of it."""
    pairs, shared = int(task["mask"].sum()), {"shared": 1}
    data = {
        "coverage": ((), coverage(params.p, pairs), shared),
        "coverage_fraction": ((), coverage_fraction(params.p), shared),
    }
    attrs = {
        "weight_decay": float(params.weight_decay),
        "init_scale": float(params.init_scale),
        "p": params.p,
        "fraction": pairs / params.p**2,
        "gap": int(params.gap),
        "steps": schedule.steps,
    }
    return xr.Dataset(data, attrs=attrs)
