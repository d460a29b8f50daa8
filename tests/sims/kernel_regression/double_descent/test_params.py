import numpy as np
import pytest

from sims.core import own_data
from sims.core.knobs import lines_beneath, unused_knobs
from sims.core.study import Study
from sims.kernel_regression.double_descent import EXPERIMENT


def beneath(**knobs):
    return lines_beneath(Study(EXPERIMENT, knobs).setup.params)


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"target": 5}, "give a whole number from 1 to 4"),
        ({"ridge": 1e-10}, "give a number from 1e-9 to 10"),
        ({"examples": 70}, "give 20, 50, 100 or 200"),
        ({"noise": 2}, "give a number from 0 to 1"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, knobs).setup


@pytest.mark.parametrize(
    ("points", "sentence"),
    [(30, "data of at least 40 points"), (110, "give 20 or 50")],
)
def test_at_most_half_of_ones_own_data_may_be_trained_on(points, sentence):
    X = np.random.default_rng(points).standard_normal((points, 4))
    own = own_data.keep(X, np.sign(X[:, 0]))
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, {"data": own.value}).setup


def test_knobs_say_what_is_asked_and_where_the_peak_will_be():
    assert beneath()["examples"] == "peak at 100 neurons; the run goes to 400"
    assert beneath(target=4)["target"] == "digits 2, 3, 5, 7 against the others"
    assert beneath(data="hypercube", target=3)["target"] == "product of 3 of 10 bits"
    assert beneath(noise=0.5)["noise"] == "20 % of the labels' variance"


def test_a_ridge_plays_no_part_where_every_width_has_its_best():
    values = {"tune": True, "data": "digits"}
    assert "ridge" in unused_knobs(EXPERIMENT.Params, values)
