"""Order and chaos on the page: the ring, bands around lines, the line between both phases."""

import numpy as np
import pytest

from sims.signal_propagation.order_chaos.view import as_factor, fate, phase
from sims.view.known import Known
from tests.app.figures.drawing import Drawing, check_panel, traces

NAME, SMALL = "signal_propagation/order_chaos", {"width": 60, "depth": 6}


@pytest.fixture(scope="module")
def drawing():
    return Drawing(NAME, SMALL)


def test_the_ring_is_closed_and_its_predicted_size_moves_with_the_layers(drawing):
    made = drawing.panel("ring")
    check_panel(made)
    (circle,), (ring,) = traces(made.figure, "theory"), traces(made.figure, "run")
    assert len(circle.x) == 100
    assert (circle.x[0], circle.y[0]) == (circle.x[-1], circle.y[-1])
    assert len(ring.marker.color) == 100
    shown = drawing.derived("closed_circle", {})
    sizes = np.linalg.norm(shown[0, :, :, 0], axis=1)
    assert shown.shape == (1, 13, 2, 100)
    assert sizes[0] == pytest.approx(np.sqrt(2))
    np.testing.assert_allclose(sizes[6:], sizes[6])  # on the way back it stays in the last layer


def test_a_run_goes_along_the_layers_and_its_gradient_back(drawing):
    made = drawing.panel("gradient")
    check_panel(made)
    (run,) = [t for t in drawing.drawn("gradient") if t["legendgroup"] == "run"]
    x, y = np.asarray(run["x"], float), np.asarray(run["y"], float)
    assert x.tolist() == [0, 1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 0]
    assert np.isfinite(y).tolist() == [False] * 6 + [True] * 7
    (other,) = traces(drawing.panel("stretch").figure, "run")
    assert run.line.color != other.line.color


def test_what_a_width_allows_is_a_shaded_area_around_the_line(drawing):
    (band,) = traces(drawing.panel("stretch").figure, "ground")
    known = Known(drawing.foreseen)
    assert (band.fill, band.hoverinfo) == ("toself", "skip")
    half = len(band.y) // 2
    np.testing.assert_allclose((band.y[:half] + band.y[half:][::-1]) / 2, known["stretch"])
    assert (band.y[:half] > known["stretch"]).all()


def test_the_line_between_order_and_chaos_is_dashed_on_a_halo(drawing):
    made = drawing.panel("phases")
    halo, line = traces(made.figure, "theory")
    np.testing.assert_allclose(halo.x, line.x)
    assert halo.line.width > line.line.width
    assert line.meta["kind"] == "theory"


@pytest.mark.parametrize(
    ("knobs", "fates", "phases"),
    [
        ({}, "a tangle", "above 1: chaos; settles within ξ = 5.1 layers"),
        ({"sigma_w": 0.7}, "one point after some 7 layers", "below 1: order"),
        ({"sigma_w": 1.39}, "still be a loop", "1: the line"),
        ({"sigma_w": 0.8, "sigma_b": 0}, "angles stay as they are", "signals die out"),
        ({"activation": "relu", "sigma_w": 1.6}, "come together", "signals explode"),
    ],
)
def test_what_becomes_of_the_ring_is_said_beforehand(knobs, fates, phases):
    known = Known(Drawing(NAME, {**SMALL, **knobs}).foreseen)
    assert fates in fate(known)
    assert phases in phase(known)


def test_factors_are_written_out_as_long_as_they_can_be_read():
    assert as_factor(np.log(1978)) == "2000 times"
    assert as_factor(-14.2) == "about $10^{-6}$ times"
