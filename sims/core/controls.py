"""Runs in which there is nothing to see: a claim that lands there, too, has tested nothing.

The general twists need nothing from an experiment; its own controls stand in its `controls`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from sims.core.claims import of_the_whole
from sims.core.comparison import Comparison
from sims.core.experiment import Claim, Task
from sims.core.knobs import with_knobs
from sims.core.simulation import Run, Seen
from sims.core.study import Prepared, Study
from sims.core.sweep import Sweep
from sims.core.sweep_run import SweepRun

UNTRAINED = "nothing is trained"
OTHER_SEED = "the theory is that of another seed's start"
GUESS = "the guess stands in place of the theory"


@dataclass(frozen=True)
class Control:
    """A twist of an experiment's run under which its phenomenon is absent; the theory stays.

    Attributes:
        name: the twist in words, as in "without weight decay".
        values: knobs the run gets in place of its own.
        task: what the run starts from, made from its own task, such as with shuffled targets.
        claims: those that must depart there; all if empty.
    """

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    task: Callable[[Task], Task] | None = None
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survived:
    """A claim that lands although there is nothing to see."""

    claim: str
    twist: str
    error: float
    tolerance: float


def survivors(study: Study, run: Seen | None = None) -> Iterator[Survived]:
    """Every claim that lands in the honest run of a setting, and in a twisted one, too.

    `run` is the honest one, if it is over already.
    """
    start, experiment = study.freeze(), study.experiment
    if run is None:
        run = start.run()
        run.finish()
    judged = start.judge(run)
    if judged.claims is None:
        return
    landed = {
        claim.name: claim
        for claim in experiment.claims
        if str(judged.claims["verdict"].sel(claim=claim.name).item()) == "lands"
    }
    yield from _landing(start.judge(Untrained(run)).claims, landed, UNTRAINED)
    yield from _guesses(judged.claims, landed)
    yield from _other_seed(start, judged.seen, landed)
    for control in experiment.controls:
        asked = {n: c for n, c in landed.items() if not control.claims or n in control.claims}
        if asked:
            yield from _landing(controlled(start, control), asked, control.name)


def _landing(
    claims: xr.Dataset | None, asked: Mapping[str, Claim], twist: str
) -> Iterator[Survived]:
    for name, claim in asked.items():
        if claims is None or twist in claim.void:
            continue
        row = claims.sel(claim=name)
        if str(row["verdict"].item()) == "lands":
            yield Survived(name, twist, float(row["error"].max()), float(row["tolerance"]))


def sweep_survivors(sweep: Sweep, claims: xr.Dataset) -> Iterator[Survived]:
    """Claims of a whole sweep that land in its honest run, and where nothing is trained, too.

    `claims` are those of the sweep's file.
    """
    landed = {
        claim.name: claim
        for claim in sweep.whole_claims
        if str(claims["sweep_verdict"].sel(sweep_claim=claim.name).item()) == "lands"
    }
    if not landed:
        return
    still = UntrainedSweep(sweep)
    still.finish()
    yield from _landing(of_the_whole(still.tree()["claims"].to_dataset()), landed, UNTRAINED)
    yield from _guesses(of_the_whole(claims), landed)


def _guesses(claims: xr.Dataset, landed: Mapping[str, Claim]) -> Iterator[Survived]:
    """Claims whose guess lands in the honest run."""
    for name, claim in landed.items():
        row = claims.sel(claim=name)
        error, tolerance = float(row["baseline_error"].max()), float(row["tolerance"])
        if GUESS not in claim.void and error <= tolerance:
            yield Survived(name, GUESS, error, tolerance)


def _other_seed(
    start: Prepared, seen: xr.Dataset, landed: Mapping[str, Claim]
) -> Iterator[Survived]:
    """Claims that land with the theory of another start; where that is the same, it is no twist."""
    assert start.prediction is not None
    params, seed = start.setup.params, int(start.setup.seeds[0]) + 1
    values = {f.name: getattr(params, f.name) for f in dataclasses.fields(params)}
    try:
        other = Study(start.setup.experiment, values, seed=seed).predict()
        twisted = dataclasses.replace(start, prediction=other).claims(seen)
    except (ValueError, IndexError, KeyError):  # a start of another shape cannot be confused
        return
    differ = {n: c for n, c in landed.items() if not _same(c, start.prediction, other)}
    yield from _landing(twisted, differ, OTHER_SEED)


def _same(claim: Claim, one: xr.Dataset, other: xr.Dataset) -> bool:
    """Whether what a claim is about needs no seed."""
    of = claim.compare.of if isinstance(claim.compare, Comparison) else ""
    if of not in one or of not in other:
        return not of
    return np.array_equal(one[of].values, other[of].values, equal_nan=True)


def controlled(start: Prepared, control: Control) -> xr.Dataset | None:
    """The claims of the honest theory on the run of a control."""
    setup = start.setup
    params = with_knobs(setup.params, dict(control.values), where=setup.experiment.name)
    tasks = setup.tasks
    if control.task is not None:
        copies = ({n: np.array(v) for n, v in task.items()} for task in tasks)
        tasks = tuple(control.task(copy) for copy in copies)
    twisted = dataclasses.replace(setup, params=params, tasks=tasks)
    run = dataclasses.replace(start, setup=twisted).run()
    run.finish()
    return start.judge(run).claims


class Untrained:
    """A run that shows at every record what it showed at the start."""

    def __init__(self, run: Seen) -> None:
        """Nothing is copied."""
        self.records = _still(run.records)
        self.snapshots = _still(run.snapshots)
        self.rows, self.snapshot_rows = run.rows, run.snapshot_rows
        self.stopped = np.full_like(run.stopped, -1)


class UntrainedSweep(SweepRun):
    """A sweep whose points show at every record what they showed at the start."""

    def finish(self, told: Callable[[float], None] | None = None) -> None:
        """Train nothing, and judge every point."""
        del told
        for group in self._groups[self._done_groups :]:
            run = self._start(group)
            run.advance_records(1)
            for place, i in enumerate(group):
                self._judge(i, place, run)
            self._done_groups += 1

    def _seen(self, i: int, place: int, run: Run) -> Seen:
        return Untrained(super()._seen(i, place, run))


def _still(kept: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        name: np.broadcast_to(values[:, :1], values.shape) if values.shape[1] else values
        for name, values in kept.items()
    }


__all__ = [
    "GUESS",
    "OTHER_SEED",
    "UNTRAINED",
    "Control",
    "Survived",
    "Untrained",
    "UntrainedSweep",
    "controlled",
    "survivors",
    "sweep_survivors",
]
