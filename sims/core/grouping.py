"""Which settings of a sweep are trained in one program, side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from sims.core.schedule import Schedule
from sims.core.setup import Setup

MOST_TOGETHER, TOGETHER_BYTES = 1024, 2**32
"""Runs trained in one program on a GPU, and bytes that they may take; more are further groups."""
LANE_BYTES = 16
"""Bytes of a run, with its state, gradients and records, over those of its task: generous."""
UNEVEN = 1.3
"""Largest share by which the longest run of a group on a CPU may exceed its shortest."""


def grouped(setups: list[Setup], device: str) -> list[list[int]]:
    """Indices of setups that share one program and one schedule, in order of the first.

    Runs of one program last as long as the longest of them; a CPU, which gains little from many
    at once, trains short and long ones apart. Groups are of one size: one program. Setups that are
    given the schedule of a longer one are replaced in the list.
    """
    experiment, seeds = setups[0].experiment, len(setups[0].seeds)
    disturbed = experiment.intervene is not None
    if disturbed:
        _share_schedules(setups, range(len(setups)))
    kinds: dict[Any, list[int]] = {}
    for i, setup in enumerate(setups):
        shapes = tuple((n, v.shape) for n, v in setup.tasks[0].items())
        steps = setup.schedule.record_steps.tobytes() if disturbed else b""
        kind = jax.tree.structure(setup.params), shapes, setup.schedule.time_per_step, steps
        kinds.setdefault(kind, []).append(i)
    most = experiment.together if device == "cpu" else _most_together(setups)
    size = max(1, most // seeds)
    steps = [setup.schedule.steps for setup in setups]
    groups = [g for indices in kinds.values() for g in _split(indices, size, steps, device)]
    for group in groups:
        _share_schedules(setups, group)
    return sorted(groups)


def _most_together(setups: Sequence[Setup]) -> int:
    """Runs that fit onto an accelerator side by side."""
    largest = max(sum(np.asarray(v).nbytes for v in s.tasks[0].values()) for s in setups)
    return int(min(MOST_TOGETHER, max(1, TOGETHER_BYTES // (LANE_BYTES * max(1, largest)))))


def _split(indices: list[int], size: int, steps: Sequence[int], device: str) -> list[list[int]]:
    """Groups of at most `size`, on a CPU of runs that are about equally long."""
    ordered = sorted(indices, key=lambda i: (steps[i], i)) if device == "cpu" else indices
    while True:
        groups = [ordered[a : a + size] for a in range(0, len(ordered), size)]
        uneven = any(steps[g[-1]] > UNEVEN * steps[g[0]] for g in groups)
        if size == 1 or device != "cpu" or not uneven:
            return [sorted(group) for group in groups]
        size = min(size - 1, -(-len(ordered) // (len(groups) + 1)))


def _is_even(schedule: Schedule) -> bool:
    return bool(np.ptp(np.diff(schedule.record_steps)) <= 1)


def _share_schedules(setups: list[Setup], group: Sequence[int]) -> None:
    """Points whose steps last equally long share the longest schedule: one unmasked loop.

    A schedule with more records around its own predicted moments stays as it is.
    """
    longest: dict[float, Schedule] = {}
    for i in group:
        own = setups[i].schedule
        known = longest.setdefault(own.time_per_step, own)
        if own.steps > known.steps:
            longest[own.time_per_step] = own
    for i in group:
        own = setups[i]
        if _is_even(own.schedule):
            shared = longest[own.schedule.time_per_step]
            setups[i] = dataclasses.replace(own, schedule=shared)


__all__ = ["grouped"]
