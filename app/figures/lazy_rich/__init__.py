"""Figures of lazy and rich training: what theory says, and empty traces for the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import xarray as xr

from app.figures.lazy_rich.diagonal_network import diagonal_network, scales
from app.figures.lazy_rich.one_neuron import one_neuron
from app.figures.lazy_rich.parity import parity
from app.figures.lazy_rich.phase_diagram import cut, diagram, phase_diagram
from app.figures.lazy_rich.two_layer_network import two_layer_network, widths
from app.figures.panels import View
from app.figures.reading import Tolerances

_VIEWS: dict[str, Callable[..., View]] = {
    "two_layer_network": two_layer_network,
    "diagonal_network": diagonal_network,
    "one_neuron": one_neuron,
    "parity": parity,
    "phase_diagram": phase_diagram,
}
_SWEEP_VIEWS: dict[str, Callable[[xr.Dataset, str, Tolerances], View]] = {
    "two_layer_network": widths,
    "diagonal_network": scales,
    "phase_diagram": cut,
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


def grid_view(experiment_name: str) -> Callable[..., View]:
    """The view of its sweeps over two knobs: (prediction, knobs, tolerances) -> View."""
    known = {"phase_diagram": diagram}[experiment_name.rsplit("/", maxsplit=1)[-1]]

    def drawn(
        prediction: xr.Dataset, over: Sequence[str], tolerances: Tolerances | None = None
    ) -> View:
        return known(prediction, over, tolerances or {})

    return drawn
