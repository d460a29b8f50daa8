import numpy as np
import pytest

from sims.core import own_data
from sims.core.controls import survivors
from sims.core.knobs import lines_beneath
from sims.core.study import Study
from sims.kernel_regression.learning_curve import EXPERIMENT, params


@pytest.fixture(scope="module")
def digits(judged):
    return judged(EXPERIMENT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 10))
@pytest.mark.parametrize("preset", params.PRESETS, ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) == stated


@pytest.mark.parametrize("knobs", [{}, {"data": "hypercube", "target": 3, "ridge": 1e-9}], ids=str)
def test_no_claim_lands_where_there_is_nothing_to_see(knobs):
    assert list(survivors(Study(EXPERIMENT, knobs))) == []


@pytest.mark.parametrize(
    ("claim", "wrong"),
    [("uncertainty", 1.06), ("budget", 0.98), ("typical_error", 1.12)],
)
def test_a_level_a_little_off_is_a_surprise(digits, claim, wrong):
    name = "test_error" if claim == "typical_error" else claim
    other = {claim: wrong * digits.prediction[claim].values}
    assert digits.verdict_had_it_been(name, **other) == "surprise"


def test_sets_that_scatter_half_as_much_again_are_a_surprise(judged):
    found = judged(EXPERIMENT, "parity")
    wrong = 1.5 * found.prediction["luck"].values
    assert found.verdict_had_it_been("luck", luck=wrong) == "surprise"


def test_the_infinite_world_is_low_where_a_quarter_is_trained_on(digits):
    assert not digits.held("large_world")
    assert "25 % of the world" in digits.reason("infinite_world")
    assert digits.first("test_error_infinite_final") < 0.8 * digits.first("test_error_final")


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"examples": 256, "points": 256}, "give 16 or 32 or 64 or 128"),
        ({"examples": 256, "points": 1024, "trials": 64}, "give trials of at most 32"),
        ({"target": 5}, "give a whole number from 1 to 4"),
        ({"bandwidth": 0.1}, "give a number from 0.3 to 10"),
        ({"ridge": 0}, "give a number from 1e-9 to 10"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, knobs).setup


def test_at_most_half_of_ones_own_data_may_be_trained_on():
    X = np.random.default_rng(0).standard_normal((20, 4))
    own = own_data.keep(X, np.sign(X[:, 0]))
    with pytest.raises(ValueError, match="data of at least 32 points"):
        _ = Study(EXPERIMENT, {"data": own.value}).setup


def test_knobs_say_what_is_asked_and_how_much_is_noise():
    def beneath(**knobs):
        return lines_beneath(Study(EXPERIMENT, knobs).setup.params)

    assert beneath(target=4)["target"] == "digits 2, 3, 5, 7 against the others"
    assert beneath(data="hypercube", target=3)["target"] == "product of 3 bits"
    assert beneath(data="circle", target=2)["target"] == "a wave with 2 crests"
    assert beneath(noise=0.5)["noise"] == "20 % of the labels' variance"
