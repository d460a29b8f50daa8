import dataclasses

import pytest

from sims.edge_of_stability.self_stabilisation import EXPERIMENT, training
from tests.sims.controls import trained_by, untrained

CLAIMS = ("overshoot", "overshoot_step", "return_step")


@pytest.mark.parametrize("claim", CLAIMS)
def test_nothing_lands_where_nothing_is_trained(judged, claim):
    assert judged(untrained(EXPERIMENT)).verdict(claim) == "surprise"


def _faster(params, task, state):
    return training.step(dataclasses.replace(params, eta=1.02 * params.eta), task, state)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_cycle_at_two_percent_more_rate_is_another(judged, claim):
    assert judged(trained_by(EXPERIMENT, step=_faster)).verdict(claim) == "surprise"


@pytest.mark.parametrize("claim", CLAIMS)
def test_another_net_has_another_cycle(judged, claim):
    mine, other = judged(EXPERIMENT), judged(EXPERIMENT, seed=1)
    theirs = other.prediction[claim].values
    assert mine.verdict_had_it_been(claim, **{claim: theirs}) == "surprise"


@pytest.mark.parametrize("claim", CLAIMS)
def test_that_the_sharpness_stays_at_the_edge_is_far_off(judged, claim):
    assert judged(EXPERIMENT).claims["skill"].sel(claim=claim).item() > 0.99


def test_a_feedback_that_drifts_is_announced_with_its_size(judged):
    found = judged(EXPERIMENT, degree=6, eta=0.093, kick=0.00253)
    assert found.held("steady_sharpening")
    assert not found.held("steady_feedback")
    assert found.verdict("overshoot") == "departs"
    off = found.run["overshoot"].values[0] / found.first("overshoot") - 1
    assert found.first("feedback_drift") == pytest.approx(off, abs=0.015)


@pytest.mark.slow
@pytest.mark.parametrize("kick", [1e-2, 1e-3])
def test_a_deep_net_whose_feedback_drifts_departs(judged, kick):
    found = judged(EXPERIMENT, depth=3, degree=3, kick=kick)
    assert not found.held("steady_feedback")
    assert found.verdict("overshoot") == "departs"


def test_an_overshoot_of_the_size_of_the_edge_is_announced(judged):
    assert not judged(EXPERIMENT, degree=3, eta=0.142, kick=0.000259, seed=4).held(
        "small_overshoot"
    )
