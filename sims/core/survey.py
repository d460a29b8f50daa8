"""What becomes of an experiment's claims at random settings: verdicts, surprises, skill, blindness.

survey = Survey(experiment)
for outcome in survey.of(settings(experiment, 30, seed=1)): ...
survey.surprises, survey.caught, survey.median_skill
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sims.core.experiment import Experiment
from sims.core.outcome import Outcome, Score, Tally, command, scores
from sims.core.prediction import of_seed
from sims.core.registry import registry
from sims.core.simulation import Run
from sims.core.study import Prepared, Study
from sims.core.sweep import Sweep
from sims.core.swept_scores import swept_scores
from sims.core.tried import tried

TRIAL = 0.5
"""Seconds of a run after which its length is estimated."""
MOST_SECONDS = 20.0
"""A prediction or a run that takes longer is left out, and counted as such."""
SWEEP_SECONDS = 60.0
"""The same of a sweep, which is many runs."""


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
    try:
        setting = _prepared(experiment, knobs, values.get("seed"))
    except ValueError as error:
        return Outcome(values, "refused", str(error))
    try:
        return _swept(values, setting) if isinstance(setting, Sweep) else _run(values, setting)
    except Exception as error:  # whatever it is, it belongs into the ledger
        return Outcome(values, "failed", f"{type(error).__name__}: {error}")


def _prepared(experiment: Experiment, knobs: Mapping[str, Any], seed: int | None) -> Study | Sweep:
    """One run, or the sweep that the experiment is; ValueError: these knobs are refused."""
    if experiment.over is not None:
        return Sweep(experiment, knobs, experiment.over, seed=seed)
    study = Study(experiment, knobs, seed=seed)
    study.prepare()
    return study


def _run(values: Mapping[str, Any], study: Study) -> Outcome:
    """What becomes of one run."""
    if not _in_time(lambda: study.grow(1.0), MOST_SECONDS):
        return Outcome(values, "too long", "its prediction takes too long.")
    start = study.freeze()
    run = start.run()
    run.advance(TRIAL)
    each = run.device_seconds / max(1, run.steps_done)
    if each * (start.setup.schedule.steps - run.steps_done) > MOST_SECONDS and not run.done:
        return Outcome(values, "too long", "its run takes too long.")
    run.finish()
    return Outcome(values, "judged", "", run_scores(start, run))


def _swept(values: Mapping[str, Any], sweep: Sweep) -> Outcome:
    """What becomes of an experiment that is a sweep, over its own axes."""
    if not _in_time(sweep.predict_next, SWEEP_SECONDS):
        return Outcome(values, "too long", "its prediction takes too long.")
    run = sweep.run()
    if not _in_time(lambda: run.advance(TRIAL) or run.done, SWEEP_SECONDS):
        return Outcome(values, "too long", "its runs take too long.")
    return Outcome(values, "judged", "", swept_scores(run).scores)


def _in_time(done: Callable[[], bool], seconds: float) -> bool:
    """Ask until it is done; whether that was in time."""
    end = time.perf_counter() + seconds
    while not done():
        if time.perf_counter() > end:
            return False
    return True


def run_scores(start: Prepared, run: Run) -> dict[str, Score]:
    """Each claim's score, those that landed tried with a theory that is 10 % wrong."""
    judged = start.judge(run)
    assert judged.claims is not None
    assert start.prediction is not None
    prediction, seen = of_seed(start.prediction, 0), of_seed(judged.seen, 0)
    seen.attrs = dict(judged.seen.attrs)
    return tried(start.setup, scores(judged.claims), prediction, seen)
