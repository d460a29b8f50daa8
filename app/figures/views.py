"""The view of any experiment: as it declares it, or by hand from its phenomenon's figures.

The tables of what is drawn by hand are dicts by the experiment's short name: VIEWS (prediction,
tolerances) -> View, and where it is swept SWEEP_VIEWS (prediction, knob, tolerances) -> View for
one knob and GRID_VIEWS (prediction, knobs, tolerances) -> View for two.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import cache

import xarray as xr

from app.figures import render
from app.figures.known import Known
from app.figures.panels import View
from app.figures.reading import Tolerances
from app.figures.usual import usual
from sims import api
from sims.core.experiment import Experiment


def view(name: str, prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """The view of a prediction of the experiment called `name`.

    Raises:
        KeyError: there is no such experiment.
    """
    known = experiments()[name]
    drawn = _listed("VIEWS", name)
    if known.view is None and drawn is not None:
        return drawn(prediction, tolerances or {})
    return view_of(known, prediction, tolerances)


def view_of(
    experiment: Experiment, prediction: xr.Dataset, tolerances: Tolerances | None = None
) -> View:
    """The view an experiment declares, or the usual one."""
    declared = experiment.view or usual(experiment, Known(prediction))
    return render.view(experiment, declared, prediction, tolerances or {})


def sweep_view(
    name: str, prediction: xr.Dataset, knobs: Sequence[str], tolerances: Tolerances | None = None
) -> View:
    """The view of a sweep over one knob, or the maps over two.

    Raises:
        KeyError: it has none.
    """
    known = experiments()[name]
    if known.view is not None and len(knobs) == 1:
        return render.sweep_view(known, known.view, prediction, knobs[0], tolerances or {})
    if known.view is not None:
        return render.grid_view(known, known.view, prediction, knobs, tolerances or {})
    drawn = _listed("SWEEP_VIEWS" if len(knobs) == 1 else "GRID_VIEWS", name)
    if drawn is None:
        raise KeyError(name)
    return drawn(prediction, knobs[0] if len(knobs) == 1 else knobs, tolerances or {})


@cache
def experiments() -> dict[str, Experiment]:
    """Every experiment by its name."""
    return {experiment.name: experiment for experiment in api.experiments()}


def _listed(table: str, name: str) -> Callable[..., View] | None:
    """The entry of an experiment, if it has one; only its phenomenon's figures are imported."""
    phenomenon, _, short = name.partition("/")
    figures = importlib.import_module(f"app.figures.{phenomenon}")
    return getattr(figures, table, {}).get(short)
