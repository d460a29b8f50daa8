"""Settings that a shipped text speaks of, and how such a text is read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.assets import asset
from sims.core.experiment import Experiment
from sims.core.registry import registry


@dataclass(frozen=True, kw_only=True)
class Example:
    """The settings of a preset, or `knobs` by name where they differ from the defaults."""

    preset: str = ""
    knobs: Mapping[str, Any] = field(default_factory=dict)

    def values(self, experiment: Experiment) -> dict[str, Any]:
        """The knobs that differ from the defaults; ValueError if there is no such preset."""
        return dict(experiment.preset(self.preset).params if self.preset else self.knobs)


def is_shipped(experiment: Experiment) -> bool:
    """Whether it is the very one that the shipped texts speak of, and none in its place."""
    known = any(one is experiment for one in registry.experiments())
    return known and registry.origin(experiment).kind == "shipped"


def text(name: str) -> dict[str, Any] | None:
    """A text of the assets in TOML, its lists as tuples; None where there is none."""
    try:
        raw = asset(name).read_text("utf-8")
    except FileNotFoundError:
        return None
    return {key: _tupled(value) for key, value in tomllib.loads(raw).items()}


def _tupled(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tupled(one) for one in value)
    if isinstance(value, dict):
        return {key: _tupled(one) for key, one in value.items()}
    return value
