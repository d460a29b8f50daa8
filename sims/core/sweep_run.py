"""The training of a sweep: groups of runs side by side, measured and judged point by point."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.part import Block
from sims.core.setup import Setup
from sims.core.simulation import Run, Seen
from sims.core.study import Judged, Prepared, side_by_side
from sims.core.swept_file import tree_of

if TYPE_CHECKING:
    from sims.core.sweep import Sweep

HEARD = 0.1
"""Seconds between two words on the progress."""


class GroupedRun:
    """What some groups of predicted settings train; one thread at a time may advance it."""

    def __init__(
        self, starts: Mapping[int, Prepared], groups: Sequence[Sequence[int]], device: str
    ) -> None:
        """Nothing is compiled or trained yet; `starts` has every index that is in a group."""
        self.starts, self.device = starts, device
        self._groups = groups
        self._run: Run | None = None
        self._done_groups = 0
        self._results: dict[int, Judged] = {}
        self.finished: tuple[int, ...] = ()
        """Indices whose results are there, in the order in which they came."""

    @property
    def done(self) -> bool:
        """All points trained and judged."""
        return self._done_groups == len(self._groups)

    @property
    def progress(self) -> float:
        """Fraction of all records computed."""
        inside = 0.0 if self._run is None else self._run.rows / self._run.total_rows
        return (self._done_groups + inside) / len(self._groups)

    def compile(self) -> None:
        """Build the programs of every group (slow the first time)."""
        for group in self._groups[self._done_groups :]:
            self._start(group).compile()

    def advance(self, seconds: float) -> None:
        """Train for about that long, or measure and judge one more point of a finished group."""
        if self.done:
            return
        group = self._groups[self._done_groups]
        if self._run is None:
            self._run = self._start(group)
        if not self._run.done:
            self._run.advance(seconds)
            return
        place = sum(i in self._results for i in group)
        self._judge(group[place], place, self._run)
        if place + 1 == len(group):
            self._run = None
            self._done_groups += 1

    def finish(
        self,
        told: Callable[[float], None] | None = None,
        judged: Callable[[int], None] | None = None,
        threads: int | None = None,
    ) -> None:
        """Train and judge all that is left; `told` hears of the progress, `judged` of each group.

        On a CPU groups train side by side, a thread each, as many as there are cores or `threads`,
        and are judged while others train, in the thread that asks.
        """
        left = self._groups[self._done_groups :]
        ended = threading.Event()
        runs = [self._start(group) for group in left]
        if self._run is not None:
            runs[0] = self._run

        def train(run: Run) -> None:
            while not (run.done or ended.is_set()):
                run.advance(HEARD)

        most = threads or os.cpu_count() or 1
        with ThreadPoolExecutor(most if self.device == "cpu" else 1) as pool:
            try:
                training = [pool.submit(train, run) for run in runs]
                for group, run, trained in zip(left, runs, training, strict=True):
                    while wait([trained], HEARD).not_done:
                        if told is not None:
                            told(self._share_of(runs))
                    trained.result()
                    for place, i in enumerate(group):
                        if i not in self._results:
                            self._judge(i, place, run)
                    self._done_groups += 1
                    if judged is not None:
                        judged(self._done_groups - 1)
            finally:
                ended.set()
        self._run = None
        if told is not None:
            told(self.progress)

    def _share_of(self, runs: list[Run]) -> float:
        before = len(self._groups) - len(runs)
        return (before + sum(r.rows / r.total_rows for r in runs)) / len(self._groups)

    def _start(self, group: Sequence[int]) -> Run:
        return side_by_side([self.starts[i] for i in group], self.device)

    def _judge(self, i: int, place: int, run: Run) -> None:
        self._results[i] = self.starts[i].judge(self._seen(i, place, run))
        self.finished = (*self.finished, i)

    def _seen(self, i: int, place: int, run: Run) -> Seen:
        """The run of the i-th point, which has that place in its group."""
        setup = self.starts[i].setup
        width = len(setup.seeds)
        return _Lanes(run, place * width, width, setup)

    def result(self, i: int) -> Judged:
        """Run and claims of the i-th point."""
        return self._results[i]


class SweepRun(GroupedRun):
    """What a sweep trains that is predicted whole."""

    def __init__(self, sweep: Sweep) -> None:
        """Nothing is compiled or trained yet."""
        super().__init__(dict(enumerate(sweep.starts)), sweep.groups, sweep.device)
        self.sweep = sweep

    def tree(self) -> xr.DataTree:
        """The file of the sweep: task, prediction, sweep, claims."""
        sweep, points = self.sweep, range(self.sweep.grid.points)
        starts = [self.starts[i] for i in points]
        block = Block.of(points, starts, [self._results[i] for i in points])
        return tree_of(
            sweep.grid, lambda: [block], self.device, lambda: starts[0].setup,
            predicted_at=sweep.predicted_at,
        )  # fmt: skip


class _Lanes:
    """The runs of one sweep point, seen as a Run of their own."""

    def __init__(self, run: Run, start: int, width: int, setup: Setup) -> None:
        rows = len(setup.schedule.record_steps)
        part = slice(start, start + width)
        self.records = {n: v[part, :rows] for n, v in run.records.items()}
        self.snapshots: dict[str, np.ndarray] = {}
        self.rows, self.snapshot_rows = rows, 0
        self.stopped = run.stopped[part]
