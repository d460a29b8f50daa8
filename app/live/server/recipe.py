"""What is asked for, as plain data, and what became of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sims.core.experiment import Experiment
    from sims.core.setup import Setup


@dataclass(frozen=True)
class Recipe:
    """All that makes a job: the same recipe gives the same numbers.

    `own` where what is compared or swept is the reader's own, which stays when a knob is moved; a
    preset's goes.
    """

    experiment: str
    values: Mapping[str, Any]
    seed: int | None = None
    seeds: int = 1
    device: str = "auto"
    compare: Mapping[str, Any] | None = None
    over: Mapping[str, str] | None = None
    own: bool = False
    filed: str = ""
    """The file whose run is shown, '' for one that is trained here; see `filed.runs`."""

    @property
    def key(self) -> str:
        """Equal for recipes that mean the same."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, default=list)

    @property
    def trained_here(self) -> Recipe:
        """The same settings, to be trained here and now."""
        return dataclasses.replace(self, filed="")


@dataclass(frozen=True)
class Asked:
    """What became of a recipe: the token of its job, or why it is refused.

    `setup` is None while it is being prepared, which some settings take seconds for.
    """

    token: str
    setup: Setup | None
    refused: str = ""


def experiment_named(name: str) -> Experiment:
    """The experiment of that id; ValueError if there is none."""
    from sims import api

    return api.experiment(name)
