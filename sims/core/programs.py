"""The compiled programs of a run: its start, chunks of records, steps alone, the kick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from sims.core import compilation, declared
from sims.core.devices import Device
from sims.core.experiment import Experiment

CHUNK = 128
"""Records a compiled chunk can take at most; how many it takes is traced."""
SHOTS = 48
"""Snapshots a compiled chunk can take at most."""
PARTS = SHOTS + 3
"""Numbers that say which records of a chunk have a snapshot."""
SHOT_BYTES = 2**18
"""Room for the snapshots of a chunk and seed; larger ones have fewer places."""
LONGEST = 0.1
"""Seconds a single record may take before the program for parts of its steps is compiled."""
FIRST_STEPS = 128
"""Steps of the first chunk, before the time a step takes is known."""


@dataclass
class Programs:
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


def programs(
    experiment: Experiment, arguments: Any, per_point: bool, stride_dims: int, device: Device
) -> Programs:
    """The compiled init and chunk for these shapes; everything a slider sets stays traced."""
    shapes = tuple((a.shape, str(a.dtype)) for a in jax.tree.leaves(arguments))
    structure = jax.tree.structure(arguments)
    key = (experiment, str(device), structure, shapes, per_point, stride_dims)
    shaped = jax.tree.map(
        lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype, sharding=a.sharding), arguments
    )
    return compilation.program(
        key, partial(_built, key, experiment, shaped, per_point, stride_dims, device)
    )


def _built(
    key: Any, experiment: Experiment, shaped: Any, per_point: bool, stride_dims: int, device: Device
) -> Programs:
    try:
        return _lowered(key, experiment, shaped, per_point, stride_dims, device)
    except declared.Misfit as error:
        raise ValueError(str(error)) from None  # without the frames of what traced it
    except TypeError as error:  # of a loop whose body returns another state than it was given
        if why := _changes(experiment, shaped, per_point):
            raise ValueError(why) from error
        raise


def _changes(experiment: Experiment, shaped: Any, per_point: bool) -> str:
    """Where `step` returns another state than `init` makes, or ''."""
    simulation = experiment.simulation(first(shaped[0]))
    own = [jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape[1:], a.dtype), shaped[1])]
    params = shaped[0]
    if per_point:
        params = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape[1:], a.dtype), params)
    begun = jax.eval_shape(simulation.init, params, *own)
    stepped = jax.eval_shape(simulation.step, params, *own, begun)
    before, after = (_outline(state) for state in (begun, stepped))
    if before == after:
        return ""
    return (
        f"step of {experiment.name} returns {after}, where init makes {before}: "
        "give back arrays of the same names, shapes and types."
    )


def _outline(state: Any) -> str:
    """The arrays of a state by name: `a float64[], w float64[2]`."""
    leaves = jax.tree_util.tree_leaves_with_path(state)
    named = [
        f"{jax.tree_util.keystr(path, simple=True, separator='.')} {a.dtype}{list(a.shape)}".strip()
        for path, a in leaves
    ]
    return ", ".join(named) or "nothing"


def _lowered(
    key: Any, experiment: Experiment, shaped: Any, per_point: bool, stride_dims: int, device: Device
) -> Programs:
    axes = (0 if per_point else None, 0)
    seeds = jax.tree.leaves(shaped[1])[0].shape[:1]
    lanes = partial(_lanes, alone=seeds == (1,))
    init = lanes(lambda p, t: experiment.simulation(p).init(p, t), axes)
    points = 0 if stride_dims == 2 else None
    chunk = lanes(partial(_chunk, experiment), (*axes, 0, points, None))
    stretch = lanes(partial(_stretch, experiment), (*axes, 0, None))
    kick = lanes(partial(_kicked, experiment), (*axes, 0, None))
    count = jax.ShapeDtypeStruct((), np.int32)
    plan = (
        jax.ShapeDtypeStruct((*(seeds if stride_dims == 2 else ()), CHUNK), np.int32),
        jax.ShapeDtypeStruct((PARTS,), np.int32),
    )
    fused = experiment.simulation(first(shaped[0])).fused
    often = once = None
    if device.platform == "cpu":
        often = compilation.known(compilation.FUSED if fused else compilation.QUICK_TO_COMPILE)
        once = compilation.known(compilation.RUN_ONCE)

    def compiled(function: Any, options: Any, *inputs: Any) -> Any:
        with jax.default_device(device), compilation.exact(device.platform):
            lowered = jax.jit(function, donate_argnums=2).lower(*shaped, *inputs)
            return lowered.compile(compiler_options=options)

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
        )


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


def _kicked(experiment: Experiment, params, task, state, at):
    """The state after the intervention, where the task has one before step `at`."""
    kick = experiment.simulation(params).kick
    assert kick is not None
    new = kick(params, task, state)
    return jax.tree.map(lambda a, b: jnp.where(task["kick_step"] == at, a, b), new, state)


def first(params: Any) -> Any:
    """Params of a run; of a sweep those of its first point."""
    return params[0] if isinstance(params, list) else params
