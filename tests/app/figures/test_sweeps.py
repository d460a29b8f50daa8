import numpy as np
import pytest
import xarray as xr

from app.figures import views
from sims import api
from sims.core.format import decimals
from sims.saddle_to_saddle.linear_network.sweep_view import SLOPES

LINEAR = "saddle_to_saddle/linear_network"
ALPHA, S = np.geomspace(1e-7, 1e-2, 12), np.array([5.0, 3.0])
TIMES = np.log(np.sqrt(2 * S) / ALPHA[:, None]) / S


def swept(knob: str, at: np.ndarray, times: np.ndarray = TIMES, **law: int) -> xr.Dataset:
    return xr.Dataset(
        {"jump_times": ((knob, "mode"), times, law), "spectrum": ("mode", S)}, coords={knob: at}
    )


def waits(times: np.ndarray, name: str = "waits") -> np.ndarray:
    run = {"alpha": ALPHA[None], "jump_times": times[None]}
    return SLOPES[name](run, swept("alpha", ALPHA))[0]


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
    made = views.sweep_view(LINEAR, swept("alpha", ALPHA, wait_exponent=0), ["alpha"])
    assert [t.value for t in made.tiles] == [decimals(1 / s) for s in S]
    for tile, s in zip(made.tiles, S, strict=True):
        assert tile.consequence_html.endswith(f"= {decimals(1 / s)}")
    assert [t.follows for t in made.tiles] == ["waits[0]", "waits[1]"]
    assert "waits" in made.derived


def test_deeper_nets_wait_a_power_of_the_initial_scale():
    times = np.stack([3.0 * ALPHA**-2, np.full(12, np.nan)], axis=1)
    made = views.sweep_view(LINEAR, swept("alpha", ALPHA, times, wait_exponent=2), ["alpha"])
    (tile,) = made.tiles
    assert tile.value == decimals(2.0)
    assert tile.consequence_html.endswith("= 2")
    assert tile.follows == "wait_exponents[0]"
    found = waits(times, "wait_exponents")
    np.testing.assert_allclose(found[1:, 0], 2.0, rtol=1e-9)


def test_where_no_law_of_waiting_is_known_none_is_named():
    made = views.sweep_view(LINEAR, swept("alpha", ALPHA), ["alpha"])
    assert [t.consequence_html for t in made.tiles] == ["", ""]


@pytest.mark.parametrize(
    ("knobs", "exponent"),
    [
        ({}, 0),
        ({"depth": 3, "alpha": 0.05, "spectrum": "2,1"}, 1),
        ({"depth": 4, "alpha": 0.1, "init": "aligned", "spectrum": "2,1"}, 2),
        ({"optimizer": "polyak"}, None),
        ({"input_condition": 3.0}, None),
        ({"activation": "tanh"}, None),
    ],
)
def test_the_prediction_says_how_jumps_wait(knobs, exponent):
    foreseen = api.predict(LINEAR, **knobs)["prediction"].to_dataset()
    found = foreseen["jump_times"].attrs if "jump_times" in foreseen else {}
    assert found.get("wait_exponent") == exponent


@pytest.mark.parametrize("knob", ["eta", "width"])
def test_the_law_of_waiting_is_told_of_the_initial_scale_alone(knob):
    assert not views.sweep_view(LINEAR, swept(knob, np.arange(1.0, 13)), [knob]).tiles
