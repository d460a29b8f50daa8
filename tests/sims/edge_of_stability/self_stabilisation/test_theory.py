import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import compilation, nets
from sims.core.study import Study
from sims.edge_of_stability.objective import objective
from sims.edge_of_stability.self_stabilisation import EXPERIMENT, theory


def test_alpha_b_and_delta_of_the_default_net(judged):
    found = judged(EXPERIMENT)
    assert found.first("alpha") == pytest.approx(0.269, rel=0.01)
    assert found.first("b") == pytest.approx(360, rel=0.02)
    assert found.first("delta") == pytest.approx(0.0387, rel=0.01)
    assert found.first("period") == pytest.approx(85.7, rel=0.01)
    assert found.first("gap_initial") == pytest.approx(0.017, abs=1e-3)


@pytest.mark.slow
def test_constants_agree_with_the_whole_hessian():
    setup = Study(EXPERIMENT, {"width": 8, "depth": 2, "eta": 0.15}).setup
    task = setup.tasks[0]
    found = theory.local(setup.params, task)
    loss = objective(setup.params, {k: jnp.asarray(v, float) for k, v in task.items()})
    w = jnp.asarray(theory._tensors(task)[1])
    values, vectors = np.linalg.eigh(np.asarray(jax.hessian(loss)(w)))
    assert found.sharpness == pytest.approx(values[-1], rel=1e-9)
    assert found.second == pytest.approx(values[-2], rel=1e-6)
    u = vectors[:, -1]
    h = 1e-4

    def top(w):
        return np.linalg.eigvalsh(np.asarray(jax.hessian(loss)(w)))[-1]

    g = np.asarray(jax.grad(loss)(w))
    g = g - u * (u @ g)
    along = (top(w + h * g) - top(w - h * g)) / (2 * h)
    assert found.alpha == pytest.approx(-along, rel=1e-5)


def test_drift_is_that_of_small_euler_steps():
    setup = Study(EXPERIMENT, {}).setup
    task, eta, n, small = setup.tasks[0], 0.1, 69, 20
    found = theory.local(setup.params, task)
    data, w = theory._tensors(task)
    slope = jax.jit(jax.grad(objective(setup.params, data)))
    for _ in range(small * n):
        g = slope(w)
        w = w - eta / small * (g - found.u * (found.u @ g))
    later = float(theory._top(theory._shape(setup.params), data, w, found.u)[0][0])
    wanted = (later - found.sharpness) / (eta * found.alpha * n) - 1
    assert theory.drift(setup.params, task, found, n) == pytest.approx(wanted, abs=1e-3)


def test_the_map_is_drawn_for_one_cycle_and_starts_at_the_kick(judged):
    found = judged(EXPERIMENT, steps=400)
    x, y = found.first("displacement"), found.first("sharpness_gap")
    assert x[0] == 1e-4
    assert y[0] == found.first("gap_initial")
    drawn = int(np.sum(np.isfinite(y)))
    assert found.first("return_step") < drawn < 250
    assert np.isfinite(y[:drawn]).all()
    assert y[drawn - 1] >= 0


def test_without_a_kick_there_is_no_map_but_its_constants(judged):
    found = judged(EXPERIMENT, kick=0)
    for name in ("sharpness_gap", "displacement", "overshoot", "sharpening_drift"):
        assert np.isnan(found.prediction[name].values).all()
    assert found.first("alpha") > 0


def test_moving_a_slider_or_the_seed_compiles_nothing():
    def predicted(seed, **knobs):
        Study(EXPERIMENT, knobs, seed=seed).predict()

    predicted(0)
    before = compilation.traces()
    predicted(1, eta=0.12, kick=1e-3, steps=150, degree=5)
    assert compilation.traces() == before


def test_weights_are_flattened_as_in_the_run():
    task = Study(EXPERIMENT, {}).setup.tasks[0]
    layers = nets.layers({k: jnp.asarray(v) for k, v in task.items()})
    np.testing.assert_array_equal(theory._tensors(task)[1], nets.flattened(layers))
