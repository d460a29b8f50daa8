import json

import numpy as np
import pytest
import xarray as xr

from app.live.messages.judgement import (
    _between,
    _guess_text,
    _like,
    _skill,
    headline,
    judgement_message,
)
from app.live.server.forecast import Forecast
from app.live.server.recipe import Recipe
from sims import api
from sims.core.format import THIN, WIDEST


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        (["lands"] * 4, "All four claims land"),
        (["lands", "departs", "departs", "departs"], "One claim lands, three depart as foreseen"),
        (["lands"] * 2, "Both claims land"),
        (["lands", "lands", "not judged"], "Two claims land; one is not judged"),
        (["lands", *["not judged"] * 6], "One claim lands; six are not judged"),
        (
            ["lands", "departs", "not judged"],
            "One claim lands, one departs as foreseen; one is not judged",
        ),
        (["departs"], "One claim departs as foreseen"),
        (["departs", "departs"], "Both claims depart as foreseen"),
        (["lands"], "One claim lands"),
        (["not judged"], "No claim is judged here"),
    ],
)
def test_the_headline_counts_the_verdicts(verdicts, sentence):
    assert headline(verdicts) == sentence


def test_a_single_surprise_is_named_with_its_error():
    claims = [{"title": "Jump times", "error_text": "3 %"}]
    assert headline(["surprise"], claims) == "A surprise: jump times off by 3 %"


def row(**numbers: float) -> xr.Dataset:
    """A claim's row of one seed."""
    made = {name: ("seed", [value]) for name, value in numbers.items()}
    return xr.Dataset({**made, "worst_seed": 0}, coords={"seed": [0]})


@pytest.mark.parametrize(
    ("off", "measured", "words"),
    [
        (0.25, 3.0, "naive guess off by 0.25"),
        (np.inf, 3.0, "naive guess: never"),
        (np.inf, np.inf, "naive guess: at some time"),
        (np.nan, 3.0, ""),
    ],
)
def test_the_guess_is_told_beside_the_error(off, measured, words):
    told = row(baseline_error=off).assign(measured=measured)
    assert _guess_text(told, relative=False) == words


@pytest.mark.parametrize(
    ("skill", "told"), [(0.9, 0.9), (-3.0, -3.0), (-np.inf, None), (np.nan, None)]
)
def test_a_skill_that_no_browser_can_read_is_left_out(skill, told):
    assert _skill(row(skill=skill)) == told


@pytest.mark.parametrize("shown", ["3.9492", "45", "1.0 × 10⁻⁴"])
def test_a_tile_writes_what_diverged_as_a_power_of_ten(shown):
    assert _like(shown, 1.4614e71) == "1.461 × 10⁷¹"


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ([980.0, 1000.0], "between 980 and 1000"),
        ([20.0, 20.0], ""),
        ([np.nan, np.nan], ""),
    ],
)
def test_a_tile_says_between_which_records_a_moment_lies(ends, text):
    seen = xr.Dataset({"ends": (("seed", "end"), [ends])})
    assert _between(seen, "ends").replace(THIN, "") == text
    assert _between(seen, "") == ""


def test_no_number_of_a_run_that_diverged_is_wider_than_its_column():
    knobs = {"eta": 0.5, "d_in": 4, "d_out": 3, "width": 5, "spectrum": (5.0, 1.5)}
    experiment = api.experiment("saddle_to_saddle/linear_network")
    forecast = Forecast(Recipe(experiment.name, knobs), experiment, lambda _: None)
    while forecast.has_work:
        forecast.work(1.0)
    assert forecast.drawing is not None
    run = forecast.settings[0].begin(forecast.drawing)
    while not run.done:
        run.advance(1.0)
    run.judge()
    message = json.loads(judgement_message([run]))
    predicted = {c["name"]: c["predicted_text"] for c in message["claims"]}
    assert "× 10" in predicted["mode_strengths"]
    for claim in message["claims"]:
        for text in ("predicted_text", "measured_text", "error_text", "tolerance_text"):
            assert len(claim[text]) <= WIDEST + 2, claim
    for tile in filter(None, message["tiles"]):
        assert len(tile["measured_text"]) <= WIDEST, tile
