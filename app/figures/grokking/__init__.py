"""Figures of grokking: what theory says, and empty traces for the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import xarray as xr

from app.figures.grokking.fourier_staircase import fourier_staircase
from app.figures.grokking.linear_estimator import linear_estimator
from app.figures.grokking.modular_addition import modular_addition
from app.figures.grokking.modular_sweeps import fractions
from app.figures.grokking.phase_diagram import cut, diagram, phase_diagram
from app.figures.grokking.sweeps import clocks, delays, drops
from app.figures.grokking.weight_decay_timing import weight_decay_timing
from app.figures.panels import View
from app.figures.reading import Tolerances

_VIEWS: dict[str, Callable[..., View]] = {
    "linear_estimator": linear_estimator,
    "modular_addition": modular_addition,
    "weight_decay_timing": weight_decay_timing,
    "fourier_staircase": fourier_staircase,
    "phase_diagram": phase_diagram,
}
_SWEEP_VIEWS: dict[str, Callable[[xr.Dataset, str, Tolerances], View]] = {
    "linear_estimator": delays,
    "weight_decay_timing": clocks,
    "fourier_staircase": drops,
    "modular_addition": fractions,
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
