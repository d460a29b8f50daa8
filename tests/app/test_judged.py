"""Verdicts and their numbers in words."""

import math
from dataclasses import replace

import pytest
import xarray as xr

from app.judged import both_words
from sims import api


def row(predicted, measured, tolerance):
    return xr.Dataset({"predicted": predicted, "measured": measured, "tolerance": tolerance})


@pytest.mark.parametrize(
    ("unit", "judged", "said"),
    [
        ("in ln L", (2.60e-4, 1.31e-4, 0.138), ("0.000260", "0.000131")),
        ("in ln L", (3.33e-3, 3.31e-6, 0.138), ("0.00333", "0.00000331")),
        ("relative", (22.17, 21.78, 0.074), ("22.2", "21.8")),
        ("of |y|", (8e-25, -0.00228, 0.011), ("0.000", "−0.002")),
        ("of its deviation", (0.0152, 0.0139, 5.7), ("0.0152", "0.0139")),
        ("of |y|", (1e-9, math.nan, 0.011), ("0.000", "none")),
        ("time", (1.5, math.nan, 0.01), ("1.500", "none")),
        ("standard errors", (0.0244, 0.0272, 6.0), ("0.02440", "0.02720")),
        ("pairs", (11, 10, 0.5), ("11", "10")),
        ("in the logarithm", (75.71, 65.02, 0.6), ("76", "65")),
        ("computes", (16.0, 32.0, 0.0), ("16", "32")),
        ("of the tolerance", (1.299e-4, 1.305e-4, 1.0), ("1.299 × 10⁻⁴", "1.305 × 10⁻⁴")),
    ],
)
def test_numbers_have_the_digits_that_their_tolerance_deserves_whatever_it_is_relative_to(
    unit, judged, said
):
    claim = replace(api.experiment("lazy_rich/one_neuron").claims[0], unit=unit)
    assert both_words(claim, row(*judged)) == said
