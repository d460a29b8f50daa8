"""The compiled programs of a run: its start, chunks of records, steps alone, the kick."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sims.core import compilation, declared
from sims.core.agenda import CHUNK, PARTS, SHOTS, Plan
from sims.core.devices import Device
from sims.core.experiment import Experiment
from sims.core.memory import Lane

SHOT_BYTES = 2**18
"""Room for the snapshots of a chunk and seed; larger ones have fewer places."""
LONGEST = 0.1
"""Seconds a single record may take before the program for parts of its steps is compiled."""
FIRST_STEPS = 128
"""Steps of the first chunk, before the time a step takes is known."""


Arrays: TypeAlias = tuple[dict[str, np.ndarray], dict[str, np.ndarray]]
"""Records and snapshots of a chunk by name, (seed, row, ...)."""


@dataclass
class Pace:
    """The seconds one step was seen to take, and how many therefore fit; what a lane takes."""

    lane: Lane = field(kw_only=True)
    per_step: float = field(default=0.0, kw_only=True)
    cut: bool = field(default=False, kw_only=True)

    def budget(self, seconds: float) -> int:
        """Steps that fit into that time."""
        return max(1, int(seconds / self.per_step)) if self.per_step else FIRST_STEPS

    def whole(self, seconds: float) -> int:
        """Most steps towards a record that are done in one go, not cut by `stretch`."""
        return self.budget(seconds if self.cut else max(seconds, LONGEST))


@dataclass
class Programs(Pace):
    """The compiled init, chunk and kick for some shapes.

    A chunk has `places` for snapshots. `alone()` compiles, when first asked, the program for
    steps alone, which only runs need whose records lie further apart than `LONGEST`.
    """

    init: Any
    chunk: Any
    alone: Callable[[], Any]
    places: int
    kick: Any = None

    def prepare(self, plan: Plan) -> None:
        """Compile what a chunk needs and is not there."""
        if not plan.rows:
            self.alone()

    def records(
        self, given: Any, state: Any, plan: Plan, host: Callable[[], Any]
    ) -> tuple[Any, Any, Callable[[], Arrays]]:
        """The state behind a chunk, what is there once it is computed, and how to get its arrays.

        `host` gives params and tasks on the CPU, for what is recorded there.
        """
        del host
        state, seen, shots = self.chunk(*given, state, plan.strides, plan.parts)

        def arrays() -> Arrays:
            kept = {k: np.asarray(v)[:, : plan.shots] for k, v in shots.items() if plan.shots}
            return {k: np.asarray(v)[:, : plan.rows] for k, v in seen.items()}, kept

        return state, next(iter(seen.values())), arrays

    def stretch(self, given: Any, state: Any, steps: int) -> tuple[Any, Any]:
        """The state some steps on without a record, and what is there once it is computed."""
        return self.alone()(*given, state, np.int32(steps))


def programs(
    experiment: Experiment, arguments: Any, per_point: bool, stride_dims: int, device: Device
) -> Programs:
    """The compiled init and chunk for these shapes; everything a slider sets stays traced."""
    key, shaped = outlines(experiment, arguments, per_point, stride_dims, device)
    return compilation.program(
        key, partial(_built, key, experiment, shaped, per_point, stride_dims, device)
    )


def outlines(
    experiment: Experiment, arguments: Any, per_point: bool, stride_dims: int, device: Device
) -> tuple[Any, Any]:
    """What the programs for these arguments depend on, and the arguments without their values."""
    shapes = tuple((a.shape, str(a.dtype)) for a in jax.tree.leaves(arguments))
    structure = jax.tree.structure(arguments)
    key = (experiment, str(device), structure, shapes, per_point, stride_dims)
    return key, jax.tree.map(
        lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype, sharding=a.sharding), arguments
    )


def _built(
    key: Any, experiment: Experiment, shaped: Any, per_point: bool, stride_dims: int, device: Device
) -> Programs:
    with explained(experiment, shaped, per_point):
        return _lowered(key, experiment, shaped, per_point, stride_dims, device)


@contextlib.contextmanager
def explained(experiment: Experiment, shaped: Any, per_point: bool) -> Iterator[None]:
    """What does not fit is a ValueError that says why, without the frames of what traced it."""
    try:
        yield
    except declared.Misfit as error:
        raise ValueError(str(error)) from None
    except TypeError as error:  # of a loop whose body returns another state than it was given
        if why := _changes(experiment, shaped, per_point):
            raise ValueError(why) from error
        raise


def _changes(experiment: Experiment, shaped: Any, per_point: bool) -> str:
    """Where `step` returns another state than `init` makes, or ''."""
    simulation, params, task = _single(experiment, shaped, per_point)
    begun = jax.eval_shape(simulation.init, params, task)
    stepped = jax.eval_shape(simulation.step, params, task, begun)
    before, after = (_outline(state) for state in (begun, stepped))
    if before == after:
        return ""
    return (
        f"step of {experiment.name} returns {after}, where init makes {before}: "
        "give back arrays of the same names, shapes and types."
    )


def _single(experiment: Experiment, shaped: Any, per_point: bool) -> tuple[Any, Any, Any]:
    """The simulation, and the outlines of params and task of one lane."""

    def one(lanes: Any) -> Any:
        return jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape[1:], a.dtype), lanes)

    params = one(shaped[0]) if per_point else shaped[0]
    return experiment.simulation(first(shaped[0])), params, one(shaped[1])


def lane(experiment: Experiment, shaped: Any, per_point: bool) -> Lane:
    """Bytes of one lane, by the shapes of what its functions return."""
    simulation, params, task = _single(experiment, shaped, per_point)
    state = jax.eval_shape(simulation.init, params, task)
    seen = [
        jax.eval_shape(function, params, task, state)
        for function in (simulation.observe, simulation.snapshot)
    ]
    sizes = (
        sum(a.size * a.dtype.itemsize for a in jax.tree.leaves(part))
        for part in (task, state, *seen)
    )
    return Lane(*sizes)


def _outline(state: Any) -> str:
    """The arrays of a state by name: `a float64[], w float64[2]`."""
    leaves = jax.tree_util.tree_leaves_with_path(state)
    named = [
        f"{jax.tree_util.keystr(path, simple=True, separator='.')} {a.dtype}{list(a.shape)}".strip()
        for path, a in leaves
    ]
    return ", ".join(named) or "nothing"


def options(experiment: Experiment, shaped: Any, device: Device) -> tuple[Any, Any]:
    """The compiler's options for programs that run often there, and for those that run once."""
    if device.platform != "cpu":
        return None, None
    fused = experiment.simulation(first(shaped[0])).fused
    often = compilation.FUSED if fused else compilation.QUICK_TO_COMPILE
    return compilation.known(often), compilation.known(compilation.RUN_ONCE)


