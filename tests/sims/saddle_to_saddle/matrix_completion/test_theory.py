import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core.study import Study
from sims.saddle_to_saddle.matrix_completion import EXPERIMENT, theory, training


def finished(**knobs):
    setup = Study(EXPERIMENT, knobs).setup
    run = Study.of(setup).early().run()
    run.finish()
    return setup, run


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_a_step_is_a_step_of_the_gradient_of_the_loss(depth):
    setup = Study(EXPERIMENT, {"size": 5, "depth": depth, "alpha": 0.5, "horizon": 1.0}).setup
    task = {k: jnp.asarray(v) for k, v in setup.tasks[0].items()}

    def loss(weights):
        W = weights[0]
        for w in weights[1:]:
            W = w @ W
        return 0.5 * jnp.sum(jnp.where(task["mask"], W - task["target"], 0.0) ** 2)

    state = training.init(setup.params, task)
    moved = training.step(setup.params, task, state)
    eta = float(setup.params.eta)
    for w, new, g in zip(state.weights, moved.weights, jax.grad(loss)(state.weights), strict=True):
        np.testing.assert_allclose(new, w - eta * g, rtol=1e-12, atol=1e-15)
    seen = training.observe(setup.params, task, state)
    np.testing.assert_allclose(seen["loss"], loss(state.weights), rtol=1e-12)
    assert theory.loss(setup.tasks[0]) == pytest.approx(float(seen["loss"]), rel=1e-12)


@pytest.mark.parametrize(("depth", "alpha"), [(2, 1e-4), (2, 1e-2), (3, 0.03)])
def test_the_first_escape_comes_within_half_a_percent(depth, alpha):
    setup, run = finished(depth=depth, alpha=alpha, horizon=3.0 if depth == 2 else 15.0)
    expected = theory.first_escape_time(setup.params, setup.tasks[0])
    level = 0.1 * theory.observed_top(setup.tasks[0])
    top, times = run.records["singular_values"][0, :, 0], setup.schedule.record_times
    i = int(np.argmax(top >= level))
    part = np.log(level / top[i - 1]) / np.log(top[i] / top[i - 1])
    seen = times[i - 1] + part * (times[i] - times[i - 1])
    assert seen == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_curve_before_the_escape_ends_at_a_tenth_of_the_data(depth):
    setup = Study(EXPERIMENT, {"size": 8, "depth": depth}).setup
    task, params = setup.tasks[0], setup.params
    end = theory.first_escape_time(params, task)
    curve = theory.escape_curve(params, task, np.array([0.5 * end, end, 1.01 * end]))
    assert curve[0] < curve[1]
    assert curve[1] == pytest.approx(0.1 * theory.observed_top(task), rel=0.01)
    assert np.isnan(curve[2])


def test_depth_one_is_exact_and_never_fills_a_gap():
    setup, run = finished(depth=1)
    task = setup.tasks[0]
    expected, W = theory.single_factor(setup.params, task, setup.schedule.record_steps)
    np.testing.assert_allclose(run.records["loss"][0], expected, rtol=1e-9)
    unseen = np.where(task["mask"], 0, W[-1])
    np.testing.assert_allclose(unseen, np.where(task["mask"], 0, task["W1"]), atol=1e-15)
    np.testing.assert_allclose(run.records["heldout_error"][0], 1, atol=1e-3)


def test_three_factors_fill_better_than_two():
    _, two = finished(size=10, spectrum=(6.0,))
    _, three = finished(size=10, spectrum=(6.0,), depth=3)
    ends = [run.records["heldout_error"][0, -1] for run in (two, three)]
    assert ends[1] < 0.5 * ends[0] < 0.1


def test_everything_observed_leaves_no_heldout_error():
    _, run = finished(size=4, rank=1, observed=1.0, horizon=1.0)
    assert np.isnan(run.records["heldout_error"]).all()
    assert np.isfinite(run.records["loss"]).all()


def test_data_are_drawn_in_the_stated_order():
    setup = Study(EXPERIMENT, {"size": 6}, seed=3).setup
    task, rng = setup.tasks[0], np.random.default_rng(3)
    U = np.linalg.qr(rng.standard_normal((6, 2)))[0]
    V = np.linalg.qr(rng.standard_normal((6, 2)))[0]
    np.testing.assert_allclose(task["target"], U @ np.diag([6, 4]) @ V.T, atol=1e-14)
    np.testing.assert_array_equal(task["mask"], rng.random((6, 6)) < 0.6)
    np.testing.assert_allclose(task["W1"], 1e-3 / np.sqrt(6) * rng.standard_normal((6, 6)))
