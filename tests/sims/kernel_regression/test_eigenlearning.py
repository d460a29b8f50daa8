import numpy as np
import pytest

from sims.kernel_regression.eigenlearning import error_in_an_infinite_world, learned

RANK = np.arange(1, 400.0)
EIGENVALUES, ENERGY = RANK**-1.5, RANK**-1.8
NO_NOISE, NOISE = 0.0, 0.09


def of_an_infinite_world(n, ridge, noise):
    """κ from S + δ/κ = n by bisection; E from E + σ² = n/(n - ΣL²) (B + σ²)."""
    low, high = 1e-20, 10 * (EIGENVALUES.sum() + ridge)
    for _ in range(200):
        middle = np.sqrt(low * high)
        shared = np.sum(EIGENVALUES / (EIGENVALUES + middle)) + ridge / middle
        low, high = (middle, high) if shared > n else (low, middle)
    kappa = np.sqrt(low * high)
    L = EIGENVALUES / (EIGENVALUES + kappa)
    bias = np.sum((1 - L) ** 2 * ENERGY)
    return kappa, n / (n - np.sum(L**2)) * (bias + noise) - noise


@pytest.mark.parametrize("noise", [NO_NOISE, NOISE])
@pytest.mark.parametrize("n", [4, 32, 200])
def test_a_large_world_is_that_of_the_paper(n, noise):
    kappa, error = of_an_infinite_world(n, 0.01, noise)
    found = learned(np.array([n]), 10**9, EIGENVALUES, ENERGY, np.array([0.01]), noise)
    assert found.kappa[0] == pytest.approx(kappa, rel=1e-5)
    assert found.error[0] == pytest.approx(error, rel=1e-5)


def test_where_all_modes_are_alike_nothing_is_learned_of_what_was_not_seen():
    even = np.full(512, 1 / 512)
    found = learned(np.array([64, 256]), 512, even, even, np.full(2, 1e-12))
    np.testing.assert_allclose(found.error, 1, atol=1e-9)


def test_learnabilities_and_ridge_share_out_the_examples():
    n, ridge = np.array([8, 64]), np.array([0.02, 0.02])
    found = learned(n, 10**9, EIGENVALUES, ENERGY, ridge)
    np.testing.assert_allclose(found.learnability.sum(axis=1) + ridge / found.kappa, n, rtol=1e-5)


@pytest.mark.parametrize("k", [20, 50, 80, 95])
def test_chance_multiplies_by_n_over_n_minus_k_without_a_ridge(k):
    even = np.full(k, 1 / k)
    found = learned(np.array([100]), 10**9, even, even, np.array([1e-12]))
    assert found.inflation[0] == pytest.approx(100 / (100 - k), rel=1e-4)


def test_several_ridges_are_those_of_each_alone():
    ridges = np.array([1e-6, 1e-2, 1.0])
    both = learned(np.full(3, 50), 800, EIGENVALUES, ENERGY, ridges, NOISE)
    for i, ridge in enumerate(ridges):
        one = learned(np.array([50]), 800, EIGENVALUES, ENERGY, np.array([ridge]), NOISE)
        assert both.error[i] == one.error[0]
        assert both.spread[i] == one.spread[0]


def test_the_law_is_what_kernel_regression_does_on_even_points():
    """On the corners of a cube all points weigh alike: 200 training sets against the law."""
    d, n, ridge, noise = 9, 64, 0.01, 0.3
    X = 1.0 - 2 * ((np.arange(2**d)[:, None] >> np.arange(d)) & 1)
    K = np.exp(-np.sqrt(2 - 2 * X @ X.T / d) / 2)
    y = X[:, 0] * X[:, 1]
    values, modes = np.linalg.eigh(K / len(y))
    known = learned(
        np.array([n]), len(y), values, (modes.T @ y) ** 2 / len(y), np.array([ridge]), noise**2
    )
    rng, errors = np.random.default_rng(0), []
    for _ in range(200):
        order = rng.permutation(len(y))
        seen, unseen = order[:n], order[n:]
        labels = y[seen] + noise * rng.standard_normal(n)
        alpha = np.linalg.solve(K[np.ix_(seen, seen)] + ridge * np.eye(n), labels)
        errors.append(np.mean((K[np.ix_(unseen, seen)] @ alpha - y[unseen]) ** 2))
    assert np.mean(errors) == pytest.approx(known.error[0], rel=0.03)
    assert np.std(errors) / np.mean(errors) == pytest.approx(known.spread[0], rel=0.3)


@pytest.mark.parametrize("noise", [NO_NOISE, NOISE])
def test_the_law_of_an_infinite_world_is_that_of_the_paper(noise):
    n = np.array([4, 32, 200])
    found = error_in_an_infinite_world(n, EIGENVALUES, ENERGY, 0.01, noise)
    expected = [of_an_infinite_world(one, 0.01, noise)[1] for one in n]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_modes_own_learnability_scatters_as_predicted():
    """On the corners of a cube, where all points weigh alike."""
    d, n = 8, 48
    X = 1.0 - 2 * ((np.arange(2**d)[:, None] >> np.arange(d)) & 1)
    K = np.exp(-np.sqrt(2 - 2 * X @ X.T / d) / 2)
    values, modes = np.linalg.eigh(K)
    rng, shares = np.random.default_rng(0), []
    for _ in range(100):
        seen = rng.permutation(len(K))[:n]
        A = K[np.ix_(seen, seen)] + 0.01 * np.eye(n)
        shares.append(
            np.sum(modes * (K[:, seen] @ np.linalg.solve(A, K[seen]) @ modes), 0) / values
        )
    ones = np.full(len(K), 1 / len(K))
    known = learned(np.array([n]), len(K), values / len(K), ones, np.array([0.01]))
    measured = np.sqrt(np.var(shares, axis=0).sum())
    assert np.sqrt(known.scatter.sum()) == pytest.approx(measured, rel=0.15)
    assert known.uncertainty[0] == pytest.approx(1 - np.mean(shares @ values) / len(K), rel=0.01)