def _lowered(
    key: Any, experiment: Experiment, shaped: Any, per_point: bool, stride_dims: int, device: Device
) -> Programs:
    axes = (0 if per_point else None, 0)
    seeds = jax.tree.leaves(shaped[1])[0].shape[:1]
    over = partial(lanes, alone=seeds == (1,))
    init = over(lambda p, t: experiment.simulation(p).init(p, t), axes)
    points = 0 if stride_dims == 2 else None
    chunk = over(partial(_chunk, experiment), (*axes, 0, points, None))
    stretch = over(partial(_stretch, experiment), (*axes, 0, None))
    kick = over(partial(kicked, experiment), (*axes, 0, None))
    count = jax.ShapeDtypeStruct((), np.int32)
    plan = (
        jax.ShapeDtypeStruct((*(seeds if stride_dims == 2 else ()), CHUNK), np.int32),
        jax.ShapeDtypeStruct((PARTS,), np.int32),
    )
    often, once = options(experiment, shaped, device)

    def compiled(function: Any, how: Any, *inputs: Any) -> Any:
        with jax.default_device(device), compilation.exact(device.platform):
            lowered = jax.jit(function, donate_argnums=2).lower(*shaped, *inputs)
            return lowered.compile(compiler_options=how)

    with jax.default_device(device), compilation.exact(device.platform):
        state = jax.eval_shape(init, *shaped)
        return Programs(
            jax.jit(init).lower(*shaped).compile(compiler_options=once),
            compiled(chunk, often, state, *plan),
            partial(
                compilation.program,
                (*key, "stretch"),
                lambda: compiled(stretch, often, state, count),
            ),
            _places(jax.eval_shape(chunk, *shaped, state, *plan)[2]),
            compiled(kick, once, state, count) if "kick_step" in shaped[1] else None,
            lane=lane(experiment, shaped, per_point),
        )


def _places(shots: Any) -> int:
    leaves = jax.tree.leaves(shots)
    return leaves[0].shape[1] - 1 if leaves else SHOTS


def lanes(function: Any, in_axes: tuple[int | None, ...], *, alone: bool) -> Any:
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


def _steps(experiment: Experiment, params, task, state, n):
    """The state `n` steps on."""
    step = partial(experiment.simulation(params).step, params, task)
    return lax.fori_loop(0, n, lambda _, s: step(s), state)


def _chunk(experiment: Experiment, params, task, state, strides, parts):
    """Take records, `strides[i]` steps before record i, and snapshots between parts of them.

    One seed; vmapped below. `parts` holds the number n of snapshots, and from its second entry on
    where parts of the records end, from 0 on: a snapshot is taken behind each of the first n parts.
    What comes behind the last one has none; its place, one more than n, keeps what is never read.
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
        state, seen = carry
        state = _steps(experiment, params, task, state, strides[i])
        if simulation.refresh is not None:
            state = simulation.refresh(params, task, state)
        return state, store(seen, i, observe(state))

    def part(j, carry):
        state, seen, shots = carry
        state, seen = lax.fori_loop(parts[j + 1], parts[j + 2], record, (state, seen))
        if jax.tree.leaves(shots):
            shots = store(shots, j, lax.cond(j < parts[0], snapshot, lambda _: blank, state))
        return state, seen, shots

    pictures = declared.recorded(experiment, "snapshot", jax.eval_shape(snapshot, state))
    blank = jax.tree.map(lambda a: jnp.zeros(a.shape, a.dtype), pictures)
    size = sum(a.size * a.dtype.itemsize for a in jax.tree.leaves(pictures))
    places = int(np.clip(SHOT_BYTES // max(1, size), 2, SHOTS))
    told = declared.recorded(experiment, "observe", jax.eval_shape(observe, state))
    seen = buffers(told, CHUNK)
    shots = buffers(pictures, places + 1)
    return lax.fori_loop(0, parts[0] + 1, part, (state, seen, shots))


def _stretch(experiment: Experiment, params, task, state, n):
    """The state `n` steps on without a record, and n."""
    compilation.count_trace()
    return _steps(experiment, params, task, state, n), jnp.asarray(n)


def kicked(experiment: Experiment, params, task, state, at):
    """The state after the intervention, where the task has one before step `at`."""
    kick = experiment.simulation(params).kick
    assert kick is not None
    new = kick(params, task, state)
    return jax.tree.map(lambda a, b: jnp.where(task["kick_step"] == at, a, b), new, state)


def first(params: Any) -> Any:
    """Params of a run; of a sweep those of its first point."""
    return params[0] if isinstance(params, list) else params
