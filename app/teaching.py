"""What a teacher is told of an experiment: surprises, limits, questions, and an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from app import addresses, share
from app.example import Example, is_shipped, text
from sims.core.experiment import Experiment


@dataclass(frozen=True, kw_only=True)
class Question(Example):
    """A question whose answer is a line of the theory, drawn before the run.

    Attributes:
        ask: the question.
        answer: the answer, with the line it is read off.
        reads: predicted numbers that the answer quotes, as it writes them, each by the name of its
            variable and the place in it: `jump_times[0]`.
    """

    ask: str
    answer: str
    reads: Mapping[str, str] = field(default_factory=dict)

    def link(self, experiment: Experiment) -> str:
        """Where one sees it, from the page of any experiment."""
        return addresses.of(experiment.name) + share.query(self.values(experiment))


@dataclass(frozen=True, kw_only=True)
class Teaching:
    """What students will see that surprises, where the model ends, three questions, an order."""

    surprises: str
    limits: str
    questions: tuple[Question, ...]
    order: str


def teaching(experiment: Experiment) -> Teaching | None:
    """What is shipped for teachers of an experiment; None of one that is not itself shipped."""
    return _read(experiment.name) if is_shipped(experiment) else None


@cache
def _read(name: str) -> Teaching | None:
    told = text(f"teachers/{addresses.of(name)}.toml")
    if told is None:
        return None
    questions = tuple(Question(**one) for one in told.pop("questions"))
    return Teaching(**told, questions=questions)
