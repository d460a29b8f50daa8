"""The one run loop: every experiment, page, command and test advances a `Run`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import jax
import numpy as np

from sims.core.devices import Device, chosen_device, device_named
from sims.core.devices import has_gpu as has_gpu
from sims.core.experiment import Experiment, Task
from sims.core.programs import CHUNK, first, programs
from sims.core.schedule import Schedule

SLICE = 0.025
"""Seconds a chunk should take: long enough to hide its dispatch, short enough to be fair."""
SHORTEST = 0.004
"""Seconds below which a chunk is not cut, however short the slice."""
WATCHED = ("loss", "train_loss")
"""Records that say whether a run has diverged: the first of these it has."""


class _Plan(NamedTuple):
    """One call of a program; `rows`, `steps` and `shots` are what it adds.

    Without rows it is `tail` steps towards the next record.
    """

    strides: np.ndarray
    slots: np.ndarray
    rows: np.int32
    tail: np.int32
    steps: int
    shots: int


class _Chunk(NamedTuple):
    """A dispatched chunk, perhaps still being computed; `end` is there when all of it is."""

    plan: _Plan
    dispatched: float
    end: jax.Array
    seen: dict[str, jax.Array]
    shots: dict[str, jax.Array]


def _leaf(value: Any, dtype: str) -> np.ndarray:
    array = np.asarray(value)
    return array.astype(dtype) if array.dtype.kind == "f" else array


def _params_on(device: Device, params: Any, dtype: str) -> Any:
    """Dynamic knobs as arrays of the run's dtype (a weak type would compile again)."""
    if isinstance(params, list):
        leaves = [jax.tree.map(lambda v: _leaf(v, dtype), p) for p in params]
        return jax.tree.map(lambda *v: jax.device_put(np.stack(v), device), *leaves)
    return jax.tree.map(lambda v: jax.device_put(_leaf(v, dtype), device), params)


def _layout(schedule: Schedule | Sequence[Schedule]) -> tuple[np.ndarray, np.ndarray]:
    """Steps before each record, (record,) or (point, record), and which records are snapshots.

    Points of a sweep that need fewer records repeat their last one.
    """
    if isinstance(schedule, Schedule):
        shot = np.zeros(len(schedule.record_steps), bool)
        shot[schedule.snapshot_records] = True
        return np.diff(schedule.record_steps, prepend=0).astype(np.int32), shot
    length = max(len(s.record_steps) for s in schedule)
    strides = np.zeros((len(schedule), length), np.int32)
    for row, s in zip(strides, schedule, strict=True):
        row[: len(s.record_steps)] = np.diff(s.record_steps, prepend=0)
    return strides, np.zeros(length, bool)


@runtime_checkable
class Seen(Protocol):
    """What has been recorded of a run so far, by name: (seed, row, ...)."""

    records: dict[str, np.ndarray]
    snapshots: dict[str, np.ndarray]
    rows: int
    snapshot_rows: int
    stopped: np.ndarray


def settled_device(
    name: str, experiment: Experiment, params: Any, tasks: Sequence[Task], schedule: Schedule
) -> str:
    """The cpu or gpu a run is computed on; `auto` measures where there is a choice.

    Raises:
        ValueError: as `chosen_device`.
    """
    chosen = chosen_device(name)
    return faster_device(experiment, params, tasks, schedule) if chosen == "auto" else chosen


