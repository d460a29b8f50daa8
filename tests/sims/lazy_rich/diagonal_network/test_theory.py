import numpy as np
import pytest
import xarray as xr

from sims.core.study import Study
from sims.lazy_rich.diagonal_network import EXPERIMENT, theory


def end_at(scale, n=40, d=100, k=5, noise=0.0, seed=0):
    start = theory.drawn(seed, n, d, k, noise)
    return start, theory.end_point(start.X, start.y, scale)


def test_the_end_point_of_the_page_is_the_published_one():
    start, end = end_at(0.1)
    w = end.weights
    assert np.sum(np.abs(w)) == pytest.approx(3.45285, abs=1e-4)
    assert np.linalg.norm(w) == pytest.approx(0.58347, abs=1e-4)
    assert np.sum((w - start.truth) ** 2) == pytest.approx(0.43529, abs=1e-4)


@pytest.mark.parametrize("scale", [3, 1, 0.1, 0.01, 1e-3, 1e-4])
@pytest.mark.parametrize(
    ("n", "d", "noise"), [(40, 100, 0), (10, 60, 0.3), (19, 20, 0), (5, 20, 1)]
)
def test_every_end_solves_the_equations_and_is_stationary(scale, n, d, noise):
    start, end = end_at(scale, n, d, noise=noise)
    off = np.linalg.norm(start.X @ end.weights - start.y)
    assert off < 1e-10 * np.linalg.norm(start.y)
    z = end.weights / scale**2
    np.testing.assert_allclose(np.arcsinh(z / 2), end.nu @ start.X, atol=1e-9)


@pytest.mark.parametrize("n", [88, 90])
def test_a_nearly_square_regression_is_solved_too(n):
    start, end = end_at(1e-4, n, 91, noise=1.0)
    assert np.linalg.norm(start.X @ end.weights - start.y) < 1e-10 * np.linalg.norm(start.y)


def test_no_neighbour_on_the_solutions_has_a_smaller_potential():
    scale, rng = 0.1, np.random.default_rng(5)
    start, end = end_at(scale)

    def potential(w):
        z = w / scale**2
        return scale**2 * np.sum(2 - np.sqrt(4 + z**2) + z * np.arcsinh(z / 2))

    within = np.eye(100) - np.linalg.pinv(start.X) @ start.X
    for _ in range(20):
        moved = end.weights + 0.01 * within @ rng.standard_normal(100)
        assert potential(moved) > potential(end.weights)


def test_a_large_start_ends_at_least_l2():
    start, large = end_at(3)
    shortest = np.linalg.pinv(start.X) @ start.y
    assert np.linalg.norm(large.weights - shortest) < 1e-3 * np.linalg.norm(shortest)


@pytest.mark.parametrize("n", [10, 40])
def test_a_falling_start_goes_to_least_l1_from_above(n):
    from scipy.optimize import linprog

    start, _ = end_at(1, n)
    both = linprog(np.ones(200), A_eq=np.hstack([start.X, -start.X]), b_eq=start.y)
    norms = [np.sum(np.abs(end_at(a, n)[1].weights)) for a in (1e-2, 1e-3, 1e-4)]
    assert norms[0] > norms[1] > norms[2] > both.fun
    assert norms[2] < 1.03 * both.fun


@pytest.mark.parametrize(
    ("scale", "row"),
    [(0.03, [0.063, 0.010, 0.003]), (0.1, [0.280, 0.118, 0.055]), (1, [0.609, 0.494, 0.395])],
)
def test_published_test_errors_are_within_the_spread_of_data_sets(scale, row):
    """Both are means over five data sets, ours of other seeds."""
    for n, published in zip((40, 50, 60), row, strict=True):
        found = [end_at(scale, n, seed=s) for s in range(5)]
        errors = [np.sum((e.weights - s.truth) ** 2) for s, e in found]
        assert abs(np.mean(errors) - published) < 3 * np.std(errors, ddof=1) * np.sqrt(2 / 5)


@pytest.mark.parametrize("n", [10, 40, 70])
def test_a_large_start_learns_the_share_of_the_points_in_the_features(n):
    """Least l2 projects w* on n of d directions: 1 - n/d is left, ± √(2 n/d (1 - n/d)/(d + 2))."""
    found = [end_at(3, n, seed=s) for s in range(16)]
    errors = [np.sum((e.weights - s.truth) ** 2) for s, e in found]
    spread = np.sqrt(2 * n / 100 * (1 - n / 100) / 102)
    assert np.mean(errors) == pytest.approx(1 - n / 100, abs=3 * spread / np.sqrt(16))


def test_the_curve_over_the_start_passes_through_the_end():
    setup = Study(EXPERIMENT, {"alpha_0": 2.0}).setup
    *_, whole = theory.predict(setup.params, setup.tasks[0], setup.schedule)
    assert isinstance(whole, xr.Dataset)
    assert float(whole["test_error_curve"][1]) == float(whole["test_error_final"])
    assert float(whole["l1_norm_curve"][1]) == float(whole["l1_norm_final"])


def test_the_map_grows_by_rows_and_does_not_depend_on_the_seed():
    one, other = (Study(EXPERIMENT, {"d": 20, "n": 8, "noise": 0.1}, seed=s).setup for s in (0, 7))
    parts = list(theory.predict(one.params, one.tasks[0], one.schedule))
    *_, again = theory.predict(other.params, other.tasks[0], other.schedule)
    assert isinstance(parts[-1], xr.Dataset)
    assert isinstance(again, xr.Dataset)
    whole = parts[-1]["test_error_map"]
    assert whole.attrs["shared"] == 1
    assert np.isfinite(whole.values).all()
    np.testing.assert_array_equal(whole.values, again["test_error_map"].values)
    assert parts[-1].attrs["progress"] == 1


def test_an_end_does_not_depend_on_what_was_solved_before():
    start = theory.drawn(3, 30, 80, 4, 0.0)
    first = theory.end_point(start.X, start.y, 0.0123).weights
    theory._ends.cache_clear()
    theory._end.cache_clear()
    theory.end_point(start.X, start.y, 0.5)
    np.testing.assert_array_equal(first, theory.end_point(start.X, start.y, 0.0123).weights)


def test_parts_come_after_every_end_point_and_not_again_once_all_is_known():
    setup = Study(EXPERIMENT, {"d": 24, "n": 9, "noise": 0.123}).setup

    def grown():
        return list(theory.predict(setup.params, setup.tasks[0], setup.schedule))

    first, again = grown(), grown()
    ends = len(theory.MAP_SHARES) * theory.MAP_SEEDS * len(theory.MAP_SCALES)
    assert len(first) == ends + 1
    assert sum(not isinstance(part, float) for part in first) == len(theory.MAP_SHARES) + 1
    assert len(again) == 1
    xr.testing.assert_identical(first[-1], again[-1])
