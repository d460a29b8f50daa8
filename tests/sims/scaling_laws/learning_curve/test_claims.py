"""Verdicts on the race: what lands, what departs for a named reason, and what is refused."""

import numpy as np
import pytest

import sims
from sims.core.controls import controlled
from sims.core.knobs import lines_beneath
from sims.core.study import Study
from sims.scaling_laws.learning_curve import EXPERIMENT, claims, params

MEAN = ("loss_curve", "loss_final")


@pytest.fixture(scope="module")
def race(judged):
    return judged(EXPERIMENT)


def test_all_four_claims_are_judged_at_the_defaults_and_land(race):
    for claim in EXPERIMENT.claims:
        assert race.verdict(claim.name) == "lands"
    assert race.claims["measured"].sel(claim="ranking") == 11
    assert race.claims["baseline_error"].sel(claim="ranking") >= 2


@pytest.mark.parametrize("by", [0.85, 1.15])
def test_levels_a_seventh_off_are_a_surprise(race, by):
    loss = race.prediction["loss"].values * by
    ends = race.prediction["loss_final"].values * by
    for claim in MEAN:
        assert race.verdict_had_it_been(claim, loss=loss, loss_final=ends) == "surprise"


def test_another_order_is_a_surprise(race):
    pairs = race.prediction["pair_order"].values.copy()
    first = np.flatnonzero(np.isfinite(pairs[0]))[0]
    pairs[0, first] *= -1
    other = race.had_it_been(race.prediction.assign(pair_order=(("seed", "pair"), pairs)))
    row = other.sel(claim="ranking")
    assert row["verdict"] == "surprise"
    assert "of 11 pairs told apart; constant and step is another" in row["where"].item()


def test_the_order_departs_without_the_noise_that_makes_it():
    without, _ = EXPERIMENT.controls
    found = controlled(Study(EXPERIMENT).freeze(), without)
    assert found is not None
    assert found["verdict"].sel(claim="ranking") == "surprise"  # nobody said that noise was gone
    assert found["error"].sel(claim="ranking").item() >= 5


def test_the_choice_that_is_best_for_fresh_samples_departs_where_they_come_back():
    tree = sims.sweep(EXPERIMENT, over={"c": "0.01:0.9:7:log"}, pool=200, steps=500, device="cpu")
    claims = tree["claims"].to_dataset().sel(sweep_claim="best_choice")
    assert claims["sweep_verdict"].item() == "departs"
    assert "used 20 times" in claims["sweep_reason"].item()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("preset", [p for p in params.PRESETS if not p.over], ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    assert {claim: found.verdict(claim) for claim in preset.verdicts} == preset.verdicts


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"c": 1}, "give a number from 0.001 to 0.999"),
        ({"replicas": 1024, "batch_size": 512}, "at most 2000000; give fewer replicas"),
        ({"pool": 5}, "give 0 for fresh samples, or a whole number from 8 to 100000"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, knobs).setup


def test_a_pool_says_how_often_each_sample_is_used():
    pooled = Study(EXPERIMENT, {"pool": 1000}).setup.params
    assert lines_beneath(pooled)["pool"] == "each sample is used about 8 times"


def test_a_race_too_short_for_pen_and_paper_is_not_judged_by_it():
    study = Study(EXPERIMENT, {"steps": 20})
    told = study.predict().isel(seed=0)
    assert "has 0 records" in claims._too_short(study.setup.params, told, told)
