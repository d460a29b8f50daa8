"""The one run loop: every experiment, page, command and test advances a `Run`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sims.core import compilation
from sims.core.experiment import Experiment, Task
from sims.core.schedule import Schedule

if TYPE_CHECKING:
    Device = Any
    """A `jax.Device`, which a type checker takes for a variable."""
else:
    Device = jax.Device

CHUNK = 128
"""Records a compiled chunk can take at most; how many it takes is traced."""
SHOTS = 48
"""Snapshots a compiled chunk can take at most."""
SHOT_BYTES = 2**18
"""Room for the snapshots of a chunk and seed; larger ones have fewer places."""
SLICE = 0.025
"""Seconds a chunk should take: long enough to hide its dispatch, short enough to be fair."""
SHORTEST = 0.004
"""Seconds below which a chunk is not cut, however short the slice."""
LONGEST = 0.1
"""Seconds a single record may take before the program for parts of its steps is compiled."""
WATCHED = ("loss", "train_loss")
"""Records that say whether a run has diverged: the first of these it has."""
FIRST_STEPS = 128
"""Steps of the first chunk, before the time a step takes is known."""


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


def _steps(experiment: Experiment, params, task, state, n):
    """The state `n` steps on."""
    step = partial(experiment.simulation(params).step, params, task)
    return lax.fori_loop(0, n, lambda _, s: step(s), state)


def _chunk(experiment: Experiment, params, task, state, strides, slots, count):
    """Take `count` records, `strides[i]` steps before record i.

    One seed; vmapped below. `slots[i]` also stores a snapshot there; the last place takes what is
    none, so that no branch holds the buffers (a branch copies what it returns).
    """
    compilation.count_trace()
    simulation = experiment.simulation(params)

    def buffers(shapes, length):
        return jax.tree.map(lambda a: jnp.zeros((length, *a.shape), a.dtype), shapes)

    def store(buffer, i, values):
        return jax.tree.map(
            lambda b, v: lax.dynamic_update_index_in_dim(b, v, i, axis=0), buffer, values
        )

    observe = partial(simulation.observe, params, task)
    snapshot = partial(simulation.snapshot, params, task)

    def record(i, carry):
        state, seen, shots = carry
        state = _steps(experiment, params, task, state, strides[i])
        if simulation.refresh is not None:
            state = simulation.refresh(params, task, state)
        seen = store(seen, i, observe(state))
        if jax.tree.leaves(shots):
            taken = lax.cond(slots[i] < places, snapshot, lambda _: blank, state)
            shots = store(shots, slots[i], taken)
        return state, seen, shots

    pictures = jax.eval_shape(snapshot, state)
    blank = jax.tree.map(lambda a: jnp.zeros(a.shape, a.dtype), pictures)
    size = sum(a.size * a.dtype.itemsize for a in jax.tree.leaves(pictures))
    places = int(np.clip(SHOT_BYTES // max(1, size), 2, SHOTS))
    seen = buffers(jax.eval_shape(observe, state), CHUNK)
    shots = buffers(pictures, places + 1)
    return lax.fori_loop(0, count, record, (state, seen, shots))


def _stretch(experiment: Experiment, params, task, state, n):
    """The state `n` steps on without a record, and n."""
    compilation.count_trace()
    return _steps(experiment, params, task, state, n), jnp.asarray(n)


def _kicked(experiment: Experiment, params, task, state, at):
    """The state after the intervention, where the task has one before step `at`."""
    kick = experiment.simulation(params).kick
    assert kick is not None
    new = kick(params, task, state)
    return jax.tree.map(lambda a, b: jnp.where(task["kick_step"] == at, a, b), new, state)


def _leaf(value: Any, dtype: str) -> np.ndarray:
    array = np.asarray(value)
    return array.astype(dtype) if array.dtype.kind == "f" else array


def _first(params: Any) -> Any:
    return params[0] if isinstance(params, list) else params


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


@dataclass
class _Programs:
    """The compiled init, chunk and kick for some shapes; the seconds one step was seen to take.

    A chunk has `places` for snapshots. `stretch()` compiles, when first asked, the program for
    steps alone, which only runs need whose records lie further apart than `LONGEST`.
    """

    init: Any
    chunk: Any
    stretch: Callable[[], Any]
    places: int
    kick: Any = None
    per_step: float = 0.0
    cut: bool = False

    def budget(self, seconds: float) -> int:
        """Steps that fit into that time."""
        return max(1, int(seconds / self.per_step)) if self.per_step else FIRST_STEPS

    def whole(self, seconds: float) -> int:
        """Most steps towards a record that are done in one go, not cut by `stretch`."""
        return self.budget(seconds if self.cut else max(seconds, LONGEST))


def _programs(
    experiment: Experiment, arguments: Any, per_point: bool, stride_dims: int, device: Device
) -> _Programs:
    """The compiled init and chunk for these shapes; everything a slider sets stays traced."""
    axes = (0 if per_point else None, 0)
    seeds = jax.tree.leaves(arguments[1])[0].shape[:1]
    lanes = partial(_lanes, alone=seeds == (1,))
    init = lanes(lambda p, t: experiment.simulation(p).init(p, t), axes)
    points = 0 if stride_dims == 2 else None
    chunk = lanes(partial(_chunk, experiment), (*axes, 0, points, None, None))
    stretch = lanes(partial(_stretch, experiment), (*axes, 0, None))
    kick = lanes(partial(_kicked, experiment), (*axes, 0, None))
    state = jax.eval_shape(init, *arguments)
    count = jax.ShapeDtypeStruct((), np.int32)
    plan = (
        jax.ShapeDtypeStruct((*(seeds if stride_dims == 2 else ()), CHUNK), np.int32),
        jax.ShapeDtypeStruct((CHUNK,), np.int32),
        count,
    )
    shapes = tuple((a.shape, str(a.dtype)) for a in jax.tree.leaves((arguments, plan)))
    key = (experiment.name, str(device), jax.tree.structure(arguments), shapes)
    shaped = jax.tree.map(
        lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype, sharding=a.sharding), arguments
    )

    fused = experiment.simulation(_first(arguments[0])).fused
    often, once = compilation.FUSED if fused else compilation.QUICK_TO_COMPILE, compilation.RUN_ONCE
    if device.platform != "cpu":
        often = once = None

    def compiled(function: Any, options: Any, *inputs: Any) -> Any:
        with jax.default_device(device):
            lowered = jax.jit(function, donate_argnums=2).lower(*shaped, state, *inputs)
            return lowered.compile(compiler_options=options)

    def built() -> _Programs:
        with jax.default_device(device):
            return _Programs(
                jax.jit(init).lower(*arguments).compile(compiler_options=once),
                compiled(chunk, often, *plan),
                partial(
                    compilation.program, (*key, "stretch"), lambda: compiled(stretch, often, count)
                ),
                _places(jax.eval_shape(chunk, *arguments, state, *plan)[2]),
                compiled(kick, once, count) if "kick_step" in arguments[1] else None,
            )

    return compilation.program(key, built)


def _places(shots: Any) -> int:
    leaves = jax.tree.leaves(shots)
    return leaves[0].shape[1] - 1 if leaves else SHOTS


def _lanes(function: Any, in_axes: tuple[int | None, ...], *, alone: bool) -> Any:
    """The function over all lanes of a run.

    A single lane is not batched: a `lax.cond` inside stays one branch.
    """
    if not alone:
        return jax.vmap(function, in_axes=in_axes)

    def single(*arguments: Any) -> Any:
        own = [
            a if axis is None else jax.tree.map(lambda x: x[0], a)
            for a, axis in zip(arguments, in_axes, strict=True)
        ]
        return jax.tree.map(lambda x: x[None], function(*own))

    return single


def device_named(name: str) -> Device:
    """The JAX device for `cpu` or `gpu`; ValueError if there is none."""
    try:
        return jax.devices(name)[0]
    except RuntimeError:
        raise ValueError(f"There is no {name} on this machine: give auto or cpu.") from None


def chosen_device(name: str) -> str:
    """Check the word for a device; `auto` stays `auto` only where there is an accelerator.

    Raises:
        ValueError: another word than auto, cpu, gpu, or a gpu where there is none.
    """
    if name not in ("auto", "cpu", "gpu"):
        raise ValueError(f"device = {name} is not allowed: give auto, cpu or gpu.")
    if name == "auto":
        return "auto" if has_gpu() else "cpu"
    device_named(name)
    return name


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


def has_gpu() -> bool:
    """Whether JAX sees an accelerator."""
    return jax.default_backend() != "cpu"


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
        self.rows = self.snapshot_rows = self.steps_done = 0
        self.stopped = np.full(self.seeds, -1)
        self.device_seconds = 0.0
        self._params, self._tasks = params, tasks
        self._derive = experiment.simulation(_first(params)).derive
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
        dtype = self.experiment.dtype(_first(self._params))
        arguments = (
            _params_on(device, self._params, dtype),
            {
                name: jax.device_put(np.stack([_leaf(t[name], dtype) for t in self._tasks]), device)
                for name in self._tasks[0]
            },
        )
        self._programs = _programs(
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
