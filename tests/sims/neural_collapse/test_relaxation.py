"""The slowest motion at an optimum, against the flow itself."""

import numpy as np
import pytest

from sims.core.study import Study
from sims.neural_collapse.free_features import EXPERIMENT, rates
from sims.neural_collapse.free_features.assumptions import foldings
from sims.neural_collapse.optimum import Setting, optimum
from sims.neural_collapse.relaxation import slowest_relaxation

RARE = {
    "loss_kind": "ce", "bias": True, "lambda_w": 0.02821, "lambda_h": 0.002324, "classes": 2,
    "per_class": 64, "imbalance": 22.96, "width": 20, "init_scale": 0.1, "horizon": 1419.0,
}  # fmt: skip
"""A bias that does not decay, and a class that hardly ever pulls at it."""


def measured_rate(s: Setting, start: np.ndarray, times: tuple[float, float]) -> float:
    """How fast the centred logits of one feature a class approach their end, by small steps."""
    K, eta = s.classes, 0.05
    share = np.asarray(s.sizes, float) / np.sum(s.sizes)
    rng = np.random.default_rng(0)
    W, H, b = start + 0.1 * rng.normal(size=(K, K)), 0.1 * rng.normal(size=(K, K)), np.zeros(K)
    seen = []
    for step in range(int(times[1] / eta) + 1):
        z = W @ H + b[:, None]
        if step * eta >= times[len(seen)]:
            seen.append(z - z.mean(axis=0)[None, :])
        if len(seen) == 2:
            break
        p = np.exp(z - z.max(axis=0)[None, :])
        r = p / p.sum(axis=0)[None, :] - np.eye(K)
        W, H, b = (
            W - eta * ((r * share) @ H.T + s.lambda_w * W),
            H - eta * (W.T @ r / K + s.lambda_h * H),
            b - eta * (r @ share if s.bias else 0.0),
        )
    found = optimum(s)
    assert found is not None
    end = found.logits
    end = end - end.mean(axis=0)[None, :]
    first, second = (np.abs(one - end).max() for one in seen)
    return float(np.log(first / second) / (times[1] - times[0]))


@pytest.mark.parametrize(
    ("sizes", "bias", "decays", "times"),
    [((64, 3), True, (0.02821, 0.01), (1500.0, 2500.0)),
     ((30, 30, 6), True, (0.03, 0.02), (400.0, 700.0)),
     ((40, 10), False, (0.03, 0.03), (60.0, 90.0))],
)  # fmt: skip
def test_the_flow_comes_to_rest_at_the_predicted_rate(sizes, bias, decays, times):
    s = Setting("ce", bias, False, np.array(sizes), *decays)
    found = optimum(s)
    assert found is not None
    predicted = slowest_relaxation(s, found)
    assert measured_rate(s, np.eye(len(sizes)), times) == pytest.approx(predicted, rel=0.05)


@pytest.mark.parametrize(("horizon", "long"), [(1419.0, False), (4000.0, True)])
def test_the_bias_of_a_rare_class_needs_a_long_run(horizon, long):
    params = Study(EXPERIMENT, RARE | {"horizon": horizon}).setup.params
    assert (foldings(params) >= 1) == long


def test_equal_classes_ask_for_no_such_rate():
    params = Study(EXPERIMENT, RARE | {"imbalance": 1.0}).setup.params
    assert np.isnan(rates.of(params).rest)
