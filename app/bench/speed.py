"""How fast a run is: streamed against one bare scan, and whole sweeps."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from app.bench.result import TARGETS, Result, Size, median_seconds
from sims import api
from sims.core import compilation
from sims.core.devices import device_named
from sims.core.experiment import Experiment
from sims.core.knobs import axis, knobs_of
from sims.core.setup import Setup
from sims.core.study import Study

VARIANTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "saddle_to_saddle/linear_network": {
        "10-16-8": {},
        "64-128-64": {"d_in": 64, "d_out": 64, "width": 128},
    },
    "neural_collapse/free_features": {"default, to time 2000": {"horizon": 2000.0}},
    "grokking/modular_addition": {"default": {}, "p = 23": {"p": 23}},
}
"""Sizes measured, experiment by experiment; elsewhere the default alone."""
SWEEPS: Mapping[str, Mapping[str, str]] = {
    "saddle_to_saddle/linear_network": {"alpha": "1e-7:1e-2:12:log"},
}


def streamed(name: str, device: str, size: Size) -> Iterator[Result]:
    """Steps a second of a run advanced in slices, as a share of a bare `lax.scan` of the same."""
    experiment, targets = api.experiment(name), TARGETS.get(name, {})
    for label, values in VARIANTS.get(name, {"default": {}}).items():
        setup = Study(experiment, values).setup
        bare, observed = (
            one_scan(setup, device),
            one_scan(setup, device, observed=True, options=run_options(setup, device)),
        )
        alike = one_scan(setup, device, options=run_options(setup, device))
        ways = bare, alike, observed, streamed_run(setup, device)
        rounds = [[way() for way in ways] for _ in range(size.repeats + 1)][1:]
        speeds = [setup.schedule.steps / statistics.median(t) for t in zip(*rounds, strict=True)]
        words = "bare scan", "the same, compiled as runs are", "with the same records", "streamed"
        for word, speed in zip(words, speeds, strict=True):
            wanted = targets.get(f"{word} speed, {label}", "") or targets.get(f"{word} speed", "")
            yield Result(f"{label}, {word}", speed, "steps/s", wanted)
        share, strict = (statistics.median(t[i] / t[3] for t in rounds) for i in (0, 1))
        yield Result(f"{label}, streamed / bare", share, "", targets.get("streamed", ""))
        yield Result(f"{label}, streamed / bare compiled as runs are", strict)


def run_options(setup: Setup, device: str) -> Any:
    """Compiler options of a run."""
    if device != "cpu":
        return None
    fused = setup.experiment.simulation(setup.params).fused
    return compilation.FUSED if fused else compilation.QUICK_TO_COMPILE


def one_scan(
    setup: Setup, device: str, observed: bool = False, options: Any = None
) -> Callable[[], float]:
    """A function that times one scan over all steps of a setup's first seed.

    It keeps nothing, or with `observed` the records and snapshots of the schedule.
    """
    experiment: Experiment = setup.experiment
    dtype = experiment.dtype(setup.params)
    simulation, schedule = experiment.simulation(setup.params), setup.schedule

    def placed(value: Any) -> jax.Array:
        array = np.asarray(value)
        array = array.astype(dtype) if array.dtype.kind == "f" else array
        return jax.device_put(array, device_named(device))

    params = jax.tree.map(placed, setup.params)
    task = {n: placed(v) for n, v in setup.tasks[0].items()}
    shot = np.zeros(len(schedule.record_steps), bool)
    shot[schedule.snapshot_records] = True
    strides = np.diff(schedule.record_steps, prepend=0)

    @partial(jax.jit, compiler_options=options)
    def bare(params: Any, task: Any, state: Any) -> Any:
        step = partial(simulation.step, params, task)
        return lax.scan(lambda s, _: (step(s), None), state, length=schedule.steps)[0]

    @partial(jax.jit, compiler_options=options)
    def with_records(params: Any, task: Any, state: Any) -> Any:
        step = partial(simulation.step, params, task)
        snapshot = partial(simulation.snapshot, params, task)
        blank = jax.tree.map(lambda a: jnp.zeros(a.shape, a.dtype), jax.eval_shape(snapshot, state))

        def record(state: Any, now: Any) -> Any:
            stride, taken = now
            state = lax.fori_loop(0, stride, lambda _, s: step(s), state)
            if simulation.refresh is not None:
                state = simulation.refresh(params, task, state)
            seen = simulation.observe(params, task, state)
            return state, (seen, lax.cond(taken, snapshot, lambda _: blank, state))

        return lax.scan(record, state, (jnp.asarray(strides), jnp.asarray(shot)))

    state = jax.jit(simulation.init)(params, task)
    scanned = with_records if observed else bare

    def timed() -> float:
        with compilation.exact(device_named(device).platform):  # with all digits, as a run has them
            start = time.perf_counter()
            jax.block_until_ready(scanned(params, task, state))
            return time.perf_counter() - start

    return timed


def streamed_run(setup: Setup, device: str) -> Callable[[], float]:
    """A function that times a whole run in slices, with its records and snapshots."""

    def timed() -> float:
        run = Study.of(setup).early().run(device)
        run.compile()
        start = time.perf_counter()
        while not run.done:
            run.advance(0.025)
        return time.perf_counter() - start

    return timed


def sweeps(name: str, over: Mapping[str, str], size: Size) -> Iterator[Result]:
    """A whole sweep, predictions and claims included, after a first one has compiled it."""
    knobs = knobs_of(api.experiment(name).Params)
    seeds = size.sweep_seeds if len(over) == 1 else 1

    def swept(_: int) -> None:
        api.sweep(name, over, seeds=seeds, device="auto")

    swept(0)
    seconds = median_seconds(swept, range(min(3, size.repeats)))
    axes = " and ".join(f"{len(axis(knobs[knob], text))} {knob}" for knob, text in over.items())
    target = TARGETS.get(name, {}).get("sweep", "")
    if name in SWEEPS and seeds == Size.sweep_seeds:
        target = "<= 2"
    yield Result(f"{axes} x {seeds} seeds, warm", seconds, "s", target)
