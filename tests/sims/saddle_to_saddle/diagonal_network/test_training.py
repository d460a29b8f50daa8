import jax.numpy as jnp
import numpy as np
import pytest

from sims.core.study import Study
from sims.saddle_to_saddle.diagonal_network import EXPERIMENT, training
from sims.saddle_to_saddle.diagonal_network.designs import drawn


def on_device(task):
    return {name: jnp.asarray(value) for name, value in task.items()}


def ordinary_descent(task, eta, steps):
    X, y, u, v = (np.array(task[n], dtype=float) for n in ("X", "y", "u", "v"))
    for _ in range(steps):
        g = X.T @ (X @ (u * v) - y) / len(y)
        u, v = u - eta * g * v, v - eta * g * u
    return u * v


@pytest.mark.parametrize("alpha", [0.1, 1e-2, 1e-3])
def test_steps_in_logarithms_are_the_steps_of_u_and_v(alpha):
    setup = Study(EXPERIMENT, {"alpha": alpha, "n": 4, "d": 6, "horizon": 3.0}).setup
    task, params = setup.tasks[0], setup.params
    state = training.init(params, on_device(task))
    for _ in range(setup.schedule.steps):
        state = training.step(params, on_device(task), state)
    expected = ordinary_descent(task, float(params.eta), setup.schedule.steps)
    np.testing.assert_allclose(training.weights(state), expected, rtol=1e-9, atol=1e-14)


def test_a_step_that_turns_the_sign_of_a_weight_is_still_the_same_step():
    setup = Study(EXPERIMENT, {"alpha": 0.1, "eta": 0.05, "horizon": 0.1}).setup
    task = dict(setup.tasks[0], X=100 * setup.tasks[0]["X"])
    state = training.step(
        setup.params, on_device(task), training.init(setup.params, on_device(task))
    )
    np.testing.assert_allclose(
        training.weights(state), ordinary_descent(task, 0.05, 1), rtol=1e-10, atol=1e-12
    )


def test_a_start_of_1e_minus_300_escapes_on_time():
    setup = Study(
        EXPERIMENT, {"design": "drops_a_feature", "alpha": 1e-300, "horizon": 900.0}
    ).setup
    run = Study.of(setup).early().run()
    run.finish()
    loss = run.records["loss"][0]
    tau = setup.schedule.record_times / np.log(1e300)
    assert loss[0] == pytest.approx(1.0167, abs=5e-5)
    np.testing.assert_allclose(loss[tau < 0.97], loss[0], rtol=1e-6)
    np.testing.assert_allclose(loss[tau > 1.03], 0.4375, atol=1e-4)


def test_duals_of_the_run_climb_at_the_rate_of_the_gradient():
    setup = Study(EXPERIMENT, {"design": "drops_a_feature", "horizon": 100.0}).setup
    run = Study.of(setup).early().run()
    run.finish()
    X, y = setup.tasks[0]["X"], setup.tasks[0]["y"]
    tau = setup.schedule.record_times / np.log(1e100)
    expected = tau[:, None] * (X.T @ y / len(y))[None, :]
    np.testing.assert_allclose(run.records["duals"][0], expected, atol=1e-4)


def test_data_are_drawn_as_stated():
    X, y = drawn("seeded", 8, 20, np.random.default_rng(5))
    np.testing.assert_array_equal(X, np.random.default_rng(5).standard_normal((8, 20)))
    np.testing.assert_allclose(y, X @ np.array([3, -2, 1, *[0] * 17]))
    X, y = drawn("orthogonal", 12, 5, np.random.default_rng(5))
    np.testing.assert_allclose(X.T @ X, 12 * np.eye(5), atol=1e-12)
    np.testing.assert_allclose(X.T @ y / 12, [4, -2, 1, 0.5, 0], atol=1e-12)


def test_task_starts_where_the_letters_say():
    task = Study(EXPERIMENT, {"alpha": 1e-3}).setup.tasks[0]
    np.testing.assert_allclose(task["u"], np.sqrt(2) * 1e-3)
    np.testing.assert_array_equal(task["v"], 0)
    assert float(task["log_alpha"]) == pytest.approx(np.log(1e-3))
