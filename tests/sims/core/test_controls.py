import dataclasses

import numpy as np
import pytest

from sims import api
from sims.compare import largest_gap
from sims.core.controls import OTHER_SEED, UNTRAINED, Control, Untrained, survivors
from sims.core.experiment import Claim
from sims.core.study import Study

LINEAR = api.experiment("saddle_to_saddle/linear_network")
SMALL = {"horizon": 3.0, "width": 4}
UNGUESSED = {"baseline": None, "no_guess": "so"}
SHARP = Claim("mode_strengths", largest_gap("mode_strengths"), 1e-3)


def found(*claims: Claim, **how) -> dict[str, str]:
    """Claims that survive a twist, by name."""
    experiment = dataclasses.replace(LINEAR, claims=claims, presets=(), **how)
    return {one.claim: one.twist for one in survivors(Study(experiment, SMALL))}


def hollow(name: str, tolerance: float, **how) -> Claim:
    return dataclasses.replace(SHARP, name=name, title=name, tolerance=tolerance, **how)


def test_a_sharp_claim_survives_no_twist():
    assert found(SHARP) == {}


def test_a_claim_that_lands_where_nothing_is_trained_is_named():
    assert found(hollow("wide", 100.0, **UNGUESSED))["wide"] in (UNTRAINED, OTHER_SEED)


def test_a_twist_that_means_nothing_is_void():
    wide = hollow("wide", 100.0, **UNGUESSED, void={UNTRAINED: "so", OTHER_SEED: "so"})
    assert found(wide) == {}


def test_a_run_that_shows_nothing_but_its_start_has_as_many_rows():
    run = Study(LINEAR, SMALL).freeze().run()
    run.finish()
    still = Untrained(run)
    assert still.rows == run.rows
    for name, values in still.records.items():
        assert values.shape == run.records[name].shape
        assert np.ptp(values, axis=1).max() == 0


@pytest.mark.parametrize(
    ("control", "survives"),
    [
        (Control("a tenth of the rate", {"eta": 1e-3}), False),
        (Control("the same run", {}), True),
        (Control("the same run, asked of another", {}, claims=("other",)), False),
        (Control("other data", task=lambda task: {**task, "spectrum": task["spectrum"]}), True),
    ],
)
def test_an_experiments_own_control_must_make_its_claims_depart(control, survives):
    assert (found(SHARP, controls=(control,)) != {}) == survives
