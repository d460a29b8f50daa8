import pytest
from hypothesis import given
from hypothesis import strategies as st

from sims.core.sentences import rounded_up, said, share


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.05, "0.05"), (1.15, "1.1"), (120.0, "120"), (1e-6, "10⁻⁶"), (2.5e-12, "2.5 × 10⁻¹²"),
        (3e7, "3 × 10⁷"), (0.0, "0"), (-3e-9, "-3 × 10⁻⁹"), (float("inf"), "infinite"),
        (99999.0, "100000"),
    ],
)  # fmt: skip
def test_numbers_are_said_without_e_notation(value, words):
    assert said(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.0, "100 %"), (0.032, "3.2 %"), (4e-4, "0.04 %"), (1e-9, "below 0.001 %"), (0.0, "0 %")],
)
def test_shares_are_said_in_percent(value, words):
    assert share(value) == words


@given(st.floats(1e-12, 1e12))
def test_rounding_up_never_goes_below_and_by_little_above(value):
    up = rounded_up(value)
    assert value * (1 - 1e-9) <= up <= 1.11 * value
