"""When a run over many decades of steps is looked at."""

from __future__ import annotations

import numpy as np

from sims.core.schedule import SNAPSHOTS, Schedule

EVEN = LOGARITHMIC = 100
"""Records of either kind."""


def schedule(steps: int, *, first: int = 0, snapshots: int = SNAPSHOTS) -> Schedule:
    """Step 0, a hundred even steps and a hundred log-spaced ones, and each of the `first`.

    Snapshots are the records nearest to so many log-spaced steps. Time counts steps: the learning
    rate differs between seeds.
    """
    even = np.linspace(0, steps, EVEN + 1)
    spread = np.geomspace(1, steps, LOGARITHMIC)
    early = np.arange(min(first, steps) + 1)
    records = np.unique(np.round(np.concatenate([even, spread, early])).astype(np.int64))
    wanted = np.geomspace(1, steps, snapshots - 1) if snapshots else np.zeros(0)
    above = np.searchsorted(records, wanted)
    nearer = wanted - records[above - 1] < records[above] - wanted
    shots = np.unique(np.concatenate([[0], above - nearer])) if snapshots else above
    return Schedule(records, shots.astype(np.int64), 1.0)
