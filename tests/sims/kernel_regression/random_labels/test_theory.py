import math

import numpy as np
import pytest

from sims.core.study import Study
from sims.kernel_regression.random_labels import EXPERIMENT, theory

SMALL = {"examples": 32, "width": 64}


@pytest.fixture(scope="module")
def study():
    return Study(EXPERIMENT, {})


@pytest.fixture(scope="module")
def prediction(study):
    return study.predict().isel(seed=0)


@pytest.fixture(scope="module")
def small():
    """A small task with its linear model for true labels and its rate."""
    setup = Study(EXPERIMENT, SMALL).setup
    task = setup.tasks[0]
    return theory.linear_models(setup.params, task)[0], float(task["eta"])


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("learning_rate", 7.621),
        ("steps_needed", (41.94, 225.7)),
        ("memorised", (53, 176)),
        ("travel_final", (0.9117, 1.841)),
        ("feature_change", (0.0245, 0.0500)),
        ("test_accuracy_final", 0.926),
        ("steps_blind", 226.8),
    ],
)
def test_what_is_predicted_is_as_published(prediction, name, published):
    np.testing.assert_allclose(prediction[name], published, rtol=2e-3)


def test_how_long_the_run_is_and_how_far_draws_of_labels_scatter(study, prediction):
    assert study.setup.schedule.steps == 339
    scatter = prediction["steps_blind"] * prediction["blind_deviation"]
    assert float(scatter) == pytest.approx(22.6, abs=0.1)
    star = max(
        model.smooth_alpha(0.5, theory.FAR)
        for model in theory.linear_models(study.setup.params, study.setup.tasks[0])
    )
    assert star == pytest.approx(0.9932, abs=1e-4)


def test_the_error_is_that_of_the_linear_model_step_by_step(small):
    model, eta = small
    n, f, errors = len(model.y), np.zeros(len(model.y)), []
    for _ in range(60):
        errors.append(np.mean((model.y - f) ** 2))
        f = f + eta / n * model.kernel @ (model.y - f)
    k = np.arange(60)
    np.testing.assert_allclose(theory.mean_square(model, eta, k, model.c**2), errors, rtol=1e-9)


def test_all_labels_are_right_when_the_linear_model_has_every_sign(small):
    model, eta = small
    n, f, k = len(model.y), np.zeros(len(model.y)), 0
    while not (f * model.y > 0).all():
        f, k = f + eta / n * model.kernel @ (model.y - f), k + 1
    assert theory.memorised(model, eta, 10_000) == k
    assert theory.memorised(model, eta, k - 1) == math.inf


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_labels_not_yet_drawn_scatter_as_predicted(study, share):
    """400 draws of the labels against mean and deviation of ln steps."""
    task = study.setup.tasks[0]
    model, eta = theory.linear_models(study.setup.params, task)[0], float(task["eta"])
    k, rng, y = np.arange(2000), np.random.default_rng(0), model.y
    passed = []
    for _ in range(400):
        coin = rng.choice([-1.0, 1.0], len(y))
        labels = np.where(rng.random(len(y)) < share, coin, y)
        errors = theory.mean_square(model, eta, k, (model.modes.T @ labels) ** 2)
        passed.append(theory.passage(k, errors, 0.1))
    found = theory.blind(model, eta, k, share, 0.1)
    logs = np.log(passed)
    assert found.steps == pytest.approx(np.exp(logs.mean()), rel=0.03)
    assert found.deviation == pytest.approx(logs.std(), rel=0.1)


def test_the_energy_of_labels_not_yet_drawn_is_one_along_every_mode(small):
    model, eta = small
    found = theory.blind(model, eta, np.array([0, 5]), 1.0, 0.1)
    left = model.remaining(eta, np.array([0, 5])) ** 2
    np.testing.assert_allclose(found.errors, left.mean(axis=1))


def test_a_passage_is_log_linear_between_records():
    k, errors = np.array([0, 10, 20]), np.array([1.0, 0.2, 0.05])
    assert theory.passage(k, errors, 0.1) == pytest.approx(15)
    assert theory.passage(k, errors, 0.01) == math.inf
    assert theory.passage(k, errors, 2.0) == 0


def test_truth_lies_along_fewer_modes_than_noise(prediction):
    lie = np.cumsum(prediction["label_energy"].values, axis=1)
    np.testing.assert_allclose(lie[:, -1], 1)
    assert lie[0, 12] > 0.6
    assert lie[1, 12] < 0.2


def test_without_label_noise_both_nets_are_one():
    found = Study(EXPERIMENT, {**SMALL, "label_noise": 0}).predict()
    assert float(found["slow_down"][0]) == 1
    assert float(found["blind_deviation"][0]) == 0
