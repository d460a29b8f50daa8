import numpy as np
import pytest

from sims.core import own_data
from sims.core.knobs import lines_beneath
from sims.core.study import Study
from sims.kernel_regression.random_labels import EXPERIMENT


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"target": 5}, "give a whole number from 1 to 4"),
        ({"label_noise": 1.5}, "give a number from 0 to 1"),
        ({"examples": 100}, "give 32, 64, 128 or 192"),
        ({"c": 1}, "give a number from 0.1 to 0.9"),
        ({"width": 512, "examples": 192, "steps": 20000}, "give at most 3973"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, knobs).setup


def test_a_level_that_is_never_reached_is_refused_before_the_run():
    X = np.random.default_rng(0).standard_normal((60, 1))  # one input: slow modes
    own = own_data.keep(X, np.sign(np.sin(40 * X[:, 0])))
    with pytest.raises(ValueError, match="is not reached in 20,000 steps: give a higher level"):
        _ = Study(EXPERIMENT, {"data": own.value, "examples": 32, "level": 0.03}).setup


@pytest.mark.parametrize(("points", "sentence"), [(40, "at least 48"), (100, "give 32 or 64")])
def test_of_ones_own_data_some_must_be_left_to_test_on(points, sentence):
    X = np.random.default_rng(points).standard_normal((points, 4))
    own = own_data.keep(X, np.sign(X[:, 0]))
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, {"data": own.value}).setup


def test_knobs_say_what_is_asked_and_how_many_labels_are_wrong():
    lines = lines_beneath(Study(EXPERIMENT, {"target": 4, "label_noise": 0.5}).setup.params)
    assert lines["target"] == "digits 2, 3, 5, 7 against the others"
    assert lines["label_noise"] == "about 25 % of the labels end up wrong"
