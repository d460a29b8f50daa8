"""What becomes of an experiment's claims at random settings: verdicts, surprises, skill, blindness.

survey = Survey(experiment)
for outcome in survey.of(settings(experiment, 30, seed=1)): ...
survey.surprises, survey.caught, survey.median_skill
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import xarray as xr

from sims.core.experiment import Experiment
from sims.core.outcome import Outcome, Score, Tally, command
from sims.core.registry import registry
from sims.core.study import Prepared, Study
from sims.core.wrong_theory import wrong

TRIAL = 0.5
"""Seconds of a run after which its length is estimated."""
MOST_SECONDS = 20.0
"""A prediction or a run that takes longer is left out, and counted as such."""


class Survey(Tally):
    """Outcomes of many settings of one experiment, run one after the other."""

    def __init__(self, experiment: Experiment) -> None:
        """Nothing is run yet."""
        super().__init__()
        self.experiment = experiment

    def of(self, settings: Iterable[Mapping[str, Any]]) -> Iterator[Outcome]:
        """Run these settings one after the other, and keep what became of them."""
        for values in settings:
            self.outcomes.append(outcome(self.experiment, values))
            yield self.outcomes[-1]

    def command(self, one: Outcome) -> str:
        """What replays a setting."""
        return command(
            called(self.experiment), {"seed": self.experiment.default_seed, **one.values}
        )


def called(experiment: Experiment) -> str:
    """What a command calls an experiment: its id, or its file."""
    origin = registry.origin(experiment)
    return origin.name if origin.kind == "file" else experiment.name


def outcome(experiment: Experiment, values: Mapping[str, Any]) -> Outcome:
    """Predict, train and judge one setting, if it is taken and not too long."""
    knobs = {name: value for name, value in values.items() if name != "seed"}
    study = Study(experiment, knobs, seed=values.get("seed"))
    try:
        study.prepare()
    except ValueError as error:
        return Outcome(values, "refused", str(error))
    try:
        if not _predicted(study):
            return Outcome(values, "too long", "its prediction takes too long.")
        start = study.freeze()
        run = start.run()
        run.advance(TRIAL)
        each = run.device_seconds / max(1, run.steps_done)
        if each * (start.setup.schedule.steps - run.steps_done) > MOST_SECONDS and not run.done:
            return Outcome(values, "too long", "its run takes too long.")
        run.finish()
        return Outcome(values, "judged", "", _scored(experiment, start, run))
    except Exception as error:  # whatever it is, it belongs into the ledger
        return Outcome(values, "failed", f"{type(error).__name__}: {error}")


def _predicted(study: Study) -> bool:
    """Whether the whole prediction was there in time."""
    end = time.perf_counter() + MOST_SECONDS
    while not study.grow(1.0):
        if time.perf_counter() > end:
            return False
    return True


def scores(claims: xr.Dataset) -> dict[str, Score]:
    """What became of each claim of a run of one seed."""
    return {str(name): _score(claims.sel(claim=name)) for name in claims["claim"].values}


def _score(row: xr.Dataset) -> Score:
    verdict = row["verdict"].item()
    if verdict == "not judged":
        return Score(verdict)
    names = ("error", "tolerance", "baseline_error", "skill")
    return Score(verdict, *(row[name].values.ravel()[0].item() for name in names))


def _scored(experiment: Experiment, start: Prepared, run: Any) -> dict[str, Score]:
    """Each claim's score, those that landed tried with a theory that is 10 % wrong."""
    judged = start.judge(run)
    assert judged.claims is not None
    found = scores(judged.claims)
    tried = tuple(
        c.name for c in experiment.claims if found[c.name].verdict == "lands" and c.sees_ten_percent
    )
    blind = _blind(experiment, start, judged.seen, tried)
    for name in tried:
        found[name] = dataclasses.replace(found[name], caught=name not in blind)
    return found


def _blind(
    experiment: Experiment, start: Prepared, seen: Any, tried: tuple[str, ...]
) -> tuple[str, ...]:
    """Claims that do not miss with a theory that is 10 % wrong."""
    if not tried:
        return ()
    assert start.prediction is not None
    claimed = {c.name: getattr(c.compare, "of", "") for c in experiment.claims}
    numbers = {claimed[name] for name in tried}
    late = wrong(start.prediction, start.setup.schedule, numbers)
    found = dataclasses.replace(start, prediction=late).claims(seen)["verdict"]
    missed = ("departs", "surprise")
    return tuple(name for name in tried if str(found.sel(claim=name).item()) not in missed)
