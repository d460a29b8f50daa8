"""Whether every preset ends on the card as it states."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from app.bench.gpu.section import Measurement, Row, Section
from app.bench.gpu.size import Card
from app.bench.gpu.visited import visited
from sims import api
from sims.core.experiment import Experiment, Preset
from sims.testing import Checked
from sims.testing.runs import presets


def verdicts(card: Card) -> Section:
    """The section: the first preset of every experiment first, those that take long last."""
    found = [
        (preset.slow, place, experiment, preset)
        for experiment in visited(card)
        for place, preset in enumerate(experiment.presets[: card.size.presets])
        if not (card.size.is_small and (preset.over or experiment.over))
    ]
    ordered = sorted(found, key=lambda one: one[:2])
    return Section(
        "verdicts as stated",
        0.9,
        [
            Measurement(
                f"{experiment.name}, {preset.id}", partial(_ended, experiment, preset, card)
            )
            for _, _, experiment, preset in ordered
        ],
    )


def _ended(experiment: Experiment, preset: Preset, card: Card) -> Iterator[Row]:
    start = time.perf_counter()
    checked = Checked(
        experiment,
        lambda name: api.run(experiment, preset=name, device=card.device),
        [preset],
    )
    differing = list(presets(checked))
    yield {
        "as_stated": not differing,
        "taken_seconds": time.perf_counter() - start,
        **({"differing": differing} if differing else {}),
    }
