import pytest

from sims.core.controls import survivors
from sims.core.study import Study
from sims.lazy_rich.two_layer_network import EXPERIMENT

SPHERE = {"activation": "erf", "d": 5, "width": 128, "alpha": 10, "steps": 800}
FAST = {"activation": "erf", "width": 64, "alpha": 30, "steps": 500}


@pytest.mark.parametrize("knobs", [SPHERE, {**FAST, "c": 1.3}], ids=("lazy", "catapult"))
def test_no_claim_lands_untrained_or_with_the_guess_in_place_of_theory(knobs):
    assert list(survivors(Study(EXPERIMENT, knobs))) == []


def test_on_the_circle_the_lazy_network_becomes_its_teacher_and_tests_nothing(trained):
    found = trained()
    assert found.verdict("test_function") == "not judged"
    assert "becomes its teacher" in found.reason("test_function")
    assert trained(alpha=0.003, steps=500).verdict("test_function") == "not judged"


def test_on_the_sphere_the_teacher_would_not_land(trained):
    found = trained(**SPHERE)
    assert found.verdict("test_function") == "lands"
    row = found.claims.sel(claim="test_function")
    assert float(row["baseline_error"].max()) > 2 * float(row["tolerance"])


@pytest.mark.parametrize("c", [1.01, 1.02])
def test_near_the_edge_a_little_less_kernel_is_foreseen_to_change_the_slope(trained, c):
    found = trained(activation="erf", alpha=30, steps=600, c=c)
    assert not found.held("room_to_grow")
    assert found.verdict("catapult_slope") in ("departs", "not judged")
    assert trained(activation="erf", alpha=30, steps=600, c=1.3).held("room_to_grow")


def test_a_rate_that_has_had_no_reason_to_fall_is_not_judged(trained):
    found = trained(activation="erf", alpha=1000, steps=500, c=1.005)
    assert found.verdict("rate_over_edge") == "not judged"
    assert "stays below α²" in found.reason("rate_over_edge")
