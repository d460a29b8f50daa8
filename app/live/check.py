"""The check of a page: drawn before the run, filled by it, judged; without server or browser."""

from __future__ import annotations

from collections.abc import Iterator

from app.live.messages.judgement import judgement_message
from app.live.server.forecast import AGAIN, Forecast
from app.live.server.recipe import Recipe
from sims.core.knobs import plain
from sims.testing import Check, Checked

SLICE = 0.5


def _drawn(checked: Checked) -> Iterator[str]:
    """The page of the defaults, from its prediction to its verdicts."""
    experiment = checked.experiment
    values = plain(experiment.Params())
    recipe = Recipe(
        experiment.name, values, experiment.default_seed, device="cpu", over=experiment.over
    )
    forecast = Forecast(recipe, experiment, lambda _: None)
    while forecast.has_work:
        forecast.work(SLICE)
    if forecast.failure is not None:
        yield forecast.failure.sentence.removesuffix(f" {AGAIN}")
        return
    drawing = forecast.drawing
    assert drawing is not None
    forecast.warm()
    runs = tuple(setting.begin(drawing) for setting in forecast.settings)
    for run in runs:
        while not run.done:
            run.advance(SLICE)
        run.judge()
    if not judgement_message(runs):
        yield "the run ends without a judgement."


DRAWN = Check("drawn", "the page is drawn before the run and filled by it", _drawn)
