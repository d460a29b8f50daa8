import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sims.neural_collapse.classes import class_sizes, minority_threshold, relative_sizes
from sims.neural_collapse.optimum import (
    Setting,
    minority_cosines,
    nonnegative_decay,
    optimum,
    pair_mean,
    simplex_encoded_labels,
)


def setting(sizes, lam, loss="ce", bias=True, nonnegative=False, lambda_h=None):
    return Setting(
        loss, bias, nonnegative, np.array(sizes), lam, lam if lambda_h is None else lambda_h
    )


def found(*args, **how):
    best = optimum(setting(*args, **how))
    assert best is not None
    return best


def test_four_classes_end_at_the_documented_numbers():
    best = found([50] * 4, 0.02)
    assert best.margin == pytest.approx(3.850148, abs=5e-7)
    assert best.loss == pytest.approx(0.292884, abs=5e-7)
    assert best.classifier_norms == pytest.approx([1.699297] * 4, abs=5e-7)
    assert best.feature_norms == pytest.approx([1.699297] * 4, abs=5e-7)
    p = np.exp(best.logits) / np.exp(best.logits).sum(axis=0)
    assert p[~np.eye(4, dtype=bool)] == pytest.approx([0.02] * 12, abs=1e-14)


def test_unequal_decays_shift_norms_not_angles():
    best = found([50] * 4, 0.02, lambda_h=0.005)
    assert best.margin == pytest.approx(4.574711, abs=5e-7)
    assert best.classifier_norms[0] == pytest.approx(1.309777, abs=5e-7)
    assert best.feature_norms[0] == pytest.approx(2.619555, abs=5e-7)
    assert best.cosines[0, 1] == pytest.approx(-1 / 3, abs=1e-12)


def test_too_much_decay_leaves_nothing():
    best = found([50] * 4, 0.3)
    assert not best.survives
    assert best.loss == pytest.approx(math.log(4), abs=1e-14)
    assert np.isnan(best.cosines).all()


def test_squared_loss_is_a_simplex_with_a_bias_and_a_frame_without():
    with_bias, without = (found([20] * 4, 0.02, "mse", bias) for bias in (True, False))
    assert with_bias.loss == pytest.approx(0.0576, abs=1e-12)
    assert without.loss == pytest.approx(0.0768, abs=1e-12)
    assert with_bias.cosines[0, 1] == pytest.approx(-1 / 3, abs=1e-12)
    assert without.cosines[0, 1] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("bias", "level"), [(False, 0.901104), (True, 0.828927)])
def test_unequal_classes_end_at_the_documented_loss(bias, level):
    assert found([20, 20, 5, 5], 0.1, bias=bias).loss == pytest.approx(level, abs=1e-6)


def test_the_convex_problem_repeats_the_closed_form_of_equal_classes():
    closed = found([7] * 5, 0.03)
    for bias in (True, False):
        convex = found([7] * 4 + [7.0000001], 0.03, bias=bias)
        assert convex.loss == pytest.approx(closed.loss, abs=1e-7)
        assert convex.margin == pytest.approx(closed.margin, abs=1e-6)


def objective(Z, b, s, shares, c):
    logits = Z / s[None, :] + b[:, None]
    nats = np.log(np.exp(logits).sum(axis=0)) - np.diag(logits)
    return shares @ nats + c * np.linalg.svd(Z, compute_uv=False).sum()


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(2, 60), min_size=2, max_size=5),
    st.floats(0.005, 0.12),
    st.booleans(),
)
def test_descent_on_factors_ends_on_the_convex_optimum(sizes, lam, bias):
    n, K = np.array(sizes, float), len(sizes)
    best = found(n, lam, bias=bias) if n.min() < n.max() else None
    if best is None:
        return
    s, shares = relative_sizes(n), n / n.sum()
    rng = np.random.default_rng(0)
    W, M, b = rng.standard_normal((K, K + 1)), rng.standard_normal((K, K + 1)), np.zeros(K)
    for _ in range(4000):
        logits = W @ M.T / s[None, :] + b[:, None]
        p = np.exp(logits - logits.max(axis=0))
        gap = (p / p.sum(axis=0) - np.eye(K)) * shares[None, :]
        W, M = (
            W - 0.8 * (gap / s[None, :] @ M + lam * W),
            M - 0.8 * ((gap / s[None, :]).T @ W + lam * M),
        )
        b = b - 0.8 * gap.sum(axis=1) if bias else b
    reached = objective(W @ M.T, b, s, shares, 0.0) + lam / 2 * (np.sum(W**2) + np.sum(M**2))
    assert best.loss <= reached + 1e-9
    assert reached == pytest.approx(best.loss, abs=2e-4)


