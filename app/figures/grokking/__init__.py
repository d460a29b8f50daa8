"""Figures of grokking: what theory says, and empty traces for the run."""

from __future__ import annotations

from app.figures.grokking.fourier_staircase import fourier_staircase
from app.figures.grokking.linear_estimator import linear_estimator
from app.figures.grokking.modular_addition import modular_addition
from app.figures.grokking.modular_sweeps import fractions
from app.figures.grokking.phase_diagram import cut, diagram, phase_diagram
from app.figures.grokking.sweeps import delays, drops

VIEWS = {
    "linear_estimator": linear_estimator,
    "modular_addition": modular_addition,
    "fourier_staircase": fourier_staircase,
    "phase_diagram": phase_diagram,
}
SWEEP_VIEWS = {
    "linear_estimator": delays,
    "fourier_staircase": drops,
    "modular_addition": fractions,
    "phase_diagram": cut,
}
GRID_VIEWS = {"phase_diagram": diagram}
