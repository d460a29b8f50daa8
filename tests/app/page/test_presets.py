"""The row of presets: what the live part is told of it, and what picking sets."""

import pytest
from streamlit.testing.v1 import AppTest

from app.preset_row import kind
from sims import api

LINEAR = "saddle_to_saddle/linear_network"


def script(name):
    import streamlit as st

    from app.page import experiment as page
    from app.page import presets
    from sims import api
    from sims.saddle_to_saddle import PHENOMENON

    if (picked := st.session_state.pop("picked", None)) is not None:
        presets.pick(api.experiment(name), picked)
    if (beside := st.session_state.pop("beside", None)) is not None:
        presets.set_beside(beside)
    page.render(PHENOMENON, api.experiment(name))


@pytest.fixture
def test(hub):
    made = AppTest.from_function(script, args=(LINEAR,), default_timeout=60)
    return made.run()


def after(test, **asked):
    for name, value in asked.items():
        test.session_state[name] = value
    test.run()
    assert not test.exception, [e.value for e in test.exception]


def row(hub):
    return hub.mounted[-1][1]["presets"]


def test_those_that_land_come_first_and_keep_their_order(hub, test):
    told = row(hub)["presets"]
    kinds = [one["kind"] for one in told]
    assert kinds == sorted(kinds, reverse=True)
    assert set(kinds) == {"lands", "departs"}
    landing = [p.id for p in api.experiment(LINEAR).presets if kind(p) == "lands"]
    assert [one["id"] for one in told if one["kind"] == "lands"] == landing
    assert all(one["title"] and one["look_for"] for one in told)


def test_settings_of_ones_own_are_no_preset(hub, test):
    assert row(hub)["active"] is not None
    test.number_input(key="alpha").set_value(2e-4).run()
    assert row(hub)["active"] is None
    assert row(hub)["beside"] is None
    assert row(hub)["unnamed"] == "Your own settings"


def test_defaults_that_are_no_preset_are_not_called_ones_own(hub):
    name = "lazy_rich/two_layer_network"
    test = AppTest.from_function(script, args=(name,), default_timeout=60).run()
    assert row(hub)["active"] is None
    assert row(hub)["unnamed"] == "The default settings"
    test.number_input(key="alpha").set_value(3.0).run()
    assert row(hub)["unnamed"] == "Your own settings"


def test_a_picked_preset_brings_what_stands_beside_it_and_the_switch_takes_it_away(hub, test):
    compared = next(p for p in api.experiment(LINEAR).presets if p.compare is not None)
    after(test, picked=compared.id)
    assert row(hub)["active"] == compared.id
    assert row(hub)["beside"] == {"title": compared.compare_title, "on": True}
    assert hub.submitted[-1].compare == compared.compare
    after(test, beside=False)
    assert row(hub)["beside"] == {"title": compared.compare_title, "on": False}
    assert hub.submitted[-1].compare is None


def test_a_preset_that_is_there_no_more_changes_nothing(hub, test):
    before = hub.submitted[-1]
    after(test, picked="gone")
    assert hub.submitted[-1] == before
