import numpy as np
import pytest

import sims
from sims.core.controls import survivors
from sims.core.study import Study
from sims.kernel_regression.double_descent import EXPERIMENT, params

BRANCHES = ("left_branch", "right_branch")


@pytest.fixture(scope="module")
def peak(judged):
    return judged(EXPERIMENT)


def test_the_peak_lands_in_place_and_height_and_on_both_branches(peak):
    for claim in EXPERIMENT.claims:
        assert peak.verdict(claim.name) == "lands"
    assert peak.first("peak_place") == peak.run["peak_place"].values[0] == 100


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("preset", params.PRESETS, ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) in (stated, "not judged")


def test_no_claim_lands_where_there_is_nothing_to_see():
    assert list(survivors(Study(EXPERIMENT))) == []


@pytest.mark.parametrize(("claim", "wrong"), [("left_branch", 0.85), ("right_branch", 1.2)])
def test_a_branch_off_by_a_fifth_is_a_surprise(peak, claim, wrong):
    other = peak.first("test_error")[None] * wrong
    assert peak.verdict_had_it_been(claim, test_error=other) == "surprise"


def test_a_peak_of_twice_the_height_is_a_surprise(peak):
    higher = 2 * peak.prediction["peak_height"].values
    assert peak.verdict_had_it_been("peak_height", peak_height=higher) == "surprise"


def test_the_place_of_the_peak_holds_where_the_law_is_given_up(judged):
    found = judged(EXPERIMENT, "bumps")
    assert not found.held("even_points")
    assert not found.held("common_neurons")
    assert found.verdict("left_branch") == found.verdict("right_branch") == "departs"
    assert found.run["peak_place"].values[0] == 100


def test_a_curve_too_flat_to_be_a_test_is_not_judged(judged):
    found = judged(EXPERIMENT, "tuned_ridge")
    for claim in BRANCHES:
        assert found.verdict(claim) == "not judged"
        assert "10 % wrong" in found.reason(claim)


def test_a_sweep_over_examples_has_its_peak_at_each_of_them():
    tree = sims.sweep(EXPERIMENT, over={"examples": "20,50"}, trials=32, device="cpu")
    for group in ("prediction", "sweep"):
        peaks = tree[group].to_dataset()["peak_place"]
        np.testing.assert_array_equal(peaks.values.ravel(), [20, 50])
