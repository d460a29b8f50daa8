import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core.study import Study
from sims.representations.universality import EXPERIMENT, training
from sims.representations.universality.params import Params

SMALL = Params(images=60, components=5, width=8, replicas=2)
RELU = Params(images=60, components=5, width=8, replicas=2, activation="relu")


@pytest.fixture(scope="module")
def linear():
    return jax.tree.map(jnp.asarray, training.prepare(SMALL, 0))


def test_moments_say_of_linear_units_what_images_say(linear):
    """The loss and a step from Y'Z/n and Z'Z/n are those of the images themselves."""
    X, Y, eta = linear["X"], linear["Y"], float(linear["eta"])
    W1, W2 = linear["W1_narrow"][0], linear["W2_narrow"][0]
    f = X @ W1.T @ W2.T / 8
    state = training.init(SMALL, linear)
    losses = training.losses(SMALL, linear, state["narrow"], "")
    after = training.step(SMALL, linear, state)["narrow"]
    np.testing.assert_allclose(losses[0], np.sum((Y - f) ** 2) / 120, rtol=1e-6)
    pull = (Y - f).T @ X / 60
    np.testing.assert_allclose(after[0][0], W1 + eta * W2.T @ pull, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(after[1][0], W2 + eta * pull @ W1.T, rtol=1e-5, atol=1e-6)


def test_alikeness_is_that_of_kernels_on_the_images(linear):
    K = [W1 @ linear["X"].T for W1 in linear["W1_narrow"]]
    K = [F.T @ F for F in K]
    known = np.sum(K[0] * K[1]) / np.linalg.norm(K[0]) / np.linalg.norm(K[1])
    seen = training.observe(SMALL, linear, training.init(SMALL, linear))
    np.testing.assert_allclose(seen["cka_narrow"], known, rtol=1e-5)
    apart = training.observe(RELU, linear, training.init(RELU, linear))
    assert abs(float(apart["cka_narrow"]) - known) > 0.01


def test_a_turn_of_the_neurons_moves_no_digit(linear):
    turned = np.linalg.qr(np.random.default_rng(1).standard_normal((8, 8)))[0]
    W1 = linear["W1_narrow"]
    one = training.places(SMALL, linear, W1)
    two = training.places(SMALL, linear, jnp.einsum("nm,rmd->rnd", turned, W1))
    np.testing.assert_allclose(one, two, atol=1e-5)


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"images": 50, "components": 26}, "components = 26 is too many for 50 images"),
        ({"horizon": 20, "rate": 0.005, "init_scale": 0.02}, "give at most"),
        ({"activation": "relu", "width": 512, "replicas": 12, "images": 1797}, "too wide"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, knobs).setup
