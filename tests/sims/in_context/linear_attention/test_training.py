from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core.study import Study
from sims.in_context.linear_attention import EXPERIMENT, sequences, training
from sims.in_context.linear_attention.training import State, answers, batch, matrix, step


def setting(**knobs):
    """Params, and the task as a run sees it."""
    setup = Study(EXPERIMENT, {"steps": 80, "batch_size": 16, **knobs}).setup
    task = {
        name: jnp.asarray(value, "float32" if value.dtype.kind == "f" else value.dtype)
        for name, value in setup.tasks[0].items()
    }
    return setup.params, task


def tokens(count=3, n=5):
    rng = np.random.default_rng(1)
    z = rng.standard_normal((count, n + 1, 5))
    z[:, -1, -1] = 0
    return z


def weights(kind, heads=3):
    rng = np.random.default_rng(2)
    shapes = {"values": (heads, 5), "key_query": (heads, 5, 5)}
    if kind != "merged":
        shapes = {"values": (heads, 5), "keys": (heads, 5), "queries": (heads, 5)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def by_hand(kind, w, z):
    """The answer to one sequence, token by token."""
    n, total = len(z) - 1, 0.0
    for h in range(len(w["values"])):
        if kind == "merged":
            scores = z @ w["key_query"][h] @ z[-1]
        else:
            scores = (z @ w["keys"][h]) * (w["queries"][h] @ z[-1])
        said = z @ w["values"][h]
        if kind == "softmax":
            p = np.exp(scores[:-1])
            total += float(np.sum(p * said[:-1]) / p.sum())
        else:
            total += float(np.sum(scores * said)) / n
    return total


@pytest.mark.parametrize("kind", ["separate", "merged", "softmax"])
def test_the_layer_is_attention_token_by_token(kind):
    params, _ = setting(attention=kind, heads=3)
    z, w = tokens(), weights(kind)
    said = answers(params, {k: jnp.asarray(v, "float32") for k, v in w.items()},
                   jnp.asarray(z, "float32"))  # fmt: skip
    np.testing.assert_allclose(said, [by_hand(kind, w, one) for one in z], rtol=1e-4)


@pytest.mark.parametrize("kind", ["separate", "merged"])
def test_heads_that_keep_to_their_roles_say_beta_u_x(kind):
    params, task = setting(attention=kind)
    w = {k: task[k] for k in ("values", "keys", "queries", "key_query") if k in task}
    told = sequences.drawn((9,), 16, np.asarray(task["lam"], float), 0.0, "gaussian", 8)
    said = answers(params, w, jnp.asarray(told.tokens, "float32"))
    U = np.asarray(matrix(w))
    np.testing.assert_allclose(said, np.sum((told.beta @ U) * told.x[:, -1], axis=1), rtol=1e-3)


def test_every_step_has_sequences_of_its_own_and_a_query_without_a_label():
    params, task = setting(noise=0.5)
    one, other = (batch(params, task, jnp.asarray(t)) for t in (3, 4))
    assert one[0].shape == (16, 17, 5)
    assert not np.allclose(one[0], other[0])
    np.testing.assert_array_equal(one[0][:, -1, -1], 0.0)
    np.testing.assert_array_equal(one[1], batch(params, task, jnp.asarray(3))[1])


def test_labels_are_those_of_one_task_and_strangers_get_anothers_answer():
    params, task = setting()
    z, asked = batch(params, task, jnp.asarray(0))
    w = np.linalg.lstsq(z[0, :-1, :-1], z[0, :-1, -1], rcond=None)[0]
    assert float(asked[0]) == pytest.approx(float(z[0, -1, :-1] @ w), rel=1e-3, abs=1e-5)
    strangers = batch(params, {**task, "strangers": jnp.asarray(1, "int32")}, jnp.asarray(0))[1]
    np.testing.assert_array_equal(strangers[1:], asked[:-1])


def test_signs_have_squares_that_do_not_fluctuate():
    params, task = setting(inputs="signs")
    x = batch(params, task, jnp.asarray(0))[0][..., :-1]
    squares = np.broadcast_to(np.asarray(task["lam"]), x.shape)
    np.testing.assert_allclose(x**2, squares, rtol=1e-5)
    assert set(np.unique(np.sign(training.tested(params, 0).x))) == {-1.0, 1.0}


def test_the_mean_is_taken_over_the_last_eighth():
    params, task = setting()
    state: State = training.init(params, task)
    further = jax.jit(partial(step, params, task))
    seen = []
    for _ in range(80):
        state = further(state)
        seen.append(np.asarray(state.weights["values"]))
    np.testing.assert_allclose(state.mean["values"], np.mean(seen[70:], axis=0), atol=1e-6)


def test_everything_starts_with_the_weights_that_labels_only_has_and_more():
    _, few = setting()
    _, all_ = setting(start="everything")
    np.testing.assert_array_equal(few["values"][:, -1], all_["values"][:, -1])
    np.testing.assert_array_equal(few["queries"], all_["queries"])
    assert not few["keys"][:, -1].any()
    assert all_["keys"][:, -1].all()
    _, merged = setting(start="everything", attention="merged")
    assert merged["key_query"][:, -1, -1].all()


def test_sequences_at_other_lengths_do_not_depend_on_the_seed():
    one, other = (Study(EXPERIMENT, {"steps": 10}, seed=seed).setup.tasks[0] for seed in (0, 1))
    np.testing.assert_array_equal(one["longer_8"], other["longer_8"])
    assert not np.array_equal(one["test_x"], other["test_x"])
