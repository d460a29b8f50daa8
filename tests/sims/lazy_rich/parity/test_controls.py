from sims.core.controls import survivors
from sims.core.study import Study
from sims.lazy_rich.parity import EXPERIMENT

KERNEL = {"alpha": 30, "d": 6, "n": 40, "n_test": 300, "width": 128, "steps": 500}


def test_the_kernel_s_loss_does_not_land_untrained_or_on_shuffled_targets(judged):
    assert judged(EXPERIMENT, **KERNEL).verdict("test_loss_final") == "lands"
    assert list(survivors(Study(EXPERIMENT, KERNEL))) == []


def test_a_kernel_that_learns_nothing_is_no_test(judged):
    found = judged(EXPERIMENT, **{**KERNEL, "d": 15, "relevant": 3})
    assert found.verdict("test_loss_final") == "not judged"
    assert "learns nothing" in found.reason("test_loss_final")


def test_a_loss_of_zero_is_met_up_to_a_hundredth_of_no_knowledge(judged):
    found = judged(EXPERIMENT, alpha=30, d=5, steps=500, n_test=100)
    assert found.held("features_stay_put")
    assert found.verdict("test_loss_final") == "lands"


def test_the_share_of_the_bits_that_matter_is_shown_and_not_claimed():
    assert [claim.name for claim in EXPERIMENT.claims] == ["test_loss_final"]
    assert EXPERIMENT.view is not None
