import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sims.neural_collapse import metrics
from sims.neural_collapse.collapse import COLLAPSE, layer_separation, measured
from sims.neural_collapse.optimum import simplex


def drawn(seed=0, K=4, d=9, n=(7, 5, 6, 8)):
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(K), n[:K])
    return rng.standard_normal((len(y), d)), y, rng.standard_normal((K, d)), rng.standard_normal(K)


def brute_force(H, y, W, b):
    K = len(W)
    M = np.stack([H[y == k].mean(axis=0) for k in range(K)])
    Mc = M - M.mean(axis=0)
    within = sum(np.outer(h - M[k], h - M[k]) for h, k in zip(H, y, strict=True)) / len(H)
    between = Mc.T @ Mc / K
    pairs = [(k, l) for k in range(K) for l in range(K) if k != l]

    def cosine(v, k, l):
        return v[k] @ v[l] / np.linalg.norm(v[k]) / np.linalg.norm(v[l])

    nearest = [np.argmin(np.linalg.norm(M - h, axis=1)) for h in H]
    lengths = np.linalg.norm(Mc, axis=1)
    rows = np.linalg.norm(W, axis=1)
    return {
        "nc1": np.trace(within @ np.linalg.pinv(between)) / K,
        "nc1_trace": np.trace(within) / np.trace(between),
        "equinorm_features": lengths.std() / lengths.mean(),
        "equinorm_classifier": rows.std() / rows.mean(),
        "equiangle_std_features": np.std([cosine(Mc, *p) for p in pairs]),
        "equiangle_std_classifier": np.std([cosine(W, *p) for p in pairs]),
        "max_angle": np.mean([abs(cosine(Mc, *p) + 1 / (K - 1)) for p in pairs]),
        "self_duality": np.sum((W / np.linalg.norm(W) - Mc / np.linalg.norm(Mc)) ** 2),
        "nearest_mean_mismatch": np.mean(np.argmax(H @ W.T + b, axis=1) != nearest),
    }


@pytest.mark.parametrize(("K", "d"), [(4, 9), (3, 2), (4, 30), (2, 5)])
def test_metrics_are_those_of_the_definition(K, d):
    H, y, W, b = drawn(K=K, d=d)
    assert metrics(H, y, W, b) == pytest.approx(brute_force(H, y, W, b), rel=1e-10)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_rotation_and_scale_change_nothing(seed, scale):
    H, y, W, _ = drawn(seed)
    Q = np.linalg.qr(np.random.default_rng(seed + 1).standard_normal((9, 9)))[0]
    turned = metrics(scale * H @ Q, y, scale * W @ Q)
    assert turned == pytest.approx(metrics(H, y, W), rel=1e-8, abs=1e-12)


def test_a_perfect_simplex_has_collapsed():
    y = np.repeat(np.arange(4), 5)
    found = metrics(simplex(4)[y] + 3.0, y, 2 * simplex(4))
    assert all(value == pytest.approx(0, abs=1e-12) for value in found.values())


def test_more_dimensions_than_samples_are_no_trouble():
    H, y, W, b = drawn(d=200)
    assert metrics(H, y, W, b)["nc1"] == pytest.approx(brute_force(H, y, W, b)["nc1"], rel=1e-9)


def test_total_collapse_is_no_signal():
    _, y, W, _ = drawn()
    found = metrics(np.zeros((len(y), 9)), y, W)
    assert all(np.isnan(value) for value in found.values())


def test_layer_separation_is_k_times_nc1_for_equal_classes():
    H, y, W, b = drawn(n=(6, 6, 6, 6))
    assert layer_separation(H, np.eye(4)[y], np) == pytest.approx(4 * metrics(H, y, W, b)["nc1"])


def test_layer_separation_is_that_of_the_definition():
    H, y, _, _ = drawn()
    x = H - H.mean(axis=0)
    M = np.stack([x[y == k].mean(axis=0) for k in range(4)])
    between = sum(np.mean(y == k) * np.outer(M[k], M[k]) for k in range(4))
    within = sum(np.outer(h - M[k], h - M[k]) for h, k in zip(x, y, strict=True)) / len(x)
    expected = np.trace(within @ np.linalg.pinv(between))
    assert layer_separation(H, np.eye(4)[y], np) == pytest.approx(expected, rel=1e-10)


def test_inside_a_run_the_same_numbers_are_read():
    H, y, W, b = drawn()
    small = np.array([0.0, 0.0, 1.0, 1.0])
    seen = measured(H, np.eye(4)[y], W, b, small)
    host = metrics(H, y, W, b)
    assert {n: float(seen[n]) for n in COLLAPSE} == pytest.approx(host, rel=1e-9)
    M = np.stack([H[y == k].mean(axis=0) for k in range(4)])
    z = W @ M.T + b[:, None]
    margin = np.mean([z[k, k] - np.mean(np.delete(z[:, k], k)) for k in range(4)])
    assert float(seen["margin"]) == pytest.approx(margin)
    assert float(seen["feature_norm"]) == pytest.approx(np.linalg.norm(M, axis=1).mean())
    middle = W[2:].mean(axis=0)
    apart = np.sqrt(np.mean(np.sum((W[2:] - middle) ** 2, axis=1)))
    spread = apart / np.sqrt(np.mean(np.sum(W**2, axis=1)))
    assert float(seen["minority_spread"]) == pytest.approx(spread)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"labels": [0, 0, 2, 2]}, "Class 1 has no sample"),
        ({"labels": [0, 1, 2, 3]}, "from 0 to 2"),
        ({"labels": [0.0, 1.0, 2.0, 2.0]}, "whole numbers"),
        ({"labels": [0, 1, 2]}, "do not fit"),
        ({"classifier": np.ones((1, 2))}, "at least two classes"),
        ({"bias": [0.0, 1.0]}, "one number for each of 3"),
    ],
)
def test_what_does_not_fit_is_refused(change, words):
    given_ = {
        "features": np.ones((4, 2)), "labels": [0, 1, 2, 2], "classifier": np.ones((3, 2))
    } | change  # fmt: skip
    with pytest.raises(ValueError, match=words):
        metrics(**given_)
