import math

import pytest

from app.page import slider
from app.page.choice import as_widget
from sims import api
from sims.core.knobs import knobs_of, parsed

KNOBS = [
    pytest.param(knob, id=f"{e.name}.{knob.name}")
    for e in api.experiments()
    for knob in knobs_of(e.Params).values()
]

SLIDERS = [
    pytest.param(knob, id=f"{e.name}.{knob.name}")
    for e in api.experiments()
    for knob in knobs_of(e.Params).values()
    if slider.has_slider(knob)
]


@pytest.mark.parametrize("knob", KNOBS)
def test_every_position_of_a_slider_is_accepted(knob):
    if knob.scale != "log" or not math.isfinite(knob.hi):
        pytest.skip("no log slider")
    stops = slider.positions(knob, knob.lo, knob.hi)
    assert stops == sorted(set(stops))
    assert len(stops) <= 400
    assert stops[0] == pytest.approx(knob.lo)
    assert stops[-1] == pytest.approx(knob.hi)
    for stop in stops:
        assert parsed(knob, as_widget(knob, stop)) == as_widget(knob, stop)


@pytest.mark.parametrize("knob", SLIDERS)
def test_a_slider_says_what_its_field_says(knob):
    stops = slider.positions(knob, knob.lo, knob.hi)
    middle = stops[len(stops) // 2]
    for value in (*stops, 1.0123 * middle, middle * (1 + 1e-12)):
        given = as_widget(knob, value)
        more, place = slider.with_stop(knob, stops, given)
        said = [slider.spoken(as_widget(knob, stop)) for stop in more]
        assert said[more.index(place)] == slider.spoken(given)
        assert len(set(said)) == len(said)
        assert more == sorted(more)


def test_values_are_spoken_as_on_the_page():
    assert slider.spoken(1e-4) == "10⁻⁴"
    assert slider.spoken(3e-5) == "3 × 10⁻⁵"
    assert slider.spoken(0.002) == "0.002"
    assert slider.spoken(16) == "16"
    assert slider.spoken(1e-100) == "10⁻¹⁰⁰"
    assert slider.spoken((5.0, 1.8)) == "5, 1.8"
