"""When a run is looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

RECORDS = 240
"""Records of a run, at most."""
SNAPSHOTS = 60
"""Evenly spaced snapshots of a run, at most."""


@dataclass(frozen=True)
class Schedule:
    """When a run is looked at; fixed before it, the same for every seed.

    `record_steps` (record,) strictly increasing from 0; `snapshot_records` (snapshot,) indices into
    it; `time_per_step` turns steps into the theory's time (1.0 where time is counted in steps).
    """

    record_steps: np.ndarray
    snapshot_records: np.ndarray
    time_per_step: float

    @classmethod
    def until(
        cls,
        horizon: float,
        time_per_step: float = 1.0,
        *,
        records: int = RECORDS,
        snapshots: int = SNAPSHOTS,
    ) -> Schedule:
        """At most that many even records until the horizon is reached, and snapshots among them."""
        steps = even(steps_until(float(horizon), float(time_per_step)), records)
        return cls(steps, even(len(steps) - 1, snapshots), float(time_per_step))

    @property
    def steps(self) -> int:
        """Number of steps of the whole run."""
        return int(self.record_steps[-1])

    @property
    def snapshot_steps(self) -> np.ndarray:
        """Steps of the snapshots, (snapshot,)."""
        return self.record_steps[self.snapshot_records]

    @property
    def record_times(self) -> np.ndarray:
        """Times of the records, (record,)."""
        return self.record_steps * self.time_per_step

    @property
    def snapshot_times(self) -> np.ndarray:
        """Times of the snapshots, (snapshot,)."""
        return self.snapshot_steps * self.time_per_step


def steps_until(horizon: float, time_per_step: float) -> int:
    """Steps that reach the horizon, at least 1; rounding of the ratio adds none."""
    return max(1, math.ceil(horizon / time_per_step - 1e-9))


def even(last: int, most: int) -> np.ndarray:
    """At most `most` whole numbers from 0 to `last`, evenly spaced."""
    return np.unique(np.round(np.linspace(0, last, min(most, last + 1))).astype(np.int64))
