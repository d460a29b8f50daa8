"""The presets of an experiment as a page's row lists them."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from sims.core.experiment import Experiment, Preset
from sims.core.price import look_for

KINDS = ("lands", "departs", "gpu")
"""The groups of the row, in their order."""


def kind(preset: Preset) -> str:
    """The group a preset is listed in: `lands`, unless it states a departure or wants a `gpu`."""
    if preset.gpu:
        return "gpu"
    return "departs" if "departs" in preset.verdicts.values() else "lands"


def listed(
    experiment: Experiment, ids: Container[str] | None = None, silent: Preset | None = None
) -> list[dict[str, Any]]:
    """What the row says of each, or of those with these ids: group by group, in their order.

    Of a `silent` one it does not say what to look for.
    """
    in_order = sorted(experiment.presets, key=lambda preset: KINDS.index(kind(preset)))
    return [
        {
            "id": preset.id,
            "title": preset.title,
            "look_for": "" if preset is silent else look_for(experiment, preset),
            "kind": kind(preset),
            "beside": preset.compare_title if preset.compare is not None else "",
        }
        for preset in in_order
        if ids is None or preset.id in ids
    ]
