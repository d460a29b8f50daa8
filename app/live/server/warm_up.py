"""Warm-up: the defaults of every page predicted and compiled while nobody waits for anything."""

from __future__ import annotations

import time

from app.live.server.hub import Hub
from app.live.server.recipe import Recipe, experiment_named
from app.live.server.waiting import wait_until
from sims.core.compilation import give_back_memory
from sims.core.knobs import plain

LOOK = 0.2
"""Seconds between two looks at whether the server is quiet."""
MOST = 120.0
"""Seconds spent on one page."""


def warm(hub: Hub, experiment: str) -> None:
    """Predict and compile what a page asks for first; on a thread of its own."""
    while not (hub.is_closed or hub.is_quiet):
        time.sleep(LOOK)
    if hub.is_closed:
        return
    found = experiment_named(experiment)
    values = plain(found.Params())
    forecast = hub.foresee(Recipe(experiment, values, found.default_seed, 1, over=found.over))
    wait_until(
        lambda: (
            (forecast.is_warm and forecast.is_whole)
            or forecast.failure is not None
            or hub.is_closed
        ),
        MOST,
    )
    give_back_memory()
