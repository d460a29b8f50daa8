import math

import numpy as np
import pytest
from scipy.integrate import quad

from sims.core.study import Study
from sims.grokking.linear_estimator import EXPERIMENT, chance, prediction, theory

USUAL = theory.Settings(0.5, 0.2, 0.0, 0.5, 0.5, 0.01, 0.95)


def at(ratio, **how):
    return USUAL._replace(ratio=ratio, **how)


@pytest.mark.parametrize("ratio", [0.2, 0.5, 0.9, 1.5, 2.5])
def test_the_quadrature_has_mass_and_mean_one(ratio):
    nodes = theory.marchenko_pastur(ratio)
    assert nodes.weights.sum() == pytest.approx(1, abs=1e-12)
    assert nodes.weights @ nodes.nu == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("ratio", [0.3, 0.8, 2.0])
def test_the_quadrature_is_the_integral_of_the_density(ratio):
    lo, hi = theory.edges(ratio)
    nodes = theory.marchenko_pastur(ratio)
    for power in (2, 3):
        exact = quad(lambda v, p=power: v**p * theory.density(ratio, v), lo, hi)
        assert nodes.weights @ nodes.nu**power == pytest.approx(exact[0], rel=1e-6)


def test_the_threshold_of_ninety_five_percent():
    assert theory.threshold(0.01, 0.95) == pytest.approx(2.60318e-3, abs=1e-8)
    assert theory.accuracy(0.01, theory.threshold(0.01, 0.95)) == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("ratio", "train", "grok", "L_train", "L_test"),
    [
        (0.5, 34.54, 66.07, 5.646e-5, 4.849e-4),
        (0.8, 53.14, 327.14, 8.287e-4, 2.4220e-2),
        (0.9, 56.58, 980.79, 1.0699e-3, 5.0701e-2),
    ],
)
def test_published_times_and_losses(ratio, train, grok, L_train, L_test):
    assert theory.train_time(at(ratio)) == pytest.approx(train, abs=0.01)
    assert theory.grok_time(at(ratio)) == pytest.approx(grok, abs=0.01)
    found = theory.losses(at(ratio), theory.marchenko_pastur(ratio), 100.0)
    np.testing.assert_allclose(found, [L_train, L_test], rtol=2e-4)


@pytest.mark.parametrize(
    ("ratio", "decay", "eta"), [(0.5, 0.0, 0.2), (1.6, 0.03, 0.2), (0.4, 0, 0.7)]
)
def test_losses_are_the_mean_over_teachers_and_students(ratio, decay, eta):
    """S_t = P_t S_0 + Q_t T by plain matrices, with E over entries of variance σ²/d and τ²/d."""
    d = 24
    X = np.random.default_rng(1).standard_normal((round(d / ratio), d))
    covariance = X.T @ X / len(X)
    found = at(d / len(X), eta=eta, weight_decay=decay, student_variance=2.0, teacher_variance=0.3)
    P, Q = np.eye(d), np.zeros((d, d))
    for t in range(31):
        gap = Q - np.eye(d)
        expected = [
            (2.0 * np.sum(A @ P * P) + 0.3 * np.sum(A @ gap * gap)) / d
            for A in (covariance, np.eye(d))
        ]
        task = {"X": X, "input_covariance": covariance}
        np.testing.assert_allclose(
            theory.losses(found, theory.sample(task), float(t)), expected, rtol=1e-9
        )
        P = P - eta * (covariance @ P + decay * P)
        Q = Q - eta * (covariance @ gap + decay * Q)


def test_the_slope_is_the_derivative():
    found, nodes = at(1.5, weight_decay=1e-3), theory.marchenko_pastur(1.5)
    for train in (True, False):
        ends = [theory.losses(found, nodes, t)[0 if train else 1] for t in (199.0, 201.0)]
        slope = -math.log(ends[1] / ends[0]) / math.log(201 / 199)
        assert theory.slope(found, nodes, 200.0, train=train) == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize(("eps", "off"), [(1e-8, 0.027), (1e-16, 0.006)])
