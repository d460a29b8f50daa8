import numpy as np
import pytest

from sims.core import own_data
from sims.core.study import Study
from sims.kernel_regression.learning_curve import EXPERIMENT
from sims.kernel_regression.learning_curve.data import kernel_matrix

SMALL = {"points": 256, "examples": 32, "trials": 8}


def test_the_run_is_as_published(judged):
    found = judged(EXPERIMENT)
    at = np.isin(found.run["step"].values, (8, 32, 128))
    errors = found.run["test_error"].values[0, at]
    np.testing.assert_allclose(errors, (0.827, 0.506, 0.247), atol=6e-4)


@pytest.mark.parametrize("knobs", [{}, {"kernel": "rbf", "noise": 0.5, "ridge": 0.1}], ids=str)
def test_after_each_example_it_is_kernel_ridge_regression_on_all_of_them(judged, knobs):
    found = judged(EXPERIMENT, **SMALL, **knobs)
    params, task = found.setup.params, found.setup.tasks[0]
    K = kernel_matrix(task["X"], params.kernel, float(params.bandwidth))
    values, vectors = np.linalg.eigh(K)
    N, k = len(K), found.run["step"].values
    for i in (3, len(k) - 1):
        n, errors, variances, shares = int(k[i]), [], [], []
        for order, labels in zip(task["order"], task["y_noisy"], strict=True):
            seen = order[:n]
            A = K[np.ix_(seen, seen)] + float(params.ridge) * np.eye(n)
            unseen = np.setdiff1d(np.arange(N), seen)
            f = K[:, seen] @ np.linalg.solve(A, labels[:n])
            errors.append(np.mean((f - task["y"])[unseen] ** 2))
            gained = K[:, seen] @ np.linalg.solve(A, K[seen])
            variances.append(np.mean(np.diag(K - gained)))
            shares.append(np.sum(vectors * (gained @ vectors), axis=0)[::-1] / values[::-1])
        assert found.run["test_error"].values[0, i] == pytest.approx(np.mean(errors), rel=1e-8)
        assert found.run["uncertainty"].values[0, i] == pytest.approx(np.mean(variances), rel=1e-8)
        top = found.run["learnability"].values[0, i, :20]
        np.testing.assert_allclose(top, np.mean(shares, axis=0)[:20], atol=1e-8)
        total = np.sum(np.var(shares, axis=0, ddof=1))
        assert found.run["scatter"].values[0, i] == pytest.approx(total, rel=1e-5)


def test_the_world_is_the_same_for_every_seed_and_the_sets_are_not():
    one, other = (Study(EXPERIMENT, SMALL, seed=seed).setup.tasks[0] for seed in (0, 1))
    for name in ("X", "y"):
        np.testing.assert_array_equal(one[name], other[name])
    assert (one["order"] != other["order"]).any()
    assert all(len(set(order)) == 32 for order in one["order"].tolist())


def test_on_data_of_ones_own_theory_is_asked_of_the_covariance_too(judged):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((200, 12))
    own = own_data.keep(X, np.sign(X[:, 0] * X[:, 1]))
    found = judged(EXPERIMENT, data=own.value, examples=32)
    assert found.held("high_dimensional")
    assert found.verdict("uncertainty") in ("lands", "not judged")
    assert found.verdict("budget") == "lands"
    assert "typical_error_raw" in found.prediction
