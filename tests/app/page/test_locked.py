"""A page that is locked for a class."""

import html
import re
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from app.lock import Lock
from sims import api
from sims.core.knobs import knobs_of, plain

LINEAR = "saddle_to_saddle/linear_network"


def script(name):
    import streamlit as st

    from app.page import experiment as page
    from app.page import presets
    from sims import api
    from sims.saddle_to_saddle import PHENOMENON

    if (picked := st.session_state.pop("picked", None)) is not None:
        presets.pick(api.experiment(name), picked)
    page.render(PHENOMENON, api.experiment(name))


def opened(**query):
    test = AppTest.from_function(script, args=(LINEAR,), default_timeout=60)
    for key, value in query.items():
        test.query_params[key] = value
    return clean(test.run())


def clean(test):
    assert not test.exception, [e.value for e in test.exception]
    return test


def words(test):
    return " ".join(one.proto.body for one in test.main.get("html"))


def told(hub):
    return hub.mounted[-1][1]


def test_a_free_page_says_nothing_of_locks(hub):
    test = opened()
    assert "Locked for class" not in words(test)
    assert not test.number_input(key="alpha").disabled
    assert all(not one["locked"] for one in told(hub)["presets"]["presets"])


def test_what_is_locked_is_said_and_its_controls_are_disabled(hub):
    test = opened(lock="alpha:0.1;seed:7")
    assert "Locked for class: initial scale, seed." in words(test)
    assert (hub.submitted[-1].values["alpha"], hub.submitted[-1].seed) == (0.1, 7)
    for key, value in (("alpha", 0.1), ("seed", 7)):
        assert test.number_input(key=key).disabled
        assert test.number_input(key=key).value == value
    assert not test.number_input(key="seeds").disabled


def test_everything_else_can_be_changed_and_the_lock_stays(hub):
    test = opened(lock="alpha:0.1")
    clean(test.number_input(key="seeds").set_value(3).run())
    assert (hub.submitted[-1].values["alpha"], hub.submitted[-1].seeds) == (0.1, 3)
    assert test.query_params["lock"] == "alpha:0.1"


def test_another_value_in_the_address_is_said_once_and_leaves_the_address(hub):
    test = opened(lock="alpha:0.1", alpha="0.2", depth="3")
    assert "alpha is locked at 0.1 by this link." in words(test)
    recipe = hub.submitted[-1]
    assert (recipe.values["alpha"], recipe.values["depth"]) == (0.1, 3)
    assert "alpha" not in test.query_params


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"lock": "nothing:1"}, "There is no knob 'nothing'"),
        ({"lock": "\x00" * 10_000}, "longer than"),
        ({"panels": "<b>"}, "panels = &lt;b&gt; is not allowed"),
        ({"projector": "perhaps"}, "projector = perhaps is not allowed"),
        ({"stage": "perhaps"}, "stage = perhaps is not allowed"),
    ],
)
def test_what_a_link_cannot_say_is_one_sentence_on_a_page_that_works(hub, query, sentence):
    test = opened(**query)
    assert words(test).count("From the link:") == 1
    assert sentence in words(test)
    assert hub.mounted[-1][0] == "token1"


def test_a_preset_that_would_change_what_is_locked_says_so_and_cannot_be_picked(hub):
    experiment = api.experiment(LINEAR)
    test = opened(lock="depth:2")
    rows = {one["id"]: one["locked"] for one in told(hub)["presets"]["presets"]}
    depth = {p.id: p.params.get("depth", 2) for p in experiment.presets}
    assert {name for name, why in rows.items() if why} == {n for n, d in depth.items() if d != 2}
    other = next(name for name, d in depth.items() if d != 2)
    assert rows[other] == "It would change depth, which this link locks."
    before = hub.submitted[-1]
    test.session_state["picked"] = other
    clean(test.run())
    assert hub.submitted[-1] is before
    test.session_state["picked"] = next(p.id for p in experiment.presets if depth[p.id] == 2)
    clean(test.run())
    assert hub.submitted[-1].values["depth"] == 2


def test_the_kept_link_keeps_the_lock_and_the_panels(hub):
    opened(lock="alpha:0.1;guess", panels="loss", projector="")
    link = told(hub)["keep"]["permalink"]
    assert "&lock=alpha:0.1;guess" in link
    assert "&panels=loss&projector=1" in link
    assert "alpha=" not in link
    assert told(hub)["panels"] == ["loss"]
    assert told(hub)["projector"] is True
    assert told(hub)["must_guess"] is True


def test_the_free_page_has_the_same_settings_and_keeps_what_is_guessed(hub):
    test = opened(lock="alpha:0.1;guess", depth="3", guess="first", panels="loss", projector="1")
    assert "Your guess comes before the run." in words(test)
    (address,) = re.findall('href="(saddle_to_saddle-[^"]+)"', words(test))
    said = dict(parse_qsl(html.unescape(address).partition("?")[2]))
    assert said == {"alpha": "0.1", "depth": "3", "guess": "first", "v": "1"}


def test_every_knob_locked_is_said_in_two_words(hub):
    experiment = api.experiment(LINEAR)
    values = plain(experiment.Params())
    test = opened(lock=Lock(values, {"seed": 0}).text)
    assert "Locked for class: every knob, seed." in words(test)
    assert hub.submitted[-1].values == values
    numbers = set(knobs_of(experiment.Params)) & {one.key for one in test.number_input}
    assert numbers
    assert all(test.number_input(key=name).disabled for name in numbers)
