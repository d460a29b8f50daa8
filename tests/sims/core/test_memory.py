"""A run that its device has no room for ends in one sentence, with what would fit."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any, NoReturn

import jax
import pytest

from sims import api
from sims.core import memory, simulation
from sims.core.memory import OutOfMemory, words
from sims.core.study import Study

NAME = "saddle_to_saddle/linear_network"
FULL = "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 17179869184 bytes."
GIB = 2**30


def full(*_: Any, **__: Any) -> NoReturn:
    raise jax.errors.JaxRuntimeError(FULL)


def on(monkeypatch: pytest.MonkeyPatch, **stats: int) -> None:
    """Runs are on a device that tells so much of its memory."""
    device = SimpleNamespace(memory_stats=lambda: stats or None)
    monkeypatch.setattr(memory, "device_named", lambda _: device)


def trained(seeds: int, device: str = "gpu") -> Any:
    return SimpleNamespace(device=device, seeds=seeds)


def test_what_would_fit_is_told_where_the_device_says_what_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on(monkeypatch, bytes_limit=20 * GIB, bytes_in_use=12 * GIB)
    assert words(FULL, trained(256)) == (
        "The gpu has no room for these 256 runs side by side (16 GiB more asked for, 8 GiB free): "
        "about 128 at once would fit, or choose the device cpu."
    )


def test_a_device_that_tells_nothing_is_asked_for_half(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch)
    assert words("RESOURCE_EXHAUSTED: no", trained(9, "cpu")) == (
        "The cpu has no room for these 9 runs side by side: take at most 4 at once."
    )


def test_a_single_run_is_told_what_makes_it_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, bytes_limit=20 * GIB)
    said = words(FULL, trained(1))
    assert "no room for this run (16 GiB more asked for, 20 GiB free)" in said
    assert "take a smaller net" in said


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (FULL, 16 * GIB),
        ("RESOURCE_EXHAUSTED: Failed to allocate request for 16.00GiB", 16 * GIB),
        ("RESOURCE_EXHAUSTED: Out of memory trying to allocate 1.5GiB (rounded)", 1.5 * GIB),
        ("Out of memory allocating 256 bytes.", 256),
        ("no room", None),
    ],
)
def test_the_bytes_that_were_asked_for_are_read_out_of_what_xla_says(
    said: str, wanted: float | None
) -> None:
    assert memory.asked(said) == wanted


def test_what_a_run_needs_is_counted_from_what_it_records() -> None:
    start = Study(api.experiment(NAME), {"horizon": 1.0}, seeds=3).early()
    run = start.run("cpu")
    run.finish()
    lane, rows = run._programs.lane, len(start.setup.schedule.record_steps)
    assert lane.task == sum(v.nbytes for v in start.setup.tasks[0].values())
    assert sum(v.nbytes for v in run.records.values()) == 3 * rows * lane.record
    assert run.nbytes <= 3 * lane.needs(rows, len(start.setup.schedule.snapshot_records))


@pytest.mark.parametrize(
    ("free", "made"),
    [
        (2_000_000, "Study(EXPERIMENT, seeds=1024).setup"),
        (30_000_000, "Study(EXPERIMENT, seeds=1024).early().run().compile()"),
    ],
)
def test_seeds_that_this_machine_has_no_room_for_are_refused_with_how_many_would_fit(
    monkeypatch: pytest.MonkeyPatch, free: int, made: str
) -> None:
    monkeypatch.setattr(memory, "available", lambda: free)
    names = {"Study": Study, "EXPERIMENT": api.experiment(NAME)}
    with pytest.raises(OutOfMemory, match="no room for these 1024 runs side by side") as refused:
        eval(made, names)
    said = str(refused.value)
    assert "iB asked for" in said
    assert said.endswith(" at once would fit.")
    fits = int(said.split("about ")[1].split()[0])
    assert 1 < fits < 1024
    eval(made.replace("1024", str(fits)), names)


@pytest.mark.parametrize("method", ["advance", "advance_records"])
def test_a_run_that_finds_no_room_under_way_says_so(
    monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    run = Study(api.experiment(NAME), seeds=2).early().run("cpu")
    run.compile()
    monkeypatch.setattr(run, "_programs", dataclasses.replace(run._programs, chunk=full))
    with pytest.raises(OutOfMemory, match="no room for these 2 runs side by side"):
        getattr(run, method)(1)


def test_a_run_that_finds_no_room_for_its_data_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Study(api.experiment(NAME)).early().run("cpu")
    monkeypatch.setattr(simulation, "programs", full)
    with pytest.raises(OutOfMemory, match="The cpu has no room for this run"):
        run.advance(0.0)


def test_another_failure_of_a_device_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(*_: Any) -> NoReturn:
        raise jax.errors.JaxRuntimeError("INTERNAL: a wire is loose")

    run = Study(api.experiment(NAME)).early().run("cpu")
    monkeypatch.setattr(simulation, "programs", failed)
    with pytest.raises(jax.errors.JaxRuntimeError, match="a wire is loose"):
        run.compile()
