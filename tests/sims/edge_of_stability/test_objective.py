from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import nets
from sims.edge_of_stability import objective


def params(**knobs):
    return SimpleNamespace(**({"width": 6, "depth": 2, "classes": 3, "activation": "tanh"} | knobs))


def task_of(p, targets):
    sizes = objective.sizes(p)
    x = np.random.default_rng(1).uniform(-1, 1, (len(targets), sizes[0]))
    return {"X": x, "y": targets} | nets.mlp_weights(np.random.default_rng(0), sizes)


def plain_output(task, depth):
    h = task["X"]
    for i in range(1, depth + 1):
        h = np.tanh(h @ task[f"W{i}"] + task[f"b{i}"])
    return h @ task[f"W{depth + 1}"] + task[f"b{depth + 1}"]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_square_error_has_the_half_and_the_mean(depth):
    p = params(data="chebyshev", depth=depth)
    task = task_of(p, np.random.default_rng(2).standard_normal((9, 1)))
    w = nets.flattened(nets.layers(task))
    assert w.shape == (objective.parameters(p),)
    expected = np.mean((plain_output(task, depth) - task["y"]) ** 2) / 2
    np.testing.assert_allclose(objective.objective(p, task)(w), expected, rtol=1e-12)


def test_cross_entropy_is_the_mean_over_samples():
    p = params(data="digits_ce")
    labels = np.array([0, 2, 1, 1])
    task = task_of(p, np.eye(3)[labels])
    out = plain_output(task, 2)
    logs = out - np.log(np.exp(out).sum(axis=1, keepdims=True))
    w = nets.flattened(nets.layers(task))
    expected = -np.mean(logs[np.arange(4), labels])
    np.testing.assert_allclose(objective.objective(p, task)(w), expected, rtol=1e-12)


def test_batches_average_to_the_whole():
    p = params(data="chebyshev")
    task = {n: jnp.asarray(v) for n, v in task_of(p, np.ones((8, 1))).items()}
    w = nets.flattened(nets.layers(task))
    halves = [objective.batch_objective(p, task, jnp.arange(4) + s)(w) for s in (0, 4)]
    np.testing.assert_allclose(np.mean(halves), objective.objective(p, task)(w), rtol=1e-12)


def test_a_params_without_data_knob_has_chebyshev_regression():
    bare = SimpleNamespace(width=32, depth=2)
    assert objective.sizes(bare) == (1, 32, 32, 1)
    assert objective.parameters(bare) == 1153


def test_layers_may_have_different_widths():
    p = params(data="chebyshev", widths=(7, 4), width=9, depth=1)
    assert objective.sizes(p) == (1, 7, 4, 1)
    task = task_of(p, np.random.default_rng(2).standard_normal((9, 1)))
    w = nets.flattened(nets.layers(task))
    assert w.shape == (objective.parameters(p),)
    expected = np.mean((plain_output(task, 2) - task["y"]) ** 2) / 2
    np.testing.assert_allclose(objective.objective(p, task)(w), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("data", "sizes"),
    [("chebyshev_sign", (1, 6, 6, 2)), ("digits_mse", (64, 6, 6, 3))],
)
def test_what_is_drawn_of_the_net_is_one_number_for_each_sample(data, sizes):
    p = params(data=data)
    assert objective.sizes(p) == sizes
    labels = np.array([0, 1, 1, 0, 1])
    task = task_of(p, np.eye(sizes[-1])[labels])
    w, out = nets.flattened(nets.layers(task)), plain_output(task, 2)
    expected = out[:, 1] - out[:, 0] if sizes[-1] == 2 else out[np.arange(5), labels]
    np.testing.assert_allclose(objective.network_function(p, task, w), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("knobs", "multiplications"),
    [
        ({"width": 24, "depth": 1, "classes": 4}, 64 * 24 + 24 + 24 * 4 + 4),
        ({"architecture": "cnn", "width": 8, "classes": 4}, 16 * 80 + 4 * 1168 + 260),
        ({"architecture": "transformer", "width": 8, "depth": 1}, 8 * (731 - 27) + 27),
    ],
)
def test_a_shared_weight_multiplies_once_for_each_place(knobs, multiplications):
    p = params(data="digits_mse", norm=False, heads=2, **knobs)
    assert objective.multiplications(p) == multiplications
