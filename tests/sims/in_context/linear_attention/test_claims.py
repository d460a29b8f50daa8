import numpy as np
import pytest

from sims.in_context.linear_attention import EXPERIMENT, presets


@pytest.fixture(scope="module")
def staircase(judged):
    return judged(EXPERIMENT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("preset", presets.PRESETS, ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) in (stated, "not judged")


def test_the_run_falls_where_it_was_drawn(staircase):
    falls = staircase.run["jump_times"].values[0]
    np.testing.assert_allclose(falls[:3], (72, 106, 231), rtol=0.04)
    assert falls[3] == pytest.approx(448, rel=0.1)
    np.testing.assert_allclose(staircase.run["strengths"].values[0, -1], 1, atol=0.06)
    assert staircase.run["unexplained"].values[0, -1] < 0.04


def test_levels_of_noisier_labels_would_be_a_surprise(staircase):
    levels = 1.1 * staircase.prediction["plateau_losses"].values
    assert staircase.verdict_had_it_been("plateau_losses", plateau_losses=levels) == "surprise"


@pytest.mark.parametrize("wrong", [0.9, 1.1])
def test_an_estimator_ten_percent_off_is_a_surprise(staircase, wrong):
    answers = wrong * staircase.prediction["answers_final"].values
    assert staircase.verdict_had_it_been("estimator_final", answers_final=answers) == "surprise"


@pytest.mark.parametrize("wrong", [0.9, 1.1])
def test_falls_ten_percent_off_are_a_surprise(staircase, wrong):
    times = wrong * staircase.prediction["jump_times"].values
    assert staircase.verdict_had_it_been("jump_times", jump_times=times) == "surprise"


def test_a_component_that_never_comes_is_infinitely_late(staircase):
    band = staircase.prediction["band"].values
    assert (band > 0).all()
    run = staircase.run.copy(deep=True)
    run["jump_times"][0, 2] = np.nan
    found = staircase.start.claims(run)
    assert np.isinf(found["error"].sel(claim="jump_times").item())


def test_noise_says_beforehand_that_a_time_is_a_coin_toss(judged):
    found = judged(EXPERIMENT, batch_size=8, steps=400, context=4)
    assert not found.held("no_coin_toss")
    assert not found.held("quiet_steps")
    assert "two heads compete" in found.sentence("no_coin_toss")


def test_where_nothing_is_learned_nothing_is_judged(judged):
    found = judged(EXPERIMENT, steps=40, batch_size=64)
    for claim in ("jump_times", "estimator_final", "context_curve"):
        assert found.verdict(claim) == "not judged"
        assert "nothing is predicted to be learned" in found.reason(claim)
    assert found.verdict("plateau_losses") == "not judged"


@pytest.mark.slow
def test_heads_that_swap_their_roles_hide_behind_the_same_loss(judged):
    found = judged(EXPERIMENT, "everything")
    assert found.run["unexplained"].values[0, -1] > 0.3
    assert found.verdict("context_curve") == "lands"
