import dataclasses

import numpy as np
import pytest
import xarray as xr

from sims import api
from sims.core import claims
from sims.core.experiment import Assumption, Claim, Compared
from sims.core.knobs import own_knob
from sims.core.price import everyday
from sims.core.study import Study

LINEAR = api.experiment("saddle_to_saddle/linear_network")
HELD = Assumption("small", "small", "It is small.", True)
BROKEN = Assumption("small", "small", "It is 3, wanted at most 1.", False)


@pytest.mark.parametrize(
    ("error", "broken", "expected"),
    [
        (0.01, [], "lands"),
        (0.01, [BROKEN], "lands"),
        (0.05, [], "lands"),
        (0.051, [], "surprise"),
        (0.051, [BROKEN], "departs"),
        (np.inf, [], "surprise"),
        (np.nan, [BROKEN], "not judged"),
    ],
)
def test_verdict_follows_from_error_tolerance_and_broken_assumptions(error, broken, expected):
    assert claims.verdict(error, 0.05, broken) == expected


def judged(errors, held, tolerances=None):
    """Judge a made-up claim with one error per seed."""
    setup = Study(LINEAR, {"horizon": 0.1}, seeds=len(errors)).setup
    tolerances = tolerances or [0.05] * len(errors)
    data = xr.Dataset({"e": ("seed", np.array(errors)), "t": ("seed", np.array(tolerances))})

    def compare(params, prediction, run):
        error = float(run["e"])
        return Compared(1.0, 1.0 + error, error, "here", "of the wind.")

    claim = Claim(
        "made_up", compare, lambda _, p: float(p["t"]), relies_on=("small",), title="made up",
        baseline=None, no_guess="the error is made up.",
    )  # fmt: skip
    states = iter(held)
    experiment = dataclasses.replace(
        LINEAR, claims=(claim,), assumptions=lambda *_: [HELD if next(states) else BROKEN]
    )
    return claims.judge(dataclasses.replace(setup, experiment=experiment), data, data)


def test_the_verdict_of_several_seeds_is_the_worst_kind():
    found = judged([0.01, 0.2, 0.3], [True, True, False])
    assert str(found["verdict"].values[0]) == "surprise"
    assert int(found["worst_seed"].values[0]) == 1
    assert str(found["reason"].values[0]).startswith("Unforeseen:")


def test_a_foreseen_departure_names_the_broken_assumption():
    found = judged([0.01, 0.2], [True, False])
    assert str(found["verdict"].values[0]) == "departs"
    assert str(found["reason"].values[0]) == "Foreseen: It is 3, wanted at most 1."


def test_seeds_that_cannot_be_judged_are_left_out():
    found = judged([np.nan, 0.01], [True, True])
    assert str(found["verdict"].values[0]) == "lands"
    none = judged([np.nan, np.nan], [True, True])
    assert str(none["verdict"].values[0]) == "not judged"
    assert str(none["reason"].values[0]) == "Because of the wind."


def test_the_row_shows_the_seed_with_the_largest_error_over_tolerance():
    found = judged([0.04, 0.03], [True, True], [0.08, 0.031])
    assert int(found["worst_seed"].values[0]) == 1
    assert float(found["tolerance"].values[0]) == 0.031


def test_tolerances_and_assumptions_are_known_before_the_run():
    setup = Study(LINEAR, {}, seeds=2).setup
    assumptions, tolerances = claims.before(setup, Study.of(setup).predict())
    assert all(a.held for a in assumptions)
    assert set(tolerances) == {c.name for c in LINEAR.claims}
    assert tolerances["jump_times"] < 0.01


COSTLY = "edge_of_stability/neural_network"
"""Its theory integrates a flow in each preset: a minute in all."""
NAMES = [pytest.param(e.name, marks=pytest.mark.slow if e.name == COSTLY else ())
         for e in api.experiments()]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_a_claim_relies_on_is_an_assumption_of_some_settings(name):
    experiment = api.experiment(name)
    missing = {assumption for claim in experiment.claims for assumption in claim.relies_on}
    taker = own_knob(experiment.Params)
    own = {taker.name: (np.eye(8), np.arange(8) % 2)} if taker else {}
    for knobs in ({}, own, *(preset.params for preset in everyday(experiment))):
        if missing:
            setup = Study(experiment, knobs).setup
            missing -= {a.name for a in claims.before(setup, Study.of(setup).predict())[0]}
    assert not missing


def test_one_seed_that_stopped_does_not_stop_the_others():
    setup = Study(LINEAR, {"horizon": 0.1}, seeds=2).setup
    data = xr.Dataset({"e": ("seed", np.array([0.01, 0.01]))})
    data.attrs |= {"stopped_0": -1, "stopped_1": 7}

    def compare(params, prediction, run):
        return Compared(1.0, 1.0, float(run["e"]))

    claim = Claim("made_up", compare, 0.05, title="made up", baseline=None, no_guess="so")
    experiment = dataclasses.replace(LINEAR, claims=(claim,), assumptions=lambda *_: [HELD])
    found = claims.judge(dataclasses.replace(setup, experiment=experiment), data, data)
    np.testing.assert_array_equal(found["error"].values[0], [0.01, np.inf])
