import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.page import choice
from sims import api
from sims.core.knobs import knobs_of, parsed, written

KNOBS = [
    pytest.param(knob, id=f"{e.name}.{knob.name}")
    for e in api.experiments()
    for knob in knobs_of(e.Params).values()
]


@pytest.mark.parametrize("knob", KNOBS)
def test_the_default_survives_the_widget(knob):
    raw = choice.as_widget(knob, knob.default)
    assert choice.from_widget(knob, raw) == knob.default


@settings(max_examples=60, deadline=None)
@given(st.floats(-30, 1).map(lambda x: 10**x))
def test_a_value_of_a_log_knob_survives_widget_and_link(value):
    knob = knobs_of(api.experiment("saddle_to_saddle/linear_network").Params)["alpha"]
    value = min(max(value, knob.hard_lo), knob.hard_hi)
    raw = choice.as_widget(knob, value)
    assert choice.from_widget(knob, raw) == value
    assert parsed(knob, written(value)) == pytest.approx(value, rel=1e-11)
