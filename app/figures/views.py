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
from app.figures.panels import View
from app.figures.reading import Tolerances
from sims import api
from sims.core.experiment import Experiment


def view(name: str, prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """The view of a prediction of the experiment called `name`.

    Raises:
        KeyError: it has none.
    """
    known = experiments()[name]
    if known.view is not None:
        return render.view(known, known.view, prediction, tolerances or {})
    return _listed("VIEWS", name)(prediction, tolerances or {})


def sweep_view(
    name: str, prediction: xr.Dataset, knobs: Sequence[str], tolerances: Tolerances | None = None
) -> View:
    """The view of a sweep over one knob, or the maps over two.

    Raises:
        KeyError: it has none.
    """
    known = experiments().get(name)
    if len(knobs) == 1:
        if known is not None and known.view is not None:
            return render.sweep_view(known, known.view, prediction, knobs[0], tolerances or {})
        return _listed("SWEEP_VIEWS", name)(prediction, knobs[0], tolerances or {})
    return _listed("GRID_VIEWS", name)(prediction, knobs, tolerances or {})


@cache
def experiments() -> dict[str, Experiment]:
    """Every experiment by its name."""
    return {experiment.name: experiment for experiment in api.experiments()}


def _listed(table: str, name: str) -> Callable[..., View]:
    """The entry of an experiment; only the figures of its phenomenon are imported."""
    phenomenon, _, short = name.partition("/")
    figures = importlib.import_module(f"app.figures.{phenomenon}")
    return getattr(figures, table, {})[short]
