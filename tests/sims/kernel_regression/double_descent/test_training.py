import numpy as np
import pytest

from sims.core import own_data
from sims.core.study import Study
from sims.kernel_regression.double_descent import EXPERIMENT, training
from sims.kernel_regression.double_descent.data import activity, world

MEANS = (0.484, 0.673, 1.43, 17.7, 1.37, 0.521, 0.371)
K = (20, 50, 80, 100, 120, 200, 400)
SMALL = {"examples": 50, "trials": 32}


def solved(task, kind, k, ridge):
    """Mean and typical error of k neurons over all training sets, by least squares with numpy."""
    F = activity(task["X"], task["W"], task["b"], kind)[:k].T
    errors = []
    for seen, labels in zip(task["order"], task["y_noisy"], strict=True):
        A = F[seen]
        beta = np.linalg.solve(A.T @ A / k + ridge * np.eye(k), A.T @ labels / k)
        unseen = np.setdiff1d(np.arange(len(task["y"])), seen)
        errors.append(np.mean((F[unseen] @ beta - task["y"][unseen]) ** 2))
    return np.mean(errors), np.exp(np.mean(np.log(errors)))


@pytest.mark.parametrize("kind", ["tanh", "relu", "bump"])
def test_the_run_is_ridge_regression_on_the_first_neurons(judged, kind):
    found = judged(EXPERIMENT, activation=kind, ridge=1e-3, noise=0.4, **SMALL)
    k = found.run["step"].values
    for i in (5, len(k) // 2, len(k) - 1):
        expected = solved(found.setup.tasks[0], kind, int(k[i]), 1e-3)
        measured = [float(found.run[name][0, i]) for name in ("mean_error", "test_error")]
        np.testing.assert_allclose(measured, expected, rtol=1e-6)


def test_the_mean_errors_are_the_published_ones(judged):
    found = judged(EXPERIMENT, trials=64)
    at = np.isin(found.run["step"].values, K)
    np.testing.assert_allclose(found.run["mean_error"].values[0, at], MEANS, rtol=5e-3)


def test_the_run_looks_at_as_many_neurons_as_examples_and_at_four_times_as_many():
    for n in (20, 50, 100, 200):
        widths = training.widths(n)
        assert widths[0] == 0
        assert n in widths
        assert widths[-1] == 4 * n


def test_neurons_stay_where_labels_and_noise_are_others():
    one = Study(EXPERIMENT, SMALL).setup.tasks[0]
    other = Study(EXPERIMENT, {**SMALL, "noise": 0.5, "target": 2}).setup.tasks[0]
    for name in ("X", "W", "b", "order"):
        np.testing.assert_array_equal(one[name], other[name])
    assert (one["y"] != other["y"]).any()


@pytest.mark.parametrize("data", ["digits", "hypercube", "circle"])
def test_points_are_of_one_length_and_labels_of_size_one(data):
    X, y = world(data, 3)
    np.testing.assert_allclose(np.linalg.norm(X, axis=1), np.sqrt(X.shape[1]))
    assert np.mean(y**2) == pytest.approx(1)


def test_classes_of_ones_own_are_told_apart_and_real_targets_are_scaled():
    rng = np.random.default_rng(0)
    X, labels = rng.standard_normal((120, 5)), np.arange(120) % 3
    y = world(own_data.keep(X, labels).value, 1)[1]
    assert set(y) == {-1.0, 1.0}
    assert np.sum(y > 0) == 40
    real = world(own_data.keep(X, X[:, 0] * 7 + 3).value, 1)[1]
    assert (real.mean(), np.mean(real**2)) == pytest.approx((0, 1))


def test_on_data_of_ones_own_the_assumptions_are_asked_and_the_peak_is_at_n(judged):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((300, 12))
    own = own_data.keep(X, np.sign(X[:, 0] * X[:, 1]))
    found = judged(EXPERIMENT, data=own.value, **SMALL)
    assert all(found.held(name) for name in ("even_points", "high_dimensional", "common_neurons"))
    assert found.first("peak_place") == found.run["peak_place"].values[0] == 50
