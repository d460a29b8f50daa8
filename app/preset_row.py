"""The presets of an experiment as a page's row lists them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sims.core.experiment import Preset


def lands(preset: Preset) -> bool:
    """Whether a preset states no departure."""
    return "departs" not in preset.verdicts.values()


def listed(presets: Iterable[Preset]) -> list[dict[str, Any]]:
    """What the row says of each: those that land, then those that fail, in their order."""
    return [
        {
            "id": preset.id,
            "title": preset.title,
            "look_for": preset.look_for,
            "kind": "lands" if lands(preset) else "departs",
            "beside": preset.compare_title if preset.compare is not None else "",
        }
        for preset in sorted(presets, key=lambda preset: not lands(preset))
    ]
