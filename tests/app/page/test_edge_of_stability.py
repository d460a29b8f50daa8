"""The pages of the edge of stability in Streamlit's test runner, without a hub behind them."""

import pytest
from streamlit.testing.v1 import AppTest

from sims import api

NET = "edge_of_stability/neural_network"


def script(name):
    import streamlit as st

    from app.page import experiment as page
    from app.page import presets
    from sims import api
    from sims.edge_of_stability import PHENOMENON

    if picked := st.session_state.pop("picked", None):
        presets.pick(api.experiment(name), picked)
    page.render(PHENOMENON, api.experiment(name))


def opened(name=NET, **query):
    test = AppTest.from_function(script, args=(name,), default_timeout=120)
    for key, value in query.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception, [e.value for e in test.exception]
    return test


@pytest.mark.parametrize("name", [NET, "edge_of_stability/scalar_models"])
def test_every_preset_can_be_picked_and_keeps_its_autos(hub, name):
    experiment = api.experiment(name)
    test = opened(name)
    defaults = hub.submitted[-1].values
    for preset in experiment.presets:
        test.session_state["picked"] = preset.id
        test.run()
        test.run()
        assert not test.exception, (preset.id, [e.value for e in test.exception])
        assert hub.submitted[-1].values == {**defaults, **preset.params}


def test_central_flow_stays_automatic_when_the_page_is_drawn_again(hub):
    test = opened()
    test.run()
    assert hub.submitted[-1].values["central_flow"] is None
    switch = next(b for b in test.button_group if "Central flow" in b.label)
    switch.set_value("false").run()
    assert hub.submitted[-1].values["central_flow"] is False
    assert opened(central_flow="true").exception is not None
    assert hub.submitted[-1].values["central_flow"] is True


def test_a_kick_of_nothing_has_its_place_on_a_logarithmic_slider(hub):
    name = "edge_of_stability/self_stabilisation"
    test = opened(name, width="8", depth="1", samples="8", kick="0", steps="50")
    assert hub.submitted[-1].values["kick"] == 0
    assert test.select_slider(key="kick_slider").value == 0
    test.number_input(key="kick").set_value(1e-3).run()
    assert not test.exception
    assert test.select_slider(key="kick_slider").value == pytest.approx(1e-3)


def test_data_follow_the_kind_of_network_until_they_are_chosen(hub):
    test = opened(architecture="cnn")
    assert hub.submitted[-1].values["data"] is None
    assert test.selectbox(key="data").placeholder == "digits_mse, automatic"
    test.selectbox(key="data").set_value("digits_ce").run()
    assert hub.submitted[-1].values["data"] == "digits_ce"
    opened(data="chebyshev_sign")
    assert hub.submitted[-1].values["data"] == "chebyshev_sign"
