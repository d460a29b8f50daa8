"""Figures of neural collapse: what theory says, and empty traces for the run."""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from app.figures.neural_collapse.free_features import free_features
from app.figures.neural_collapse.real_network import real_network
from app.figures.neural_collapse.sweeps import free_features_swept, real_network_swept
from app.figures.panels import View
from app.figures.reading import Tolerances

_VIEWS: dict[str, Callable[..., View]] = {
    "free_features": free_features,
    "real_network": real_network,
}
_SWEEP_VIEWS: dict[str, Callable[[xr.Dataset, str, Tolerances], View]] = {
    "free_features": free_features_swept,
    "real_network": real_network_swept,
}


def view(experiment_name: str) -> Callable[..., View]:
    """The view of an experiment by full or short name: (prediction, tolerances) -> View."""
    return _VIEWS[experiment_name.rsplit("/", maxsplit=1)[-1]]


def sweep_view(experiment_name: str) -> Callable[..., View]:
    """The view of its sweeps: (prediction, over, tolerances) -> View."""
    known = _SWEEP_VIEWS[experiment_name.rsplit("/", maxsplit=1)[-1]]

    def drawn(prediction: xr.Dataset, over: str, tolerances: Tolerances | None = None) -> View:
        return known(prediction, over, tolerances or {})

    return drawn
