import numpy as np
import pytest
from scipy.optimize import linprog

from sims.core.schedule import Schedule
from sims.saddle_to_saddle.diagonal_network import theory, training
from sims.saddle_to_saddle.diagonal_network.designs import FIXED_DESIGNS, drawn
from sims.saddle_to_saddle.diagonal_network.params import Params, resolve


def seeded(seed, n=8, d=20):
    return drawn("seeded", n, d, np.random.default_rng(seed))


def test_jumps_are_those_of_acceptance_fact_a7():
    X = np.array([[1, 0.5, 0, 0.2], [0, 1, 0.5, -0.3], [0.4, 0, 1, 0.6]])
    path = theory.jump_path(X, np.array([2, -1, 0.5]))
    np.testing.assert_allclose(path.tau, [1.363636, 4.527273, 5.836364], atol=1e-5)
    weights = [
        [1.896552, 0, 0, 0],
        [2.291667, -0.916667, 0, 0],
        [2.386364, -0.772727, -0.454545, 0],
    ]
    np.testing.assert_allclose(path.weights, weights, atol=1e-5)
    np.testing.assert_allclose(path.start, 0.875, atol=1e-5)
    np.testing.assert_allclose(path.losses, [0.179598, 0.034722, 0], atol=1e-5)


def test_a_feature_enters_first_and_leaves_at_the_third_jump():
    path = theory.jump_path(*FIXED_DESIGNS["drops_a_feature"])
    np.testing.assert_allclose(path.tau, [1.0, 2.8090, 3.6365, 5.4052], atol=5e-5)
    np.testing.assert_allclose(path.weights[2], [1.2026, -1.4892, 0, 0], atol=5e-5)
    np.testing.assert_allclose(path.weights[3], [1.7153, -1.4781, -1.5985, 0], atol=5e-5)
    np.testing.assert_allclose(
        [path.start, *path.losses], [1.0167, 0.4375, 0.3820, 0.1536, 0], atol=5e-5
    )
    assert path.supports[:, 3].tolist() == [True, True, False, False]
    assert path.margins.min() == pytest.approx(0.208, abs=5e-4)


def test_the_near_degenerate_dual_almost_touches_the_boundary():
    path = theory.jump_path(*FIXED_DESIGNS["near_degenerate"])
    np.testing.assert_allclose(path.weights[-1], [1.272, 0.680, 0, 2.130, 0], atol=5e-4)
    assert np.abs(path.weights[-1]).sum() == pytest.approx(4.083, abs=1e-3)
    assert path.margins.min() * 2 * np.log(1e32) == pytest.approx(0.15, abs=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_independent_features_wait_one_over_their_weight(seed):
    path = theory.jump_path(*drawn("orthogonal", 12, 5, np.random.default_rng(seed)))
    np.testing.assert_allclose(path.tau, [1 / 4, 1 / 2, 1, 2], rtol=1e-12)
    np.testing.assert_allclose(path.weights[-1], [4, -2, 1, 0.5, 0], atol=1e-12)


@pytest.mark.parametrize(("n", "d"), [(8, 20), (4, 6), (20, 60), (2, 128)])
def test_last_weights_interpolate_with_the_least_l1_norm(n, d):
    for seed in range(4):
        X, y = seeded(seed, n, d)
        beta = theory.jump_path(X, y).weights[-1]
        least = linprog(np.ones(2 * d), A_eq=np.hstack([X, -X]), b_eq=y)
        np.testing.assert_allclose(X @ beta, y, atol=1e-9)
        assert np.abs(beta).sum() == pytest.approx(least.fun, rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_every_plateau_is_a_constrained_minimum_below_the_one_before(seed):
    X, y = seeded(seed)
    path = theory.jump_path(X, y)
    assert np.all(np.diff([path.start, *path.losses]) < 1e-12)
    assert np.all(np.diff(path.tau) > 0)
    assert np.abs(path.duals).max() <= 1
    for beta, s in zip(path.weights, path.duals, strict=True):
        g = theory.gradient(X, y, beta)
        on = beta != 0
        assert np.array_equal(np.sign(beta[on]), s[on])
        np.testing.assert_allclose(g[on], 0, atol=1e-10)
        resting = (np.abs(s) == 1) & ~on
        assert np.all(g[resting] * s[resting] > -1e-10)


def test_duals_are_minus_the_integral_of_the_gradient():
    X, y = seeded(1)
    path = theory.jump_path(X, y)
    tau = np.array([0.3, 0.7]) * path.tau[0]
    g = theory.gradient(X, y, np.zeros(20))
    np.testing.assert_allclose(theory.duals_at(path, tau), -tau[:, None] * g, atol=1e-12)


def test_prediction_is_the_staircase_on_the_log_clock():
    params = resolve(Params(design="drops_a_feature", alpha=1e-32), ())
    task = training.prepare(params, 0)
    schedule = Schedule(np.array([0, 10_000, 30_000, 60_000]), np.array([0]), 0.01)
    found = theory.predict(params, task, schedule)
    scale = np.log(1e32)
    np.testing.assert_allclose(
        found["jump_times"], scale * np.array(found["jump_times"].attrs["tau"]), rtol=1e-12
    )
    assert found["jump_times"].attrs["units"] == "time"
    np.testing.assert_allclose(found["loss"], [1.0167, 0.4375, 0.1536, 0], atol=5e-5)
    np.testing.assert_array_equal(found["weights_final"], found["weights"][-1])


def test_nothing_to_learn_means_no_jump():
    path = theory.jump_path(np.eye(3), np.zeros(3))
    assert path.tau.shape == (0,)
    assert path.learned_at == 0
