import math

import pytest

from app.wording import deserved, number, share

THIN = "\u2009"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 3, "0"),
        (6743.0, 4, f"6{THIN}743"),
        (0.0033, 2, "0.0033"),
        (1e-4, 2, "1.0 × 10⁻⁴"),
        (1e-5, 2, "1.0 × 10⁻⁵"),
        (-2.5, 2, "−2.5"),
        (9.99e-5, 2, "1.0 × 10⁻⁴"),
        (math.inf, 2, "never"),
        (math.nan, 2, "none"),
    ],
)
def test_numbers_are_written_as_the_page_wants_them(value, digits, text):
    assert number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "tolerance", "text"),
    [
        (2.0547, 2e-3 * 2.0547, "2.0547"),
        (0.5158, 0.03, "0.516"),
        (0.00122, 5e-4, "0.00122"),
        (45.0, 0.0, "45"),
    ],
)
def test_a_number_has_one_digit_more_than_its_tolerance(value, tolerance, text):
    assert deserved(value, tolerance) == text


@pytest.mark.parametrize(
    ("value", "relative", "text"),
    [
        (5e-4, True, f"0.05{THIN}%"),
        (0.002, True, f"0.2{THIN}%"),
        (5.5e-6, True, f"under 0.001{THIN}%"),
        (0.03, False, "0.03"),
        (math.inf, True, "∞"),
        (math.nan, True, "none"),
    ],
)
def test_relative_errors_are_percentages(value, relative, text):
    assert share(value, relative) == text


def test_numbers_have_no_e_notation_at_any_size():
    for exponent in range(-300, 300, 7):
        value = 3.21 * 10.0**exponent
        assert "e" not in number(value) + deserved(value, value / 100)
        assert "e" not in share(value, relative=False)
