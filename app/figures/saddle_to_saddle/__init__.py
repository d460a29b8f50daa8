"""Figures of saddle-to-saddle dynamics: what theory says, and empty traces for the run.

A variable the theory does not predict for these settings is absent from the prediction; its curve,
or a panel that would be empty without it, is then absent too.
"""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from app.figures.panels import View
from app.figures.reading import Tolerances
from app.figures.saddle_to_saddle.diagonal_network import diagonal_network
from app.figures.saddle_to_saddle.linear_network import DERIVED, linear_network
from app.figures.saddle_to_saddle.matrix_completion import matrix_completion
from app.figures.sweeps import jump_times_against

_VIEWS: dict[str, Callable[..., View]] = {
    "linear_network": linear_network,
    "diagonal_network": diagonal_network,
    "matrix_completion": matrix_completion,
}


def view(experiment_name: str) -> Callable[..., View]:
    """The view of an experiment by full or short name: (prediction, tolerances) -> View."""
    return _VIEWS[experiment_name.rsplit("/", maxsplit=1)[-1]]


def sweep_view(experiment_name: str) -> Callable[..., View]:
    """The view of its sweeps: (prediction, over, tolerances) -> View."""
    if experiment_name.rsplit("/", maxsplit=1)[-1] != "linear_network":
        raise KeyError(experiment_name)

    def drawn(prediction: xr.Dataset, over: str, tolerances: Tolerances | None = None) -> View:
        return jump_times_against(prediction, over, tolerances or {}, DERIVED)

    return drawn
