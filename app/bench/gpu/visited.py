"""The experiments that are measured."""

from __future__ import annotations

from app.bench.gpu.size import Card
from sims import api
from sims.core.experiment import Experiment


def visited(card: Card) -> list[Experiment]:
    """All, or those a rehearsal is content with."""
    names = card.size.experiments
    return [api.experiment(name) for name in names] if names else api.experiments()
