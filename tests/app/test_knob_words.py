"""A knob and its value in words."""

import pytest

from app.knob_words import said, value_words
from sims import api
from sims.core.knobs import knobs_of

KNOBS = knobs_of(api.experiment("saddle_to_saddle/linear_network").Params)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1e-6, "10⁻⁶"), (0.25, "0.25"), (12, "12"), (2.5e-5, "2.5 × 10⁻⁵"), (True, "yes"),
        ("semantic_tree", "semantic tree"), ((5.0, 3.0), "5, 3"), (None, "automatic"),
    ],
)  # fmt: skip
def test_values_keep_the_digits_that_were_given(value, words):
    assert value_words(value) == words


def test_a_knob_is_said_with_its_symbol_where_it_is_a_number():
    assert said(KNOBS["alpha"], 1e-6) == r"initial scale $\alpha$ = 10⁻⁶"
    assert said(KNOBS["optimizer"], "adam").endswith(": adam")
