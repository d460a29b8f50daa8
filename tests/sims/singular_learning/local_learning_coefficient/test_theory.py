"""Exact sampling at any heat, the virial identity, and what a prediction holds."""

import numpy as np
import pytest

from sims.core.study import Study
from sims.singular_learning.local_learning_coefficient import EXPERIMENT, scales, theory

NOTHING = scales.end_of_training(6, 6, 6, 0, 1.0, 0)


def predicted(**knobs):
    return Study(EXPERIMENT, knobs).predict().isel(seed=0, missing_dims="ignore")


@pytest.mark.parametrize(
    ("t", "gamma", "value"),
    [(1e2, 1, 12.81), (1e3, 1, 13.23), (1e4, 1, 13.39), (1e5, 1, 13.47), (1e3, 10, 11.71)],
)
def test_exact_means_are_the_stated_ones(t, gamma, value):
    assert theory.exact_mean(*NOTHING, t, gamma)[0] == pytest.approx(value, abs=0.06)


@pytest.mark.parametrize(
    ("sizes", "large", "value"),
    [
        ((6, 6, 6, 0), 4, 14),
        ((6, 6, 6, 0), 5, 15.5),
        ((6, 6, 6, 0), 6, 18),
        ((4, 8, 6, 2), 3, 14.5),
        ((4, 10, 4, 0), 3, 15.5),
    ],
)
def test_cold_copies_of_any_minimum_show_its_coefficient(sizes, large, value):
    M, N, H, r = sizes
    minimum = scales.end_of_training(M, N, H, r, 1.0, large)
    assert scales.trained(M, N, H, r, large).value == value
    assert theory.exact_mean(*minimum, 1e7, 100.0)[0] == pytest.approx(value, rel=0.01)


def test_the_virial_identity_holds():
    """t <K> = d/4 - gamma <|w|^2>/4 where there is nothing to learn: |w|^2 from plain sampling."""
    t, gamma, rng = 1e3, 1.0, np.random.default_rng(1)
    A, sizes = np.zeros((64, 6, 6)), []
    for sweep in range(200):
        P = t * A @ A.transpose(0, 2, 1) + gamma * np.eye(6)
        spread = np.linalg.inv(np.linalg.cholesky(P)).transpose(0, 2, 1)
        B = (spread @ rng.standard_normal(A.shape)).transpose(0, 2, 1)
        P = t * B.transpose(0, 2, 1) @ B + gamma * np.eye(6)
        spread = np.linalg.inv(np.linalg.cholesky(P)).transpose(0, 2, 1)
        A = spread @ rng.standard_normal(A.shape)
        if sweep >= 60:
            sizes.append(np.sum(A**2 + B**2, axis=(1, 2)).mean())
    exact, error = theory.exact_mean(*NOTHING, t, gamma)
    assert exact == pytest.approx(18 - gamma * np.mean(sizes) / 4, abs=0.1 + 4 * error)


def test_the_default_has_the_stated_numbers():
    told = predicted()
    assert float(told["exact_lambda"]) == pytest.approx(14.558, abs=0.08)
    assert float(told["step_shift"]) == pytest.approx(0.0764, abs=4e-4)
    assert told["lambda_curve"].values.tolist() == [13.5, 15, 16, 17, 17.5, 18, 18]
    assert (float(told["lambda_regular"]), float(told["half_the_maps"])) == (36, 18)
    assert float(predicted(rank=6)["step_shift"]) == pytest.approx(0.462, abs=1e-3)
    assert float(predicted(rank=0, large=5)["step_shift"]) == pytest.approx(0.385, abs=1e-3)


def test_starts_that_are_refused_have_no_coefficient():
    told = predicted(rank=3, large=4)["lambda_large"].values
    assert np.isnan(told).tolist() == [False, True, True, False, False, False, False]
    assert told[0] == 17


def test_the_pile_has_the_mean_that_is_claimed():
    told = predicted(rank=0)
    heat, density = told["heat"].values, told["gamma_density"].values
    size = heat[1] - heat[0]
    assert np.sum(density) * size == pytest.approx(1, abs=0.01)
    assert np.sum(heat * density) * size == pytest.approx(13.5, abs=0.1)


def test_another_seed_is_told_the_same():
    first, other = (Study(EXPERIMENT, {}, seed=seed).freeze().hash for seed in (0, 7))
    assert first == other
