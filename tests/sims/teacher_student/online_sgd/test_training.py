"""One example at a time, against plain numpy; and which examples come again."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import erf

from sims.teacher_student import draws
from sims.teacher_student.online_sgd import training
from sims.teacher_student.online_sgd.equations import Overlaps
from sims.teacher_student.online_sgd.params import Params

SMALL = {"d": 30, "student": 3, "teacher": 2, "noise": 0.2, "eta": 0.7}


def begun(**knobs):
    params = Params(**{**SMALL, **knobs})
    task = training.prepare(params, 0)
    return params, task, {name: jnp.asarray(v) for name, v in task.items()}


def test_a_step_is_the_gradient_of_half_the_squared_gap():
    params, task, given = begun()
    state = training.init(params, given)
    W, B, root = task["W"].copy(), task["B"], np.sqrt(30)
    for t in range(3):
        x, xi = (np.asarray(v) for v in training.example(params, given, jnp.asarray(t)))
        lam, nu = W @ x / root, B @ x / root
        gap = erf(lam / np.sqrt(2)).sum() - erf(nu / np.sqrt(2)).sum() - 0.2 * xi
        W = W - 0.7 / root * (np.sqrt(2 / np.pi) * np.exp(-(lam**2) / 2) * gap)[:, None] * x
        state = training.step(params, given, state)
    assert np.asarray(state.W) == pytest.approx(W, rel=1e-6)


def test_what_is_observed_is_the_error_of_these_overlaps():
    params, task, given = begun()
    of = Overlaps(3, 2)
    seen = training.observe(params, given, training.init(params, given))
    x = of.packed(task["W"] @ task["W"].T / 30, task["W"] @ task["B"].T / 30)
    assert np.asarray(seen["overlaps"]) == pytest.approx(x)
    assert float(seen["eps"]) == pytest.approx(float(of.error(x)))
    shot = training.snapshot(params, given, training.init(params, given))
    assert np.asarray(shot["R"]) == pytest.approx(task["W"] @ task["B"].T / 30)


def test_teacher_units_are_orthogonal_and_a_symmetric_start_prefers_none():
    _, task, _ = begun(start="symmetric", head_start=0, student=2, init_scale=0.3)
    V = np.concatenate([task["W"], task["B"]])
    np.testing.assert_allclose(V @ V.T / 30, np.diag([0.09, 0.09, 1, 1]), atol=1e-12)


def test_a_set_comes_again_and_fresh_examples_do_not():
    firsts = []
    for samples in (0.2, 0.0):
        params, _, given = begun(samples_per_dimension=samples)
        x, _ = jax.vmap(lambda t, p=params, g=given: training.example(p, g, t))(jnp.arange(60))
        firsts.append(len(set(np.asarray(x)[:, 0].tolist())))
    assert firsts == [6, 60]


def test_correlated_inputs_have_the_same_length_and_coins_two_values():
    params, task, given = begun(inputs="correlated")
    assert np.mean(task["deviations"] ** 2) == pytest.approx(1)
    assert task["deviations"][0] > 5 * task["deviations"][-1]
    params, _, given = begun(inputs="binary")
    x, _ = training.example(params, given, jnp.asarray(3))
    assert set(np.asarray(x).tolist()) == {-1.0, 1.0}


def test_numbers_of_the_table_are_normal_and_independent():
    key = jax.random.wrap_key_data(jnp.array([3, 4], jnp.uint32))
    x = np.asarray(draws.normal(key, 200_001, jnp.dtype("float32")), float)
    moments = [np.mean(x**k) for k in (1, 2, 3, 4)]
    assert moments == pytest.approx([0, 1, 0, 3], abs=0.04)
    assert np.mean(x[1:] * x[:-1]) == pytest.approx(0, abs=0.01)
    assert np.mean(x[:100_000] * x[100_001:]) == pytest.approx(0, abs=0.01)
    assert np.mean(draws.quantiles() ** 2) == pytest.approx(1)
    coins = np.asarray(draws.coins(key, 10_001, jnp.dtype("float32")))
    assert (np.mean(coins), np.mean(coins[1:] * coins[:-1])) == pytest.approx((0, 0), abs=0.05)
