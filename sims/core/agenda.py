"""What of a run's schedule is done, and what its next chunk does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sims.core.schedule import Schedule

CHUNK = 128
"""Records a compiled chunk can take at most; how many it takes is traced."""
SHOTS = 48
"""Snapshots a compiled chunk can take at most."""
PARTS = SHOTS + 3
"""Numbers that say which records of a chunk have a snapshot."""


class Plan(NamedTuple):
    """One chunk: `rows` records, `shots` snapshots and `steps` steps.

    Without records it is as many steps towards the next one.
    """

    rows: int
    shots: int
    steps: int
    strides: np.ndarray
    parts: np.ndarray


NOTHING = np.zeros(0, np.int32)


class Agenda:
    """The records and snapshots of a run, (record,), or for points of a sweep (point, record).

    `sent` records and `at` steps are behind what was planned last; points of a sweep count the
    steps of the longest. Points that need fewer records repeat their last one.
    """

    def __init__(self, schedule: Schedule | Sequence[Schedule]) -> None:
        self.strides, self.shot = _layout(schedule)
        self.rows, self.shots = self.strides.shape[-1], int(self.shot.sum())
        self.steps = np.cumsum(self.strides, axis=-1, dtype=np.int64)
        longest = self.strides.reshape(-1, self.rows).max(axis=0)
        self._due = np.cumsum(longest, dtype=np.int64)
        self._taken = np.concatenate([[0], np.cumsum(self.shot)])
        self.sent = self.at = 0

    def steps_of(self, seed: int) -> np.ndarray:
        """Steps of the records of a seed or point."""
        return self.steps if self.steps.ndim == 1 else self.steps[seed]

    def plan(
        self, goal: int, budget: int, whole: int, places: int, kick: int | None
    ) -> Plan | None:
        """The next chunk of about `budget` steps, up to record `goal` and not beyond step `kick`.

        The first record is done in one go if it is at most `whole` steps away, or that of a sweep.
        """
        begin, end = self.sent, min(goal, self.sent + CHUNK)
        ahead = self._due[begin:end] - self.at
        if not ahead.size:
            return None
        free = int(ahead[-1]) if kick is None else kick - self.at
        count = int(np.searchsorted(ahead, min(budget, free), side="right"))
        if count == 0 and ahead[0] <= free and (self.strides.ndim > 1 or ahead[0] <= whole):
            count = 1
        taken = self._taken[begin + 1 : end + 1] - self._taken[begin]
        count = min(count, int(np.searchsorted(taken, places, side="right")))
        if count == 0:
            return Plan(0, 0, min(budget, free), NOTHING, NOTHING)
        return self._with_records(count, int(taken[count - 1]), int(ahead[count - 1]))

    def _with_records(self, count: int, shots: int, steps: int) -> Plan:
        begin, end = self.sent, self.sent + count
        strides = np.zeros((*self.strides.shape[:-1], CHUNK), np.int32)
        strides[..., :count] = self.strides[..., begin:end]
        strides[..., 0] -= self.at - (self._due[begin - 1] if begin else 0)
        parts = np.full(PARTS, count, np.int32)
        parts[:2] = shots, 0
        parts[2 : 2 + shots] = np.flatnonzero(self.shot[begin:end]) + 1
        return Plan(count, shots, steps, strides, parts)

    def send(self, plan: Plan) -> None:
        """The plan is under way: what is planned next begins behind it."""
        self.sent += plan.rows
        self.at += plan.steps


def _layout(schedule: Schedule | Sequence[Schedule]) -> tuple[np.ndarray, np.ndarray]:
    """Steps before each record, and which records are snapshots."""
    if isinstance(schedule, Schedule):
        shot = np.zeros(len(schedule.record_steps), bool)
        shot[schedule.snapshot_records] = True
        return np.diff(schedule.record_steps, prepend=0).astype(np.int32), shot
    length = max(len(s.record_steps) for s in schedule)
    strides = np.zeros((len(schedule), length), np.int32)
    for row, s in zip(strides, schedule, strict=True):
        row[: len(s.record_steps)] = np.diff(s.record_steps, prepend=0)
    return strides, np.zeros(length, bool)
