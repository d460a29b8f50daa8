"""The training of a sweep: groups of runs side by side, measured and judged point by point."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core import archive
from sims.core.claims import judge_sweep
from sims.core.setup import Setup
from sims.core.simulation import Run, Seen
from sims.core.study import Judged, Prepared, side_by_side

if TYPE_CHECKING:
    from sims.core.sweep import Sweep

HEARD = 0.1
"""Seconds between two words on the progress."""
CODES = ("lands", "departs", "surprise", "not judged")


class SweepRun:
    """What a predicted sweep trains; one thread at a time may advance it."""

    def __init__(self, sweep: Sweep) -> None:
        """Nothing is compiled or trained yet."""
        self.sweep = sweep
        self.starts: tuple[Prepared, ...] = tuple(sweep.starts)
        self._groups = sweep.groups
        self._run: Run | None = None
        self._done_groups = 0
        self._results: dict[int, Judged] = {}
        self.finished: tuple[int, ...] = ()
        """Points (flat index) whose results are there, in the order in which they came."""

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

    def finish(self, told: Callable[[float], None] | None = None) -> None:
        """Train and judge all that is left; `told` hears of the progress.

        On a CPU groups train side by side, a thread each, and are judged while others train.
        """
        left = self._groups[self._done_groups :]
        ended = threading.Event()
        runs = [self._start(group) for group in left]
        if self._run is not None:
            runs[0] = self._run

        def train(run: Run) -> None:
            while not (run.done or ended.is_set()):
                run.advance(HEARD)

        threads = (os.cpu_count() or 1) if self.sweep.device == "cpu" else 1
        with ThreadPoolExecutor(threads) as pool:
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
            finally:
                ended.set()
        self._run = None
        if told is not None:
            told(self.progress)

    def _share_of(self, runs: list[Run]) -> float:
        before = len(self._groups) - len(runs)
        return (before + sum(r.rows / r.total_rows for r in runs)) / len(self._groups)

    def _start(self, group: list[int]) -> Run:
        return side_by_side([self.starts[i] for i in group], self.sweep.device)

    def _judge(self, i: int, place: int, run: Run) -> None:
        self._results[i] = self.starts[i].judge(self._seen(i, place, run))
        self.finished = (*self.finished, i)

    def _seen(self, i: int, place: int, run: Run) -> Seen:
        """The run of the i-th point, which has that place in its group."""
        width = len(self.sweep.seeds)
        return _Part(run, place * width, width, self.starts[i].setup)

    def result(self, i: int) -> Judged:
        """Run and claims of the i-th point."""
        return self._results[i]

    def tree(self) -> xr.DataTree:
        """The file of the sweep: task, prediction, sweep, claims."""
        sweep = self.sweep
        results = [self._results[i] for i in range(len(self.starts))]
        runs = [_last(judged.seen) for judged in results]
        claims = [_coded(judged.claims) for judged in results if judged.claims is not None]
        groups = {
            "/task": sweep.gridded(
                [
                    archive.task_group(s).drop_dims(["record", "snapshot"], errors="ignore")
                    for s in sweep.setups
                ]
            ),
            "/prediction": sweep.prediction(),
            "/sweep": sweep.gridded(runs).transpose(*sweep.axes, "seed", ...),
            "/claims": sweep.gridded(claims).transpose("claim", *sweep.axes, "seed"),
        }
        if whole := sweep.whole_claims:
            judged = judge_sweep(
                whole, sweep.setups[0], groups["/prediction"], groups["/sweep"], sweep.assumptions()
            )
            groups["/claims"] = groups["/claims"].merge(judged)
        groups["/sweep"].attrs["axes"] = ",".join(sweep.axes)
        made = xr.DataTree.from_dict(groups)
        made.attrs = archive.root_attributes(
            sweep.experiment,
            sweep.base,
            sweep.seeds,
            preset=sweep.preset,
            device=sweep.device,
            prediction=groups["/prediction"],
            predicted_at=sweep.predicted_at,
        )
        return made


class _Part:
    """The runs of one sweep point, seen as a Run of their own."""

    def __init__(self, run: Run, start: int, width: int, setup: Setup) -> None:
        rows = len(setup.schedule.record_steps)
        part = slice(start, start + width)
        self.records = {n: v[part, :rows] for n, v in run.records.items()}
        self.snapshots: dict[str, np.ndarray] = {}
        self.rows, self.snapshot_rows = rows, 0
        self.stopped = run.stopped[part]


def _last(run: xr.Dataset) -> xr.Dataset:
    """Scalars at the last record, and measured counterparts."""
    kept = {}
    for name, variable in run.data_vars.items():
        if variable.dims == ("seed", "record"):
            kept[name] = variable.isel(record=-1, drop=True)
        elif not {"record", "snapshot"} & set(variable.dims):
            kept[name] = variable
    return xr.Dataset(kept).reset_coords(drop=True)


def _coded(claims: xr.Dataset) -> xr.Dataset:
    """Verdict (int8 with flag_meanings), error, tolerance and skill of one point."""
    codes = np.array([CODES.index(v) for v in claims["verdict"].values], np.int8)
    meanings = {
        "flag_values": list(range(len(CODES))),
        "flag_meanings": " ".join(c.replace(" ", "_") for c in CODES),
    }
    return xr.Dataset(
        {
            "verdict": ("claim", codes, meanings),
            "error": claims["error"],
            "tolerance": claims["tolerance"],
            "skill": claims["skill"],
        }
    )
