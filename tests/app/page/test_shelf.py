"""The shelf as the live part is told of it: what differs, what may be pinned, what is to run."""

import pytest
from streamlit.testing.v1 import AppTest

NAME = "lazy_rich/one_neuron"


def script(name):
    import streamlit as st

    from app.page import experiment as page
    from app.page import shelf
    from sims import api
    from sims.lazy_rich import PHENOMENON

    found = api.experiment(name)
    for what, do in shelf.asks(found).items():  # as the live part's callbacks do
        if (value := st.session_state.pop(what, None)) is not None:
            do(value)
    page.render(PHENOMENON, found)


@pytest.fixture
def test(hub):
    return AppTest.from_function(script, args=(NAME,), default_timeout=60).run()


def after(test, **asked):
    for name, value in asked.items():
        test.session_state[name] = value
    test.run()
    assert not test.exception, [e.value for e in test.exception]


def told(hub):
    return hub.mounted[-1][1]["shelf"]


def pins(test):
    found = test.query_params.get("pins", "")
    return found if isinstance(found, str) else found[0]


def test_a_pinned_setting_is_in_the_link_and_what_differs_from_it_is_told(hub, test):
    assert told(hub)["own"] == "default"
    assert told(hub)["pins"] == []
    after(test, pin="default")
    assert pins(test) == "default"
    test.number_input(key="a0").set_value(1.5).run()
    shelf = told(hub)
    assert shelf["own"] == "a0:1.5"
    assert [row["values"] for row in shelf["knobs"]] == [["1.5", "0.1"]]
    (one,) = shelf["pins"]
    assert (one["name"], one["letter"]) == ("default", "A")
    assert "= 0.1" in one["label"]
    assert "pins=default" in one["link"]
    assert "pins=default" in hub.mounted[-1][1]["keep"]["permalink"]
    after(test, unpin="default")
    assert pins(test) == ""


def test_no_more_are_pinned_than_can_be_told_apart_and_none_twice(hub, test):
    for seed in (1, 2, 3, 4, 5):
        after(test, pin=f"seed:{seed}")
    after(test, pin="seed:1")
    assert pins(test) == "seed:1~seed:2~seed:3~seed:4"
    assert [one["letter"] for one in told(hub)["pins"]] == ["A", "B", "C", "D"]


def test_what_is_beside_the_setting_has_a_column_between_it_and_the_pins(hub, test):
    test.query_params["beside"], test.query_params["pins"] = "a0:2", "a0:3"
    test.run()
    shelf = told(hub)
    assert shelf["beside"]
    assert [row["values"] for row in shelf["knobs"]] == [["0.1", "2", "3"]]


def test_a_sweep_cannot_be_pinned(hub, test):
    test.query_params["over"] = "a0:0.1,0.2"
    test.run()
    assert told(hub)["own"] == ""


def test_a_pinned_setting_is_run_as_a_job_of_its_own_with_nothing_beside_it(hub, test):
    test.query_params["pins"], test.query_params["beside"] = "a0:3;seed:2", "a0:2"
    after(test, run_pin="a0:3;seed:2")
    recipe = next(one for one in hub.submitted if one.seed == 2)
    assert recipe.values["a0"] == 3.0
    assert recipe.compare is None
    assert told(hub)["running"]["name"] == "a0:3;seed:2"
    assert told(hub)["running"]["token"].startswith("token")


def test_a_pin_that_is_refused_leaves_the_others(hub):
    test = AppTest.from_function(script, args=(NAME,), default_timeout=60)
    test.query_params["pins"] = "a0:99~a0:2"
    test.run()
    assert [one["name"] for one in told(hub)["pins"]] == ["a0:2"]
