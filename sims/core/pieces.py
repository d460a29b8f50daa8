"""The programs of a run on an accelerator: loops whose length the compiler knows.

A card that must ask the host whether a loop goes on does so at every step, which costs several of
them. Here a chunk of records is composed of pieces: so many records, so many steps before each,
both known when the piece is compiled. What small nets record is computed on the CPU from their
states, where the factorisation of a small matrix takes microseconds and not milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sims.core import compilation, declared
from sims.core.agenda import SHOTS, Plan
from sims.core.devices import Device, cpu
from sims.core.experiment import Experiment
from sims.core.programs import Arrays, Pace, explained, kicked, lane, lanes, options, outlines

ROWS = (16, 1)
"""Records of a piece."""
BITS = 4
"""Leading binary digits in which lengths of loops differ: each serves an eighth of an octave."""
MOST = 6
"""Most lengths of loops; where a schedule would need more, counts stay unknown."""
STATE_BYTES = 2**14
"""States of a seed up to that size are recorded on the CPU."""


def lengths(strides: np.ndarray) -> np.ndarray:
    """Steps of the loop before each record, (record,): those of every point, and few more.

    Rounded up, so that other settings find the same programs. A loop that is longer than it need be
    leaves the state alone behind the last step that counts.
    """
    longest = strides.reshape(-1, strides.shape[-1]).max(axis=0).astype(np.int64)
    digits = np.floor(np.log2(np.maximum(longest, 1))).astype(np.int64) + 1
    unit = np.int64(1) << np.maximum(digits - BITS, 0)
    return -(-longest // unit) * unit


def suit(strides: np.ndarray) -> bool:
    """Whether few loops serve a whole schedule; not one that is logarithmic over many decades."""
    return len(np.unique(lengths(strides))) <= MOST


class Piece(NamedTuple):
    """`rows` records from `begin` on, a loop of `steps` before each, perhaps a snapshot behind."""

    begin: int
    rows: int
    steps: int
    shot: bool


def composed(loops: np.ndarray, ends: set[int]) -> Iterator[Piece]:
    """The pieces of a chunk whose records have loops of these lengths.

    `ends` are the records of the chunk, counted from one, behind which a snapshot is taken.
    """
    begin = 0
    while begin < len(loops):
        same = begin + 1
        while same < len(loops) and loops[same] == loops[begin] and same not in ends:
            same += 1
        while begin < same:
            rows = next(n for n in ROWS if n <= same - begin)
            begin += rows
            yield Piece(begin - rows, rows, int(loops[begin - rows]), begin in ends)


@dataclass
class Pieces(Pace):
    """Compiled init and kick for some shapes, and pieces compiled as they are first needed."""

    experiment: Experiment
    key: Any
    shaped: Any
    per_point: bool
    device: Device
    init: Any
    kick: Any
    outline: Any
    """The state without its values."""
    is_watched_on_host: bool
    places: int = SHOTS
    _compiled: dict[Any, Any] = field(default_factory=dict)

    def prepare(self, plan: Plan) -> None:
        """As `Programs.prepare`."""
        for piece, strides in _pieces(plan):
            self._piece(piece, strides)
            if piece.shot:
                self._picture()
        for steps in () if plan.rows else _powers(plan.steps):
            self._alone(steps)

    def records(
        self, given: Any, state: Any, plan: Plan, host: Callable[[], Any]
    ) -> tuple[Any, Any, Callable[[], Arrays]]:
        """As `Programs.records`."""
        seen, shots = [], []
        for piece, own in _pieces(plan):
            state, rows = self._piece(piece, own)(*given, state, own)
            seen.append(rows)
            if piece.shot:
                shots.append(self._picture()(*given, state))

        def arrays() -> Arrays:
            rows = seen
            if self.is_watched_on_host:
                states = [jax.tree.map(np.asarray, one) for one in seen]
                rows = [self._watch(host(), one)(*host(), one) for one in states]
            pictures = [{k: np.asarray(v)[:, None] for k, v in one.items()} for one in shots]
            return _joined(rows), _joined(pictures)

        return state, jax.tree.leaves(seen[-1])[0], arrays

    def stretch(self, given: Any, state: Any, steps: int) -> tuple[Any, Any]:
        """As `Programs.stretch`, in steps by powers of two."""
        end = None
        for power in _powers(steps):
            state, end = self._alone(power)(*given, state)
        return state, end

    def _piece(self, piece: Piece, strides: np.ndarray) -> Any:
        experiment, watched_here = self.experiment, not self.is_watched_on_host

        def taken(params: Any, task: Any, state: Any, strides: Any) -> Any:
            simulation = experiment.simulation(params)
            step = partial(simulation.step, params, task)

            def record(state: Any, stride: Any) -> Any:
                state = _loop(step, state, piece.steps, stride)
                if simulation.refresh is not None:
                    state = simulation.refresh(params, task, state)
                kept = state
                if watched_here:
                    kept = _told(experiment, "observe", simulation.observe(params, task, state))
                return state, kept

            return lax.scan(record, state, strides)

        name = ("piece", piece.rows, piece.steps)
        shape = jax.ShapeDtypeStruct(strides.shape, np.int32)
        return self._program(name, taken, 0 if strides.ndim == 2 else None, shape)

    def _alone(self, steps: int) -> Any:
        experiment = self.experiment

        def gone(params: Any, task: Any, state: Any) -> Any:
            step = partial(experiment.simulation(params).step, params, task)
            return _loop(step, state, steps, None), jnp.asarray(steps)

        return self._program(("steps", steps), gone)

    def _picture(self) -> Any:
        experiment = self.experiment

        def picture(params: Any, task: Any, state: Any) -> Any:
            seen = experiment.simulation(params).snapshot(params, task, state)
            return _told(experiment, "snapshot", seen)

        return self._program("picture", picture, keeps=True)

    def _program(
        self, name: Any, function: Any, last: int | None = None, *more: Any, keeps: bool = False
    ) -> Any:
        """The program of a function over all lanes; `last` is the lane axis of what is `more`."""

        def build() -> Any:
            compilation.count_trace()
            over = lanes(function, (*self._axes, 0, *(last for _ in more)), alone=self._is_alone)
            jitted = jax.jit(over) if keeps else jax.jit(over, donate_argnums=2)
            with (
                explained(self.experiment, self.shaped, self.per_point),
                jax.default_device(self.device),
                compilation.exact(self.device.platform),
            ):
                often, _ = options(self.experiment, self.shaped, self.device)
                lowered = jitted.lower(*self.shaped, self.outline, *more)
                return lowered.compile(compiler_options=often)

        return self._kept((name, self.is_watched_on_host), build)

    def _kept(self, name: Any, build: Callable[[], Any]) -> Any:
        """A program by its name here, for any thread; all it depends on takes longer to look up."""
        if name not in self._compiled:
            self._compiled[name] = compilation.program((*self.key, name), build)
        return self._compiled[name]

    def _watch(self, host: Any, states: Any) -> Any:
        """The program on the CPU that records states, (lane, record, ...)."""
        experiment = self.experiment

        def watch(params: Any, task: Any, states: Any) -> Any:
            observe = partial(experiment.simulation(params).observe, params, task)
            return _told(experiment, "observe", jax.vmap(observe)(states), rows=True)

        def build() -> Any:
            over = lanes(watch, (*self._axes, 0), alone=self._is_alone)
            with jax.default_device(cpu()):
                quick = compilation.known(compilation.QUICK_TO_COMPILE)
                return jax.jit(over).lower(*host, states).compile(compiler_options=quick)

        return self._kept(("watch", jax.tree.leaves(states)[0].shape[1]), build)

    @property
    def _axes(self) -> tuple[int | None, int]:
        return (0 if self.per_point else None, 0)

    @property
    def _is_alone(self) -> bool:
        return jax.tree.leaves(self.shaped[1])[0].shape[:1] == (1,)


def _pieces(plan: Plan) -> Iterator[tuple[Piece, np.ndarray]]:
    """The pieces of a chunk, each with the steps before its records."""
    strides = plan.strides[..., : plan.rows]
    ends = set(plan.parts[2 : 2 + plan.shots].tolist())
    for piece in composed(lengths(strides), ends) if plan.rows else ():
        yield piece, strides[..., piece.begin : piece.begin + piece.rows]


def _powers(steps: int) -> list[int]:
    """The powers of two that add up to so many steps."""
    return [1 << bit for bit in range(steps.bit_length()) if steps >> bit & 1]


def _loop(step: Any, state: Any, steps: int, stride: Any) -> Any:
    """The state so many steps on; with a `stride`, those of them that come before it."""
    if stride is None:
        return lax.fori_loop(0, steps, lambda _, s: step(s), state)

    def one(i: Any, state: Any) -> Any:
        return jax.tree.map(lambda new, old: jnp.where(i < stride, new, old), step(state), state)

    return lax.fori_loop(0, steps, one, state)


def _told(experiment: Experiment, function: str, seen: Any, *, rows: bool = False) -> Any:
    """What is recorded, if the observables say what it is; of a single record or of many."""
    own = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape[int(rows) :], a.dtype), seen)
    declared.recorded(experiment, function, own)
    return seen


def _joined(parts: Sequence[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Arrays of one chunk after another, (lane, row, ...)."""
    if not parts:
        return {}
    return {k: np.concatenate([np.asarray(one[k]) for one in parts], axis=1) for k in parts[0]}


