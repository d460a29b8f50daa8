"""A moved knob, heard of over the live socket before Streamlit's turn begins.

The page's own turn asks for the same settings a moment later and finds their job. Whatever is
refused here changes nothing: the turn says why.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from app.live.server.handover import hand_over
from app.live.server.hub import Hub, Unknown
from app.live.server.recipe import Recipe
from app.typed import COUNTS, count, typed
from sims.core.experiment import Experiment
from sims.core.knobs import knobs_of


def moved(experiment: Experiment, recipe: Recipe, knob: str, text: str) -> Recipe | None:
    """The recipe with one knob, `seed` or `seeds` as somebody typed it; None if it takes no such.

    A preset's second setting and its sweep are gone, as on the page once a knob is moved; the
    reader's own stay.
    """
    knobs = knobs_of(experiment.Params)
    kept = recipe if recipe.own else dataclasses.replace(recipe, compare=None, over=None)
    try:
        if knob in COUNTS:
            return dataclasses.replace(kept, **{knob: count(knob, text)})
        if knob in knobs:
            values = {**recipe.values, knob: typed(knobs[knob], text)}
            return dataclasses.replace(kept, values=values, compare=_beside(kept, values))
    except ValueError:
        return None
    return None


def _beside(recipe: Recipe, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The second setting once the first has these values: it keeps the knobs that set it apart."""
    if recipe.compare is None:
        return None
    apart = {n: v for n, v in recipe.compare.items() if v != recipe.values.get(n)}
    return {**values, **apart}


def obey(owner: Hub, token: str, message: Mapping[str, Any]) -> bool:
    """Ask for what a browser's message sets; whether another job is on its way to it.

    May wait, so never on the event loop's thread.
    """
    knob, text = message.get("knob"), message.get("value")
    if not isinstance(knob, str) or not isinstance(text, str):
        return False
    try:
        job = owner.job(token)
    except Unknown:
        return False
    recipe = moved(job.forecast.experiment, job.recipe, knob, text)
    if recipe is None or recipe.key == job.recipe.key:
        return False
    hand_over("a knob is heard of")
    return owner.ask(job.owner, recipe, instead=job).token not in ("", token)
