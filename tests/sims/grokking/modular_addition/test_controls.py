"""No claim of modular addition lands in a net that memorises, or in one that learns nothing."""

import pytest

from sims.grokking.modular_addition import EXPERIMENT
from sims.grokking.modular_addition.claims import random_answers
from tests.sims.controls import verdicts

SMALL = {
    "p": 17, "width": 64, "fraction": 0.61, "eta": 5e-3, "init_scale": 1.0, "steps": 2400,
}  # fmt: skip
MARGIN = {
    "p": 7, "width": 32, "fraction": 1.0, "regulariser": "cubic", "weight_decay": 1e-4,
    "eta": 2e-2, "init_scale": 1.0, "steps": 2500,
}  # fmt: skip
LEARNT = ("phase_defect", "restricted_leads", "test_accuracy")
AT_MOST = ("margin_ratio", "frequency_shares", "phase_defect")
MISSED = {"departs", "surprise"}


def of(found, names):
    return {name: found[name] for name in names}


def test_the_claims_land_in_the_honest_runs():
    assert of(verdicts(EXPERIMENT, SMALL), LEARNT) == dict.fromkeys(LEARNT, "lands")
    assert of(verdicts(EXPERIMENT, MARGIN), AT_MOST) == dict.fromkeys(AT_MOST, "lands")


@pytest.mark.parametrize(
    "twist",
    [{"trained": False}, {"values": {"weight_decay": 0.0}}, {"task": random_answers}],
    ids=["untrained", "no decay", "random answers"],
)
def test_no_claim_on_the_circuit_lands_without_one(twist):
    assert set(of(verdicts(EXPERIMENT, SMALL, **twist), LEARNT).values()) <= MISSED


@pytest.mark.parametrize(
    "twist",
    [{"trained": False}, {"task": random_answers}, {"values": {"weight_decay": 0.1}}],
    ids=["untrained", "random answers", "decay a thousand times too strong"],
)
def test_no_claim_on_the_margin_lands_without_it(twist):
    found = of(verdicts(EXPERIMENT, MARGIN, **twist), ("margin_ratio", "frequency_shares"))
    assert found["margin_ratio"] in MISSED
    if "values" not in twist:
        assert set(found.values()) <= MISSED


def test_a_net_that_memorises_has_no_phases_that_agree():
    memorising = SMALL | {"fraction": 0.25}
    assert verdicts(EXPERIMENT, memorising)["phase_defect"] == "departs"


def test_unseen_pairs_show_no_circuit_in_a_net_that_memorises(judged):
    """Over all pairs the mean would hold what was learnt by heart, and fall in any net."""
    found = judged(EXPERIMENT, **SMALL | {"weight_decay": 0.0})
    assert float(found.run["train_accuracy"][0, -1]) == 1
    assert float(found.run["restricted_loss"].min()) > 1.2 * float(
        found.prediction["restricted_level"]
    )