def pieces(
    experiment: Experiment,
    arguments: Any,
    per_point: bool,
    stride_dims: int,
    device: Device,
) -> Pieces:
    """The programs for these shapes; everything a slider sets stays traced."""
    key, shaped = outlines(experiment, arguments, per_point, stride_dims, device)

    def build() -> Pieces:
        alone = jax.tree.leaves(shaped[1])[0].shape[:1] == (1,)
        over = partial(lanes, alone=alone)
        axes = (0 if per_point else None, 0)
        init = over(lambda p, t: experiment.simulation(p).init(p, t), axes)
        kick = over(partial(kicked, experiment), (*axes, 0, None))
        with (
            explained(experiment, shaped, per_point),
            jax.default_device(device),
            compilation.exact(device.platform),
        ):
            outline = jax.eval_shape(init, *shaped)
            _, once = options(experiment, shaped, device)
            begun = jax.jit(init).lower(*shaped).compile(compiler_options=once)
            kicks = None
            if "kick_step" in shaped[1]:
                at = jax.ShapeDtypeStruct((), np.int32)
                lowered = jax.jit(kick, donate_argnums=2).lower(*shaped, outline, at)
                kicks = lowered.compile(compiler_options=once)
            own = lane(experiment, shaped, per_point)
        on_host = own.state <= STATE_BYTES
        return Pieces(
            experiment, key, shaped, per_point, device, begun, kicks, outline, on_host, lane=own
        )

    return compilation.program((*key, "pieces"), build)


__all__ = ["Pieces", "composed", "lengths", "pieces", "suit"]
