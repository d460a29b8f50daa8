import numpy as np
import pytest

from sims.core.controls import survivors
from sims.core.study import Study
from sims.representations.universality import EXPERIMENT, claims, params

ALIKE = ("cka_narrow", "cka_wide", "cka_other", "debiased")


@pytest.fixture(scope="module")
def rich(judged):
    return judged(EXPERIMENT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 10))
@pytest.mark.parametrize("preset", params.PRESETS, ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) == stated


def test_no_claim_lands_where_there_is_nothing_to_see():
    assert list(survivors(Study(EXPERIMENT))) == []


def test_seed_free_curves_are_met_well_within_the_tolerance(rich):
    assert all(rich.error(name) < 0.7 for name in (*ALIKE, "loss"))


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("cka_narrow", 0.9),
        ("cka_narrow", 1.1),
        ("cka_wide", 0.9),
        ("cka_wide", 1.1),
        ("cka_other", 0.9),
        ("cka_other", 1.15),
        ("debiased", 1.1),
    ],
)
def test_another_level_is_a_surprise(rich, name, factor):
    wrong = factor * rich.prediction[name].values
    assert rich.verdict_had_it_been(name, **{name: wrong}) == "surprise"


def test_what_others_learn_is_seen_by_what_they_are_asked(rich):
    """Had they learned the digits, they would be as alike as all."""
    same = rich.prediction["cka_narrow"].values
    assert rich.verdict_had_it_been("cka_other", cka_other=same) == "surprise"


def test_the_guess_is_the_nearer_of_two(rich):
    prediction = rich.prediction.isel(seed=0) if "seed" in rich.prediction.dims else rich.prediction
    guess = claims.nearer("cka_wide")(params.Params(), {}, prediction)
    assert set(np.unique(guess)) <= {1.0, float(prediction["cka_wide"][0])}


def test_a_large_start_is_alike_untaught_and_tests_nothing(judged):
    found = judged(EXPERIMENT, "lazy")
    assert {found.verdict(name) for name in ALIKE} == {"not judged"}
    wide = np.ravel(found.run["cka_wide"].values)
    assert 0.9 < wide[0] < 0.95
    assert 0.9 < wide[-1] < 0.95


@pytest.mark.parametrize(("preset", "name"), [("raw", "white_inputs"), ("relu", "linear_units")])
def test_it_departs_for_the_reason_that_is_named(judged, preset, name):
    found = judged(EXPERIMENT, preset)
    assert not found.held(name)
    assert found.verdict("cka_wide") == "departs"