@settings(max_examples=10, deadline=None)
@given(st.integers(2, 6), st.floats(0.005, 0.1), st.integers(0, 10_000))
def test_projected_descent_never_beats_the_nonnegative_closed_form(K, lam, seed):
    best = found([1] * K, lam, nonnegative=True)
    rng = np.random.default_rng(seed)
    W, M = (0.3 * rng.standard_normal((K, 4 * K)) for _ in range(2))
    M = np.maximum(M, 0)
    for _ in range(3000):
        z = W @ M.T
        p = np.exp(z - z.max(axis=0))
        gap = (p / p.sum(axis=0) - np.eye(K)) / K
        W, M = W - 0.8 * (gap @ M + lam * W), np.maximum(M - 0.8 * (gap.T @ W + lam * M), 0)
    reached = objective(W @ M.T, np.zeros(K), np.ones(K), np.full(K, 1 / K), 0)
    reached += lam / 2 * (np.sum(W**2) + np.sum(M**2))
    assert reached >= best.loss - 1e-9
    if K * nonnegative_decay(K, lam) < 0.6:
        assert reached == pytest.approx(best.loss, rel=2e-2)


def test_nonnegative_means_are_orthogonal_under_a_simplex():
    best = found([10] * 4, 0.02, nonnegative=True)
    assert best.features[0, 1] == 0
    assert best.cosines[0, 1] == pytest.approx(-1 / 3, abs=1e-12)
    assert best.margin == pytest.approx(math.log(1 / nonnegative_decay(4, 0.02) - 3))


@pytest.mark.parametrize(("K", "c", "level"), [(4, 0.1, 11.5), (4, 0.15, 4.5556), (10, 0.05, 7)])
def test_small_classes_merge_at_the_documented_imbalance(K, c, level):
    assert minority_threshold(K, c) == pytest.approx(level, abs=1e-4)


@pytest.mark.parametrize("loss", ["ce", "mse"])
@pytest.mark.parametrize("bias", [True, False])
def test_the_optimum_itself_merges_at_the_threshold(loss, bias):
    R0 = minority_threshold(4, 0.1)
    best = setting([1] * 4, 0.1, loss, bias)
    below, above = minority_cosines(best, np.array([0.97 * R0, 1.03 * R0]))
    if loss == "mse" and not bias:
        assert below == pytest.approx(0, abs=1e-9)
        assert math.isnan(above)
    else:
        assert below < 0.999
        assert above == pytest.approx(1, abs=1e-6)


def test_cosine_of_small_classes_just_below_the_threshold():
    assert minority_cosines(setting([1] * 4, 0.1, bias=False), np.array([11.0, 12.0])) == (
        pytest.approx([0.9412, 1.0], abs=1e-3)
    )


def test_little_decay_approaches_the_encoded_labels_only_slowly():
    sizes = class_sizes(4, 10, 5)
    limit = simplex_encoded_labels(sizes)[0, 1]
    assert limit == pytest.approx(-0.442, abs=1e-3)
    near = [found(sizes, c, bias=False).cosines[0, 1] for c in (1e-2, 1e-4)]
    assert near == pytest.approx([-0.509, -0.478], abs=1e-3)


def test_without_decay_cross_entropy_has_no_optimum_and_squared_loss_has():
    assert optimum(setting([5] * 3, 0.0)) is None
    best = found([5] * 3, 0.0, "mse")
    assert best.loss == pytest.approx(0, abs=1e-15)
    assert np.isnan(best.classifier_norms).all()


def test_pairs_of_one_class_have_no_mean():
    assert math.isnan(pair_mean(np.eye(3), np.array([True, False, False])))
