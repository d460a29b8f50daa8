import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import controls
from sims import api
from sims.core.knobs import knobs_of, parsed, written

KNOBS = [
    pytest.param(knob, id=f"{e.name}.{knob.name}")
    for e in api.experiments()
    for knob in knobs_of(e.Params).values()
]

SLIDERS = [
    pytest.param(knob, id=f"{e.name}.{knob.name}")
    for e in api.experiments()
    for knob in knobs_of(e.Params).values()
    if controls._has_slider(knob)
]


@pytest.mark.parametrize("knob", KNOBS)
def test_the_default_survives_the_widget(knob):
    raw = controls.as_widget(knob, knob.default)
    assert controls.from_widget(knob, raw) == knob.default


@pytest.mark.parametrize("knob", KNOBS)
def test_every_position_of_a_slider_is_accepted(knob):
    if knob.scale != "log" or not math.isfinite(knob.hi):
        pytest.skip("no log slider")
    stops = controls.positions(knob, knob.lo, knob.hi)
    assert stops == sorted(set(stops))
    assert len(stops) <= 400
    assert stops[0] == pytest.approx(knob.lo)
    assert stops[-1] == pytest.approx(knob.hi)
    for stop in stops:
        assert parsed(knob, controls.as_widget(knob, stop)) == controls.as_widget(knob, stop)


@pytest.mark.parametrize("knob", SLIDERS)
def test_a_slider_says_what_its_field_says(knob):
    stops = controls.positions(knob, knob.lo, knob.hi)
    middle = stops[len(stops) // 2]
    for value in (*stops, 1.0123 * middle, middle * (1 + 1e-12)):
        given = controls.as_widget(knob, value)
        more, place = controls.with_stop(knob, stops, given)
        said = [controls.spoken(controls.as_widget(knob, stop)) for stop in more]
        assert said[more.index(place)] == controls.spoken(given)
        assert len(set(said)) == len(said)
        assert more == sorted(more)


@settings(max_examples=60, deadline=None)
@given(st.floats(-30, 1).map(lambda x: 10**x))
def test_a_value_of_a_log_knob_survives_widget_and_link(value):
    knob = knobs_of(api.experiment("saddle_to_saddle/linear_network").Params)["alpha"]
    value = min(max(value, knob.hard_lo), knob.hard_hi)
    raw = controls.as_widget(knob, value)
    assert controls.from_widget(knob, raw) == value
    assert parsed(knob, written(value)) == pytest.approx(value, rel=1e-11)


def test_values_are_spoken_as_on_the_page():
    assert controls.spoken(1e-4) == "10⁻⁴"
    assert controls.spoken(3e-5) == "3 × 10⁻⁵"
    assert controls.spoken(0.002) == "0.002"
    assert controls.spoken(16) == "16"
    assert controls.spoken(1e-100) == "10⁻¹⁰⁰"
    assert controls.spoken((5.0, 1.8)) == "5, 1.8"


def test_labels_carry_symbol_and_unit():
    knobs = knobs_of(api.experiment("saddle_to_saddle/linear_network").Params)
    assert controls.label(knobs["eta"]) == r"Learning rate $\eta$ :gray[time/step]"


def test_only_values_beyond_the_usual_range_ask_for_expert_limits():
    knobs = knobs_of(api.experiment("saddle_to_saddle/linear_network").Params)
    assert controls.beyond_soft(knobs["alpha"], 1e-20)
    assert not controls.beyond_soft(knobs["alpha"], 1e-4)
    assert not controls.beyond_soft(knobs["alpha"], None)
    assert controls.beyond_soft(knobs["spectrum"], (50.0, 1.0))
