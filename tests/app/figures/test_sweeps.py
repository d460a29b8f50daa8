import numpy as np
import pytest
import xarray as xr

from app.figures import sweeps, views
from app.figures.panels import decimals

LINEAR = "saddle_to_saddle/linear_network"
ALPHA, S = np.geomspace(1e-7, 1e-2, 12), np.array([5.0, 3.0])
TIMES = np.log(np.sqrt(2 * S) / ALPHA[:, None]) / S


def swept(knob: str, at: np.ndarray) -> xr.Dataset:
    return xr.Dataset(
        {"jump_times": ((knob, "mode"), TIMES), "spectrum": ("mode", S)}, coords={knob: at}
    )


def waits(times: np.ndarray) -> np.ndarray:
    run = {"alpha": ALPHA[None], "jump_times": times[None]}
    return sweeps.SWEEP_DERIVED["waits"](run, swept("alpha", ALPHA))[0]


def test_the_slope_of_lines_is_one_over_s_from_the_second_point_on():
    found = waits(TIMES)
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1:], np.tile(1 / S, (11, 1)), rtol=1e-10)


def test_the_slope_so_far_is_that_of_least_squares_over_these_points():
    times = TIMES + 0.05 * np.random.default_rng(0).normal(size=TIMES.shape)
    found = waits(times)
    for n in (2, 5, 12):
        expected = -np.polyfit(np.log(ALPHA[:n]), times[:n], 1)[0]
        np.testing.assert_allclose(found[n - 1], expected, rtol=1e-9)


def test_a_jump_that_never_came_is_no_point():
    times = TIMES.copy()
    times[0, 1] = times[3, 1] = np.nan
    times[4, 1] = np.inf
    found = waits(times)
    assert np.isfinite(found[1, 0])
    assert np.isnan(found[1, 1])
    np.testing.assert_allclose(found[[2, 3, 4, 11], 1], 1 / S[1], rtol=1e-10)


def test_every_tile_has_the_measured_slope_beside_the_predicted():
    made = views.sweep_view(LINEAR, swept("alpha", ALPHA), ["alpha"])
    assert [t.value for t in made.tiles] == [decimals(1 / s) for s in S]
    assert [t.follows for t in made.tiles] == ["waits[0]", "waits[1]"]
    assert "waits" in made.derived


@pytest.mark.parametrize("knob", ["eta", "width"])
def test_the_law_of_waiting_is_told_of_the_initial_scale_alone(knob):
    assert not views.sweep_view(LINEAR, swept(knob, np.arange(1.0, 13)), [knob]).tiles
