"""Sweeps and nets that are large enough for a card, and a prediction that is large for a CPU."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.bench.gpu.section import Measurement, Row
from app.bench.gpu.size import Card
from app.bench.gpu.targets import aimed
from sims import api
from sims.core.study import Study

DIAGRAM = "lazy_rich/phase_diagram"


@dataclass(frozen=True)
class Diagram:
    """A phase diagram, and what its first and its second computation should take."""

    label: str
    over: Mapping[str, str]
    seeds: int
    first: str = ""
    warm: str = ""


DIAGRAMS = (
    Diagram(
        "phase diagram of 75 runs", {"width": "16,32,64,128,256", "alpha": "1e-2:31.6:15:log"}, 1
    ),
    Diagram(
        "phase diagram of 1000 runs", {"width": "16,32,64,128,256", "alpha": "1e-2:31.6:40:log"},
        5, first="first_seconds <= 12", warm="warm_seconds <= 2.5",
    ),
)  # fmt: skip


def diagrams(card: Card) -> list[Measurement]:
    """Whole sweeps, predictions and claims included."""
    return [
        Measurement(card.called(diagram.label), partial(_diagram, diagram, card))
        for diagram in DIAGRAMS
    ]


def _diagram(diagram: Diagram, card: Card) -> Iterator[Row]:
    over = card.size.axes(api.experiment(DIAGRAM), diagram.over)
    seeds = 1 if card.size.is_small else diagram.seeds
    for word, target in (("first", diagram.first), ("warm", diagram.warm)):
        begun = time.perf_counter()
        api.sweep(DIAGRAM, over, seeds=seeds, device=card.device)
        row = {f"{word}_seconds": time.perf_counter() - begun}
        yield aimed(row, target, card) if target else row


@dataclass(frozen=True)
class Net:
    """A net that fills a card, the one a rehearsal takes, and what its steps should reach."""

    label: str
    experiment: str
    values: Mapping[str, Any]
    small: Mapping[str, Any]
    target: str


NETS = (
    Net(
        "digits, 6 layers of width 256", "neural_collapse/real_network",
        {"width": 256, "depth": 6, "steps": 2000}, {"width": 8, "depth": 1, "steps": 100},
        "steps_per_second >= 2000",
    ),
    Net(
        "modular addition, p 113, width 2048", "grokking/modular_addition",
        {"p": 113, "width": 2048, "steps": 1000}, {"p": 5, "width": 8, "steps": 100},
        "steps_per_second >= 1000",
    ),
)  # fmt: skip


def nets(card: Card) -> list[Measurement]:
    """Steps a second of large nets."""
    return [Measurement(card.called(net.label), partial(_net, net, card)) for net in NETS]


def _net(net: Net, card: Card) -> Iterator[Row]:
    values = net.small if card.size.is_small else net.values
    start = Study(api.experiment(net.experiment), values).early()
    run = start.run(card.device)
    begun = time.perf_counter()
    run.compile()
    compiled = time.perf_counter() - begun
    run.advance(0.0)
    before, begun = run.steps_done, time.perf_counter()
    while not run.done and time.perf_counter() - begun < card.size.run_seconds:
        run.advance(0.1)
    took, steps = time.perf_counter() - begun, run.steps_done - before
    row = {"compile_seconds": compiled, "steps": steps, "steps_per_second": steps / took}
    yield aimed(row, net.target, card)


def prediction(card: Card) -> list[Measurement]:
    """The prediction of a net so wide that its theory takes long."""
    name = card.called("prediction of two layers, width 4096, n 512")
    return [Measurement(name, lambda: _prediction(card))]


def _prediction(card: Card) -> Iterator[Row]:
    values = {"width": 16, "n": 4} if card.size.is_small else {"width": 4096, "n": 512}
    study = Study(api.experiment("lazy_rich/two_layer_network"), values)
    begun = time.perf_counter()
    study.predict()
    row = {"device": "cpu", "prediction_seconds": time.perf_counter() - begun}
    yield aimed(row, "prediction_seconds <= 3", card)
