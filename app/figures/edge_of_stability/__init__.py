"""Figures of the edge of stability: what theory says, and empty traces for the run.

A variable the theory does not predict for these settings, or not yet, is absent from the
prediction or NaN; its curve, or a panel that would be empty without it, is then absent too.
"""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from app.figures.edge_of_stability.neural_network import learning_rates, neural_network
from app.figures.edge_of_stability.scalar_models import scalar_models
from app.figures.edge_of_stability.self_stabilisation import self_stabilisation
from app.figures.panels import View
from app.figures.reading import Tolerances

_VIEWS: dict[str, Callable[..., View]] = {
    "neural_network": neural_network,
    "self_stabilisation": self_stabilisation,
    "scalar_models": scalar_models,
}


def view(experiment_name: str) -> Callable[..., View]:
    """The view of an experiment by full or short name: (prediction, tolerances) -> View."""
    return _VIEWS[experiment_name.rsplit("/", maxsplit=1)[-1]]


def sweep_view(experiment_name: str) -> Callable[..., View]:
    """The view of its sweeps: (prediction, over, tolerances) -> View."""
    if experiment_name.rsplit("/", maxsplit=1)[-1] != "neural_network":
        raise KeyError(experiment_name)

    def drawn(prediction: xr.Dataset, over: str, tolerances: Tolerances | None = None) -> View:
        if over != "eta":
            raise KeyError(over)
        return learning_rates(prediction, tolerances or {})

    return drawn
