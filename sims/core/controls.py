"""Runs in which there is nothing to see: a claim that lands there, too, has tested nothing.

The general twists need nothing from an experiment; its own controls stand in its `controls`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

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


TrialEnd = Literal["caught", "survived", "void"]


@dataclass(frozen=True)
class Trial:
    """A claim under a twist: `caught`, as it misses there; `survived`, as it lands; or `void`.

    Error and tolerance are NaN where it is void, for the reason that `why` gives.
    """

    claim: str
    twist: str
    end: TrialEnd
    error: float = float("nan")
    tolerance: float = float("nan")
    why: str = ""


def survivors(study: Study, run: Seen | None = None) -> Iterator[Trial]:
    """Every claim that lands in the honest run of a setting, and in a twisted one, too."""
    return (trial for trial in trials(study, run) if trial.end == "survived")


def trials(study: Study, run: Seen | None = None) -> Iterator[Trial]:
    """Every claim of a setting under every twist; those that land in the honest run are tried.

    `run` is the honest one, if it is over already.
    """
    start, experiment = study.freeze(), study.experiment
    if run is None:
        run = start.run()
        run.finish()
    judged = start.judge(run)
    honest = _whole(judged.claims)
    untrained = _void(experiment.claims, honest, UNTRAINED)
    yield from _tried(honest, UNTRAINED, untrained, lambda: start.judge(Untrained(run)).claims)
    yield from _guesses(honest, _void(experiment.claims, honest, GUESS))
    yield from _other_seed(start, honest, judged.seen)
    for control in experiment.controls:
        void = _void(experiment.claims, honest, control.name, control.claims)
        yield from _tried(honest, control.name, void, lambda c=control: controlled(start, c))


def _whole(claims: xr.Dataset | None) -> xr.Dataset:
    assert claims is not None  # a prediction that is whole is judged
    return claims


def sweep_survivors(sweep: Sweep, claims: xr.Dataset) -> Iterator[Trial]:
    """Claims of a whole sweep that land in its honest run, and where nothing is trained, too.

    `claims` are those of the sweep's file.
    """
    return (trial for trial in sweep_trials(sweep, claims) if trial.end == "survived")


def sweep_trials(sweep: Sweep, claims: xr.Dataset) -> Iterator[Trial]:
    """The claims of a whole sweep, untrained and with the guess in place of the theory."""
    honest, asked = of_the_whole(claims), sweep.whole_claims

    def untrained() -> xr.Dataset:
        still = UntrainedSweep(sweep)
        still.finish()
        return of_the_whole(still.tree()["claims"].to_dataset())

    yield from _tried(honest, UNTRAINED, _void(asked, honest, UNTRAINED), untrained)
    yield from _guesses(honest, _void(asked, honest, GUESS))


def _void(
    claims: Sequence[Claim], honest: xr.Dataset, twist: str, asked: tuple[str, ...] = ()
) -> dict[str, str]:
    """By claim why a twist tells nothing of it; `asked` are those it is about, all if empty."""
    found = {}
    for claim in claims:
        verdict = str(honest["verdict"].sel(claim=claim.name).item())
        if twist in claim.void:
            found[claim.name] = claim.void[twist]
        elif asked and claim.name not in asked:
            found[claim.name] = "that control is about other claims."
        elif verdict != "lands":
            ended = {"departs": "it departs", "surprise": "it is a surprise"}
            found[claim.name] = f"{ended.get(verdict, 'it is not judged')} without the twist, too."
    return found


def _tried(
    honest: xr.Dataset,
    twist: str,
    void: Mapping[str, str],
    twisted: Callable[[], xr.Dataset | None],
) -> Iterator[Trial]:
    """The claims in the twisted run, which is made only if one of them is tried."""
    names = [str(name) for name in honest["claim"].values]
    claims = honest if all(name in void for name in names) else _whole(twisted())
    for name in names:
        if why := void.get(name):
            yield Trial(name, twist, "void", why=why)
        else:
            yield _trial(claims.sel(claim=name), name, twist)


def _trial(row: xr.Dataset, name: str, twist: str) -> Trial:
    verdict = str(row["verdict"].item())
    if verdict == "not judged":
        return Trial(name, twist, "void", why=f"it is not judged there. {row['reason'].item()}")
    end: TrialEnd = "survived" if verdict == "lands" else "caught"
    return Trial(name, twist, end, float(row["error"].max()), float(row["tolerance"]))


def _guesses(honest: xr.Dataset, void: Mapping[str, str]) -> Iterator[Trial]:
    """The claims with the guess in place of the theory, in the honest run."""
    for name in (str(name) for name in honest["claim"].values):
        row = honest.sel(claim=name)
        error, tolerance = float(row["baseline_error"].max()), float(row["tolerance"])
        why = void.get(name) or ("nothing can be guessed." if np.isnan(error) else "")
        if why:
            yield Trial(name, GUESS, "void", why=why)
        else:
            end = "survived" if error <= tolerance else "caught"
            yield Trial(name, GUESS, end, error, tolerance)


def _other_seed(start: Prepared, honest: xr.Dataset, seen: xr.Dataset) -> Iterator[Trial]:
    """The claims with the theory of another start; where that is the same, it is no twist."""
    assert start.prediction is not None
    experiment, params = start.setup.experiment, start.setup.params
    values = {f.name: getattr(params, f.name) for f in dataclasses.fields(params)}
    void = _void(experiment.claims, honest, OTHER_SEED)
    twisted = honest
    try:
        other = Study(experiment, values, seed=int(start.setup.seeds[0]) + 1).predict()
        twisted = dataclasses.replace(start, prediction=other).claims(seen)
    except (ValueError, IndexError, KeyError):
        shape = "another start has another shape, and cannot be confused with this one."
        void = {claim.name: shape for claim in experiment.claims} | void
    else:
        same = [c.name for c in experiment.claims if _same(c, start.prediction, other)]
        void = dict.fromkeys(same, "what is predicted is the same for every seed.") | void
    yield from _tried(honest, OTHER_SEED, void, lambda: twisted)


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

    def finish(
        self,
        told: Callable[[float], None] | None = None,
        judged: Callable[[int], None] | None = None,
        threads: int | None = None,
    ) -> None:
        """Train nothing, and judge every point."""
        del told, judged, threads
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
    "Trial",
    "TrialEnd",
    "Untrained",
    "UntrainedSweep",
    "controlled",
    "survivors",
    "sweep_survivors",
    "sweep_trials",
    "trials",
]
