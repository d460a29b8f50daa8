"""The race as a run: the rates of theory, samples as declared, and what is observed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core.setup import given
from sims.core.study import Study
from sims.scaling_laws import races
from sims.scaling_laws.learning_curve import EXPERIMENT, training

SMALL = {"width": 8, "batch_size": 2, "replicas": 4, "steps": 60}


def begun(**knobs):
    """Params and task of a small race."""
    setup = Study(EXPERIMENT, SMALL | knobs).setup
    task = {n: jnp.asarray(v, jnp.float32 if v.dtype.kind == "f" else v.dtype)
            for n, v in setup.tasks[0].items()}  # fmt: skip
    return setup.params, task


def test_every_step_has_the_rates_that_theory_counts_with():
    params, task = begun(decay=0.3)
    seen = [training.rates(params, task, jnp.int32(t)) for t in (0, 31, 59)]
    wanted = races.rates_of(params, float(task["eta"]))[:, [0, 31, 59]]
    np.testing.assert_allclose(np.transpose(seen), wanted, rtol=1e-5)


def first_step(params, task):
    """The state before and behind the first step."""
    start = jax.jit(lambda task: training.init(params, task))(task)
    return start, jax.jit(lambda task, state: training.step(params, task, state))(task, start)


def test_the_first_step_of_all_schedules_goes_the_same_way_and_every_replica_has_its_own():
    params, task = begun()
    start, after = first_step(params, task)
    rates, w = np.asarray(training.rates(params, task, jnp.int32(0))), np.asarray(after.w)
    # from zero it is (η/B) Σ y x, on samples that all share
    np.testing.assert_allclose(w / rates[:, None], w[:, :1] / rates[0] + 0 * w, rtol=1e-5)
    assert len(np.unique(w[:, 0, 0])) == params.replicas
    seen = jax.jit(lambda task, state: training.observe(params, task, state))(task, start)
    np.testing.assert_allclose(seen["loss"], np.ones(6), rtol=1e-5)
    np.testing.assert_allclose(seen["scatter"], np.zeros(6), atol=1e-6)


def test_a_pool_is_kept_and_drawn_from():
    start, after = first_step(*begun(pool=5))
    assert start.x.shape == (5, 8)
    np.testing.assert_array_equal(after.x, start.x)
    # gradients from zero lie in the span of the pool
    basis = np.linalg.svd(np.asarray(start.x, float))[2][:5]
    w = np.asarray(after.w, float).reshape(-1, 8)
    np.testing.assert_allclose(w @ basis.T @ basis, w, atol=1e-5)


def test_bursts_keep_the_variance_and_have_five_times_the_fourth_moment():
    share = np.array([training.BURSTS, 1 - training.BURSTS])
    square = np.array([training.LONG, training.SHORT])
    assert share @ square == pytest.approx(1)
    assert share @ square**2 == pytest.approx(5)


def test_the_exponent_of_power_follows_the_spectrum():
    assert Study(EXPERIMENT, {"a": 2.0}).setup.params.power == 3.0
    assert given(EXPERIMENT, {"power": 1.5}).power == 1.5
