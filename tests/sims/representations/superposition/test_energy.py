import numpy as np
import pytest

from sims.representations.superposition.energy import (
    expected_loss,
    expected_loss_linear,
    ignored,
    one_output,
)

WEIGHT = np.array([1.0, 2.0, 0.5, 1.0, 1.0])


def drawn():
    rng = np.random.default_rng(0)
    return 0.7 * rng.normal(size=(2, 5)), 0.2 * rng.normal(size=5)


def sampled(W, b, p, together, activation, count=400_000):
    """Mean loss on samples, and its standard error."""
    rng = np.random.default_rng(1)
    is_on = rng.random((count, W.shape[1])) < p
    as_one = rng.random(is_on.shape) < together
    is_on = np.where(as_one, is_on[:, np.arange(W.shape[1]) // 2 * 2], is_on)
    x = is_on * rng.random(is_on.shape)
    z = x @ W.T @ W + b
    each = (x - (np.maximum(z, 0) if activation == "relu" else z)) ** 2 @ WEIGHT
    return each.mean(), each.std() / np.sqrt(count)


def test_the_loss_of_a_random_net_is_the_published_one():
    W, b = drawn()
    assert expected_loss(W[None], b[None], 0.3, np.ones(5))[0] == pytest.approx(0.343073, abs=1e-6)


@pytest.mark.parametrize("together", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("left_out", [False, True], ids=["all", "one_almost_zero"])
@pytest.mark.parametrize(
    ("activation", "exact"), [("relu", expected_loss), ("linear", expected_loss_linear)]
)
def test_the_loss_is_that_of_many_samples(together, left_out, activation, exact):
    W, b = drawn()
    W[:, 2] *= 1e-4 if left_out else 1.0
    mean, error = sampled(W, b, 0.3, together, activation)
    found = exact(W[None], b[None], 0.3, WEIGHT, together)[0]
    assert found == pytest.approx(mean, abs=4 * error)


def test_an_output_that_ignores_its_input_loses_the_variance():
    none, p = np.zeros((1, 3)), np.array([0.3])
    assert one_output(np.zeros(1), none, p / 2, p)[0] == pytest.approx(ignored(0.3))


def test_one_alone_loses_nothing():
    p = np.array([0.3])
    assert one_output(np.ones(1), np.zeros((1, 0)), np.zeros(1), p)[0] == pytest.approx(
        0, abs=1e-15
    )


def test_many_networks_at_once_are_each_alone():
    W, b = drawn()
    both_W, both_b = np.stack([W, 0.5 * W]), np.stack([b, -b])
    both = expected_loss(both_W, both_b, 0.3, WEIGHT)
    for i in range(2):
        one = expected_loss(both_W[i : i + 1], both_b[i : i + 1], 0.3, WEIGHT)
        assert both[i] == pytest.approx(one[0], rel=1e-12)
