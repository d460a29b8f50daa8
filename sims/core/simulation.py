"""The one run loop: every experiment, page, command and test advances a `Run`."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import jax
import numpy as np

from sims.core.agenda import Agenda, Plan
from sims.core.devices import Device, cpu, device_named
from sims.core.devices import has_gpu as has_gpu
from sims.core.experiment import Experiment, Task
from sims.core.memory import check, fitted
from sims.core.pieces import pieces, suit
from sims.core.programs import Arrays, first, programs
from sims.core.schedule import Schedule

SLICE = 0.025
"""Seconds a chunk should take: long enough to hide its dispatch, short enough to be fair."""
SHORTEST = 0.004
"""Seconds below which a chunk is not cut, however short the slice."""
WATCHED = ("loss", "train_loss")
"""Records that say whether a run has diverged: the first of these it has."""


@runtime_checkable
class Computed(Protocol):
    """What a device is computing, or has computed: a `jax.Array`."""

    def is_ready(self) -> bool:
        """Whether it is there."""
        ...

    def block_until_ready(self) -> Any:
        """Wait until it is."""
        ...


@dataclass(slots=True)
class _Chunk:
    """A dispatched chunk, perhaps still being computed; `end` is there when all of it is.

    `behind` is what its thread dispatched before it, perhaps for another run: one thread's chunks
    are computed one after the other, so that this one begins when that one ends. `seconds` is how
    long it took at most; `met` says that its end was waited for, `exact` that its beginning was
    seen as well.
    """

    plan: Plan
    end: Computed
    arrays: Callable[[], Arrays]
    dispatched: float
    behind: _Chunk | None
    ended: float = 0.0
    seconds: float = 0.0
    met: bool = False
    exact: bool = False

    def wait(self) -> None:
        """Until it is computed. What became of the chunk before is for its own run to find out."""
        if self.ended:
            return
        begun, known, behind = self.dispatched, True, self.behind
        if behind is not None:
            with contextlib.suppress(Exception):
                behind.wait()
            if behind.ended > begun:
                # an end that nobody waited for came earlier than it was seen
                begun, known = (behind.ended, True) if behind.met else (begun, False)
            self.behind = None  # another thread may wait for the same chunk: see `behind` above
        self.met = not self.end.is_ready()
        try:
            self.end.block_until_ready()
        finally:
            self.ended = time.perf_counter()
            self.seconds, self.exact = self.ended - begun, known and self.met


def counts_are_known(device: Device) -> bool:
    """Whether loops there have a length the compiler knows: see `sims.core.pieces`."""
    return device.platform != "cpu"


class _Line(threading.local):
    """The chunk a thread dispatched last."""

    last: _Chunk | None = None


_line = _Line()


def _leaf(value: Any, dtype: str) -> np.ndarray:
    array = np.asarray(value)
    return array.astype(dtype) if array.dtype.kind == "f" else array


def _params_on(device: Device, params: Any, dtype: str) -> Any:
    """Dynamic knobs as arrays of the run's dtype (a weak type would compile again)."""
    if isinstance(params, list):
        leaves = [jax.tree.map(lambda v: _leaf(v, dtype), p) for p in params]
        return jax.tree.map(lambda *v: jax.device_put(np.stack(v), device), *leaves)
    return jax.tree.map(lambda v: jax.device_put(_leaf(v, dtype), device), params)


@runtime_checkable
class Seen(Protocol):
    """What has been recorded of a run so far, by name: (seed, row, ...)."""

    records: dict[str, np.ndarray]
    snapshots: dict[str, np.ndarray]
    rows: int
    snapshot_rows: int
    stopped: np.ndarray


