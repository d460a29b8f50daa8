import pytest

from sims.edge_of_stability.scalar_models import EXPERIMENT, training
from tests.sims.controls import trained_by, untrained

FIRST_STEPS = ("loss", "curvature")


def at_another_rate(factor):
    """The experiment whose runs take steps of another size than is said."""

    def step(params, task, state):
        return training.step(params, {**task, "rate": factor * task["rate"]}, state)

    return trained_by(EXPERIMENT, step=step)


@pytest.mark.parametrize("claim", [*FIRST_STEPS, "curvature_final"])
def test_nothing_lands_where_nothing_is_trained(judged, claim):
    assert judged(untrained(EXPERIMENT)).verdict(claim) == "surprise"


@pytest.mark.parametrize("claim", [*FIRST_STEPS, "curvature_final", "divergence_step"])
def test_nothing_is_judged_at_a_minimum_where_nothing_happens(judged, claim):
    found = judged(EXPERIMENT, model="two_scalars", a0=1, b0=1)
    assert found.verdict(claim) == "not judged"


@pytest.mark.parametrize("eta_lambda0", [0.1, 1.9, 4.05])
def test_a_divergence_is_no_test_where_linear_stability_says_the_same(judged, eta_lambda0):
    found = judged(EXPERIMENT, eta_lambda0=eta_lambda0)
    assert found.verdict("divergence_step") == "not judged"
    assert "linear stability" in found.reason("divergence_step")


def test_a_catapult_that_comes_back_is_one(judged):
    found = judged(EXPERIMENT, eta_lambda0=3)
    assert found.verdict("divergence_step") == "lands"
    assert found.claims["skill"].sel(claim="divergence_step").item() == 1


def test_a_run_that_diverges_instead_is_a_surprise(judged):
    assert judged(at_another_rate(1.5), eta_lambda0=3).verdict("divergence_step") == "surprise"


@pytest.mark.parametrize(("depth", "eta"), [(2, 0.3), (2, 1.0), (3, 0.5)])
def test_an_orbit_is_no_test_where_it_is_the_minimum(judged, depth, eta):
    found = judged(EXPERIMENT, model="balanced_product", depth=depth, eta=eta)
    assert found.verdict("orbit") == "not judged"


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.05])
def test_an_orbit_of_another_rate_is_missed(judged, factor):
    found = judged(at_another_rate(factor), model="balanced_product", eta=1.15)
    assert found.verdict("orbit") == "surprise"


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.1])
def test_a_tied_product_ends_at_the_edge_of_its_own_rate(judged, factor):
    found = judged(at_another_rate(factor), model="tied_depth_four")
    assert found.verdict("curvature_final") in ("surprise", "departs", "not judged")
    assert not found.error("curvature_final") <= 0.05


def test_the_end_of_a_tied_product_below_the_edge_says_nothing_of_the_edge(judged):
    found = judged(EXPERIMENT, model="tied_depth_four", a0=3, b0=0.2, eta=0.05)
    assert found.verdict("curvature_final") == "not judged"