def faster_device(
    experiment: Experiment, params: Any, tasks: Sequence[Task], schedule: Schedule
) -> str:
    """Cpu or gpu, whichever takes the first chunks of this very run in less time.

    Tiny nets are often faster on the CPU; many seeds and sweeps are where an accelerator pays.
    """
    took = {}
    for name in ("cpu", "gpu"):
        trial = Run(experiment, params, tasks, schedule, name)
        trial.advance(0.0)
        trial.advance(SLICE)
        took[name] = trial.device_seconds / max(1, trial.steps_done)
    return min(took, key=lambda name: took[name])


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
        self.rows = self.snapshot_rows = self.steps_done = 0
        self.stopped = np.full(self.seeds, -1)
        self.device_seconds = 0.0
        self._params, self._tasks = params, tasks
        self._derive = experiment.simulation(first(params)).derive
        self._strides, self._shot = _layout(schedule)
        self.total_rows = self._strides.shape[-1]
        self._longest = self._strides.reshape(-1, self.total_rows).max(axis=0).astype(np.int64)
        self._sent = self._inside = self._at = 0
        self._kicks = sorted({int(t.get("kick_step", -1)) for t in tasks} - {-1})
        self._ready_at = 0.0
        self._target = SLICE
        self._pending: _Chunk | None = None
        self._state: Any = None

    @property
    def stopped_at(self) -> int | None:
        """First step at which a seed's loss left the finite range, if one did."""
        hit = self.stopped[self.stopped >= 0]
        return int(hit.min()) if hit.size else None

    @property
    def done(self) -> bool:
        """No further record will come."""
        return self.rows == self.total_rows or bool((self.stopped >= 0).all())

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
        self._programs = programs(
            self.experiment, arguments, isinstance(self._params, list), self._strides.ndim, device
        )
        self._arguments = arguments
        self._state = self._programs.init(*arguments)

    def advance(self, seconds: float = SLICE) -> int:
        """Compute for about that long; returns the number of records there are now.

        A whole slice keeps the next chunk under way; a short one, which others wait for, does not.
        """
        self.compile()
        self._target = min(SLICE, max(seconds, SHORTEST))
        start = time.perf_counter()
        while not self.done:
            chunk = self._pending or self._dispatch()
            assert chunk is not None
            self._pending = self._dispatch() if seconds >= SLICE else None
            self._collect(chunk, timed=chunk.dispatched >= start)
            if time.perf_counter() - start >= seconds / 2:
                break  # a chunk is about as long as a slice: another would overrun it
        return self.rows

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

    def _plan(self, goal: int) -> _Plan | None:
        """What the next chunk does, from the measured time a step takes."""
        budget, whole = self._programs.budget(self._target), self._programs.whole(self._target)
        ahead = self._kicks[0] - self._at if self._kicks else np.inf
        end = min(goal, self._sent + CHUNK)
        ahead_of = self._longest[self._sent : end].copy()
        if not ahead_of.size:
            return None
        ahead_of[0] -= self._inside
        reached = np.cumsum(ahead_of)
        count = int(np.searchsorted(reached, min(budget, ahead), side="right"))
        one = ahead_of[0] <= ahead
        if count == 0 and one and (self._strides.ndim > 1 or reached[0] <= whole):
            count = 1
        shot, places = self._shot[self._sent : end], self._programs.places
        taken = np.cumsum(shot)
        count = min(count, int(np.searchsorted(taken, places, side="right")))
        strides = np.zeros((*self._strides.shape[:-1], CHUNK), np.int32)
        strides[..., :count] = self._strides[..., self._sent : self._sent + count]
        slots = np.full(CHUNK, places, np.int32)
        if count == 0:
            tail = int(min(budget, ahead))
            return _Plan(strides, slots, np.int32(0), np.int32(tail), tail, 0)
        strides[..., 0] -= self._inside
        slots[:count][shot[:count]] = np.arange(taken[count - 1])
        steps, shots = int(reached[count - 1]), int(taken[count - 1])
        return _Plan(strides, slots, np.int32(count), np.int32(0), steps, shots)

    def _kick(self) -> None:
        """Disturb the tasks whose intervention is due before the next step, behind its record."""
        while self._sent and self._kicks and self._kicks[0] <= self._at:
            at = np.int32(self._kicks.pop(0))
            self._state = self._programs.kick(*self._arguments, self._state, at)

    def _dispatch(self, goal: int | None = None) -> _Chunk | None:
        self._kick()
        plan = self._plan(self.total_rows if goal is None else goal)
        if plan is None:
            return None
        given, seen, shots = (*self._arguments, self._state), {}, {}
        stretch = None if plan.rows else self._programs.stretch()
        at = time.perf_counter()
        if stretch is None:
            self._state, seen, shots = self._programs.chunk(
                *given, plan.strides, plan.slots, plan.rows
            )
            end = next(iter(seen.values()))
        else:
            self._programs.cut = True
            self._state, end = stretch(*given, plan.tail)
        self._sent += int(plan.rows)
        self._at += plan.steps
        self._inside = int(plan.tail) + (self._inside if plan.rows == 0 else 0)
        return _Chunk(plan, at, end, seen, shots)

    def _collect(self, chunk: _Chunk, *, timed: bool = True) -> None:
        """Wait for a chunk and keep its records.

        One dispatched in an earlier slice may have waited behind other runs: it teaches no rate.
        """
        count, shots = int(chunk.plan.rows), chunk.plan.shots
        jax.block_until_ready(chunk.end)
        seen = {k: np.asarray(v)[:, :count] for k, v in chunk.seen.items()}
        kept = {k: np.asarray(v)[:, :shots] for k, v in chunk.shots.items()} if shots else {}
        now = time.perf_counter()
        took = now - max(chunk.dispatched, self._ready_at)
        self._ready_at = now
        pace = self._programs.per_step
        if not timed and pace:
            took = chunk.plan.steps * pace
        self.device_seconds += took
        if chunk.plan.steps and timed:
            rate = took / chunk.plan.steps
            self._programs.per_step = 0.5 * (rate + pace) if pace else rate
        self.steps_done += chunk.plan.steps
        if kept and self._derive is not None:
            kept |= self._derived(kept)
        self._keep(self.records, seen, self.rows, self.total_rows)
        self._keep(self.snapshots, kept, self.snapshot_rows, int(self._shot.sum()))
        before = self.rows
        self.rows, self.snapshot_rows = self.rows + count, self.snapshot_rows + shots
        self._note_divergence(before)

    def _derived(self, shots: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        assert self._derive is not None
        own = [
            self._derive(task, {name: values[i] for name, values in shots.items()})
            for i, task in enumerate(self._tasks)
        ]
        return {name: np.stack([one[name] for one in own]) for name in own[0]}

    @staticmethod
    def _keep(store: dict, new: Mapping[str, np.ndarray], at: int, length: int) -> None:
        for name, values in new.items():
            if name not in store:
                shape = (values.shape[0], length, *values.shape[2:])
                filler = np.nan if values.dtype.kind == "f" else 0
                store[name] = np.full(shape, filler, values.dtype)
            store[name][:, at : at + values.shape[1]] = values

    def _note_divergence(self, before: int) -> None:
        found = (self.records[name] for name in WATCHED if name in self.records)
        watched = next(found, next(iter(self.records.values()), None))
        if watched is None or before == self.rows:
            return
        new = watched[:, before : self.rows].reshape(self.seeds, self.rows - before, -1)
        bad = ~np.all(np.isfinite(new), axis=-1)
        steps = np.cumsum(self._strides, axis=-1)
        for seed in np.flatnonzero(bad.any(axis=1) & (self.stopped < 0)):
            row = before + int(np.argmax(bad[seed]))
            self.stopped[seed] = steps[row] if steps.ndim == 1 else steps[seed, row]
        for seed in np.flatnonzero(self.stopped >= 0):
            own = steps if steps.ndim == 1 else steps[seed]
            for values in self.records.values():
                if values.dtype.kind == "f":
                    values[seed, own >= self.stopped[seed]] = np.nan
            shot_steps = own[self._shot]
            for values in self.snapshots.values():
                if values.dtype.kind == "f":
                    values[seed, shot_steps >= self.stopped[seed]] = np.nan
        if (self.stopped >= 0).all() and steps.ndim == 1:
            last = int(self.stopped.max())
            self.rows = int((steps < last).sum())
            self.snapshot_rows = int((steps[self._shot] < last).sum())
