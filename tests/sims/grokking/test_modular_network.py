from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from sims.core import compilation
from sims.grokking import modular_network as network

quick = partial(jax.jit, compiler_options=compilation.known(compilation.QUICK_TO_COMPILE))
gradient = quick(network.gradient, static_argnums=(2, 3))
logits = quick(network.logits, static_argnums=1)
curves = quick(network.curves, static_argnums=2)


def tensors(task):
    return {name: jnp.asarray(value) for name, value in task.items()}


@pytest.fixture(scope="module")
def task():
    return tensors(network.born(3, p=7, width=6, fraction=0.5, init_scale=1.5))


def stated_loss(theta, task, activation, loss_kind):
    A, B, C = theta
    X, y = task["X"][task["y"] >= 0], task["y"][task["y"] >= 0]
    h = A[X[:, 0]] + B[X[:, 1]]
    f = (h**2 if activation == "square" else jax.nn.relu(h)) @ C.T
    if loss_kind == "ce":
        return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(f, y))
    return jnp.mean(jnp.sum((f - jax.nn.one_hot(y, 7)) ** 2, axis=1))


@pytest.mark.parametrize("activation", ["square", "relu"])
@pytest.mark.parametrize("loss_kind", ["ce", "mse"])
def test_gradient_is_that_of_the_stated_loss(task, activation, loss_kind):
    theta = network.tables(task)
    wanted = jax.grad(stated_loss)(theta, task, activation, loss_kind)
    found = gradient(theta, task, activation, loss_kind)
    np.testing.assert_allclose(found, wanted, atol=1e-14)


@pytest.mark.parametrize("loss_kind", ["ce", "mse"])
def test_train_loss_is_the_one_that_is_descended(task, loss_kind):
    theta = network.tables(task)
    both = curves(logits(theta, "relu"), task["mask"], loss_kind)
    wanted = float(stated_loss(theta, task, "relu", loss_kind))
    assert float(both["train_loss"]) == pytest.approx(wanted)


def test_the_null_predictor_has_squared_error_one(task):
    f = logits(0 * network.tables(task), "square")
    assert float(curves(f, task["mask"], "mse")["test_loss"]) == 1


def test_adam_is_optax_adamw(task):
    rng = np.random.default_rng(0)
    theta = network.tables(task)
    other = optax.adamw(3e-3, b1=0.9, b2=0.98, weight_decay=0.7)
    state, memory, x = network.adam_start(theta), other.init(theta), theta
    for _ in range(5):
        g = jnp.asarray(rng.standard_normal(theta.shape))
        state = network.adam(state, g, 3e-3, 0.98, 0.7)
        update, memory = jax.jit(other.update)(g, memory, x)
        x = x + update
    np.testing.assert_allclose(state.theta, x, rtol=1e-12)


def test_the_task_is_drawn_as_stated(task):
    rng = np.random.default_rng(3)
    drawn = np.sort(rng.permutation(49)[:24])
    np.testing.assert_array_equal(task["X"][:24], np.stack([drawn // 7, drawn % 7], axis=1))
    np.testing.assert_array_equal(task["y"][:24], (drawn // 7 + drawn % 7) % 7)
    A, _, C = rng.standard_normal((3, 7, 6)) * 1.5 / np.sqrt(14)
    np.testing.assert_array_equal(task["A"], A)
    np.testing.assert_array_equal(task["C"], C.T)
    mask = np.zeros(49, bool)
    mask[drawn] = True
    np.testing.assert_array_equal(task["mask"], mask.reshape(7, 7))


def test_rows_are_filled_up_so_that_nearby_fractions_share_a_program(task):
    assert task["X"].shape == (30, 2)
    assert (task["y"][24:] == -1).all()
    for fraction in (0.21, 0.3, 0.4):
        assert len(network.born(0, p=31, width=2, fraction=fraction, init_scale=1.0)["X"]) == 386


def test_no_test_pair_has_no_test_loss():
    task = tensors(network.born(0, p=5, width=4, fraction=1.0, init_scale=1.0))
    assert task["mask"].all()
    both = curves(logits(network.tables(task), "square"), task["mask"], "ce")
    assert np.isnan(float(both["test_loss"]))
    assert np.isfinite(float(both["train_loss"]))