def test_the_edge_formula_is_right_deep_in_the_tail_only(eps, off):
    found = at(0.5, eps=eps)
    predicted = theory.train_time(found) + theory.asymptotic_delay(0.5, 0.2)
    assert abs(theory.grok_time(found) / predicted - 1) < off
    usual = theory.train_time(USUAL) + theory.asymptotic_delay(0.5, 0.2)
    assert usual == pytest.approx(106.1, abs=0.1)
    assert usual / theory.grok_time(USUAL) > 1.5


def test_what_no_sample_sees_stays_without_decay_and_goes_with_it():
    nodes = theory.marchenko_pastur(1.5)
    assert theory.grok_time(at(1.5)) == math.inf
    assert theory.losses(at(1.5), nodes, 1e7)[1] == pytest.approx(1 / 3, rel=1e-6)
    decaying = at(1.5, weight_decay=1e-3, student_variance=10.0, teacher_variance=1e-3, eps=0.1)
    level = theory.threshold(0.1, 0.95)
    law = math.log(10 / 3 / (level - 1e-3 / 3)) / (2 * 0.2 * 1e-3)
    assert theory.grok_time(decaying) == pytest.approx(12162, abs=1)
    assert theory.grok_time(decaying) == pytest.approx(law, rel=0.01)


def test_decay_that_keeps_the_fit_above_the_threshold_means_never():
    assert theory.train_time(at(0.5, weight_decay=0.1, eps=1e-4)) == math.inf


def test_a_start_below_the_threshold_is_time_zero():
    assert theory.grok_time(at(0.5, student_variance=1e-3, teacher_variance=1e-3, eps=0.3)) == 0


@pytest.mark.parametrize(
    ("d", "ratio", "edge", "T_g"), [(400, 0.5, 0.0295, 0.052), (800, 0.7, 0.0325, 0.055)]
)
def test_published_tolerances(d, ratio, edge, T_g):
    wide = chance.spreads(at(ratio), d, 64, 1000)
    assert wide.edge == pytest.approx(edge, abs=1e-4)
    assert wide.grok_time == pytest.approx(T_g, abs=5e-4)


def test_beyond_what_is_promised_no_more_is_allowed_for():
    wide = chance.spreads(at(0.98), 64, 1, 1000)
    assert wide.edge > chance.WIDEST_EDGE
    assert wide.replicas > chance.WIDEST_REPLICAS
    assert wide.grok_time < 0.13


def test_the_edge_of_what_is_seen_is_that_of_the_transposed_data_above_one():
    assert chance.seen_edge_width(2.0, 600) == chance.edge_width(0.5, 300)
    assert chance.seen_edge_width(0.5, 300) == chance.edge_width(0.5, 300)


def test_a_loss_at_rest_leaves_its_time_to_chance():
    knobs = {"d": 88, "ratio": 2.497, "replicas": 2, "weight_decay": 0.01597, "eta": 0.1752}
    spoken = {"eps": 0.0007071, "level": 0.7393, "student_variance": 2e-3, "teacher_variance": 167}
    start = Study(EXPERIMENT, knobs | spoken, seed=521).freeze()
    broken = {a.name: a.sentence for a in start.before()[0] if not a.held}
    assert "leave nothing but chance" in broken["many_replicas"]


def test_the_prediction_is_float64_and_drawn_at_the_ratio_of_the_data():
    found = Study(EXPERIMENT, {"d": 64, "ratio": 0.98, "replicas": 2, "steps": 30}).predict()
    assert found.attrs["ratio"] == 64 / 65
    assert all(v.dtype in ("float64", "int64") for v in found.data_vars.values())
    assert found["eigenvalues"].shape == (1, 64)
    curve = found["delay_curve"].values
    assert np.all(np.diff(curve[prediction.CURVE < 1]) > 0)
    assert np.isnan(curve[prediction.CURVE > 1]).all()
    assert curve[list(prediction.CURVE).index(0.8)] == pytest.approx(6.16, abs=0.01)
