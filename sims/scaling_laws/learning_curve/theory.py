"""The mean loss of every schedule, exactly and with pen and paper. Nothing here sees a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.scaling_laws import pen_and_paper, races
from sims.scaling_laws.problem import Problem

if TYPE_CHECKING:
    from sims.scaling_laws.learning_curve.params import Params


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """The race, with `one_line` for the constant rate, NaN before the first step; its landscape."""
    noise, B, k = float(params.noise), params.batch_size, schedule.record_steps
    tail, eta = float(task["tail"]), float(task["eta"])
    a, b = float(params.a), float(params.b)
    problem = Problem(task["lam"], task["target"], tail, noise**2 + tail)
    line = pen_and_paper.one_line(a, b, params.width, noise, eta, B, k[1:])
    found = races.predicted(params, problem, eta, k).assign(
        one_line=("record", np.append(np.nan, line)), slope=-(b - 1) / a
    )
    yield found
    if (whole := races.with_landscape(found, params, problem)) is not None:
        yield whole
