"""A phenomenon's tour: six settings in a row, each with a sentence, a guess, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app import share
from app.example import Example, is_shipped, text
from sims.core.experiment import Phenomenon, Verdict

WORD, GUESS = "tour", "guess"
"""In a link: the number of the stop, counted from one, and that a guess is asked for, in words."""


@dataclass(frozen=True, kw_only=True)
class Stop(Example):
    """One setting of a tour, and what is said of it.

    Attributes:
        experiment: its id.
        say: one sentence on what is tried.
        guess: what to guess before the run; '' where nothing is.
        look: where to look meanwhile.
        happened: what has happened, for after the run.
        ends: the verdicts by claim that `happened` relies on.
        seeds: how many runs.
        beside: whether what the preset has beside it is run too.
    """

    experiment: str
    say: str
    guess: str = ""
    look: str
    happened: str
    ends: Mapping[str, Verdict]
    seeds: int = 1
    beside: bool = False

    def query(self, number: int) -> dict[str, str]:
        """What its link says, as stop `number` of the tour; the page knows the settings."""
        return {
            WORD: str(number),
            **({GUESS: share.IN_WORDS} if self.guess else {}),
            "v": share.VERSION,
        }


def tour(phenomenon: Phenomenon) -> tuple[Stop, ...]:
    """The stops of a phenomenon's tour; none where none is shipped.

    Nor where a file or another distribution stands in place of an experiment that it visits: the
    texts speak of the shipped one.
    """
    stops = _read(phenomenon.name)
    shipped = {experiment.name for experiment in phenomenon.experiments if is_shipped(experiment)}
    return stops if {stop.experiment for stop in stops} <= shipped else ()


@cache
def _read(name: str) -> tuple[Stop, ...]:
    told = text(f"tours/{name}.toml") or {"stops": ()}
    return tuple(
        Stop(**{**raw, "experiment": f"{name}/{raw['experiment']}"}) for raw in told["stops"]
    )
