import math

import numpy as np
import pytest

from sims.core.study import Study
from sims.representations.word_vectors import EXPERIMENT, theory


@pytest.fixture(scope="module")
def study():
    return Study(EXPERIMENT, {})


@pytest.fixture(scope="module")
def prediction(study):
    return study.predict().isel(seed=0)


@pytest.mark.parametrize(
    ("name", "published", "within"),
    [
        ("eigenvalues", (16.3032, 14.1861, 9.9431, 5.6977), 1e-4),
        ("half_times", (138.85, 163.93, 226.45, 368.33), 0.02),
        ("vanishing", (115, 132, 184, 306), 0.5),
    ],
)
def test_what_is_predicted_is_as_published(prediction, name, published, within):
    np.testing.assert_allclose(prediction[name], published, atol=within)


def test_the_run_is_as_long_as_the_slowest_meaning_and_a_quarter_more(study):
    assert study.setup.schedule.steps == 465
    lam, _ = theory.modes(study.setup.tasks[0]["target"])
    np.testing.assert_allclose([lam[4], lam[-1]], [2.6637, -5.9843], atol=1e-4)


def test_a_flow_would_be_three_steps_early(study, prediction):
    """The growth of a finite step, and its half step, are not the flow's."""
    c = 0.05 * prediction["eigenvalues"] / prediction["eigenvalues"][0]
    flow = (prediction["one_line"] + 0.5) * np.log1p(c) / c
    np.testing.assert_allclose(flow, [136.0, 161.0, 223.6, 365.6], atol=0.1)


@pytest.fixture
def small():
    """Modes of a small M, with one that is flat and one that is negative, and a start."""
    lam = np.array([3.0, 1.0, 0.0, -2.0])
    return lam, 0.3 * np.random.default_rng(0).standard_normal((4, 3))


def test_the_solution_is_that_of_the_flow(small):
    """dX/dt = (λ - X Xᵀ) X, by Runge-Kutta, at a rate so small that steps are time."""
    lam, X = small
    eta, dt = 1e-6, 1e-3
    found = list(theory.solution(lam, X, eta, np.array([0, 1_500_000, 3_000_000])))

    def velocity(X):
        return lam[:, None] * X - X @ X.T @ X

    X = X.copy()
    for i in range(1, 3001):
        a = velocity(X)
        b = velocity(X + dt / 2 * a)
        c = velocity(X + dt / 2 * b)
        X = X + dt / 6 * (a + 2 * b + 2 * c + velocity(X + dt * c))
        if i % 1500 == 0:  # the axes of the embedding may be turned
            at = found[i // 1500]
            np.testing.assert_allclose(at @ at.T, X @ X.T, atol=1e-5)


def test_leaps_do_not_change_where_it_arrives(small):
    lam, X = small
    (direct,) = theory.solution(lam, X, 0.01, np.array([200]))
    *_, stepwise = theory.solution(lam, X, 0.01, np.arange(201))
    np.testing.assert_allclose(direct @ direct.T, stepwise @ stepwise.T, atol=1e-12)


def test_nothing_overflows_however_long_it_takes(small):
    lam, X = small
    (end,) = theory.solution(lam, X, 0.01, np.array([10_000_000]))
    strengths = np.sum(end**2, axis=1)
    np.testing.assert_allclose(strengths[:2], lam[:2], rtol=1e-6)


def test_what_is_left_over_is_orthogonal_to_the_stronger_modes():
    X = np.array([[1.0, 0.0], [3.0, 2.0]])
    np.testing.assert_allclose(theory.left_over(X, 2), [1.0, 4.0])


def test_one_mode_alone_waits_as_the_logistic_says():
    lam, start, eta = np.array([2.0]), np.array([1e-4]), 0.01
    X = np.sqrt(start)[None]
    t = theory.waits(lam, start, eta)[0]
    low, high = (
        float(x[0, 0] ** 2)
        for x in theory.solution(lam, X, eta, np.array([math.floor(t), math.ceil(t)]))
    )
    assert low < 1.0 < high
    assert np.isnan(theory.waits(lam, np.array([1.5]), eta)[0])


def test_half_times_lie_between_records_or_are_never():
    steps = np.array([0, 10, 20])
    strengths = np.array([[0.0, 0.0, 1.5], [0.0, 0.1, 1.8], [2.0, 0.2, 2.0]])
    found = theory.half_times(strengths, np.array([2.0, 2.0, 2.0]), steps)
    assert found[:2].tolist() == [15.0, math.inf]
    assert np.isnan(found[2])


def test_months_lie_in_their_order_around_the_circle(prediction):
    end = prediction["places"].values[-1][:12, :2]
    angle = np.unwrap(np.arctan2(end[:, 1], end[:, 0]))
    steps = np.diff(angle)
    assert (np.sign(steps) == np.sign(steps[0])).all()
    assert abs(angle[-1] - angle[0]) == pytest.approx(2 * np.pi * 11 / 12, abs=0.1)


def test_signs_of_modes_do_not_hang_on_the_processor():
    M = np.array([[2.0, -1.0], [-1.0, 1.0]])
    lam, U = theory.modes(M)
    assert (lam[0] > lam[1], (np.max(U, axis=0) == np.max(np.abs(U), axis=0)).all()) == (True, True)
    np.testing.assert_allclose(U * lam @ U.T, M, atol=1e-12)
