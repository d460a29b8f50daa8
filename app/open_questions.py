"""What the field leaves open: a question, where it can be seen, and what would answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app import addresses, share
from app.example import Example, is_shipped, text
from sims.core.experiment import Verdict
from sims.core.registry import registry

PAPER = "https://arxiv.org/abs/2604.21691"
SITE = "https://learningmechanics.pub/openquestions"
OF_THE_PAPER = 10
"""Directions that the paper lists in its section 5; the site goes on counting."""


@dataclass(frozen=True, kw_only=True)
class OpenQuestion(Example):
    """A direction left open, beside the settings of an experiment in which it shows.

    Attributes:
        number: which direction it is, as the paper's section 5 and its site count them.
        title: in a few words.
        ask: what is not known.
        experiment: id of the nearest experiment.
        see: what one sees there, and where its theory ends.
        predict: what a theory would have to say beforehand.
        ends: the verdicts by claim that `see` relies on.
    """

    number: int
    title: str
    ask: str
    experiment: str
    see: str
    predict: str
    ends: Mapping[str, Verdict]

    @property
    def link(self) -> str:
        """Where one sees it: the page with these settings."""
        experiment = registry.experiment(self.experiment)
        return addresses.of(self.experiment) + share.query(self.values(experiment))

    @property
    def source(self) -> str:
        """Who asks: the paper, or its site."""
        return PAPER if self.number <= OF_THE_PAPER else SITE


def open_questions() -> tuple[OpenQuestion, ...]:
    """All of them, in their order, but for those of experiments that another stands in place of."""
    known = {e.name: e for e in registry.experiments()}
    return tuple(one for one in _read() if is_shipped(known[one.experiment]))


@cache
def _read() -> tuple[OpenQuestion, ...]:
    told = text("questions/open.toml")
    assert told is not None
    return tuple(OpenQuestion(**one) for one in told["questions"])
