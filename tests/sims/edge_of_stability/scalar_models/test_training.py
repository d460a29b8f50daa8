import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import compilation
from sims.core.study import Study
from sims.edge_of_stability.scalar_models import EXPERIMENT, training
from sims.edge_of_stability.scalar_models.params import MODELS

STARTS = {"two_scalars": (0.7, -1.1), "balanced_product": (0.8, 0), "tied_depth_four": (0.6, 1.3)}


def product(params, w):
    if params.model == "uv_network":
        return jnp.dot(w[: params.m], w[params.m :]) / np.sqrt(params.m) - params.target
    return jnp.prod(w) - 1


def spread(params, state):
    """The independent weights that the model ties together."""
    a, b = state.a, state.b
    if params.model == "uv_network":
        return jnp.concatenate([a, b])
    tied = {"two_scalars": [a, b], "balanced_product": [a] * params.depth}
    return jnp.stack(tied.get(params.model, [a, a, b, b]))


@pytest.mark.parametrize("depth", [2, 3, 5])
@pytest.mark.parametrize("model", MODELS)
def test_a_step_is_gradient_descent_on_the_untied_weights(model, depth):
    a0, b0 = STARTS.get(model, (None, None))
    knobs = {"model": model, "m": 5, "depth": depth, "a0": a0, "b0": b0, "target": 0.5}
    setup = Study(EXPERIMENT, knobs).setup
    params, task = setup.params, {k: jnp.asarray(v) for k, v in setup.tasks[0].items()}
    state = training.init(params, task)
    w = spread(params, state)

    def loss(w):
        return 0.5 * product(params, w) ** 2

    moved = training.step(params, task, state)
    np.testing.assert_allclose(
        spread(params, moved), w - task["rate"] * jax.grad(loss)(w), rtol=1e-12
    )
    seen = training.observe(params, task, state)
    assert float(seen["loss"]) == pytest.approx(float(loss(w)))
    H = np.asarray(jax.hessian(loss)(w))
    if model == "tied_depth_four":
        assert float(seen["curvature"]) == pytest.approx(np.linalg.eigvalsh(H)[-1])
    elif model == "balanced_product":
        assert float(seen["curvature"]) == pytest.approx(np.mean(H) * depth)
    else:
        slope = jax.grad(lambda w: product(params, w))(w)
        assert float(seen["curvature"]) == pytest.approx(float(slope @ slope))


def test_a_diverged_state_stands_still_and_says_so():
    setup = Study(EXPERIMENT, {"eta_lambda0": 5}).setup
    task = {k: jnp.asarray(v) for k, v in setup.tasks[0].items()}
    state = training.init(setup.params, task)
    for _ in range(60):
        state = training.step(setup.params, task, state)
    assert np.isfinite(state.a).all()
    assert np.isinf(training.observe(setup.params, task, state)["loss"])
    np.testing.assert_array_equal(training.step(setup.params, task, state).a, state.a)


def test_moving_a_slider_or_the_seed_compiles_nothing():
    def run(seed, **knobs):
        setup = Study(EXPERIMENT, {"m": 4, "steps": 60, **knobs}, seed=seed).setup
        Study.of(setup).early().run().finish()

    run(0)
    before = compilation.traces()
    run(1, eta_lambda0=2.5, target=1)
    assert compilation.traces() == before
