import numpy as np
import pytest

from sims.core.study import Study
from sims.kernel_regression.double_descent import EXPERIMENT, spectra, training

K = (20, 50, 80, 100, 120, 200, 400)
PUBLISHED = (0.4727, 0.6330, 1.3076, 20.56, 1.3954, 0.5245, 0.3597)
TUNED = (0.4493, 0.4367, 0.4127, 0.3824, 0.3618, 0.3455, 0.3284)


@pytest.fixture(scope="module")
def study():
    return Study(EXPERIMENT, {})


@pytest.fixture(scope="module")
def prediction(study):
    return study.predict().isel(seed=0)


def at_widths(prediction, name):
    return prediction[name].values[np.isin(prediction["step"].values, K)]


def test_the_mean_error_is_the_published_one(prediction):
    np.testing.assert_allclose(at_widths(prediction, "mean_error"), PUBLISHED, rtol=1e-3)


def test_with_the_best_ridge_the_mean_error_is_the_published_one():
    prediction = Study(EXPERIMENT, {"tune": True}).predict().isel(seed=0)
    np.testing.assert_allclose(at_widths(prediction, "mean_error"), TUNED, rtol=1e-3)
    assert np.all(np.diff(at_widths(prediction, "test_error")) < 0)


def test_the_typical_error_lies_below_the_mean_by_the_spread(prediction):
    ratio = prediction["mean_error"] / prediction["test_error"]
    np.testing.assert_allclose(ratio, np.sqrt(1 + prediction["spread"] ** 2), rtol=1e-12)


@pytest.mark.parametrize(
    "knobs",
    [{}, {"examples": 50}, {"noise": 0.5}, {"activation": "bump"}, {"data": "hypercube"}],
    ids=str,
)
def test_the_peak_is_where_there_are_as_many_neurons_as_examples(knobs):
    predicted = Study(EXPERIMENT, knobs).predict()
    assert float(predicted["peak_place"][0]) == knobs.get("examples", 100)
    assert float(predicted["peak_height"][0]) > 15


def test_before_the_first_neuron_the_error_is_that_of_saying_nothing(prediction):
    assert prediction["test_error"].values[0] == pytest.approx(1)


def test_the_best_ridge_is_never_worse_than_the_given_one(prediction):
    best, given = prediction["test_error_tuned"].values[1:], prediction["test_error"].values[1:]
    assert (best <= given * 1.1).all()  # the smallest mean is chosen, and the typical one is drawn


def test_there_are_as_many_eigenvalues_as_neurons(prediction):
    counted = np.isfinite(prediction["spectrum"].values).sum(axis=1)
    np.testing.assert_array_equal(counted, prediction["step"].values)


def test_spectra_are_computed_once_for_all_ridges_targets_and_noises(study):
    params = study.setup.params
    widths = training.widths(int(params.examples))[1:]
    first = spectra.of(study.setup.tasks[0], params.activation, widths)
    other = Study(EXPERIMENT, {"ridge": 1e-3, "noise": 0.3, "target": 3})
    assert spectra.of(other.setup.tasks[0], params.activation, widths) is first
    of_another_seed = Study(EXPERIMENT, {}, seed=1).setup.tasks[0]
    assert spectra.of(of_another_seed, params.activation, widths) is not first


def test_the_energies_of_all_modes_are_that_of_the_labels(study):
    task = study.setup.tasks[0]
    known = spectra.of(task, "tanh", training.widths(100)[1:])
    for energy in spectra.energies(known, task["y"]):
        assert energy.sum() == pytest.approx(np.mean(task["y"] ** 2))
