"""A view without theory: of every experiment, nothing of its prediction is in it."""

import base64
import json
import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import xarray as xr

from app.live.messages.veiled import UNFILLED, veiled
from app.live.server.forecast import Forecast
from app.live.server.recipe import Recipe
from app.wording import number
from sims import api
from sims.core.knobs import plain
from sims.core.setup import given

EXPERIMENTS = [experiment.name for experiment in api.experiments()]
AXES = {
    "range", "tickvals", "ticktext", "dtick", "places", "height", "clock", "template",
    "zmin", "zmax", "duration_steps",
}  # fmt: skip
"""What the axes have must be there, whatever it was chosen by; what the template has is the same
for all."""
LOOKS = {"width", "size", "opacity", "line", "marker", "font", "margin", "domain", "colorscale"}
"""Numbers of the drawing."""
THEORYS = ("theory", "theory2", "prediction")
"""Kinds of traces that are hidden while a guess is made."""
FEW = 10
"""Telling numbers of a prediction that may be so few that no picture shows one as it is."""
TELLING = 3
"""Digits from which a number is no accident."""


@pytest.fixture(scope="module")
def forecasts():
    """What each experiment's page opens with, with nothing beside it; made when first asked for."""
    made: dict[str, tuple[Forecast, dict[str, Any]]] = {}

    def forecast(name: str) -> tuple[Forecast, dict[str, Any]]:
        if name not in made:
            experiment = api.experiment(name)
            over = None if experiment.over is None else dict(experiment.over)
            values = plain(given(experiment, {}))
            found = Forecast(
                Recipe(name, values, experiment.default_seed, 1, over=over),
                experiment,
                lambda _one: None,
            )
            while found.has_work:
                found.work(1.0)
            assert found.drawing is not None
            assert found.failure is None
            made[name] = found, json.loads(found.drawing.text)
        return made[name]

    return forecast


def told(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    """Every number in a message with where it stands, those in arrays and in words too."""
    if isinstance(value, dict):
        if "bdata" in value:
            kind = np.dtype(value["dtype"]).newbyteorder("<")
            for one in np.frombuffer(base64.b64decode(value["bdata"]), kind).tolist():
                yield path, one
            return
        for key, entry in value.items():
            yield from told(entry, (*path, key))
    elif isinstance(value, list):
        for entry in value:
            yield from told(entry, path)
    elif isinstance(value, str):
        for found in re.findall(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", value.replace("\u2009", "")):
            yield path, float(found)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, float(value)


def predicted(forecast: Forecast) -> set[str]:
    """The numbers of its prediction that can be told from others, in a few digits and signless."""
    found: set[str] = set()
    for setting in forecast.settings:
        known: xr.Dataset = setting.known
        for variable in known.data_vars.values():
            if variable.dtype.kind in "fiu":
                values = np.unique(np.abs(np.ravel(variable.values).astype(float)))
                kept = values[:: max(1, values.size // 4000)]
                with np.errstate(divide="ignore", invalid="ignore"):
                    drawn = (*kept, *np.log10(kept))
                found |= {shortened(v) for v in drawn if tells(v)}
    return found


def tells(value: float) -> bool:
    """Whether it has so many digits that to meet it elsewhere is no accident."""
    return math.isfinite(value) and value != 0 and f"{value:.{TELLING - 1}g}" != f"{value:.6g}"


def shortened(value: float) -> str:
    return f"{abs(value):.5g}"


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_no_number_of_the_prediction_is_told(forecasts, name):
    forecast, view = forecasts(name)
    secret = predicted(forecast)
    shown = {shortened(v) for path, v in told(view) if "panels" in path or "tiles" in path}
    assert shown & secret or len(secret) < FEW
    bare = veiled(view)
    leaked = {
        ("/".join(path), value)
        for path, value in told(bare)
        if not AXES & set(path) and not LOOKS & set(path)
        if tells(value) and shortened(value) in secret
    }
    assert leaked == set()


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_no_words_of_the_prediction_are_told(forecasts, name):
    forecast, view = forecasts(name)
    bare = veiled(view)
    text = json.dumps(bare, ensure_ascii=False)
    said = {tile["value"] for tile in view["tiles"]}
    said |= {part for claim in view["claims"] for part in claim["predicted_text"].split(", ")}
    said |= {number(float(e["time"]), 4) for e in view["events"]}
    telling = {words for words in said if len(re.sub(r"\D", "", words)) > TELLING}
    assert [
        words for words in telling if re.search(rf"(?<!\d){re.escape(words)}(?!\d)", text)
    ] == []
    assert [
        key for key in ("tiles", "claims", "events", "assumptions", "warnings") if bare[key]
    ] == []
    assert forecast.settings[0].hash not in text


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_only_what_the_run_fills_is_left_of_the_pictures_and_it_is_empty(forecasts, name):
    _, view = forecasts(name)
    bare = veiled(view)
    for panel in bare["panels"]:
        data = panel["figure"]["data"]
        assert {binding["trace"] for binding in panel["traces"]} == set(range(len(data)))
        for binding in panel["traces"]:
            trace = data[binding["trace"]]
            assert trace["meta"]["kind"] in UNFILLED
            assert all(trace.get(axis, []) == [] for axis in "xyz")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_question_and_the_axes_it_is_answered_on_are_those_of_the_page(forecasts, name):
    _, view = forecasts(name)
    bare = veiled(view)
    assert bare["asked"] == view["asked"]
    whole = {panel["id"]: panel for panel in view["panels"]}
    for panel in bare["panels"]:
        layout, given_layout = panel["figure"]["layout"], whole[panel["id"]]["figure"]["layout"]
        assert {k: v for k, v in layout.items() if "axis" in k} == {
            k: v for k, v in given_layout.items() if "axis" in k
        }
    if view["asked"] is not None:
        assert view["asked"]["panel"] in {panel["id"] for panel in bare["panels"]}


def test_the_message_that_it_is_made_of_stays_as_it_was(forecasts):
    _, view = forecasts("saddle_to_saddle/linear_network")
    before = json.dumps(view)
    veiled(view)
    assert json.dumps(view) == before


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_what_theory_draws_is_known_as_theorys_however_deep_it_lies(forecasts, name):
    """A page of one reader hides by their kind what its browser has been told."""
    _, view = forecasts(name)
    drawn = [trace for panel in view["panels"] for trace in panel["figure"]["data"]]
    foreseen = [t for t in drawn if re.match("(theory|predicted)", str(t.get("name", "")))]
    assert [t["name"] for t in foreseen if t["meta"]["kind"] not in THEORYS] == []
