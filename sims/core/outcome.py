"""What became of one setting, claim by claim, and what many settings come to."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import xarray as xr

from sims.core.experiment import Verdict

End = Literal["judged", "refused", "too long", "failed"]


@dataclass(frozen=True)
class Score:
    """What became of one claim in one run.

    Attributes:
        verdict: the claim's.
        error, tolerance, guess, skill: NaN where it was not judged; `guess` is how far the guess
            without theory was off, and it and the skill are NaN where there is none.
        caught: whether a theory that is 10 % wrong no longer lands; None where it was not tried.
    """

    verdict: Verdict
    error: float = float("nan")
    tolerance: float = float("nan")
    guess: float = float("nan")
    skill: float = float("nan")
    caught: bool | None = None


def scores(claims: xr.Dataset) -> dict[str, Score]:
    """What became of each claim of a run of one seed."""
    return {str(name): _score(claims.sel(claim=name)) for name in claims["claim"].values}


def _score(row: xr.Dataset) -> Score:
    verdict = row["verdict"].item()
    if verdict == "not judged":
        return Score(verdict)
    names = ("error", "tolerance", "baseline_error", "skill")
    return Score(verdict, *(row[name].values.ravel()[0].item() for name in names))


@dataclass(frozen=True)
class Outcome:
    """One setting: its knobs, how it ended and `why` if it was not judged, each claim's score."""

    values: Mapping[str, Any]
    end: End
    why: str = ""
    scores: Mapping[str, Score] = field(default_factory=dict)

    @property
    def surprises(self) -> list[str]:
        """Claims that missed although every assumption they rely on held."""
        return [name for name, score in self.scores.items() if score.verdict == "surprise"]


class Tally:
    """Outcomes of many settings of one experiment, counted."""

    def __init__(self, outcomes: Sequence[Outcome] = ()) -> None:
        """More may be added later."""
        self.outcomes = list(outcomes)

    @property
    def judged(self) -> list[Outcome]:
        """Those that ran to their end."""
        return [one for one in self.outcomes if one.end == "judged"]

    @property
    def ends(self) -> Counter[End]:
        """How many ended how."""
        return Counter(one.end for one in self.outcomes)

    @property
    def scores(self) -> list[Score]:
        """Those of all claims at all settings."""
        return [score for one in self.outcomes for score in one.scores.values()]

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How many claims got which verdict."""
        return Counter(score.verdict for score in self.scores)

    @property
    def surprises(self) -> list[Outcome]:
        """The settings with a surprise."""
        return [one for one in self.outcomes if one.surprises]

    @property
    def caught(self) -> tuple[int, int]:
        """Of how many landed claims a 10 % wrong theory no longer lands, and of how many in all."""
        tried = [score.caught for score in self.scores if score.caught is not None]
        return sum(tried), len(tried)

    @property
    def median_skill(self) -> float:
        """Of all claims that have one; NaN if none has."""
        return _median([score.skill for score in self.scores])

    def skill_of(self, claim: str) -> float:
        """The median skill of one claim; NaN if it has none."""
        return _median([one.scores[claim].skill for one in self.outcomes if claim in one.scores])


def _median(skills: Sequence[float]) -> float:
    found = [skill for skill in skills if not np.isnan(skill)]
    return float(np.median(found)) if found else float("nan")


def command(called: str, values: Mapping[str, Any]) -> str:
    """What replays a setting, by what a command calls its experiment."""
    knobs = [f"--set {shlex.quote(f'{n}={v}')}" for n, v in values.items() if n != "seed"]
    seed = [f"--seed {values['seed']}"] if "seed" in values else []
    return " ".join(["lmx run", shlex.quote(called), *seed, *knobs])


__all__ = ["End", "Outcome", "Score", "Tally", "command", "scores"]
