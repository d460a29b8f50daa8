"""Figures of grokking: what theory says, and empty traces for the run."""

from __future__ import annotations

from app.figures.grokking.modular_addition import modular_addition
from app.figures.grokking.modular_sweeps import fractions

VIEWS = {
    "modular_addition": modular_addition,
}
SWEEP_VIEWS = {
    "modular_addition": fractions,
}
