import numpy as np
import pytest

from sims.core.controls import survivors
from sims.core.study import Study
from sims.representations.superposition import EXPERIMENT, claims, energy, params, training

QUICK = {"steps": 500, "replicas": 24}


@pytest.fixture(scope="module")
def square(judged):
    return judged(EXPERIMENT)


def test_two_pairs_land_in_level_number_and_angles(square):
    for claim in ("loss_final", "kept", "overlaps"):
        assert square.verdict(claim) == "lands"
    assert "a guess without theory" in square.reason("norms")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "preset", [p for p in params.PRESETS if p.over is None], ids=lambda p: p.id
)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) in (stated, "not judged")


def test_no_claim_lands_where_there_is_nothing_to_see():
    assert list(survivors(Study(EXPERIMENT))) == []


@pytest.mark.parametrize(
    ("claim", "wrong"), [("loss_final", 1.01), ("kept", 0.75), ("overlaps", 0.9)]
)
def test_a_wrong_theory_is_a_surprise(square, claim, wrong):
    other = square.prediction[claim].values * wrong
    assert square.verdict_had_it_been(claim, **{claim: other}) == "surprise"


def test_the_best_start_is_judged(square):
    W, b = (square.run[name].values[0, -1] for name in ("weights", "biases"))
    seen = square.run["loss"].values[0, -1]
    assert seen.shape == (32,)
    assert square.run["loss_final"].values[0] == seen.min()
    exact = energy.expected_loss(W.astype(float), b.astype(float), 0.4, np.ones(5))
    np.testing.assert_allclose(seen, exact, rtol=1e-6)
    assert W.shape == (32, 2, 5)
    assert b.shape == (32, 5)


def test_more_features_than_starts_can_place_are_not_promised(judged):
    found = judged(EXPERIMENT, features=6, density=0.1, **QUICK)
    assert not found.held("few_features")
    assert found.sentence("few_features") == (
        "6 features: with more than 5, starts get stuck too high."
    )


@pytest.mark.parametrize(
    ("knobs", "name"),
    [
        ({"together": 0.02}, "independent"),
        ({"importance": 0.7}, "equal_importance"),
        ({"replicas": 12}, "many_starts"),
        ({"density": 0.01}, "seen_often"),
        ({"density": 0.232}, "clear_winner"),
        ({"activation": "linear"}, "relu"),
    ],
)
def test_what_is_not_promised_is_said_before(knobs, name):
    study = Study(EXPERIMENT, knobs)
    prediction = study.predict().isel(seed=0)
    found = EXPERIMENT.evaluate_assumptions(study.setup.params, study.setup.tasks[0], prediction)
    assert [one.name for one in found if not one.held] == [name]


def test_guesses_are_the_nearer_of_one_a_neuron_and_all_evenly():
    study = Study(EXPERIMENT, {})
    prediction = study.predict().isel(seed=0)
    given = (study.setup.params, study.setup.tasks[0], prediction)
    assert claims.guessed_kept(*given) == 5
    np.testing.assert_allclose(claims.guessed_overlaps(*given)[:2], -0.809, atol=1e-3)
    assert claims.guessed_loss(*given) == pytest.approx(0.2299, abs=1e-4)


def test_features_that_are_friends_switch_as_one():
    study = Study(EXPERIMENT, {"together": 1})
    x = training.drawn(study.setup.params, _tensors(study), 0, 2000)
    is_on = np.asarray(x) > 0
    assert (is_on[:, 0] == is_on[:, 1]).mean() > 0.999
    assert (is_on[:, 1] == is_on[:, 2]).mean() < 0.7


def _tensors(study):
    import jax.numpy as jnp

    task = study.setup.tasks[0]
    return {"key": jnp.asarray(task["key"]), "W": jnp.asarray(task["W"], jnp.float32)}


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"features": 9}, "give a whole number from 2 to 8"),
        ({"neurons": 3}, "give 1 or 2"),
        ({"density": 0}, "give a number from 0.002 to 1"),
        ({"steps": 10000, "replicas": 128}, "give at most 7812"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, knobs).setup
