"""The view of any experiment: as it declares it, or by hand from its phenomenon's figures.

The tables of what is drawn by hand are dicts by the experiment's short name: VIEWS (prediction,
tolerances) -> View, and where it is swept SWEEP_VIEWS (prediction, knob, tolerances) -> View for
one knob and GRID_VIEWS (prediction, knobs, tolerances) -> View for two.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence

import xarray as xr

from app.figures import render
from app.figures.by_default import default_view
from app.figures.panels import View
from app.figures.reading import Tolerances
from sims import view as declared
from sims.core.experiment import Experiment
from sims.core.registry import find, registry


def view(
    what: str | Experiment, prediction: xr.Dataset, tolerances: Tolerances | None = None
) -> View:
    """The view of a prediction of the experiment, from its observables where it declares none."""
    experiment = find(what)
    by_hand = _by_hand("VIEWS", experiment)
    if by_hand is not None:
        return by_hand(prediction, tolerances or {})
    return render.view(experiment, _declared(experiment), prediction, tolerances or {})


def sweep_view(
    what: str | Experiment,
    prediction: xr.Dataset,
    knobs: Sequence[str],
    tolerances: Tolerances | None = None,
) -> View:
    """The view of a sweep over one knob, or the maps over two.

    Raises:
        KeyError: there are no maps of this experiment.
    """
    experiment = find(what)
    if len(knobs) == 1:
        by_hand = _by_hand("SWEEP_VIEWS", experiment)
        if by_hand is not None:
            return by_hand(prediction, knobs[0], tolerances or {})
        words = _declared(experiment)
        return render.sweep_view(experiment, words, prediction, knobs[0], tolerances or {})
    grid = _by_hand("GRID_VIEWS", experiment)
    if grid is None:
        raise KeyError(f"{experiment.name} has no maps")
    return grid(prediction, knobs, tolerances or {})


def _declared(experiment: Experiment) -> declared.View:
    return experiment.view or default_view(experiment)


def _by_hand(table: str, experiment: Experiment) -> Callable[..., View] | None:
    """The hand-made entry of a shipped experiment that declares no view.

    Only the figures of its phenomenon are imported.
    """
    if experiment.view is not None and table != "GRID_VIEWS":
        return None
    if registry.origin(experiment).kind != "shipped":
        return None
    phenomenon, _, short = experiment.name.partition("/")
    figures = importlib.import_module(f"app.figures.{phenomenon}")
    return getattr(figures, table, {}).get(short)
