import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from sims.core.study import Study
from sims.signal_propagation.order_chaos import EXPERIMENT, params, ring, training

SMALL = {"width": 60, "depth": 4}


def finished(**knobs):
    start = Study(EXPERIMENT, {**SMALL, **knobs}).freeze()
    run = start.run()
    run.finish()
    return start, start.judge(run).seen.isel(seed=0)


def layers(start):
    """The matrices and biases of a net, (W, b) of every layer, in float32."""
    setup = start.setup
    key = jnp.asarray(setup.tasks[0]["key"])
    made = (
        training.matrix(setup.params, key, jnp.asarray(l), jnp.dtype("float32"))
        for l in range(setup.params.depth)
    )
    return [(np.asarray(W, float), np.asarray(b, float)) for W, b in made]


@pytest.mark.parametrize("kind", params.WEIGHTS)
def test_all_weights_have_the_variance_that_is_asked_for(kind):
    setup = Study(EXPERIMENT, {"width": 200, "depth": 2, "weights": kind, "sigma_w": 1.5}).setup
    key = jnp.asarray(setup.tasks[0]["key"])
    W, b = training.matrix(setup.params, key, jnp.asarray(0), jnp.dtype("float32"))
    assert float(jnp.mean(W**2)) * 200 == pytest.approx(1.5**2, rel=0.1)
    assert float(jnp.mean(b**2)) == pytest.approx(0.09, rel=0.4)
    again, _ = training.matrix(setup.params, key, jnp.asarray(1), jnp.dtype("float32"))
    assert bool(jnp.all(again == W)) == (kind == "tied")


def test_the_run_is_a_plain_forward_pass_and_a_plain_gradient():
    start, seen = finished()
    task, L = start.setup.tasks[0], SMALL["depth"]
    angle = 2 * np.pi * np.arange(11) / 11
    z = np.outer(task["u"], np.cos(angle)) + np.outer(task["w"], np.sin(angle))
    net = layers(start)

    def through(x):
        rows = [x]
        for W, b in net:
            rows.append(W @ np.tanh(rows[-1]) + b)
        return rows

    rows, nudge = through(z), 1e-6
    for l in range(L + 1):
        assert float(seen["length"][l]) == pytest.approx(
            np.mean(np.log(np.mean(rows[l] ** 2, axis=0))), abs=1e-4
        )
    turned = np.outer(task["u"], np.cos(angle + nudge)) + np.outer(task["w"], np.sin(angle + nudge))
    steps = (through(turned)[-1] - rows[-1]) / nudge
    stretch = np.mean(np.log(np.mean(steps**2, axis=0))) - np.log(0.5)
    assert float(seen["stretch"][L]) == pytest.approx(stretch, abs=1e-3)
    readout = jax.random.normal(jax.random.fold_in(jnp.asarray(task["key"]), L), (60, 1), "float32")
    delta = np.repeat(np.asarray(readout, float), 11, axis=1)
    delta /= np.linalg.norm(delta, axis=0)
    for (W, _), x in zip(net[::-1], rows[-2::-1], strict=True):
        delta = (1 - np.tanh(x) ** 2) * (W.T @ delta)
    gradient = np.mean(np.log(np.sum(delta**2, axis=0)))
    assert float(seen["gradient"][0]) == pytest.approx(gradient, abs=1e-3)
    assert float(seen["gradient"][L]) == 0


def test_layers_are_read_on_the_way_down_and_gradients_on_the_way_back():
    _, seen = finished()
    assert seen["layer_here"].values.tolist() == [0, 1, 2, 3, 4, 3, 2, 1, 0]
    assert np.isfinite(seen["stretch_here"].values).tolist() == [True] * 5 + [False] * 4
    assert np.isfinite(seen["gradient_here"].values).tolist() == [False] * 4 + [True] * 5
    assert_allclose(seen["ring"][-1], seen["ring"][4])


def test_a_run_that_was_cut_has_what_it_came_to():
    start = Study(EXPERIMENT, SMALL).freeze()
    run = start.run()
    run.advance_records(7)
    seen = start.judge(run).seen.isel(seed=0)
    assert np.isfinite(seen["length"].values).all()
    assert np.isfinite(seen["gradient"].values).tolist() == [False, False, True, True, True]


def test_opposite_points_are_none_of_the_ring():
    assert ring.POINTS % 2
    assert ring.DRAWN % 2
    assert ring.DRAWN == ring.EVERY * ring.POINTS
