"""The view of any experiment: as it declares it, or the usual one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import xarray as xr

from app.figures import render
from app.figures.panels import View
from app.figures.usual import usual
from sims.core.experiment import Claim, Experiment
from sims.core.registry import find
from sims.view.known import Known


def view(
    what: str | Experiment, prediction: xr.Dataset, tolerances: Mapping[str, float] | None = None
) -> View:
    """The view of a prediction; `tolerances` by claim, as far as they are known before the run.

    Raises:
        ValueError: there is no experiment of that id.
    """
    experiment = find(what)
    declared = experiment.view or usual(experiment, Known(prediction))
    return render.view(experiment, declared, prediction, tolerances or {})


def sweep_view(
    what: str | Experiment,
    prediction: xr.Dataset,
    knobs: Sequence[str],
    tolerances: Mapping[str, float] | None = None,
    claims: Sequence[Claim] = (),
) -> View:
    """The view of a sweep over one knob, or the maps over two, with the skill of some claims.

    Raises:
        ValueError: there is no experiment of that id, or no picture of such a sweep.
    """
    experiment = find(what)
    over = knobs[0] if len(knobs) == 1 else tuple(knobs)
    declared = experiment.view
    return render.sweep_view(experiment, declared, prediction, over, tolerances or {}, claims)
