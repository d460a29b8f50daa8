import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import compilation, nets
from sims.core.study import Study
from sims.edge_of_stability.objective import objective
from sims.edge_of_stability.self_stabilisation import EXPERIMENT, crossing

SMALL = {"width": 8, "depth": 1, "samples": 12, "dtype": "float64"}


def sharpness(loss, w):
    return np.linalg.eigvalsh(np.asarray(jax.hessian(loss)(w)))


def walked(setup, seed):
    """The crossing, looked for after every step with the whole spectrum."""
    params = setup.params
    task = {k: jnp.asarray(v) for k, v in setup.tasks[0].items()}
    loss = objective(params, task)
    slope = jax.jit(jax.grad(loss))
    top = jax.jit(lambda w: jnp.linalg.eigvalsh(jax.hessian(loss)(w))[-1])
    drawn = nets.mlp_weights(np.random.default_rng(seed), (1, 8, 1))
    before = w = nets.flattened(nets.layers({k: jnp.asarray(v) for k, v in drawn.items()}))
    for t in range(20_000):
        ahead = w - params.eta * slope(w)
        middle = w if t == 0 else 0.25 * (before + 2 * w + ahead)
        if top(middle) >= 2 / params.eta:
            return t, w
        before, w = w, ahead
    return -1, w


@pytest.mark.parametrize(("eta", "seed"), [(0.2, 1), (0.2, 2)])
def test_the_crossing_is_the_first_midpoint_above_the_edge(eta, seed):
    setup = Study(EXPERIMENT, {**SMALL, "eta": eta, "degree": 3}, seed=seed).setup
    task = setup.tasks[0]
    step, w = walked(setup, seed)
    assert int(task["crossing_step"]) == step
    if step >= 0:
        flat = nets.flattened(nets.layers({k: jnp.asarray(v) for k, v in task.items()}))
        np.testing.assert_allclose(flat, w, atol=1e-10)


def test_u_is_the_top_eigenvector_there():
    setup = Study(EXPERIMENT, {}).setup
    task = {k: jnp.asarray(v, float) for k, v in setup.tasks[0].items()}
    product = jax.jvp(
        jax.grad(objective(setup.params, task)),
        (nets.flattened(nets.layers(task)),),
        (task["u"],),
    )[1]
    assert float(jnp.linalg.norm(task["u"])) == pytest.approx(1, abs=1e-5)
    assert float(jnp.linalg.norm(product - 20.017 * task["u"])) < 0.02


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_default_net_crosses_at_step_787(dtype):
    setup = Study(EXPERIMENT, {"dtype": dtype}).setup
    assert int(setup.tasks[0]["crossing_step"]) == pytest.approx(787, abs=3)


def test_a_kick_or_longer_run_trains_nothing_anew_and_another_rate_compiles_nothing():
    one = Study(EXPERIMENT, {}).setup
    before, known = compilation.traces(), crossing._crossing.cache_info().misses
    two = Study(EXPERIMENT, {"kick": 1e-3, "steps": 100}).setup
    assert crossing._crossing.cache_info().misses == known
    np.testing.assert_array_equal(one.tasks[0]["W2"], two.tasks[0]["W2"])
    Study(EXPERIMENT, {"eta": 0.13, "degree": 5}, seed=3).prepare()
    assert compilation.traces() == before


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"kick": 1e-7}, "kick = 1e-7 is not allowed: give 0 or a number from 1e-6 to 0.01"),
        ({"kick": 0.1}, "kick"),
        ({"eta": 0}, "eta = 0 is not allowed: give a number from 0.06 to 0.2"),
        ({"steps": 10}, "steps"),
        ({"depth": 4}, "depth"),
        ({"samples": 4}, "samples"),
        ({"dtype": "float16"}, "float32 or float64"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words) as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")
