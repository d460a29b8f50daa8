"""A run that is in a file, drawn as if it had just been trained: every number is the file's."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.live.server.filed import FiledRun, FiledSetting, experiment_of
from app.live.server.forecast import Forecast
from app.live.server.recipe import Recipe
from app.recorded.recording import Recording, foreseen, of_runs
from sims.core import saved
from sims.core.archive import params_of
from sims.core.study import Study

if TYPE_CHECKING:
    from sims.core.experiment import Experiment


def read(path: Path) -> Recording:
    """The recording of the run in a .nc file.

    Raises:
        ValueError: it holds no finished run of an experiment that is here; one sentence.
    """
    tree = saved.read(path)
    experiment = experiment_of(path, tree)
    seed, seeds = int(tree.attrs["seed"]), int(tree.attrs["seeds"])
    recipe = Recipe(experiment.name, params_of(tree), seed, seeds)
    forecast = Forecast(recipe, experiment, lambda _one: None)
    setting = FiledSetting(experiment, recipe, tree)
    forecast.settings = (setting,)
    drawing = foreseen(forecast).drawing
    assert drawing is not None
    made = of_runs([FiledRun(setting, drawing)], drawing.text, str(tree.attrs["preset"]))
    values = _given(experiment, recipe, made.about.preset)
    return dataclasses.replace(made, about=dataclasses.replace(made.about, values=values))


def _given(experiment: Experiment, recipe: Recipe, preset: str) -> dict[str, Any]:
    """The knobs that somebody set, as far as a file that has them resolved can tell."""
    if preset:
        return dict(experiment.preset(preset).params)
    from sims.core.knobs import plain

    usual = plain(Study(experiment, seed=recipe.seed, seeds=recipe.seeds).setup.params)
    return {name: value for name, value in recipe.values.items() if value != usual[name]}
