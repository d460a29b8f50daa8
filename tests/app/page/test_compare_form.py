"""The form of a second value: the knob may refuse it; it runs beside the setting, in the link."""

import pytest
from streamlit.testing.v1 import AppTest

NAME = "lazy_rich/one_neuron"


def script(name):
    import streamlit as st

    from app.page import compare_form, presets, request
    from app.page import experiment as page
    from sims import api
    from sims.core.knobs import knobs_of
    from sims.lazy_rich import PHENOMENON

    if (on := st.session_state.pop("beside", None)) is not None:  # as the live part's callback does
        presets.set_beside(on)
    found = api.experiment(name)
    page.render(PHENOMENON, found)
    compare_form._form(request.asked(found), knobs_of(found.Params))  # its expander is closed here


@pytest.fixture
def form(hub):
    return AppTest.from_function(script, args=(NAME,), default_timeout=60).run()


def typed(form, text):
    next(one for one in form.text_input if "compare-value" in one.key).set_value(text).run()
    assert not form.exception, [e.value for e in form.exception]


def button(form, label):
    return next(one for one in form.button if one.label == label)


def test_a_second_value_runs_beside_the_setting_and_is_in_the_link(hub, form):
    typed(form, "1.5")
    button(form, "Put it beside").click().run()
    assert form.query_params["beside"] in ("a0:1.5", ["a0:1.5"])
    last = hub.submitted[-1]
    assert last.compare == {**last.values, "a0": 1.5}
    told = hub.mounted[-1][1]
    assert told["presets"]["beside"] == {"title": "outer weight 1.5", "on": True}
    assert "beside=a0:1.5" in told["keep"]["permalink"]
    form.number_input(key="horizon").set_value(5.0).run()
    last = hub.submitted[-1]
    assert last.compare == {**last.values, "a0": 1.5}
    assert last.values["horizon"] == 5.0
    button(form, "Leave it out").click().run()
    assert "beside" not in form.query_params
    assert hub.submitted[-1].compare is None


def test_the_switch_in_the_row_leaves_it_out_too(hub, form):
    typed(form, "1.5")
    button(form, "Put it beside").click().run()
    form.session_state["beside"] = False
    form.run()
    assert "beside" not in form.query_params
    assert hub.mounted[-1][1]["presets"]["beside"] is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("99", "a0 = 99 is not allowed: give a number from"),
        ("much", "a0 = much is not allowed"),
        ("0.1", "That is the value it has already"),
    ],
)
def test_what_the_knob_does_not_take_is_said_in_its_own_sentence(hub, form, text, words):
    typed(form, text)
    assert any(words in one.value for one in form.markdown)
    assert button(form, "Put it beside").disabled
