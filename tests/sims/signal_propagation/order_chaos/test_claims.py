import numpy as np
import pytest

from sims.core.claims import not_tests
from sims.core.study import Study
from sims.signal_propagation.order_chaos import EXPERIMENT, claims, params

NAMES = params.CLAIMS


@pytest.fixture(scope="module")
def tangle(judged):
    return judged(EXPERIMENT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 10))
@pytest.mark.parametrize("preset", params.PRESETS, ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) == stated


@pytest.mark.parametrize("by", [0.9, 1.1])
@pytest.mark.parametrize("name", ["stretch", "gradient"])
def test_an_exponent_ten_percent_off_is_a_surprise(tangle, name, by):
    assert tangle.verdict_had_it_been(name, **{name: by * tangle.prediction[name].values}) == (
        "surprise"
    )


@pytest.mark.parametrize("by", [0.9, 1.1])
def test_distances_and_lengths_ten_percent_off_are_a_surprise(tangle, by):
    e = tangle.prediction["difference"].values
    assert tangle.verdict_had_it_been("difference", difference=by * e) == "surprise"
    line = tangle.prediction["length"].values
    wrong = line[0] + by * (line - line[0])
    assert tangle.verdict_had_it_been("length", length=wrong) == "surprise"


@pytest.mark.parametrize("preset", ["edge", "he"])
def test_where_a_line_is_flat_nothing_is_claimed(preset):
    study = Study(EXPERIMENT, {"width": 300}, preset=preset)
    reasons = not_tests(study.setup, study.predict())
    assert {"stretch", "gradient"} <= set(reasons)
    assert reasons["gradient"].startswith("a guess without theory would land too: nothing changes")


def test_the_guess_is_the_nearer_of_two():
    def guess(sigma_w):
        knobs = {"sigma_w": sigma_w, "width": 300}
        return Study(EXPERIMENT, knobs).predict()["baseline_stretch"].values.reshape(-1)

    assert guess(0.7)[-1] == pytest.approx(30 * 2 * np.log(0.7))
    assert not guess(2.5).any()


def test_assumptions_say_what_is_broken():
    def said(**knobs):
        study = Study(EXPERIMENT, {"width": 300, "depth": 5, **knobs})
        found = claims.assumptions(study.setup.params, {}, study.predict())
        return {one.name: (one.held, one.sentence) for one in found}

    assert said(weights="sparse")["dense_weights"] == (
        False, "Each neuron sums two inputs: the sum is not Gaussian."
    )  # fmt: skip
    assert not said(weights="tied")["fresh_weights"][0]
    held, words = said(width=30, depth=40)["wide_for_stretch"]
    assert not held
    assert words.startswith("At width 30 and depth 40 the band of the stretch is ")


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"width": 4000, "depth": 200}, "give a width of at most 2236"),
        ({"activation": "relu", "sigma_w": 4, "depth": 60}, "give a depth of at most 33, or"),
        ({"sigma_w": 0.05, "sigma_b": 0, "depth": 200}, "does not hold: give a depth of at most"),
        ({"sigma_w": 9}, "give a number from 0.05 to 8"),
        ({"weights": "dense"}, "give gaussian, orthogonal, signs, tied or sparse"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, knobs).setup


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("sigma_w", [0.7, 4.0])
def test_settings_drawn_at_random_are_on_the_sliders_and_not_refused(activation, sigma_w):
    values = {"activation": activation, "sigma_w": sigma_w, "sigma_b": 1.0, "q0": 10.0}
    values |= {"depth": 60, "width": 2000, "weights": "orthogonal"}
    feasible = {**values, **params.feasible(values)}
    assert 300 <= feasible["width"] <= 2000
    assert 5 <= feasible["depth"] <= 60
    assert 0.7 <= feasible["sigma_w"] <= 4
    _ = Study(EXPERIMENT, feasible).setup