class Run:
    """A training run of all seeds (or sweep points) together, advanced in time slices.

    `params` and `schedule` are one for all tasks, or one for each (a sweep). Records of seed i live
    in `records[name][i, :rows]`, snapshots in `snapshots[name][i, :snapshot_rows]`. A seed whose
    loss leaves the finite range keeps what it had, NaN from there on, and its step in `stopped`.
    """

    def __init__(
        self,
        experiment: Experiment,
        params: Any,
        tasks: Sequence[Task],
        schedule: Schedule | Sequence[Schedule],
        device: str = "cpu",
    ) -> None:
        """Lay out the run; nothing is compiled or computed yet."""
        self.experiment = experiment
        self.seeds = len(tasks)
        self.device = device
        self.records: dict[str, np.ndarray] = {}
        self.snapshots: dict[str, np.ndarray] = {}
        self.nbytes = 0
        self.rows = self.snapshot_rows = self.steps_done = 0
        self.stopped = np.full(self.seeds, -1)
        self.device_seconds = 0.0
        self._params, self._tasks = params, tasks
        self._derive = experiment.simulation(first(params)).derive
        self._agenda = Agenda(schedule)
        self.total_rows = self._agenda.rows
        self._kicks = sorted({int(t.get("kick_step", -1)) for t in tasks} - {-1})
        self._target = SLICE
        self._pending: _Chunk | None = None
        self._state: Any = None
        self._hosted: Any = None

    @property
    def stopped_at(self) -> int | None:
        """First step at which a seed's loss left the finite range, if one did."""
        hit = self.stopped[self.stopped >= 0]
        return int(hit.min()) if hit.size else None

    @property
    def done(self) -> bool:
        """No further record will come."""
        return self.rows == self.total_rows or bool((self.stopped >= 0).all())

    @fitted
    def compile(self) -> None:
        """Put params and tasks on the device and build the two programs (slow the first time)."""
        if self._state is not None:
            return
        device = device_named(self.device)
        dtype = self.experiment.dtype(first(self._params))
        arguments = (
            _params_on(device, self._params, dtype),
            {
                name: jax.device_put(np.stack([_leaf(t[name], dtype) for t in self._tasks]), device)
                for name in self._tasks[0]
            },
        )
        strides, per_point = self._agenda.strides, isinstance(self._params, list)
        build = pieces if counts_are_known(device) and suit(strides) else programs
        self._programs = build(self.experiment, arguments, per_point, strides.ndim, device)
        each = self._programs.lane.needs(self.total_rows, self._agenda.shots)
        check(self.seeds, each)
        self._arguments = arguments
        self._state = self._programs.init(*arguments)

    @fitted
    def advance(self, seconds: float = SLICE) -> int:
        """Compute for about that long; returns the number of records there are now.

        The next chunk is kept under way, so that the device does not wait for the host. The time of
        a chunk that another run left under way is waited for here: no more than one lies ahead.
        """
        self.compile()
        self._target = min(SLICE, max(seconds, SHORTEST))
        start = time.perf_counter()
        while not self.done:
            chunk = self._pending or self._dispatch()
            assert chunk is not None
            self._pending = self._dispatch()
            self._collect(chunk)
            before = self._pending.behind if self._pending is not None else None
            if before is not None:
                with contextlib.suppress(Exception):
                    before.wait()
            if time.perf_counter() - start >= seconds / 2:
                break  # a chunk is about as long as a slice: another would overrun it
        return self.rows

    @fitted
    def advance_records(self, n: int) -> int:
        """Compute up to n further records; returns the number of records there are now."""
        self.compile()
        goal = min(self.rows + n, self.total_rows)
        while self.rows < goal and not self.done:
            chunk = self._pending or self._dispatch(goal)
            self._pending = None
            if chunk is not None:
                self._collect(chunk)
        return self.rows

    def finish(self) -> int:
        """Compute all that is left."""
        while not self.done:
            self.advance(1.0)
        return self.rows

    def _kick(self) -> None:
        """Disturb the tasks whose intervention is due before the next step, behind its record."""
        agenda = self._agenda
        while agenda.sent and self._kicks and self._kicks[0] <= agenda.at:
            at = np.int32(self._kicks.pop(0))
            self._state = self._programs.kick(*self._arguments, self._state, at)

    def _dispatch(self, goal: int | None = None) -> _Chunk | None:
        self._kick()
        programs = self._programs
        plan = self._agenda.plan(
            self.total_rows if goal is None else goal,
            programs.budget(self._target),
            programs.whole(self._target),
            programs.places,
            self._kicks[0] if self._kicks else None,
        )
        if plan is None:
            return None
        given, arrays = self._arguments, lambda: ({}, {})
        programs.prepare(plan)
        at = time.perf_counter()
        if plan.rows:
            made = programs.records(given, self._state, plan, self._on_host)
            self._state, end, arrays = made
        else:
            programs.cut = True
            self._state, end = programs.stretch(given, self._state, plan.steps)
        self._agenda.send(plan)
        _line.last = _Chunk(plan, end, arrays, at, _line.last)
        return _line.last

    def _on_host(self) -> Any:
        """Params and tasks on the CPU."""
        if self._hosted is None:
            self._hosted = jax.device_put(self._arguments, cpu())
        return self._hosted

    def _collect(self, chunk: _Chunk) -> None:
        """Wait for a chunk and keep its records."""
        chunk.wait()
        self._learn(chunk)
        plan = chunk.plan
        self.steps_done += plan.steps
        if not plan.rows:
            return
        seen, kept = chunk.arrays()
        if kept and self._derive is not None:
            kept |= self._derived(kept)
            kept = {name: values for name, values in kept.items() if not name.startswith("_")}
        before = self.rows
        self.records = self._kept(self.records, seen, before, self.total_rows)
        self.snapshots = self._kept(self.snapshots, kept, self.snapshot_rows, self._agenda.shots)
        self.rows, self.snapshot_rows = before + plan.rows, self.snapshot_rows + plan.shots
        self._note_divergence(before)

    def _learn(self, chunk: _Chunk) -> None:
        """What the chunk took, and what a step therefore takes; a mere bound only if it is less."""
        steps, pace, took = chunk.plan.steps, self._programs.per_step, chunk.seconds
        if steps and (chunk.exact or not pace or took < steps * pace):
            self._programs.per_step = 0.5 * (took / steps + pace) if pace else took / steps
        elif pace:
            took = steps * pace
        self.device_seconds += took

    def _derived(self, shots: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        assert self._derive is not None
        own = [
            self._derive(task, {name: values[i] for name, values in shots.items()})
            for i, task in enumerate(self._tasks)
        ]
        return {name: np.stack([one[name] for one in own]) for name in own[0]}

    def _kept(
        self, known: dict[str, np.ndarray], new: Mapping[str, np.ndarray], at: int, length: int
    ) -> dict[str, np.ndarray]:
        """What is known with new rows written in; a whole new dict where there are new names.

        Memory of rows to come is not touched: nobody reads beyond those there are.
        """
        made = {
            name: np.zeros((values.shape[0], length, *values.shape[2:]), values.dtype)
            for name, values in new.items()
            if name not in known
        }
        self.nbytes += sum(values.nbytes for values in made.values())
        store = known | made if made else known
        for name, values in new.items():
            store[name][:, at : at + values.shape[1]] = values
        return store

    def _note_divergence(self, before: int) -> None:
        found = (self.records[name] for name in WATCHED if name in self.records)
        watched = next(found, next(iter(self.records.values()), None))
        if watched is None or before == self.rows:
            return
        new = watched[:, before : self.rows].reshape(self.seeds, self.rows - before, -1)
        bad = ~np.all(np.isfinite(new), axis=-1)
        for seed in np.flatnonzero(bad.any(axis=1) & (self.stopped < 0)).tolist():
            row = before + int(np.argmax(bad[seed]))
            self.stopped[seed] = self._agenda.steps_of(seed)[row]
        if (self.stopped >= 0).any():
            self._end_stopped()

    def _end_stopped(self) -> None:
        """NaN from the step on at which a seed stopped; no rows behind the last of them."""
        agenda = self._agenda
        for seed in np.flatnonzero(self.stopped >= 0).tolist():
            steps = agenda.steps_of(seed)
            for store, at in ((self.records, steps), (self.snapshots, steps[agenda.shot])):
                for values in store.values():
                    if values.dtype.kind == "f":
                        values[seed, at >= self.stopped[seed]] = np.nan
        if (self.stopped >= 0).all() and agenda.steps.ndim == 1:
            last = int(self.stopped.max())
            self.rows = int((agenda.steps < last).sum())
            self.snapshot_rows = int((agenda.steps[agenda.shot] < last).sum())
