"""The view of any experiment: as it declares it, or by hand from its phenomenon's figures.

The tables of what is drawn by hand are dicts by the experiment's short name: VIEWS (prediction,
tolerances) -> View, and where it is swept SWEEP_VIEWS (prediction, knob, tolerances) -> View for
one knob and GRID_VIEWS (prediction, knobs, tolerances) -> View for two.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import xarray as xr

from app.figures import render
from app.figures.known import Known
from app.figures.panels import View
from app.figures.reading import Tolerances
from app.figures.usual import usual
from sims import api
from sims.core.experiment import Experiment


def view(
    of: Experiment | str, prediction: xr.Dataset, tolerances: Tolerances | None = None
) -> View:
    """The view of a prediction: as the experiment declares it, by hand, or the usual one.

    Raises:
        ValueError: there is no experiment of that id.
    """
    experiment = api.experiment(of) if isinstance(of, str) else of
    drawn = None if experiment.view is not None else _listed("VIEWS", experiment.name)
    if drawn is not None:
        return drawn(prediction, tolerances or {})
    declared = experiment.view or usual(experiment, Known(prediction))
    return render.view(experiment, declared, prediction, tolerances or {})


def sweep_view(
    of: Experiment | str,
    prediction: xr.Dataset,
    knobs: Sequence[str],
    tolerances: Tolerances | None = None,
) -> View:
    """The view of a sweep over one knob, or the maps over two.

    Raises:
        ValueError: there is no experiment of that id.
        KeyError: it has none.
    """
    experiment = api.experiment(of) if isinstance(of, str) else of
    table = "SWEEP_VIEWS" if len(knobs) == 1 else "GRID_VIEWS"
    drawn = None if experiment.view is not None else _listed(table, experiment.name)
    if drawn is not None:
        return drawn(prediction, knobs[0] if len(knobs) == 1 else knobs, tolerances or {})
    over = knobs[0] if len(knobs) == 1 else tuple(knobs)
    return render.sweep_view(experiment, experiment.view, prediction, over, tolerances or {})


def _listed(table: str, name: str) -> Callable[..., View] | None:
    """What draws an experiment by hand, if something does; only its phenomenon is imported."""
    phenomenon, _, short = name.partition("/")
    if find_spec(f"app.figures.{phenomenon}") is None:
        return None
    figures = importlib.import_module(f"app.figures.{phenomenon}")
    return getattr(figures, table, {}).get(short)
