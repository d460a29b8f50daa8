"""Figures of saddle-to-saddle dynamics: what theory says, and empty traces for the run.

A variable the theory does not predict for these settings is absent from the prediction; its curve,
or a panel that would be empty without it, is then absent too.
"""

from __future__ import annotations

from app.figures.saddle_to_saddle.linear_network import linear_network
from app.figures.sweeps import jump_times_against

VIEWS = {
    "linear_network": linear_network,
}
SWEEP_VIEWS = {"linear_network": jump_times_against}
