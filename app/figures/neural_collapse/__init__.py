"""Figures of neural collapse: what theory says, and empty traces for the run."""

from __future__ import annotations

from app.figures.neural_collapse.free_features import free_features
from app.figures.neural_collapse.real_network import real_network
from app.figures.neural_collapse.sweeps import free_features_swept, real_network_swept

VIEWS = {"free_features": free_features, "real_network": real_network}
SWEEP_VIEWS = {"free_features": free_features_swept, "real_network": real_network_swept}
