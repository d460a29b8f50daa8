import pytest

from sims.core.controls import survivors
from sims.core.study import Study
from sims.lazy_rich.diagonal_network import EXPERIMENT

SMALL = {"n": 20, "d": 50, "k": 3, "steps": 20_000}


@pytest.mark.parametrize("alpha_0", [0.01, 0.05])
def test_no_claim_lands_untrained_or_on_another_seed_s_data(alpha_0):
    assert list(survivors(Study(EXPERIMENT, SMALL | {"alpha_0": alpha_0}))) == []


def test_where_the_end_is_least_squares_nothing_is_tested(judged):
    found = judged(EXPERIMENT, **SMALL, alpha_0=1)
    for claim in EXPERIMENT.claims:
        assert found.verdict(claim.name) == "not judged"
        assert "least squares" in found.reason(claim.name)


def test_a_test_error_that_is_the_same_for_every_start_is_no_test(judged):
    found = judged(EXPERIMENT, n=20)
    assert found.verdict("test_error_final") == "not judged"
    assert "no start can be told by it" in found.reason("test_error_final")
    assert found.verdict("weights_final") == "lands"
