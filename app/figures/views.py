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
from sims.core.experiment import Experiment
from sims.core.registry import find, registry


def view(
    what: str | Experiment, prediction: xr.Dataset, tolerances: Tolerances | None = None
) -> View:
    """The view of a prediction: as the experiment declares it, by hand, or the usual one.

    Raises:
        ValueError: there is no experiment of that id.
    """
    experiment = find(what)
    by_hand = _by_hand("VIEWS", experiment)
    if by_hand is not None:
        return by_hand(prediction, tolerances or {})
    declared = experiment.view or usual(experiment, Known(prediction))
    return render.view(experiment, declared, prediction, tolerances or {})


def sweep_view(
    what: str | Experiment,
    prediction: xr.Dataset,
    knobs: Sequence[str],
    tolerances: Tolerances | None = None,
) -> View:
    """The view of a sweep over one knob, or the maps over two.

    Raises:
        ValueError: there is no experiment of that id, or no picture of such a sweep.
    """
    experiment = find(what)
    over = knobs[0] if len(knobs) == 1 else tuple(knobs)
    by_hand = _by_hand("SWEEP_VIEWS" if len(knobs) == 1 else "GRID_VIEWS", experiment)
    if by_hand is not None:
        return by_hand(prediction, over, tolerances or {})
    return render.sweep_view(experiment, experiment.view, prediction, over, tolerances or {})


def _by_hand(table: str, experiment: Experiment) -> Callable[..., View] | None:
    """What draws a shipped experiment that declares no view; only its phenomenon is imported."""
    phenomenon, _, short = experiment.name.partition("/")
    if experiment.view is not None or registry.origin(experiment).kind != "shipped":
        return None
    if find_spec(f"app.figures.{phenomenon}") is None:
        return None
    figures = importlib.import_module(f"app.figures.{phenomenon}")
    return getattr(figures, table, {}).get(short)
