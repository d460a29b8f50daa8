import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import linprog

from sims.core.study import Study
from sims.grokking.weight_decay_timing import EXPERIMENT, claims, theory

DATA = theory.drawn(0, 40, 100, 3)
TINY = theory.drawn(1, 8, 20, 2)


def test_at_a_large_scale_it_is_the_shortest_interpolator():
    found = theory.interpolator(DATA.X, DATA.y, 30.0).weights
    np.testing.assert_allclose(found, np.linalg.pinv(DATA.X) @ DATA.y, atol=1e-6)


def test_at_a_small_scale_it_is_the_least_l1_norm():
    end = None
    for beta in np.geomspace(1, 1e-4, 60):
        end = theory.interpolator(DATA.X, DATA.y, beta, end)
    assert end is not None
    both = np.concatenate([DATA.X, -DATA.X], axis=1)
    least = linprog(np.ones(200), A_eq=both, b_eq=DATA.y).fun
    assert np.sum(np.abs(end.weights)) == pytest.approx(least, rel=1e-3)
    assert theory.error(end, DATA.truth) < 1e-3


def test_products_decay_exactly_and_weights_sit_on_the_path():
    """The gradient flow itself, integrated; the distance from the path is O(wd)."""
    X, y, _ = TINY
    n, d = X.shape
    gaps = []
    for decay in (0.02, 0.01):

        def slope(_, z, wd=decay):
            u, v = z[:d], z[d:]
            g = X.T @ (X @ (u**2 - v**2) - y) / n
            return np.concatenate([-u * (2 * g + wd), v * (2 * g - wd)])

        t = 1 / decay
        z = solve_ivp(slope, (0, t), np.ones(2 * d), rtol=1e-9, atol=1e-11).y[:, -1]
        beta = float(theory.scale(1.0, decay, t))
        np.testing.assert_allclose(z[:d] * z[d:], beta**2, rtol=1e-6)
        w = theory.interpolator(X, y, beta).weights
        gaps.append(np.linalg.norm(z[:d] ** 2 - z[d:] ** 2 - w))
    assert gaps[1] / gaps[0] == pytest.approx(0.5, abs=0.05)


def test_each_doubling_delays_by_ln_two_over_the_decay():
    times = [theory.grok_time(DATA.X, DATA.truth, alpha, 0.01) for alpha in (1, 2, 4)]
    np.testing.assert_allclose(np.diff(times), math.log(2) / 0.01, atol=0.6)
    slow = theory.grok_time(DATA.X, DATA.truth, 2, 0.001)
    assert slow == pytest.approx(10 * times[1], rel=1e-9)


def test_the_critical_scale_halves_the_error():
    beta = theory.critical_scale(DATA.X, DATA.truth, 2.0)
    half = theory.error(theory.interpolator(DATA.X, DATA.y, beta), DATA.truth)
    first = theory.error(theory.interpolator(DATA.X, DATA.y, 2.0), DATA.truth)
    assert half == pytest.approx(first / 2, rel=1e-6)


def test_too_few_points_never_grok():
    X, _, truth = theory.drawn(0, 5, 100, 8)
    assert theory.grok_time(X, truth, 1.0, 0.01) == math.inf


def test_the_floor_satisfies_the_conditions_of_the_lasso():
    w = theory.lasso(DATA.X, DATA.y, 0.01)
    pull = DATA.X.T @ (DATA.X @ w - DATA.y) / 40
    alive = np.abs(w) > 1e-9
    np.testing.assert_allclose(pull[alive], -0.005 * np.sign(w[alive]), atol=1e-7)
    assert np.abs(pull[~alive]).max() <= 0.005 + 1e-7


def test_the_curve_is_that_of_the_decaying_scale():
    setup = Study(EXPERIMENT, {"n": 20, "d": 40, "steps": 5000}).setup
    found = Study.of(setup).predict()
    beta2 = found["product"].values[0, :, 0]
    t = setup.schedule.record_times
    np.testing.assert_allclose(beta2, 4 * np.exp(-0.02 * t), rtol=1e-12)
    i = 200
    end = theory.interpolator(setup.tasks[0]["X"], setup.tasks[0]["y"], math.sqrt(beta2[i]))
    assert found["test_error"].values[0, i] == pytest.approx(
        theory.error(end, setup.tasks[0]["target"]), rel=1e-6
    )


def test_nothing_is_held_against_a_path_that_is_followed_no_further():
    knobs = {"alpha": 0.5562, "weight_decay": 0.001, "d": 31, "n": 10, "k": 9, "steps": 1201031}
    study = Study(EXPERIMENT, knobs, seed=691)
    one = study.predict().isel(seed=0)
    asked = claims.is_settled(study.setup.params, one, one)
    assert asked.any()
    assert np.ptp(one["test_error"].values[-5:]) == 0  # where it is not followed, it stays
    assert not asked[-5:].any()
