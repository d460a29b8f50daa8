import numpy as np
import pytest

from sims.core.study import Study
from sims.representations.universality import EXPERIMENT, images
from sims.representations.universality.response import noise, response


@pytest.fixture(scope="module")
def study():
    return Study(EXPERIMENT, {})


@pytest.fixture(scope="module")
def prediction(study):
    return study.predict().isel(seed=0)


def test_the_digits_and_parity_have_these_modes(study):
    task = study.setup.tasks[0]
    s, _ = images.modes(task["target"])
    known = [0.9686, 0.9675, 0.9513, 0.8482, 0.8260, 0.7592, 0.7429, 0.6434, 0.5810]
    np.testing.assert_allclose(s, known, atol=1e-3)
    np.testing.assert_allclose(images.modes(task["target_other"])[0], [1.1412], atol=1e-3)
    np.testing.assert_allclose(task["covariance"], np.eye(20), atol=1e-9)


@pytest.mark.parametrize(
    ("name", "row", "published"),
    [
        ("cka_narrow", 0, 64 / 85),
        ("cka_wide", 0, 256 / 277),
        ("debiased", 0, 1.0),
        ("cka_narrow", -1, 0.9956),
        ("cka_wide", -1, 0.9989),
        ("cka_other", -1, 0.5469),
        ("debiased", -1, 1.2318),
        ("loss", -1, 1.9696),
        ("cka_narrow", 10, 0.9813),
        ("cka_wide", 10, 0.9953),
        ("cka_other", 10, 0.5565),
    ],
)
def test_what_is_predicted_is_as_published(study, prediction, name, row, published):
    assert study.setup.schedule.steps == 381
    assert study.setup.schedule.record_steps[10] == 63
    np.testing.assert_allclose(prediction[name][row], published, atol=1e-3)


def test_networks_that_see_the_images_in_another_order_are_hardly_alike(prediction):
    np.testing.assert_allclose(prediction["floor"], 0.0278, atol=1e-4)


def test_no_seed_enters(prediction):
    other = Study(EXPERIMENT, {}, seed=5).predict().isel(seed=0)
    for name in ("cka_narrow", "cka_other", "loss", "places"):
        np.testing.assert_array_equal(prediction[name], other[name])


def test_the_floor_is_the_mean_over_permutations():
    rng = np.random.default_rng(0)
    F, G = (x - x.mean(axis=0) for x in rng.standard_normal((2, 6, 3)))
    K, L = F @ F.T, G @ G.T
    found = []
    for _ in range(4000):
        p = rng.permutation(6)
        found.append(np.sum(K * L[np.ix_(p, p)]))
    np.testing.assert_allclose(np.mean(found), np.trace(K) * np.trace(L) / 5, rtol=0.05)


def test_a_mode_ends_at_the_root_of_its_squares():
    s, sigma = np.array([0.9, 0.4]), 0.5
    found = response(s, 3, 4, sigma, 0.01, np.array([0, 4000]))
    np.testing.assert_allclose(found.p[-1], s, atol=1e-6)
    np.testing.assert_allclose(found.a[-1, :2], np.sqrt(s**2 + sigma**4), rtol=3e-3)
    assert found.a[-1, 2] == sigma**2


def test_noise_is_carried_as_differences_of_two_runs_would_be():
    """The variance of A from the start's, against many small networks trained one by one."""
    rng, N, d, C, eta = np.random.default_rng(0), 400, 3, 2, 0.1
    s, sigma, steps = np.array([0.8, 0.5]), 0.4, 30
    target = np.zeros((C, d))
    target[[0, 1], [0, 1]] = s
    found = response(s, d, C, sigma, eta, np.array([0, steps]))
    A = []
    for _ in range(1500):
        W1, W2 = sigma * rng.standard_normal((N, d)), sigma * rng.standard_normal((C, N))
        for _ in range(steps):
            E = target - W2 @ W1 / N
            W1, W2 = W1 + eta * W2.T @ E, W2 + eta * E @ W1.T
        A.append(W1.T @ W1 / N)
    variance = N * np.var(A, axis=0)
    np.testing.assert_allclose(variance, found.v[-1], rtol=0.15)
    x, _, rank = noise(found, N)
    np.testing.assert_allclose(x[0], (d + 1) / N)
    np.testing.assert_allclose(rank[0], d)


def test_white_inputs_are_white_and_coloured_ones_have_mean_variance_one():
    X, y = images.images(0, 100, 8, True)
    np.testing.assert_allclose(X.T @ X / 100, np.eye(8), atol=1e-9)
    coloured, _ = images.images(0, 100, 8, False)
    variances = np.diag(coloured.T @ coloured / 100)
    np.testing.assert_allclose([variances.mean(), np.ptp(y)], [1.0, 9], atol=1e-9)
    assert variances[0] > 3 * variances[-1]


@pytest.mark.parametrize(("task", "outputs"), [("digits", 10), ("parity", 2), ("shuffled", 10)])
def test_targets_are_centred_and_of_size_one(task, outputs):
    Y = images.targets(images.images(0, 100, 8, True)[1], task)
    assert Y.shape == (100, outputs)
    np.testing.assert_allclose([Y.sum(), np.mean(Y**2)], [0, 1], atol=1e-9)
