"""No claim of the decay clock lands where there is no decay, no training, or nothing to find."""

import numpy as np
import pytest

from sims.grokking.weight_decay_timing import EXPERIMENT
from sims.grokking.weight_decay_timing.claims import shuffled
from tests.sims.controls import surviving, verdicts

QUICK = {"alpha": 1.0, "weight_decay": 0.02}
CLAIMS = ("grok_time", "test_error", "test_error_first_order")


def test_nothing_survives_at_the_default():
    assert surviving(EXPERIMENT) == []


def test_the_claims_land_in_the_honest_run():
    assert verdicts(EXPERIMENT, QUICK) == dict.fromkeys(CLAIMS, "lands")


@pytest.mark.parametrize(
    "twist",
    [
        {"trained": False},
        {"values": {"weight_decay": 0.01}},
        {"values": {"weight_decay": 1e-5}},
        {"task": shuffled},
        {"task": lambda task: {**task, "y": 0 * task["y"]}},
    ],
    ids=["untrained", "half the decay", "no decay", "shuffled answers", "answers of zero"],
)
def test_no_claim_lands_where_something_is_broken(twist):
    assert set(verdicts(EXPERIMENT, QUICK, **twist).values()) <= {"departs", "surprise"}


def test_the_product_of_the_factors_is_no_claim_since_it_is_kept_whatever_is_learned(judged):
    assert "product_drift" not in {claim.name for claim in EXPERIMENT.claims}
    found = judged(EXPERIMENT, n=20, k=5, alpha=1.0, steps=2000)
    assert found.run["product_drift"].max() < 0.005
    np.testing.assert_allclose(found.run["product"][0], found.prediction["product"][0], rtol=0.005)


def test_what_ends_before_anything_happens_is_not_judged():
    found = verdicts(EXPERIMENT, {"alpha": 1.0, "steps": 100})
    assert set(found.values()) == {"not judged"}
