"""Universality on the page: every seed's digits in one plane, and bands of several curves."""

import numpy as np
import pytest

from sims.view.known import Known
from tests.app.figures.drawing import Drawing, check_panel, traces

NAME = "representations/universality"
SMALL = {"images": 60, "components": 5, "width": 16, "replicas": 2}


@pytest.fixture(scope="module")
def drawing():
    return Drawing(NAME, SMALL)


def test_each_curve_lies_in_a_band_of_its_own(drawing):
    made = drawing.panel("cka")
    check_panel(made)
    bands = traces(made.figure, "ground")
    known = Known(drawing.foreseen)
    for i, name in enumerate(("cka_narrow", "cka_wide", "cka_other")):
        low, high = bands[2 * i : 2 * i + 2]
        np.testing.assert_allclose((np.asarray(low.y) + high.y) / 2, known[name])
        assert high.fill == "tonexty"


def test_a_colour_is_a_network_and_a_name_a_digit(drawing):
    made = drawing.panel("hero")
    check_panel(made)
    runs = traces(made.figure, "run")
    assert [run.text for run in runs] == [tuple("0123456789")] * 2
    assert len({run.marker.color for run in runs}) == 2


def test_the_dot_is_at_the_width_of_the_narrow_networks(drawing):
    now = np.array([[0.4, 0.5]])
    found = drawing.derived("narrow_now", {"cka_narrow": now})
    np.testing.assert_array_equal(found, now[..., None])
