"""Streamed runs against a bare scan, and many seeds side by side."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.bench.gpu.section import Measurement, Row
from app.bench.gpu.size import Card
from app.bench.gpu.targets import aimed
from app.bench.speed import one_scan, streamed_run
from sims import api
from sims.core.study import Study

LINEAR = "saddle_to_saddle/linear_network"
SHARE, SEED_STEPS = "streamed_over_bare >= 0.9", "seed_steps_per_second >= 15e6"
TINY = {"d_in": 3, "d_out": 2, "width": 3, "spectrum": (2, 1)}


@dataclass(frozen=True)
class Shape:
    """A net by its sizes, and the one a rehearsal takes in its place."""

    label: str
    experiment: str
    values: Mapping[str, Any]
    small: Mapping[str, Any]

    def setting(self, card: Card) -> Mapping[str, Any]:
        """The knobs."""
        return self.small if card.size.is_small else self.values


SHAPES = (
    Shape("10-16-8", LINEAR, {}, TINY),
    Shape("64-128-64", LINEAR, {"d_in": 64, "d_out": 64, "width": 128}, TINY),
    Shape(
        "128-512-128 float32", LINEAR,
        {"d_in": 128, "d_out": 128, "width": 512, "dtype": "float32"},
        {**TINY, "dtype": "float32"},
    ),
    Shape(
        "two layers of width 4096, n 512", "lazy_rich/two_layer_network",
        {"width": 4096, "n": 512}, {"width": 16, "n": 4},
    ),
)  # fmt: skip
"""Those whose speed on an accelerator has a target."""


def shares(card: Card) -> list[Measurement]:
    """What streaming leaves of the speed of a bare scan, shape by shape."""
    return [
        Measurement(card.called(f"{shape.label}, streamed over bare"), partial(_share, shape, card))
        for shape in SHAPES
    ]


def _share(shape: Shape, card: Card) -> Iterator[Row]:
    setup = Study(api.experiment(shape.experiment), shape.setting(card)).setup
    steps = setup.schedule.steps
    bare, streamed = one_scan(setup, card.device), streamed_run(setup, card.device)
    rounds = [(bare(), streamed()) for _ in range(card.size.repeats + 1)][1:]
    one, other = (statistics.median(taken) for taken in zip(*rounds, strict=True))
    row = {
        "steps": steps,
        "bare_steps_per_second": steps / one,
        "streamed_steps_per_second": steps / other,
        "bare_seconds_per_step": one / steps,
        "streamed_seconds_per_step": other / steps,
        "streamed_over_bare": statistics.median(a / b for a, b in rounds),
    }
    yield aimed(row, SHARE, card)


def seeds(card: Card) -> list[Measurement]:
    """Steps a second of all seeds together."""
    most = max(card.size.seeds)
    return [
        Measurement(
            card.called(f"{SHAPES[0].label}, seeds side by side: {count}"),
            partial(_seeds, count, card, SEED_STEPS if count == most else ""),
        )
        for count in card.size.seeds
    ]


def _seeds(count: int, card: Card, target: str) -> Iterator[Row]:
    shape = SHAPES[0]
    setup = Study(api.experiment(shape.experiment), shape.setting(card), seeds=count).setup
    start = Study.of(setup).early()
    start.run(card.device).advance(0.0)  # what runs for the first time is slower
    run = start.run(card.device)
    run.compile()
    begun = time.perf_counter()
    while not run.done and time.perf_counter() - begun < card.size.run_seconds:
        run.advance(0.1)
    took = time.perf_counter() - begun
    row = {"seeds": count, "seed_steps_per_second": count * run.steps_done / took}
    yield aimed(row, target, card) if target else row
