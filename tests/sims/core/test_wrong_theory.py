"""A landing counts only where a theory that is 10 % wrong would miss."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import xarray as xr

from sims import api
from sims.compare import at_times, largest_gap, level
from sims.core.controls import Untrained
from sims.core.experiment import NEVER, Baseline, Claim, Experiment
from sims.core.prediction import of_seed
from sims.core.study import Study
from sims.core.wrong_theory import noticed, off_by

LINEAR = api.experiment("saddle_to_saddle/linear_network")
SMALL = {"horizon": 3.0, "width": 4}
UNGUESSED: dict[str, Any] = {"baseline": None, "no_guess": "it is made up"}
BLUNT = "Because a theory that is 10 % wrong would nearly land too"


def claiming(*made: Claim) -> Experiment:
    return dataclasses.replace(LINEAR, claims=made, presets=())


def strengths(tolerance: float, **more) -> Claim:
    return Claim("mode_strengths", largest_gap("mode_strengths"), tolerance, **more)


def late(claim: Claim) -> float:
    start = Study(claiming(claim), SMALL).freeze()
    return noticed(start.setup.experiment.claims[0], start.setup.params, _first(start.prediction))


def _first(prediction: xr.Dataset | None) -> xr.Dataset:
    assert prediction is not None
    return of_seed(prediction, 0)


def verdict(claim: Claim, **values) -> tuple[str, str, dict[str, str]]:
    study = Study(claiming(claim), {**SMALL, **values})
    found = study.finished().claims
    assert found is not None
    return found["verdict"].item(), found["reason"].item(), study.freeze().not_tests()


def test_a_curve_ten_percent_late_is_off_by_its_slope():
    start = Study(claiming(strengths(1.0)), SMALL).freeze()
    one = _first(start.prediction)
    t, s = one["time"].values, one["mode_strengths"].values
    slow = np.stack([np.interp(t / 1.1, t, column) for column in s.T], axis=1)
    assert late(strengths(1.0)) == pytest.approx(np.abs(slow - s).max(), rel=1e-9)


def test_a_landing_that_says_too_little_is_not_judged_and_that_is_known_before():
    gap = late(strengths(1.0))
    ended, reason, before = verdict(strengths(gap / 1.2))
    assert (ended, reason[: len(BLUNT)]) == ("not judged", BLUNT)
    assert before["mode_strengths"].startswith(BLUNT[8:])
    assert verdict(strengths(gap / 1.3)) == ("lands", "Within the tolerance for every seed.", {})


def test_to_miss_a_blunt_test_counts_all_the_same():
    start = Study(claiming(strengths(late(strengths(1.0)) / 1.2)), SMALL).freeze()
    run = start.run()
    run.finish()
    assert "mode_strengths" in start.not_tests()
    found = start.judge(Untrained(run)).claims
    assert found is not None
    assert found["verdict"].item() == "surprise"


def test_a_claim_that_never_sees_ten_percent_says_so_and_is_judged():
    claim = strengths(late(strengths(1.0)), sees_ten_percent=False, because="it is only a sketch.")
    assert verdict(claim)[0] == "lands"


def test_a_theory_that_says_zero_is_no_blunter_for_it():
    assert np.isnan(late(Claim("zero", level(0.0, "loss"), 0.1, title="zero", **UNGUESSED)))


def test_a_number_is_ten_percent_higher_and_a_time_later():
    number = Claim("two", level(2.0, "loss"), 0.1, title="two", **UNGUESSED)
    assert late(number) == pytest.approx(0.1 / 1.1)
    for guess in (NEVER, Baseline("much later", 1e3)):
        times = Claim("jump_times", at_times("jump_times"), 0.1, baseline=guess)
        assert late(times) == pytest.approx(0.1)


def test_what_is_off_on_a_run_is_told_by_that_run():
    start = Study(claiming(strengths(1.0)), SMALL).freeze()
    run = start.run()
    run.finish()
    seen, one = of_seed(start.judge(run).seen, 0), _first(start.prediction)
    (claim,), params = start.setup.experiment.claims, start.setup.params
    assert off_by(claim, params, one, one) == noticed(claim, params, one)
    assert off_by(claim, params, one, seen) == pytest.approx(noticed(claim, params, one), abs=0.02)


def test_a_level_near_zero_is_wrong_by_a_tenth_of_the_way_to_the_guess():
    near = Claim("near", level(0.01, "loss"), 0.1, title="near", baseline=Baseline("chance", 1.0))
    far = Claim("far", level(0.01, "loss"), 0.1, title="far", **UNGUESSED)
    assert late(near) == pytest.approx(0.099 / 0.109)
    assert late(far) == pytest.approx(0.001 / 0.011)
