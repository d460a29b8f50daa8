"""Figures of lazy and rich training: what theory says, and empty traces for the run."""

from __future__ import annotations

from app.figures.lazy_rich.diagonal_network import diagonal_network, scales
from app.figures.lazy_rich.parity import parity
from app.figures.lazy_rich.phase_diagram import cut, diagram, phase_diagram
from app.figures.lazy_rich.two_layer_network import two_layer_network, widths

VIEWS = {
    "two_layer_network": two_layer_network,
    "diagonal_network": diagonal_network,
    "parity": parity,
    "phase_diagram": phase_diagram,
}
SWEEP_VIEWS = {
    "two_layer_network": widths,
    "diagonal_network": scales,
    "phase_diagram": cut,
}
GRID_VIEWS = {"phase_diagram": diagram}
