import math
import re

import pytest

from app.wording import deserved, fixed, missed, number, share
from sims.core.format import WIDEST, decimals, short, significant

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


SIZES = [sign * 9.9996 * 10.0**e for e in range(-323, 308) for sign in (1, -1)]
"""Of every size there is; each rounds up to the next."""


@pytest.mark.parametrize(
    "written",
    [
        number,
        lambda v: number(v, 4),
        lambda v: fixed(v, 0),
        lambda v: fixed(v, 9),
        lambda v: deserved(v, abs(v) / 100),
        lambda v: deserved(v, 0.0024),
        lambda v: deserved(v, 1e-300),
        lambda v: deserved(v, 0.0),
        lambda v: share(v, relative=False),
        lambda v: share(v, relative=True).removesuffix(f"{THIN}%"),
        significant,
        short,
        decimals,
    ],
)
def test_numbers_of_any_size_are_narrow_and_have_no_e_notation(written):
    for value in (*SIZES, 5e-324, 0.0, math.inf, -math.inf, math.nan):
        text = written(value)
        assert 0 < len(text) <= WIDEST, (value, text)
        assert not re.search(r"\de|e[-+\u2212]?\d", text)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (1e70, 3, "1.000 × 10⁷⁰"),
        (-1.4614e71, 0, "−1.461 × 10⁷¹"),
        (12_345_678.0, 0, f"12{THIN}345{THIN}678"),
        (1_234_567.890123, 9, f"1{THIN}234{THIN}567.890123"),
    ],
)
def test_decimals_give_way_and_then_a_power_of_ten_comes(value, places, text):
    assert fixed(value, places) == text


@pytest.mark.parametrize(
    ("off", "measured", "said"),
    [
        (0.5, 2.0, "0.5"),
        (math.inf, 2.0, "never"),
        (math.inf, math.inf, "at some time"),
        (math.inf, math.nan, ""),
        (math.nan, 2.0, ""),
    ],
)
def test_of_a_guess_is_said_what_it_was_off_by_or_what_it_said_of_a_thing_that_may_never_be(
    off, measured, said
):
    assert missed(off, measured, relative=False) == said
