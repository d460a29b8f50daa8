import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import own_data, two_layer
from sims.core.study import Study
from sims.kernel_regression.random_labels import EXPERIMENT, training

SMALL = {"examples": 32, "width": 64}


def setting(**knobs):
    return Study(EXPERIMENT, {**SMALL, **knobs}).setup


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("steps_needed", (41.88, 224.5)),
        ("memorised", (53, 179)),
        ("travel_final", (0.9114, 1.839)),
        ("test_accuracy_final", 0.926),
    ],
)
def test_the_run_is_as_published(judged, name, published):
    found = judged(EXPERIMENT)
    np.testing.assert_allclose(found.run[name].values[0], published, rtol=1e-3)


def test_a_plain_network_memorises_noise_sooner_than_drawn(judged):
    found = judged(EXPERIMENT, "plain_network")
    assert found.first("steps_needed")[1] == pytest.approx(422.3, rel=1e-3)
    assert found.run["steps_needed"].values[0, 1] == pytest.approx(256.2, rel=1e-3)


def test_both_nets_are_trained_as_each_would_be_alone(judged):
    found = judged(EXPERIMENT, steps=50, **SMALL)
    params, task = found.setup.params, found.setup.tasks[0]
    W, a, X = (jnp.asarray(task[name]) for name in ("W", "a", "X"))
    for i, labels in enumerate(task["labels"]):
        y = jnp.asarray(labels)
        net = two_layer.start(W, a, X, "tanh")
        for _ in range(50):
            net = two_layer.step(net, X, y, params.alpha, float(task["eta"]), "tanh")
        f = params.alpha * (two_layer.output(net.W, net.a, X, "tanh") - net.h0)
        error = np.mean((np.asarray(f) - labels) ** 2)
        assert found.run["train_loss"].values[0, -1, i] == pytest.approx(error, rel=1e-9)


def test_a_net_has_memorised_at_the_first_step_with_every_label_right(judged):
    found = judged(EXPERIMENT, **SMALL)
    k, accuracy = found.run["step"].values, found.run["train_accuracy"].values[0]
    for i, first in enumerate(found.run["memorised"].values[0]):
        assert (accuracy[k < first, i] < 1).all()
        assert (accuracy[k == first, i] == 1).all()


@pytest.mark.parametrize("data", ["digits", "shuffled_pixels", "gaussian"])
def test_images_are_of_one_length_and_the_start_is_that_of_the_seed(data):
    task = setting(data=data).tasks[0]
    np.testing.assert_allclose(np.linalg.norm(task["X"], axis=1), 8)
    np.testing.assert_array_equal(task["W"], setting().tasks[0]["W"])
    np.testing.assert_array_equal(task["labels"], setting().tasks[0]["labels"])
    assert len(task["X_test"]) == 500


def test_shuffled_pixels_are_those_of_the_image_in_another_order():
    params = setting(data="shuffled_pixels").params
    plain, shuffled = (
        training.images(p, 0)[0] for p in (setting().params, params)
    )  # less another mean, hence not the same numbers
    assert plain.shape == shuffled.shape
    assert abs(np.corrcoef(plain.ravel(), shuffled.ravel())[0, 1]) < 0.5


def test_a_share_of_the_labels_is_drawn_anew():
    y = np.ones(4000)
    assert (training.corrupted(y, 0.0, 0) == y).all()
    for share in (0.5, 1.0):
        assert np.mean(training.corrupted(y, share, 0) < 0) == pytest.approx(share / 2, abs=0.02)


def test_of_ones_own_data_classes_and_numbers_become_two_labels(judged):
    rng = np.random.default_rng(0)
    X, labels = rng.standard_normal((120, 5)), np.arange(120) % 3
    for y, high in ((labels, 1 / 3), (X[:, 0] * 7 + 3, 1 / 2)):
        task = setting(data=own_data.keep(X, y).value).tasks[0]
        given = np.concatenate([task["labels"][0], task["y_test"]])
        assert set(given) == {-1.0, 1.0}
        assert np.mean(given > 0) == pytest.approx(high, abs=0.02)
        assert len(task["y_test"]) == 88
    found = judged(EXPERIMENT, data=own_data.keep(X, X[:, 0]).value, **SMALL)
    assert found.verdict("steps_true") == found.verdict("travel_true") == "lands"
