import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from sims import api
from sims.compare import largest_gap
from sims.core.comparison import Comparison
from sims.core.controls import (
    GUESS,
    OTHER_SEED,
    UNTRAINED,
    Control,
    Trial,
    Untrained,
    survivors,
    sweep_survivors,
    trials,
)
from sims.core.experiment import Claim, Compared, SweepClaim
from sims.core.study import Study
from sims.core.sweep import Sweep

LINEAR = api.experiment("saddle_to_saddle/linear_network")
SMALL = {"horizon": 3.0, "width": 4}
UNGUESSED = {"baseline": None, "no_guess": "so"}
SHARP = Claim("mode_strengths", largest_gap("mode_strengths"), 1e-3)


def found(*claims: Claim, **how) -> dict[str, str]:
    """Claims that survive a twist, by name."""
    experiment = dataclasses.replace(LINEAR, claims=claims, presets=(), **how)
    return {one.claim: one.twist for one in survivors(Study(experiment, SMALL))}


def tried(*claims: Claim, **how) -> dict[tuple[str, str], Trial]:
    """What becomes of claims under every twist."""
    experiment = dataclasses.replace(LINEAR, claims=claims, presets=(), **how)
    return {(one.claim, one.twist): one for one in trials(Study(experiment, SMALL))}


def hollow(name: str, tolerance: float, **how) -> Claim:
    how |= {"sees_ten_percent": False, "because": "it is wide."}
    return dataclasses.replace(SHARP, name=name, title=name, tolerance=tolerance, **how)


def test_a_sharp_claim_survives_no_twist():
    assert found(SHARP) == {}


def test_a_claim_that_lands_where_nothing_is_trained_is_named():
    assert found(hollow("wide", 100.0, **UNGUESSED))["wide"] in (UNTRAINED, OTHER_SEED)


def test_a_twist_that_means_nothing_is_void():
    wide = hollow("wide", 100.0, **UNGUESSED, void={UNTRAINED: "so", OTHER_SEED: "so"})
    assert found(wide) == {}


def test_every_claim_is_tried_under_every_twist_or_it_is_said_why_not():
    control = Control("a tenth of the rate", {"eta": 1e-3}, claims=("mode_strengths",))
    missed = hollow("missed", 1e-9)
    blank = hollow("blank", 100.0, baseline=None, no_guess="so", void={OTHER_SEED: "so."})
    found = tried(SHARP, missed, blank, controls=(control,))
    names, twists = {claim for claim, _ in found}, {twist for _, twist in found}
    assert names == {"mode_strengths", "missed", "blank"}
    assert twists == {UNTRAINED, GUESS, OTHER_SEED, control.name}
    assert len(found) == len(names) * len(twists)
    for twist in twists:
        one = found["mode_strengths", twist]
        assert one.end == "caught"
        assert one.error > one.tolerance == 1e-3
    for twist in twists - {control.name}:
        assert found["missed", twist].why == "it is a surprise without the twist, too."
    assert found["blank", UNTRAINED].end == "survived"
    assert found["blank", OTHER_SEED].why == "so."
    assert found["blank", GUESS].why == "nothing can be guessed."
    assert found["blank", control.name].why == "that control is about other claims."


def test_the_same_theory_for_every_seed_is_no_twist():
    alone = {"data": "semantic_tree", "init": "aligned", "width": 8}
    experiment = dataclasses.replace(LINEAR, claims=(SHARP,), presets=(), controls=())
    (one,) = [t for t in trials(Study(experiment, SMALL | alone)) if t.twist == OTHER_SEED]
    assert (one.end, one.why) == ("void", "what is predicted is the same for every seed.")


def ends(worst: Callable[[np.ndarray], float]) -> SweepClaim:
    """A claim about the losses at the ends of a sweep, in the measure of `worst`."""

    def compare(params, prediction, swept, told):
        error = worst(swept["loss"].values)
        return Compared(0.0, error, error)

    return SweepClaim(
        "ends", Comparison("", "", compare), 0.5, title="ends", baseline=None, no_guess="so"
    )


@pytest.mark.parametrize(
    ("worst", "survivors_of"),
    [
        (lambda losses: float(losses.max()), []),
        (lambda losses: float(np.ptp(losses)), [("ends", UNTRAINED)]),
    ],
    ids=["all of it is learnt", "alike from every start"],
)
def test_a_claim_about_a_sweep_that_lands_untrained_is_named(worst, survivors_of):
    experiment = dataclasses.replace(LINEAR, claims=(), sweep_claims=(ends(worst),), presets=())
    sweep = Sweep(experiment, {"horizon": 30.0, "width": 4}, {"alpha": "1e-4,1e-3"})
    sweep.predict()
    run = sweep.run()
    run.finish()
    claims = run.tree()["claims"].to_dataset()
    assert claims["sweep_verdict"].item() == "lands"
    found = [(one.claim, one.twist) for one in sweep_survivors(sweep, claims)]
    assert found == survivors_of


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
