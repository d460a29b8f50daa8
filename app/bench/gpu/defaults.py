"""The default of every experiment on the card and on the CPU: speed, agreement, memory, `auto`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import jax
import numpy as np

from app.bench.gpu.section import Measurement, Row, Section
from app.bench.gpu.size import Card
from app.bench.gpu.visited import visited
from sims import api
from sims.core.devices import device_named
from sims.core.experiment import Experiment
from sims.core.simulation import Run
from sims.core.study import Prepared, Study

AUTO_MARGIN = 1.1
"""`auto` was right where it lost no more than this factor: less is within what timing tells."""
SLICE = 0.1
LONG = 1.0
"""Seconds from which on a run is not timed again."""
MIB = 2**20


@dataclass(frozen=True)
class _Timed:
    """A run and how fast it was."""

    run: Run
    compile_seconds: float
    steps_per_second: float


def defaults(card: Card) -> Section:
    """The section."""
    return Section(
        "defaults on card and CPU",
        0.65,
        [
            Measurement(
                experiment.name,
                partial(_run if experiment.over is None else _sweep, experiment, card),
            )
            for experiment in visited(card)
        ],
    )


def _run(experiment: Experiment, card: Card) -> Iterator[Row]:
    begun = time.perf_counter()
    start = Study(experiment).freeze()
    predicted = time.perf_counter() - begun
    on_cpu, on_card = (_timed(start, device, card) for device in ("cpu", card.device))
    chosen = start.device("auto").name
    yield {
        "steps": start.setup.schedule.steps,
        "prediction_seconds": predicted,
        "card_compile_seconds": on_card.compile_seconds,
        "card_steps_per_second": on_card.steps_per_second,
        "cpu_steps_per_second": on_cpu.steps_per_second,
        "prediction_hash_equal": _hash_beside(experiment, card) == start.hash,
        "differences": differences(on_cpu.run, on_card.run),
        **memory(card),
        **choice(chosen, card, on_card.steps_per_second / on_cpu.steps_per_second),
    }


def _timed(start: Prepared, device: str, card: Card) -> _Timed:
    """The faster of two runs, or of one that takes long; followed no longer than is measured."""
    found: list[_Timed] = []
    for _ in range(2):
        run = start.run(device)
        begun = time.perf_counter()
        run.compile()
        compiled = time.perf_counter() - begun
        begun = time.perf_counter()
        while not run.done and time.perf_counter() - begun < card.size.run_seconds:
            run.advance(SLICE)
        took = time.perf_counter() - begun
        compiled = found[0].compile_seconds if found else compiled
        found.append(_Timed(run, compiled, run.steps_done / took))
        if took > LONG:
            break
    return max(found, key=lambda one: one.steps_per_second)


def _hash_beside(experiment: Experiment, card: Card) -> str:
    """The hash of the same prediction made while the card is what JAX computes on by default."""
    with jax.default_device(device_named(card.device)):
        return Study(experiment).freeze().hash


def differences(one: Run, other: Run) -> dict[str, float]:
    """The worst difference of each record between two runs, over the largest value it takes.

    Rows that both have count. What is finite in one run alone is infinitely far off.
    """
    rows = min(one.rows, other.rows)
    return {
        name: _difference(values[:, :rows], other.records[name][:, :rows])
        for name, values in one.records.items()
    }


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    a, b = np.asarray(one, float), np.asarray(other, float)
    finite = np.isfinite(a)
    if not np.array_equal(finite, np.isfinite(b)):
        return float("inf")
    if not finite.any():
        return 0.0
    scale = np.abs(a[finite]).max() or 1.0
    return float(np.abs(a[finite] - b[finite]).max() / scale)


def memory(card: Card) -> dict[str, float | None]:
    """What JAX holds of the device's memory now, and the most it held since the process began."""
    stats: Mapping[str, int] = device_named(card.device).memory_stats() or {}
    named = {"in_use_mib": "bytes_in_use", "peak_since_start_mib": "peak_bytes_in_use"}
    return {name: stats[key] / MIB if key in stats else None for name, key in named.items()}


def choice(chosen: str, card: Card, gain: float) -> Row:
    """What `auto` chose, and whether it was right; `gain` is the card's speed over the CPU's.

    In a rehearsal there is nothing to choose between.
    """
    row: Row = {"card_over_cpu": gain, "auto": chosen}
    if card.rehearsal:
        return {**row, "auto_right": None}
    lost = gain if chosen == "cpu" else 1 / gain
    return {**row, "auto_right": lost <= AUTO_MARGIN}


def _sweep(experiment: Experiment, card: Card) -> Iterator[Row]:
    """The default of an experiment that is a sweep; a second one of each, compiled by the first."""
    over = card.size.axes(experiment, experiment.over or {})
    taken = {}
    trees = {}
    for device in ("cpu", card.device):
        seconds = []
        for _ in range(2):
            begun = time.perf_counter()
            trees[device] = api.sweep(experiment, over, device=device)
            seconds.append(time.perf_counter() - begun)
        taken[device] = min(seconds)
    chosen = str(api.sweep(experiment, over, device="auto").attrs["device"])
    hashes = {tree.attrs["prediction_sha256"] for tree in trees.values()}
    yield {
        "card_sweep_seconds": taken[card.device],
        "cpu_sweep_seconds": taken["cpu"],
        "prediction_hash_equal": len(hashes) == 1,
        "differences": {
            str(name): _difference(values.values, trees[card.device]["sweep"][name].values)
            for name, values in trees["cpu"]["sweep"].data_vars.items()
            if values.dtype.kind in "iuf"
        },
        **memory(card),
        **choice(chosen, card, taken["cpu"] / taken[card.device]),
    }
