from streamlit.testing.v1 import AppTest

from app.page import controls
from sims import api
from sims.core.knobs import knobs_of


def test_labels_carry_symbol_and_unit():
    knobs = knobs_of(api.experiment("saddle_to_saddle/linear_network").Params)
    assert controls.label(knobs["eta"]) == r"Learning rate $\eta$ :gray[time/step]"


def test_only_values_beyond_the_usual_range_ask_for_expert_limits():
    knobs = knobs_of(api.experiment("saddle_to_saddle/linear_network").Params)
    assert controls.beyond_soft(knobs["alpha"], 1e-20)
    assert not controls.beyond_soft(knobs["alpha"], 1e-4)
    assert not controls.beyond_soft(knobs["alpha"], None)
    assert controls.beyond_soft(knobs["spectrum"], (50.0, 1.0))


def swept():
    import streamlit as st

    from app.page import experiment as page
    from sims import api
    from sims.lazy_rich import PHENOMENON

    st.query_params["over"] = "alpha:0.5:5:2"
    page.render(PHENOMENON, api.experiment("lazy_rich/two_layer_network"))


def test_beneath_a_knob_that_is_swept_nothing_is_said_of_another_value(hub):
    test = AppTest.from_function(swept, default_timeout=60).run()
    assert not test.exception
    said = [caption.value for caption in test.sidebar.caption]
    assert any("below the edge" in one for one in said)
    assert not any("gamma_0" in one for one in said)
