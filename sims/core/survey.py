"""What becomes of an experiment's claims at random settings: verdicts, surprises, skill, blindness.

survey = Survey(experiment)
for outcome in survey.of(settings(experiment, 30, seed=1)): ...
survey.surprises, survey.caught, survey.median_skill
"""

from __future__ import annotations

import shlex
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import xarray as xr

from sims.core.arithmetic import theory_arithmetic
from sims.core.claims import tolerance_of
from sims.core.experiment import Experiment
from sims.core.prediction import of_seed
from sims.core.registry import registry
from sims.core.study import Prepared, Study
from sims.core.wrong_theory import off_by

TRIAL = 0.5
"""Seconds of a run after which its length is estimated."""
MOST_SECONDS = 20.0
"""A prediction or a run that takes longer is left out, and counted as such."""

End = Literal["judged", "refused", "too long", "failed"]


@dataclass(frozen=True)
class Outcome:
    """One setting: how it ended, and what became of each claim.

    Attributes:
        values: the knobs. end: how it ended; `why` if it was not judged.
        verdicts, errors, tolerances, skills: by claim; errors and so on where it was judged.
        tried: claims that landed and say that they see 10 %. blind: those of them that do not miss
            with a theory that is 10 % wrong.
    """

    values: Mapping[str, Any]
    end: End
    why: str = ""
    verdicts: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)
    tolerances: Mapping[str, float] = field(default_factory=dict)
    skills: Mapping[str, float] = field(default_factory=dict)
    tried: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()

    @property
    def surprises(self) -> list[str]:
        """Claims that missed although every assumption they rely on held."""
        return [name for name, verdict in self.verdicts.items() if verdict == "surprise"]


class Survey:
    """Outcomes of many settings of one experiment, counted."""

    def __init__(self, experiment: Experiment) -> None:
        """Nothing is run yet."""
        self.experiment = experiment
        self.outcomes: list[Outcome] = []

    def of(self, settings: Iterable[Mapping[str, Any]]) -> Iterator[Outcome]:
        """Run these settings one after the other, and keep what became of them."""
        for values in settings:
            self.outcomes.append(outcome(self.experiment, values))
            yield self.outcomes[-1]

    @property
    def judged(self) -> list[Outcome]:
        """Those that ran to their end."""
        return [one for one in self.outcomes if one.end == "judged"]

    @property
    def ends(self) -> Counter[End]:
        """How many ended how."""
        return Counter(one.end for one in self.outcomes)

    @property
    def verdicts(self) -> Counter[str]:
        """How many claims got which verdict."""
        return Counter(v for one in self.outcomes for v in one.verdicts.values())

    @property
    def surprises(self) -> list[Outcome]:
        """The settings with a surprise."""
        return [one for one in self.outcomes if one.surprises]

    @property
    def caught(self) -> tuple[int, int]:
        """Of how many landed claims a 10 % wrong theory no longer lands, and of how many in all."""
        tried = sum(len(one.tried) for one in self.outcomes)
        return tried - sum(len(one.blind) for one in self.outcomes), tried

    @property
    def median_skill(self) -> float:
        """Of all claims that have one; NaN if none has."""
        found = [s for one in self.outcomes for s in one.skills.values() if not np.isnan(s)]
        return float(np.median(found)) if found else float("nan")

    def skill_of(self, claim: str) -> float:
        """The median skill of one claim; NaN if it has none."""
        found = [s for one in self.outcomes if not np.isnan(s := one.skills.get(claim, np.nan))]
        return float(np.median(found)) if found else float("nan")

    def command(self, one: Outcome) -> str:
        """What replays a setting."""
        given = {name: value for name, value in one.values.items() if name != "seed"}
        knobs = [f"--set {shlex.quote(f'{name}={value}')}" for name, value in given.items()]
        seed = one.values.get("seed", self.experiment.default_seed)
        return " ".join(["lmx run", self._called, f"--seed {seed}", *knobs])

    @property
    def _called(self) -> str:
        """What a command calls the experiment: its id, or its file."""
        origin = registry.origin(self.experiment)
        return shlex.quote(origin.name) if origin.kind == "file" else self.experiment.name


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
        return _counted(experiment, values, start, run)
    except Exception as error:  # whatever it is, it belongs into the ledger
        return Outcome(values, "failed", f"{type(error).__name__}: {error}")


def _predicted(study: Study) -> bool:
    """Whether the whole prediction was there in time."""
    end = time.perf_counter() + MOST_SECONDS
    while not study.grow(1.0):
        if time.perf_counter() > end:
            return False
    return True


def _counted(
    experiment: Experiment, values: Mapping[str, Any], start: Prepared, run: Any
) -> Outcome:
    judged = start.judge(run)
    assert judged.claims is not None
    claims = judged.claims.isel(seed=0)
    verdicts = {
        str(n): str(v) for n, v in zip(claims.claim.values, claims.verdict.values, strict=True)
    }
    tried = tuple(
        c.name for c in experiment.claims if verdicts[c.name] == "lands" and c.sees_ten_percent
    )
    numbers: dict[str, dict[str, float]] = {
        name: {
            claim: float(claims[name].sel(claim=claim))
            for claim, verdict in verdicts.items()
            if verdict != "not judged"
        }
        for name in ("error", "tolerance", "skill")
    }
    return Outcome(
        values, "judged", "", verdicts, numbers["error"], numbers["tolerance"], numbers["skill"],
        tried, _blind(experiment, start, judged.seen, tried),
    )  # fmt: skip


def _blind(
    experiment: Experiment, start: Prepared, seen: xr.Dataset, tried: tuple[str, ...]
) -> tuple[str, ...]:
    """Claims that land with a theory that is 10 % wrong, too."""
    assert start.prediction is not None
    params, prediction, run = start.setup.params, of_seed(start.prediction, 0), of_seed(seen, 0)
    run.attrs = dict(seen.attrs)
    with theory_arithmetic():
        return tuple(
            c.name
            for c in experiment.claims
            if c.name in tried
            and off_by(c, params, prediction, run) <= tolerance_of(c, params, prediction)
        )
