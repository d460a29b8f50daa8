"""A page prepared for a class, or for another page: what its link says besides the settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app import lock, others, pins
from app.lock import Lock
from app.others import Others
from app.switches import OFF, ON, PANELS, PROJECTOR, STAGE
from app.typed import short
from sims.core.experiment import Experiment

PREPARED = (lock.WORD, PANELS, PROJECTOR, STAGE, others.BESIDE, others.OVER, pins.PINS)
"""The names in a link that are read here."""
MOST_PANELS = 20


@dataclass(frozen=True)
class Prepared:
    """What is held, the panels that are shown (none: all), large type, and the stage alone.

    `others` are the settings that it shows with its own.
    """

    lock: Lock = field(default_factory=Lock)
    panels: tuple[str, ...] = ()
    projector: bool = False
    stage: bool = False
    others: Others = field(default_factory=Others)

    def words(self) -> dict[str, str]:
        """What a link says of it."""
        said = {
            lock.WORD: self.lock.text,
            PANELS: ",".join(self.panels),
            PROJECTOR: "1" if self.projector else "",
            STAGE: "1" if self.stage else "",
        }
        return {name: text for name, text in said.items() if text} | self.others.words()


def read(experiment: Experiment, query: Mapping[str, str]) -> tuple[Prepared, list[str]]:
    """How a link prepares its page, and one sentence for each word of it that is refused."""
    held, refused = lock.read(experiment, query.get(lock.WORD, ""))
    switches: dict[str, bool] = {}
    panels: tuple[str, ...] = ()
    try:
        panels = _panels(query.get(PANELS, ""))
    except ValueError as error:
        refused.append(str(error))
    for name in (PROJECTOR, STAGE):
        try:
            switches[name] = _switch(name, query.get(name, OFF[0]))
        except ValueError as error:
            refused.append(str(error))
    shown, vain = others.read(experiment, query, held)
    return Prepared(held, panels, **switches, others=shown), [*refused, *vain]


def _panels(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(filter(None, text.split(","))))
    if len(names) > MOST_PANELS or not all(re.fullmatch(r"[A-Za-z_]\w{0,60}", n) for n in names):
        raise ValueError(
            f"{PANELS} = {short(text)} is not allowed: give names of 1 to {MOST_PANELS} "
            "panels, separated by commas."
        )
    return names


def _switch(name: str, text: str) -> bool:
    if text.lower() not in (*ON, *OFF):
        raise ValueError(f"{name} = {short(text)} is not allowed: give 1, or leave {name} out.")
    return text.lower() in ON
