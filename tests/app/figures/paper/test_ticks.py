"""Ticks as the page has them."""

from app.figures.axes import axis
from app.figures.paper.ticks import ticks


def test_a_linear_axis_has_about_seven_round_numbers_within_its_range():
    places, words = ticks({"nticks": 7} | axis("", [-0.7, 21.4]), [-0.7, 21.4])
    assert places == [0, 5, 10, 15, 20]
    assert words == ["0", "5", "10", "15", "20"]


def test_neighbours_are_told_apart_with_as_many_decimals_for_all():
    _, words = ticks({"nticks": 7} | axis("", [-0.04, 1.12]), [-0.04, 1.12])
    assert words == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]


def test_a_logarithmic_axis_has_its_ticks_at_decades():
    span = [-6.2, 0.3]
    places, words = ticks(axis("", span, log=True), span)
    assert places == [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    assert words[0] == "10$^{-6}$"
    assert words[-1] == "1"


def test_a_short_logarithmic_axis_has_two_and_five_as_well():
    span = [0.0, 1.0]
    places, words = ticks(axis("", span, log=True), span)
    assert places == [1, 2, 5, 10]
    assert words == ["1", "2", "5", "10"]


def test_named_ticks_keep_their_names():
    given = axis("", [0.0, 7.0]) | {"tickvals": [0, 3.14], "ticktext": ["0", "π"]}
    assert ticks(given, [0.0, 7.0]) == ([0.0, 3.14], ["0", "π"])


def test_tiny_numbers_are_written_with_a_power_of_ten():
    _, words = ticks({"nticks": 7} | axis("", [0.0, 4e-7]), [0.0, 4e-7])
    assert words[0] == "0"
    assert words[-1].endswith("10$^{-7}$")
