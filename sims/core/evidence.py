"""The five bodies of evidence of arXiv 2604.21691, by which phenomena are grouped everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sims.core.experiment import Phenomenon


@dataclass(frozen=True)
class Body:
    """One of them: its title, and in a sentence what evidence of that kind is."""

    title: str
    words: str


BODIES = (
    Body("Solvable settings", "Small models whose whole training can be written down."),
    Body("Simplifying limits", "Sizes taken to infinity or to zero, where training gets simple."),
    Body("Empirical laws", "Regularities measured in many networks, stated as equations."),
    Body("Hyperparameters", "What a learning rate, a width or a batch does, known before a run."),
    Body("Universal phenomena", "What different networks end in, whatever they began with."),
)
OTHERS = Body("Other experiments", "Those of opened files and of other packages.")


def body(phenomenon: Phenomenon) -> Body:
    """The first body that its `evidence` names; `OTHERS` where it names none."""
    said = phenomenon.evidence.lower()
    named = [(said.index(one.title.lower()), one) for one in BODIES if one.title.lower() in said]
    return min(named, key=lambda pair: pair[0])[1] if named else OTHERS


def by_body(phenomena: Iterable[Phenomenon]) -> list[tuple[Body, tuple[Phenomenon, ...]]]:
    """Each body with its phenomena, in the order of the map; those that have none are left out."""
    given = tuple(phenomena)
    grouped = ((one, tuple(p for p in given if body(p) is one)) for one in (*BODIES, OTHERS))
    return [(one, members) for one, members in grouped if members]
