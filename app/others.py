"""What a link shows besides its own setting: a second value, a sweep through it, pinned runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app import pins
from app.lock import Lock
from app.pins import PINS, Pin, text_of
from app.typed import short, typed
from sims.core.experiment import Experiment
from sims.core.knobs import Knob, axis, knobs_of, with_knobs, written

BESIDE, OVER = "beside", "over"
"""The names in a link: `beside=alpha:1e-3`, `over=alpha:1e-6:1e-2:9:log;width:10,30`."""
MOST_TEXT = 500
"""Characters of either."""
MOST_RUNS = 4096
"""Runs of a sweep that a page is asked for; command and Python have a limit of their own."""


@dataclass(frozen=True)
class Others:
    """The other settings: one that differs in the value of one knob, or those of a sweep; pins.

    `over` has the range of each swept knob, one or two, as a command takes it. What is `beside`
    runs with the page's own setting; what is pinned has run.
    """

    beside: tuple[str, Any] | None = None
    over: Mapping[str, str] = field(default_factory=dict)
    pins: tuple[Pin, ...] = ()

    def words(self) -> dict[str, str]:
        """What a link says of it."""
        said = {
            BESIDE: "" if self.beside is None else f"{self.beside[0]}:{written(self.beside[1])}",
            OVER: ";".join(f"{name}:{text}" for name, text in self.over.items()),
            PINS: text_of(self.pins),
        }
        return {name: text for name, text in said.items() if text}

    def compared(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The knobs of the second setting, given those of the page; None where there is none."""
        return None if self.beside is None else {**values, self.beside[0]: self.beside[1]}

    def under(self, lock: Lock, *, guess: bool) -> Others:
        """What of it a link with that lock may show, where a guess is asked for or not."""
        if guess or lock.guess:
            return Others(pins=self.pins)
        beside = None if self.beside is None or self.beside[0] in lock else self.beside
        return Others(beside, {} if any(n in lock for n in self.over) else self.over, self.pins)


def points(experiment: Experiment, over: Mapping[str, str]) -> int:
    """How many settings a sweep has.

    Raises:
        ValueError: a range cannot be read, or a knob does not take it; one sentence.
    """
    known = knobs_of(experiment.Params)
    return math.prod(len(axis(known[name], text)) for name, text in over.items())


def check_runs(experiment: Experiment, over: Mapping[str, str], seeds: int) -> None:
    """ValueError, one sentence, if a sweep is more than a page is to compute."""
    runs = points(experiment, over) * seeds
    if runs > MOST_RUNS:
        raise ValueError(
            f"This sweep has {runs} runs: a page takes at most {MOST_RUNS}, lmx sweep more."
        )


def is_sweepable(knob: Knob) -> bool:
    """Whether a page can draw a sweep over that knob: its values are numbers."""
    return knob.kind in ("float", "int")


def read(experiment: Experiment, query: Mapping[str, str], lock: Lock) -> tuple[Others, list[str]]:
    """What a link shows besides its setting, and one sentence for each word that is refused."""
    refused: list[str] = []
    beside, over = None, {}
    try:
        beside = _beside(experiment, query.get(BESIDE, ""), lock)
    except ValueError as error:
        refused.append(str(error))
    try:
        over = swept(experiment, query.get(OVER, ""), lock)
    except ValueError as error:
        refused.append(str(error))
    if over and beside is not None:
        refused.append(f"A sweep has nothing beside it: give {OVER} or {BESIDE}, not both.")
        beside = None
    pinned, vain = pins.read(experiment, query.get(PINS, ""))
    return Others(beside, over, pinned), [*refused, *vain]


def second(experiment: Experiment, name: str, text: str, lock: Lock) -> tuple[str, Any]:
    """A knob and its second value.

    Raises:
        ValueError: there is no such knob, the lock holds it, or it takes no such value; one
            sentence.
    """
    return name, typed(_free(experiment, name, lock), text)


def _beside(experiment: Experiment, text: str, lock: Lock) -> tuple[str, Any] | None:
    if not text:
        return None
    name, colon, said = text.partition(":")
    if not colon or len(text) > MOST_TEXT:
        raise ValueError(f"{BESIDE} = {short(text)} is not allowed: give knob:value.")
    return second(experiment, name, said, lock)


def swept(experiment: Experiment, text: str, lock: Lock) -> dict[str, str]:
    """The knobs that a sweep goes over, with their ranges as a command takes them.

    Raises:
        ValueError: a range cannot be read, a knob does not take it, is none, is locked or no
            number, or there are too many; one sentence.
    """
    found: dict[str, str] = {}
    if len(text) > MOST_TEXT:
        raise ValueError(f"{OVER} is longer than {MOST_TEXT} characters: nothing is swept.")
    for entry in filter(None, text.split(";")):
        name, colon, said = entry.partition(":")
        if not colon:
            raise ValueError(f"{OVER} = {short(entry)} is not allowed: give knob:lo:hi:n.")
        knob = _free(experiment, name, lock)
        if not is_sweepable(knob):
            raise ValueError(f"{name} is no number: a page sweeps over numbers only.")
        if name in found:
            raise ValueError(f"{OVER} names {name} twice: give it once.")
        axis(knob, said)
        found[name] = said
    if len(found) > 2:
        raise ValueError(f"A sweep goes over one or two knobs; {len(found)} were given.")
    check_runs(experiment, found, 1)
    return found


def _free(experiment: Experiment, name: str, lock: Lock) -> Knob:
    known = knobs_of(experiment.Params)
    if name not in known:
        with_knobs(experiment.Params(), {short(name): ""})
    if lock.guess:
        raise ValueError(
            "This link asks for a guess: a second value or a sweep would tell the theory before it."
        )
    if name in lock:
        raise ValueError(f"{name} is locked at {written(lock.values[name])} by this link.")
    return known[name]
