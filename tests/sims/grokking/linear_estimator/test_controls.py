"""No claim of the linear estimator lands without training, spectrum, or the very sample."""

import pytest

from sims.grokking.linear_estimator import EXPERIMENT
from sims.grokking.linear_estimator.claims import whitened
from tests.sims.controls import surviving, verdicts

HALF = {"d": 200, "ratio": 0.4}
CRITICAL = {"d": 64, "ratio": 0.98, "replicas": 1024, "steps": 5000}
CLAIMS = ("train_accuracy", "test_accuracy", "train_time", "grok_time")
MISSED = {"departs", "surprise"}


def of(found):
    return {name: found[name] for name in CLAIMS}


def test_nothing_survives():
    assert surviving(EXPERIMENT, **HALF) == []


def test_the_claims_land_in_the_honest_run():
    assert of(verdicts(EXPERIMENT, HALF)) == dict.fromkeys(CLAIMS, "lands")


@pytest.mark.parametrize(
    "twist",
    [{"trained": False}, {"values": {"eta": 0.24}}, {"task": whitened}],
    ids=["untrained", "another rate", "no spectrum"],
)
def test_no_claim_lands_where_something_is_broken(twist):
    assert set(of(verdicts(EXPERIMENT, HALF, **twist)).values()) <= MISSED


@pytest.mark.parametrize(
    "knobs",
    [
        {"d": 300, "ratio": 1.5, "steps": 1},
        {"d": 300, "ratio": 0.7, "weight_decay": 0.1, "steps": 50},
        {"d": 100, "ratio": 1.5, "steps": 400},
    ],
)
def test_a_time_that_neither_side_has_is_not_judged(knobs):
    assert verdicts(EXPERIMENT, knobs)["grok_time"] == "not judged"
    assert verdicts(EXPERIMENT, knobs, trained=False)["grok_time"] == "not judged"


def test_a_run_that_comes_where_none_should_departs_or_surprises():
    """Beyond ratio 1 no run without decay gets there; one with decay does."""
    knobs = {"d": 100, "ratio": 1.5, "steps": 4000, "teacher_variance": 1e-3, "eps": 0.1}
    assert verdicts(EXPERIMENT, knobs)["grok_time"] == "not judged"
    decaying = verdicts(EXPERIMENT, knobs, values={"weight_decay": 5e-3})
    assert decaying["grok_time"] in MISSED


def test_near_ratio_one_the_very_sample_is_seen(judged):
    found = judged(EXPERIMENT, **CRITICAL)
    assert found.verdict("test_loss_sample_exact") == "lands"
    other = judged(EXPERIMENT, **CRITICAL, seed=1).prediction["test_loss_sample_exact"].values
    missed = found.verdict_had_it_been("test_loss_sample_exact", test_loss_sample_exact=other)
    assert missed in MISSED
