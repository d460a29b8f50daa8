import numpy as np
import pytest

from app.judged import verdicts_of
from sims import api
from sims.core.controls import survivors
from sims.core.study import Study
from sims.representations.word_vectors import EXPERIMENT, params


@pytest.fixture(scope="module")
def months(judged):
    return judged(EXPERIMENT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 10))
@pytest.mark.parametrize("preset", params.PRESETS, ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) in (stated, "not judged")


def test_no_claim_lands_where_there_is_nothing_to_see():
    assert list(survivors(Study(EXPERIMENT))) == []


def test_moments_are_known_far_better_than_they_are_judged(months):
    assert months.error("half_times") < 0.02
    assert months.error("one_line") < 0.002


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_moment_that_is_two_steps_off_is_a_surprise(months, steps):
    wrong = months.prediction["half_times"].values + steps
    assert months.verdict_had_it_been("half_times", half_times=wrong) == "surprise"


def test_the_flow_of_the_paper_would_be_a_surprise(months):
    """Without the growth of a finite step and its half, moments are three steps early."""
    wrong = np.array([[136.0, 161.0, 223.6, 365.6]])
    assert months.verdict_had_it_been("half_times", half_times=wrong) == "surprise"


def test_in_four_dimensions_the_line_fails_and_the_matrix_does_not(judged):
    found = judged(EXPERIMENT, "crowded")
    assert not found.held("room")
    assert found.sentence("room").startswith("4 meanings share 4 dimensions")
    assert (found.verdict("half_times"), found.verdict("one_line")) == ("lands", "departs")
    assert np.isinf(found.first("half_times")[3])  # it finds no seat within the run


def test_the_loss_departs_where_frequent_pairs_pull_harder(judged):
    found = judged(EXPERIMENT, "frequency")
    assert found.error("loss") == pytest.approx(0.188, abs=0.01)
    assert "Frequent pairs pull harder." in found.reason("loss")


def test_a_meaning_that_is_never_seen_although_predicted_is_infinitely_wrong(judged):
    found = judged(EXPERIMENT, "frequency")
    assert np.isnan(found.run["half_times"].values).any()
    assert np.isinf(found.error("half_times"))


def test_in_a_sweep_moments_are_judged_and_places_are_not_seen():
    tree = api.sweep("representations/word_vectors", over={"alpha": "0.001,0.01"})
    verdicts = tree["claims"].to_dataset()["verdict"]
    assert verdicts.dtype.kind == "i"
    words = [verdicts_of(verdicts.sel(claim=c)) for c in ("half_times", "places")]
    assert words == [["lands", "lands"], ["not judged", "not judged"]]
    assert tree["sweep"]["half_times"].dims[0] == "alpha"
