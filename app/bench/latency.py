"""What a reader waits for, measured without a browser."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from app.bench.loop import finished
from app.bench.reader import moved
from app.bench.result import TARGETS, Result, Size, median_seconds
from app.bench.speed import streamed_run
from app.explorer import explorer
from sims import api
from sims.core.experiment import Experiment
from sims.core.knobs import Knob, knobs_of
from sims.core.study import Study

MOVED = ("alpha", "eta_lambda0", "eta")
"""The knob that is moved: the first of these an experiment has."""


def latencies(name: str, size: Size) -> Iterator[Result]:
    """Of the default page: its prediction, its run, and a moved knob as a browser gets it."""
    experiment, targets = api.experiment(name), TARGETS.get(name, {})
    moves = [_moved_values(experiment, i) for i in range(2 * size.repeats)]

    def predicted(move: Mapping[str, Any]) -> None:
        Study(experiment, move["values"], seed=move["seed"]).predict()

    predicted(moves[-1])
    taken = median_seconds(predicted, moves[: size.repeats])
    yield Result("prediction, warm", 1e3 * taken, "ms", targets.get("prediction", ""))
    run = streamed_run(Study(experiment).freeze().setup, "cpu")
    run()
    seconds = statistics.median(run() for _ in range(size.repeats))
    yield Result("run at full pace, warm", seconds, "s", targets.get("run", ""))
    with explorer() as url:
        taken = finished(moved(url, name, [_query(move) for move in moves[size.repeats - 1 :]]))
    yield Result("a knob moved to figures ready", 1e3 * statistics.median(taken[1:]), "ms")


def _query(move: Mapping[str, Any]) -> str:
    """A move as the address of the page has it."""
    knobs = {**move["values"], "seed": move["seed"]}
    return "&".join(f"{name}={value}" for name, value in knobs.items())


def _moved_values(experiment: Experiment, i: int) -> dict[str, Any]:
    """The i-th of many different settings: another value of a knob, or another seed."""
    if not any(name in MOVED for name in knobs_of(experiment.Params)):
        return {"values": {}, "seed": experiment.default_seed + 1 + i}
    knob = moved_knob(experiment)
    start = getattr(Study(experiment).setup.params, knob.name)
    values = {knob.name: start * (1.1 + 0.02 * i)}
    return {"values": values, "seed": experiment.default_seed}


def moved_knob(experiment: Experiment) -> Knob:
    """The dynamic knob that stands for any other."""
    knobs = knobs_of(experiment.Params)
    return next(knobs[name] for name in MOVED if name in knobs)
