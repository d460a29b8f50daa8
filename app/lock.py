"""What a link for a class holds fixed: knobs and seeds, and whether a guess is required."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.typed import COUNTS, count, short, typed
from sims.core.experiment import Experiment
from sims.core.knobs import knobs_of, parsed, with_knobs, written

WORD, GUESS = "lock", "guess"
"""The name in a link, and the word in it that requires a guess."""
MOST = 2000
"""Characters of a lock, more than any experiment's knobs take."""
MOST_SAID = 4
"""Entries of which each has a sentence of its own where they are refused."""
COUNT_WORDS = {"seed": "seed", "seeds": "number of seeds"}


@dataclass(frozen=True)
class Lock:
    """Knobs before resolving and counts with the values they keep; `guess`: one is required."""

    values: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    guess: bool = False

    def __contains__(self, name: str) -> bool:
        """Whether the knob or count of that name is held."""
        return name in self.values or name in self.counts

    @property
    def names(self) -> tuple[str, ...]:
        """What is held, in the order of the link."""
        return (*self.values, *self.counts)

    @property
    def text(self) -> str:
        """As a link says it; '' where nothing is held."""
        held = {**self.values, **self.counts}
        words = [f"{name}:{written(value)}" for name, value in held.items()]
        return ";".join([*words, *([GUESS] if self.guess else [])])

    def check(self, experiment: Experiment, name: str, text: str) -> None:
        """Whether a link says what is held of that name.

        Raises:
            ValueError: it says another value, or none; one sentence.
        """
        held = {**self.values, **self.counts}[name]
        try:
            said = count(name, text) if name in COUNTS else _value(experiment, name, text)
            is_held = said == held
        except ValueError:
            is_held = False
        if not is_held:
            raise ValueError(f"{name} is locked at {written(held)} by this link.")

    def labels(self, experiment: Experiment) -> list[str]:
        """What is held, in words: `learning rate`, `seed`."""
        knobs = knobs_of(experiment.Params)
        said = [_small(knobs[name].label) for name in self.values]
        return [*said, *(COUNT_WORDS[name] for name in self.counts)]

    def against(self, experiment: Experiment, values: Mapping[str, Any]) -> list[str]:
        """Names of held knobs that these values, of a preset, would change."""
        knobs = knobs_of(experiment.Params)
        asked = {name: values.get(name, knobs[name].default) for name in self.values}
        return [
            name for name, held in self.values.items() if parsed(knobs[name], asked[name]) != held
        ]


def _small(label: str) -> str:
    """A label within a sentence: a name that begins with a capital for another reason keeps it."""
    first, *_ = label.split(" ", 1)
    return label if first[1:] != first[1:].lower() else label[:1].lower() + label[1:]


def read(experiment: Experiment, text: str) -> tuple[Lock, list[str]]:
    """The lock that a link says, and one sentence for each entry of it that is refused."""
    if len(text) > MOST:
        return Lock(), [f"The lock of this link is longer than {MOST} characters: nothing is held."]
    values: dict[str, Any] = {}
    counts: dict[str, int] = {}
    guess, refused = False, []
    for entry in filter(None, text.split(";")):
        if entry == GUESS:
            guess = True
            continue
        try:
            _take(experiment, entry, values, counts)
        except ValueError as error:
            refused.append(f"In the lock: {error}")
    if len(refused) > MOST_SAID:
        refused[MOST_SAID:] = [f"In the lock: {len(refused) - MOST_SAID} more are not allowed."]
    return Lock(values, counts, guess), refused


def _take(
    experiment: Experiment, entry: str, values: dict[str, Any], counts: dict[str, int]
) -> None:
    """Add what an entry holds; ValueError with one sentence if it is none."""
    name, colon, said = entry.partition(":")
    if not colon:
        raise ValueError(f"{short(entry)} is not allowed: give name:value, or {GUESS}.")
    if name in values or name in counts:
        raise ValueError(f"{name} stands there twice, and the first counts.")
    knobs = knobs_of(experiment.Params)
    if name in knobs:
        values[name] = _value(experiment, name, said)
    elif name in COUNTS:
        counts[name] = count(name, said)
    else:
        with_knobs(experiment.Params(), {short(name): said})


def _value(experiment: Experiment, name: str, text: str) -> Any:
    return typed(knobs_of(experiment.Params)[name], text)
