"""A knob told of over the live socket: the same job as the page will ask for, or none."""

import dataclasses
import json
import re
import threading

import pytest

from app.live.server import ahead, handover
from app.live.server.hub import Hub
from app.live.server.recipe import Recipe
from app.page.choice import as_widget
from app.page.slider import has_slider, positions, spoken
from sims import api
from sims.core.experiment import Experiment
from sims.core.knobs import knobs_of, parsed, plain
from tests.app.live.server.readers import settle

SHOWN = Recipe("toy/growth", {"eta": 0.01}, 3, 1, "cpu", {"eta": 0.02}, None)


def knob(name, value):
    return {"type": "knob", "knob": name, "value": value}


def test_a_moved_knob_is_the_recipe_the_page_asks_for(toy: Experiment):
    found = ahead.moved(toy, SHOWN, "eta", "0.004")
    assert found == Recipe("toy/growth", {"eta": 0.004}, 3, 1, "cpu", None, None)
    assert ahead.moved(toy, SHOWN, "seed", "7") == Recipe(
        "toy/growth", {"eta": 0.01}, 7, 1, "cpu", None, None
    )


@pytest.mark.parametrize(
    ("name", "text"), [("eta", "much"), ("eta", "nan"), ("seeds", "-1"), ("beta", "1")]
)
def test_what_a_knob_does_not_take_is_no_recipe(toy: Experiment, name, text):
    assert ahead.moved(toy, SHOWN, name, text) is None


def test_the_owners_job_changes_over_and_the_page_finds_it(still_hub: Hub):
    token = still_hub.submit("me", "toy/growth", {"eta": 0.01}, 0)
    settle(still_hub)
    assert ahead.obey(still_hub, token, knob("eta", "0.004"))
    made = still_hub.successor(token)
    assert made is not None
    assert still_hub.submit("me", "toy/growth", {"eta": 0.004}, 0) == made


@pytest.mark.parametrize(
    "message",
    [knob("eta", "much"), knob("eta", "0.01"), knob("eta", 1.0), knob(None, "1"), {"type": "knob"}],
)
def test_what_is_refused_or_the_same_leaves_the_job(still_hub: Hub, message):
    token = still_hub.submit("me", "toy/growth", {"eta": 0.01}, 0)
    settle(still_hub)
    assert not ahead.obey(still_hub, token, message)
    assert still_hub.job(token).stage == "ready"


def test_a_job_that_is_gone_is_not_asked_for_again(still_hub: Hub):
    token = still_hub.submit("me", "toy/growth", {"eta": 0.01}, 0)
    still_hub.release("me")
    assert not ahead.obey(still_hub, token, knob("eta", "0.004"))
    assert still_hub.jobs() == []


def test_a_page_that_asks_for_something_else_meanwhile_is_not_overruled(
    live_hub: Hub, monkeypatch: pytest.MonkeyPatch
):
    token = live_hub.submit("me", "toy/growth", {"eta": 0.01}, 0)
    reached, opened = threading.Event(), threading.Event()

    def delayed(name):
        if name == "a knob is heard of":
            reached.set()
            assert opened.wait(20)

    monkeypatch.setattr(handover, "delay", delayed)
    said = []
    asking = threading.Thread(
        target=lambda: said.append(ahead.obey(live_hub, token, knob("eta", "0.004")))
    )
    asking.start()
    assert reached.wait(20)
    picked = live_hub.submit("me", "toy/growth", {"eta": 0.02}, 0)
    opened.set()
    asking.join(20)
    assert live_hub.successor(token) == picked
    assert [job.token for job in live_hub.jobs()] == [picked]
    assert said == [True]  # the browser is led there in any case


RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def typed(words: str) -> str:
    """Words of a slider as the browser passes them on: `typed` in dom/knobs.js."""
    found = re.fullmatch("(?:(.+) × )?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", words)
    return words if found is None else f"{found[1] or 1}e{found[2].translate(RAISED)}"


def test_every_stop_of_every_slider_is_read_back_as_itself():
    seen = 0
    for experiment in api.experiments():
        for one in knobs_of(experiment.Params).values():
            if not has_slider(one) or one.choices:
                continue
            for stop in positions(one, one.lo, one.hi):
                value = as_widget(one, stop)
                assert parsed(one, typed(spoken(value))) == value, (experiment.name, one.name)
                seen += 1
    assert seen > 1000


def test_a_recipe_is_plain_data_whichever_way_its_knob_came():
    experiment = api.experiment("saddle_to_saddle/linear_network")
    shown = Recipe(experiment.name, plain(experiment.Params()), 0, 1, "cpu")
    found = ahead.moved(experiment, shown, "spectrum", "5,2")
    assert found is not None
    assert json.loads(found.key)["values"]["spectrum"] == [5.0, 2.0]


def test_what_a_reader_set_beside_a_setting_or_swept_stays_when_a_knob_is_moved(toy: Experiment):
    compared = dataclasses.replace(SHOWN, values={"eta": 0.01, "seed0": 1}, own=True)
    compared = dataclasses.replace(compared, compare={"eta": 0.02, "seed0": 1})
    swept = dataclasses.replace(SHOWN, compare=None, over={"eta": "0.01,0.02"}, own=True)
    found = ahead.moved(toy, compared, "eta", "0.004")
    assert found is not None
    assert found.compare == {"eta": 0.02, "seed0": 1}
    assert ahead.moved(toy, swept, "seeds", "3") == dataclasses.replace(swept, seeds=3)
