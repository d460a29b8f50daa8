import pytest

from sims.core.controls import survivors
from sims.core.study import Study
from sims.kernel_regression.random_labels import EXPERIMENT, params


@pytest.fixture(scope="module")
def both(judged):
    return judged(EXPERIMENT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 10))
@pytest.mark.parametrize("preset", [p for p in params.PRESETS if not p.over], ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) in (stated, "not judged")


def test_no_claim_lands_where_there_is_nothing_to_see():
    assert list(survivors(Study(EXPERIMENT))) == []


@pytest.mark.parametrize("claim", ["steps_true", "steps_random"])
def test_a_count_of_steps_off_by_six_percent_is_a_surprise(both, claim):
    wrong = 1.06 * both.prediction["steps_needed"].values
    assert both.verdict_had_it_been(claim, steps_needed=wrong) == "surprise"


def test_a_last_label_much_later_than_drawn_is_a_surprise(both):
    wrong = 0.6 * both.prediction["memorised"].values
    for claim in ("memorised_true", "memorised_random"):
        assert both.verdict_had_it_been(claim, memorised=wrong) == "surprise"


def test_labels_not_yet_drawn_that_take_half_as_long_are_a_surprise(both):
    wrong = 0.5 * both.prediction["steps_blind"].values
    assert both.verdict_had_it_been("steps_blind", steps_blind=wrong) == "surprise"


def test_where_features_move_only_what_relies_on_them_departs(judged):
    found = judged(EXPERIMENT, "plain_network")
    assert not found.held("features_stay_put_random")
    assert "features move by" in found.reason("steps_random")


def test_that_noise_is_as_easy_on_noise_is_no_finding(judged):
    found = judged(EXPERIMENT, "noise_images")
    assert found.first("slow_down") == pytest.approx(0.9, abs=0.15)
    for claim in ("slow_down", "steps_blind", "accuracy"):
        assert found.verdict(claim) == "not judged"
        assert "a guess without theory" in found.reason(claim)


def test_a_last_label_near_the_end_of_the_run_is_not_judged(judged):
    found = judged(EXPERIMENT, examples=32, width=64, steps=15)
    assert found.verdict("memorised_random") == "not judged"
    assert "near the end of the run" in found.reason("memorised_random")
    assert "behind the end of the run" in found.reason("steps_random")
