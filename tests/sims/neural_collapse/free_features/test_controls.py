import pytest

from sims.core.controls import survivors
from sims.core.study import Study
from sims.neural_collapse.free_features import EXPERIMENT

SMALL = {"per_class": 5, "width": 8, "eta": 0.2}
WEAK = {**SMALL, "lambda_w": 0.1, "lambda_h": 0.1, "horizon": 300.0}


@pytest.mark.parametrize("knobs", [{}, {"loss_kind": "mse"}], ids=("ce", "mse"))
def test_no_claim_lands_where_nothing_is_trained_or_features_are_those_of_others(knobs):
    assert list(survivors(Study(EXPERIMENT, SMALL | knobs))) == []


def test_small_classes_apart_are_no_test_but_merged_ones_are(judged):
    before, after = (judged(EXPERIMENT, **WEAK, imbalance=R) for R in (8.0, 16.0))
    assert before.verdict("minority_threshold") == "not judged"
    assert "untrained, too" in before.reason("minority_threshold")
    assert before.verdict("minority_cosine") == "lands"
    assert after.verdict("minority_threshold") == "lands"
    assert list(survivors(Study(EXPERIMENT, WEAK | {"imbalance": 16.0}))) == []


def test_two_opposite_classifiers_are_no_test(judged):
    found = judged(EXPERIMENT, **SMALL, classes=2)
    assert found.verdict("classifier_cosines_final") == "not judged"
    assert "opposite" in found.reason("classifier_cosines_final")


def test_logits_that_have_not_moved_are_no_test(judged):
    short = {"loss_kind": "mse", "classes": 10, "init_scale": 0.01, "horizon": 20.0}
    assert judged(EXPERIMENT, **SMALL | {"width": 16}, **short).verdict("logits") == "not judged"


def test_dead_classes_are_seen_by_their_norms_alone(judged):
    found = judged(EXPERIMENT, **SMALL | {"lambda_w": 0.3, "lambda_h": 0.3})
    assert found.verdict("loss_final") == "not judged"
    assert found.verdict("classifier_norm_final") == "lands"


def test_a_step_makes_a_tiny_start_late_by_what_theory_allows(judged):
    tiny = {"loss_kind": "mse", "bias": False, "classes": 2, "lambda_w": 0.02, "imbalance": 10.0}
    start = {"init_scale": 0.004, "eta": 0.057, "horizon": 60.0}
    found = judged(EXPERIMENT, per_class=20, width=16, **tiny, **start)
    assert found.verdict("logits") == "lands"
    row = found.claims.sel(claim="logits")
    allowed = float(row["tolerance"]) - 0.015
    assert 0.4 * allowed < found.error("logits") < allowed
    assert float(row["skill"].min()) > 0.9
