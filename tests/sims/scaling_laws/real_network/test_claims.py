"""Verdicts on the real race, its step, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import own_data
from sims.core.study import Study
from sims.scaling_laws.real_network import EXPERIMENT, params, training

MEAN = ("loss_curve", "loss_final")


@pytest.fixture(scope="module")
def race(judged):
    return judged(EXPERIMENT)


def test_all_three_claims_are_judged_at_the_defaults_and_land(race):
    for claim in EXPERIMENT.claims:
        assert race.verdict(claim.name) == "lands"
    assert race.claims["baseline_error"].sel(claim="ranking") >= 2


@pytest.mark.parametrize("by", [0.6, 1.5])
def test_levels_far_off_are_a_surprise(race, by):
    loss = race.prediction["loss"].values * by
    ends = race.prediction["loss_final"].values * by
    for claim in MEAN:
        assert race.verdict_had_it_been(claim, loss=loss, loss_final=ends) == "surprise"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("preset", params.PRESETS, ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) in (stated, "not judged")


def test_the_first_step_is_that_of_the_linearised_network():
    setup = Study(EXPERIMENT, {"n": 20, "width": 16, "replicas": 2, "batch_size": 4}).setup
    task = {n: jnp.asarray(v, jnp.float32 if v.dtype.kind == "f" else v.dtype)
            for n, v in setup.tasks[0].items()}  # fmt: skip

    @jax.jit
    def moved(task):
        start = training.init(setup.params, task)
        after = training.step(setup.params, task, start)
        return after.W - start.W, after.a - start.a, training.observe(setup.params, task, start)

    W, a, seen = moved(task)
    np.testing.assert_allclose(seen["loss"], np.ones(6), rtol=1e-5)
    # all schedules see the same samples: their steps differ by their rates alone
    power = (1 - 0.5 / 1000) ** 2
    np.testing.assert_allclose(a[:, 5], power * a[:, 0], rtol=1e-2, atol=1e-6)
    assert np.isfinite(W).all()


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"c": 1}, "give a number from 0.001 to 0.999"),
        ({"width": 512, "replicas": 64}, "are 32768 neurons: at most 20000"),
        ({"n": 900}, "give a whole number from 20 to 800"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, knobs).setup


def test_no_more_of_ones_own_points_than_there_are():
    X = np.random.default_rng(0).standard_normal((30, 4))
    own = own_data.keep(X, X[:, 0])
    with pytest.raises(ValueError, match="where the data have 30 samples: give n from 20 to 30"):
        _ = Study(EXPERIMENT, {"data": own.value}).setup
