"""A sweep on its page: what is no test is known before, and the skill fills point by point."""

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from app.assets import asset
from app.live.server.forecast import Forecast
from app.live.server.recipe import Recipe
from app.live.server.swept import SweptRun, SweptSetting
from sims.core.experiment import Experiment
from sims.core.knobs import plain
from sims.core.registry import find

VALLEY = find(asset("guide/template.py"))
ROW, GRID = {"eta": "0.002:1.5:5:log"}, {"flat": "0.05,2", "eta": "0.002:1.5:4:log"}


def loose(tolerance: float) -> Experiment:
    """The valley with claims that allow so much."""
    claims = tuple(dataclasses.replace(c, tolerance=tolerance) for c in VALLEY.claims)
    return dataclasses.replace(VALLEY, claims=claims)


def forecast(experiment: Experiment, over: dict[str, str]) -> Forecast:
    recipe = Recipe(experiment.name, plain(experiment.Params()), 0, device="cpu", over=over)
    made = Forecast(recipe, experiment, lambda _: None)
    while made.has_work:
        made.work(0.5)
    assert made.failure is None
    return made


def setting(made: Forecast) -> SweptSetting:
    (one,) = made.settings
    assert isinstance(one, SweptSetting)
    return one


def begun(made: Forecast) -> SweptRun:
    assert made.drawing is not None
    made.warm()
    return setting(made).begin(made.drawing)


def message(made: Forecast) -> dict[str, Any]:
    assert made.drawing is not None
    return json.loads(made.drawing.text)


def panel(made: Forecast) -> dict[str, Any] | None:
    return next((p for p in message(made)["panels"] if p["id"] == "skill"), None)


@pytest.mark.parametrize("over", [ROW, GRID])
def test_the_skill_of_every_point_fills_as_its_run_ends(over):
    made = forecast(VALLEY, over)
    run, shown = begun(made), panel(made)
    assert shown is not None
    first = shown["traces"][0]
    filled = []
    while not run.done:
        run.advance(0.01)
        published = run.columns.published
        if len(over) == 1:
            filled.append(int(np.isfinite(run.columns.column(int(first["y"][1:]))).sum()))
        elif published.shots:
            filled.append(int(np.isfinite(published.shots[-1][int(first["z"][1:])]).sum()))
    count = setting(made).count
    assert filled == sorted(filled)
    assert filled[-1] == count
    assert len(set(filled)) >= min(count, 4)


def test_what_is_drawn_is_the_skill_of_the_file():
    made = forecast(VALLEY, ROW)
    run, shown = begun(made), panel(made)
    assert shown is not None
    while not run.done:
        run.advance(0.5)
    skills = run.tree()["claims"].to_dataset()["skill"]
    for k, claim in enumerate(c.name for c in VALLEY.claims):
        said = shown["traces"][2 * k]["said"]
        drawn = run.columns.column(int(said[0]["column"][1:]))
        np.testing.assert_allclose(drawn, skills.sel(claim=claim, seed=0), rtol=1e-6)
        assert said[3]["words"][0] == "lands"


def test_a_claim_that_is_no_test_anywhere_is_said_so_before_and_has_no_skill():
    made = forecast(loose(1e6), ROW)
    said = {claim["untested"] for claim in message(made)["claims"]}
    assert said == {"A guess without theory would land too, at every point: nothing changes."}
    run, shown = begun(made), panel(made)
    assert shown is not None
    while not run.done:
        run.advance(0.5)
    curve, aside = (run.columns.column(int(t["y"][1:])) for t in shown["traces"][:2])
    assert np.isnan(curve).all()
    assert np.isfinite(aside).all()


def test_how_many_points_are_no_test_is_said_before():
    made = forecast(loose(0.3), {"steep": "0.1,1", "horizon": "1,10"})
    first, _ = message(made)["claims"]
    assert first["untested"] == ""
    assert first["partly_untested"] == (
        "No test at 1 of 4 points, where a guess without theory would land too: nothing changes."
    )
    assert panel(made) is not None


def test_a_sweep_that_no_picture_can_show_is_refused_in_a_sentence():
    bare = find("saddle_to_saddle/matrix_completion")
    recipe = Recipe(bare.name, plain(bare.Params()), 0, device="cpu", over={"depth": "1,2"})
    made = Forecast(recipe, bare, lambda _: None)
    while made.has_work:
        made.work(0.5)
    assert made.failure is not None
    assert made.failure.refused
    assert "no picture of a sweep over depth" in made.failure.sentence
