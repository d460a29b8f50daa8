"""The frontier's claims: what lands, what they see, and where they give up."""

import numpy as np
import pytest

from sims.core.controls import survivors
from sims.core.study import Study
from sims.scaling_laws.compute_frontier import EXPERIMENT, params


@pytest.fixture(scope="module")
def frontier(judged):
    return judged(EXPERIMENT)


def test_all_five_claims_land_on_the_edge(frontier):
    for claim in EXPERIMENT.claims:
        assert frontier.verdict(claim.name) == "lands"
    measured = float(frontier.run["frontier_slope"].values[0])
    assert measured == pytest.approx(frontier.first("frontier_slope"), abs=0.012)
    assert measured == pytest.approx(-2 / 3, abs=0.04)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("preset", params.PRESETS, ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) == stated


@pytest.mark.slow
def test_no_claim_lands_where_every_size_is_alike():
    assert list(survivors(Study(EXPERIMENT))) == []


@pytest.mark.parametrize(
    ("claim", "variable", "wrong"),
    [
        ("loss_curve", "loss", 1.1),
        ("frontier_slope", "frontier_slope", 1.1),
        ("scaling_exponent", "scaling_exponent", 1.1),
        ("collapse", "law_loss", 1.1),
        ("best_width", "best_width", 2.0),
    ],
)
def test_a_theory_a_tenth_off_is_a_surprise(frontier, claim, variable, wrong):
    other = wrong * frontier.prediction[variable].values
    assert frontier.verdict_had_it_been(claim, **{variable: other}) == "surprise"


def test_the_best_size_is_judged_where_one_is_well_ahead(frontier):
    lead = frontier.first("lead")
    assert (lead > 4).sum() >= 10
    assert np.array_equal(frontier.run["best_width"].values[0], frontier.first("best_width"))


def test_more_noise_than_pen_and_paper_know_breaks_their_claims_alone(judged):
    found = judged(EXPERIMENT, "noise_floor")
    assert not found.held("no_noise_floor")
    assert found.held("light_tails")
    assert found.verdict("frontier_slope") == "lands"
    assert found.verdict("scaling_exponent") == found.verdict("collapse") == "departs"


def test_a_ladder_that_ends_too_low_is_said_to(judged):
    found = judged(EXPERIMENT, "no_larger_size")
    assert not found.held("sizes_matter")
    assert found.verdict("scaling_exponent") == "departs"
    assert "among 4 to 16" in found.reason("scaling_exponent")
