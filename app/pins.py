"""Pinned runs: the settings whose runs a page shows over its own, as a link names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.typed import COUNTS, count, short, typed
from sims.core.experiment import Experiment
from sims.core.knobs import knobs_of, plain, with_knobs, written

PINS = "pins"
"""The name in a link: `pins=default~alpha:1e-3;seed:2`."""
BETWEEN, ALL_DEFAULT = "~", "default"
MOST = 4
"""Runs that can be told apart by colour and dash beside the page's own."""
MOST_TEXT = 2000
"""Characters of all of them."""


@dataclass(frozen=True)
class Pin:
    """A setting by what in it is not the default: knobs before resolving, `seed` and `seeds`."""

    changed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """As a link says it; also the name by which a browser keeps its run."""
        words = (f"{name}:{written(value)}" for name, value in self.changed.items())
        return ";".join(words) or ALL_DEFAULT

    def values(self, experiment: Experiment) -> dict[str, Any]:
        """All knobs."""
        own = {name: v for name, v in self.changed.items() if name not in COUNTS}
        return plain(experiment.Params()) | own

    def counts(self, experiment: Experiment) -> tuple[int, int]:
        """First seed and number of seeds."""
        return self.changed.get("seed", experiment.default_seed), self.changed.get("seeds", 1)


def pin(experiment: Experiment, values: Mapping[str, Any], seed: int, seeds: int) -> Pin:
    """The pin of a setting; two that mean the same are equal."""
    default = plain(experiment.Params()) | {"seed": experiment.default_seed, "seeds": 1}
    given = {**default, **values, "seed": seed, "seeds": seeds}
    return Pin({name: given[name] for name in default if given[name] != default[name]})


def text_of(pins: Sequence[Pin]) -> str:
    """As a link says them; '' where there are none."""
    return BETWEEN.join(one.text for one in pins)


def read(experiment: Experiment, text: str) -> tuple[tuple[Pin, ...], list[str]]:
    """The pins that a link names, and one sentence for each that is refused."""
    if len(text) > MOST_TEXT:
        return (), [f"{PINS} is longer than {MOST_TEXT} characters: nothing is pinned."]
    found: list[Pin] = []
    refused = []
    for words in filter(None, text.split(BETWEEN)):
        try:
            one = _read(experiment, words)
        except ValueError as error:
            refused.append(f"Among the pins: {error}")
            continue
        if one not in found:
            found.append(one)
    if len(found) > MOST:
        refused.append(f"At most {MOST} runs are pinned: the first {MOST} are.")
    return tuple(found[:MOST]), refused[:MOST]


def _read(experiment: Experiment, text: str) -> Pin:
    values, counts = plain(experiment.Params()), {"seed": experiment.default_seed, "seeds": 1}
    knobs = knobs_of(experiment.Params)
    for entry in text.split(";") if text != ALL_DEFAULT else ():
        name, colon, said = entry.partition(":")
        if not colon:
            raise ValueError(f"{short(entry)} is not allowed: give knob:value or {ALL_DEFAULT}.")
        if name in knobs:
            values[name] = typed(knobs[name], said)
        elif name in COUNTS:
            counts[name] = count(name, said)
        else:
            with_knobs(experiment.Params(), {short(name): said})
    return pin(experiment, values, **counts)
