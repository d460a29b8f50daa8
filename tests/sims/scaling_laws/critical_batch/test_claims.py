"""Reading crossings, the assumptions, what is refused, and runs against their line."""

from typing import Any

import numpy as np
import pytest

from sims import api
from sims.core.study import Study
from sims.scaling_laws.critical_batch import EXPERIMENT, claims


def held(**knobs):
    study = Study(EXPERIMENT, knobs)
    study.predict()
    return {one.name: one for one in study.freeze().before()[0]}


def test_crossings_count_full_batches_and_are_straight_in_the_logarithm():
    samples = np.arange(0, 41)
    loss = np.stack([0.1 + 2.0 ** -(samples // B) for B in (1, 4)], axis=1)
    found = claims.crossings(samples, loss, np.array([1, 4]), 0.1 + 2.0**-2.5, 0.1)
    assert found == pytest.approx([2.5, 2.5])


def test_who_is_never_there_has_no_crossing():
    loss = np.ones((5, 2))
    found = claims.crossings(np.arange(5), loss, np.array([1, 2]), 0.5, 0.1)
    assert np.isnan(found).all()


def test_assumptions_are_known_before_the_run():
    assert all(one.held for one in held().values())
    assert not held(rule="sqrt")["best_rates"].held
    hot = held(noise=0, target=0.05)["light_tails"]
    assert not hot.held
    assert "Noise feeds back" in hot.sentence
    assert not held(target=0.1)["many_steps"].held


def test_the_ends_of_the_ladder_give_the_critical_batch_back():
    """Of steps that lie on a hyperbola exactly."""
    study = Study(EXPERIMENT, {})
    told = study.predict().isel(seed=0, missing_dims="ignore")
    B, S = told["batch"].values, told["hyperbola"].values
    r = S[0] / S[-1]
    assert (r - 1) / (1 - r / B[-1]) == pytest.approx(float(told["critical_batch"]))


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"target": 0.002}, "target = 0.002 is not allowed with width = 32, which cannot go below"),
        ({"noise": 10, "target": 0.003}, "batches of 1 do not reach it within 1000000 steps"),
        ({"rule": "fixed", "target": 0.008, "batches": 12}, "samples, at most 2000000"),
    ],
)
def test_a_target_out_of_reach_is_refused_in_one_sentence(knobs: dict[str, Any], words: str):
    with pytest.raises(ValueError, match=words):
        Study(EXPERIMENT, knobs).prepare()


@pytest.mark.slow
def test_other_seeds_land_too():
    tree = api.run(EXPERIMENT, device="cpu", seeds=2, batches=8, replicas=512)
    judged = tree["claims"].to_dataset()
    assert judged["verdict"].values.tolist() == ["lands"] * 3
    assert (judged["error"].sel(claim="steps_to_target") < 3).all()
    assert (judged["error"].sel(claim="hyperbola") < 0.15).all()


def test_samples_without_noise_are_another_problem():
    """The named control: no claim lands there."""
    (control,) = EXPERIMENT.controls
    assert control.task is not None
    twisted = control.task({"s": np.array(0.4)})
    assert twisted["s"] == 0
