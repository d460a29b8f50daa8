"""Figures of the edge of stability: what theory says, and empty traces for the run.

A variable the theory does not predict for these settings, or not yet, is absent from the
prediction or NaN; its curve, or a panel that would be empty without it, is then absent too.
"""

from __future__ import annotations

from app.figures.edge_of_stability.neural_network import learning_rates, neural_network

VIEWS = {
    "neural_network": neural_network,
}
SWEEP_VIEWS = {"neural_network": learning_rates}
