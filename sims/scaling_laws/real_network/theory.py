"""Mean losses of a real network, from its tangent kernel at birth. Nothing here sees a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.scaling_laws import races
from sims.scaling_laws.real_network import population

if TYPE_CHECKING:
    from sims.scaling_laws.real_network.params import Params

SHARE = 0.02
"""Share of two end losses by which they must differ, besides chance, to be told apart."""


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """The race of the linearised network; how far its features should move; its landscape.

    `eigenvalue` and `share` of the labels are those of every mode; `flat` is 1 if points are as
    long as Gaussian inputs would be.
    """
    found = population.of(task, params.train, float(params.noise))
    eta, problem = float(task["eta"]), found.problem
    told = races.predicted(params, problem, eta, schedule.record_steps, SHARE)
    rates = races.rates_of(params, eta)[0]  # of the constant one, which goes furthest
    moved = (
        0.0
        if params.train == "last"
        else population.feature_change(task, found, float(params.alpha), rates)
    )
    told = told.assign(
        eigenvalue=("mode", problem.lam),
        share=("mode", problem.lam * problem.target**2),
        largest_eigenvalue=found.top,
        flat=found.flat,
        feature_change=moved,
    )
    yield told
    if (whole := races.with_landscape(told, params, problem)) is not None:
        yield whole
