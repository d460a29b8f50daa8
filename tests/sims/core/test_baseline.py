import dataclasses
from typing import Any

import numpy as np
import pytest
import xarray as xr

from sims import api
from sims.compare import at_times, largest_gap, level, one_sided, slope
from sims.core import archive, claims
from sims.core.baseline import PREFIX, apart, guess_of, guessed
from sims.core.experiment import NEVER, NOTHING_CHANGES, Baseline, Claim, Experiment
from sims.core.prediction import digest
from sims.core.study import Study

LINEAR = api.experiment("saddle_to_saddle/linear_network")
SMALL = {"horizon": 3.0, "width": 4}


def claiming(*made: Claim) -> Experiment:
    """The linear network with these claims in place of its own."""
    return dataclasses.replace(LINEAR, claims=made, presets=())


def strengths(tolerance: float = 1e-3, **how: Any) -> Claim:
    return Claim("mode_strengths", largest_gap("mode_strengths"), tolerance, **how)


def judged(experiment: Experiment, **values) -> tuple[xr.Dataset, xr.Dataset]:
    """Prediction and claims of a small run."""
    study = Study(experiment, {**SMALL, **values})
    found = study.finished().claims
    assert found is not None
    return study.predict(), found


def only(found: xr.Dataset, name: str) -> float:
    return float(found[name].values.ravel()[0])


def test_that_nothing_changes_is_the_predicted_start_and_is_hashed():
    prediction, found = judged(claiming(strengths()))
    guess = prediction[f"{PREFIX}mode_strengths"]
    assert strengths().baseline is NOTHING_CHANGES
    np.testing.assert_array_equal(guess[0], prediction["mode_strengths"][0, 0])
    assert "record" not in guess.dims
    assert digest(prediction) != digest(prediction.drop_vars(f"{PREFIX}mode_strengths"))
    assert only(found, "baseline_error") == pytest.approx(
        float(np.ptp(prediction["mode_strengths"].values[0], axis=0).max()), rel=0.01
    )


def test_skill_says_how_much_better_than_the_guess_the_theory_was():
    _, found = judged(claiming(strengths()))
    expected = 1 - only(found, "error") / only(found, "baseline_error")
    assert only(found, "skill") == pytest.approx(expected)
    assert only(found, "skill") > 0.99


def test_a_claim_that_a_guess_would_pass_is_not_judged_and_that_is_known_before():
    experiment = claiming(strengths(100.0))
    _, found = judged(experiment)
    assert str(found["verdict"].item()) == "not judged"
    assert "a guess without theory would land too: nothing changes" in str(found["reason"].item())
    known = Study(experiment, SMALL).freeze().not_tests()
    assert found["reason"].item() == f"Because {known['mode_strengths']}"


def test_without_a_guess_a_claim_is_judged_as_it_is():
    prediction, found = judged(claiming(strengths(baseline=None, no_guess="so")))
    assert str(found["verdict"].item()) == "lands"
    assert np.isnan(only(found, "skill"))
    assert not [n for n in prediction if str(n).startswith(PREFIX)]


ESCAPE = Claim("first_escape_time", at_times("first_escape_time"), 0.02, baseline=NEVER)


def test_never_against_never_is_no_test():
    start = Study(claiming(ESCAPE), SMALL).freeze()
    assert start.not_tests() == {}
    assert start.prediction is not None
    never = start.prediction.assign(first_escape_time=np.inf + start.prediction.first_escape_time)
    (why,) = dataclasses.replace(start, prediction=never).not_tests().values()
    assert why == "a guess without theory would land too: it never happens, as theory does."


def test_a_time_that_comes_is_told_from_never_with_full_skill():
    _, found = judged(claiming(ESCAPE), horizon=6.0)
    assert str(found["verdict"].item()) == "lands"
    assert only(found, "baseline_error") == np.inf
    assert only(found, "skill") == 1.0


def test_a_guess_may_be_a_number_where_a_number_is_claimed():
    one = Claim("loss", level(0.0, "loss", over=1.0), 0.01, baseline=Baseline("a quarter", 0.25))
    _, found = judged(claiming(one), horizon=60.0)
    assert only(found, "baseline") == 0.25
    assert str(found["verdict"].item()) == "lands"
    near = dataclasses.replace(one, tolerance=0.2)
    _, found = judged(claiming(near), horizon=60.0)
    assert "which says 0.25 where theory says 0" in str(found["reason"].item())


def test_a_place_that_is_read_off_the_run_keeps_no_claim_from_its_guess():
    """A run that is only thought of has no more than what is compared, and stands nowhere."""
    near = Baseline("a quarter", 0.25)
    told = level(0.0, "loss", over=1.0, at=lambda run: f"at step {int(run['step'][-1])}")
    one = Claim("loss", told, 0.2, baseline=near)
    prediction, found = judged(claiming(one), horizon=60.0)
    assert "which says 0.25 where theory says 0" in str(found["reason"].item())
    seen = told(None, prediction, xr.Dataset({"loss": 0.1}, {"step": ("record", [0, 40])}))
    assert seen.where == "at step 40"


@pytest.mark.parametrize(("guess", "error"), [(-2.1, 0.05), (-1.0, 0.5)])
def test_a_slope_is_held_against_its_guess_though_no_curve_is_predicted(guess, error):
    one = Claim("pace", slope("loss", "pace"), 0.05, baseline=Baseline("the decay", guess))
    prediction = xr.Dataset({"pace": -2.0, "baseline_pace": guess})
    assert apart(one, None, prediction) == (pytest.approx(error), guess, -2.0)


@pytest.mark.parametrize(("guess", "is_test"), [(2.0, True), (1.0, True), (0.5, False)])
def test_a_bound_is_tested_by_a_guess_beyond_it_alone(guess: float, is_test: bool):
    bound = Claim(
        "loss", one_sided(1.0, "loss", side="below"), 1, baseline=Baseline("as it was", guess)
    )
    start = Study(claiming(bound), {**SMALL, "horizon": 60.0}).freeze()
    said = "a guess without theory would land too: as it was, on the same side of the bound."
    assert start.not_tests() == ({} if is_test else {"loss": said})
    run = start.run()
    run.finish()
    claims = start.judge(run).claims
    assert claims is not None
    error = only(claims, "error")
    if is_test:
        assert only(claims, "skill") == pytest.approx(1 - error**2)


def test_every_seed_has_a_guess_of_its_own():
    study = Study(claiming(strengths()), SMALL, seeds=2)
    guess = study.predict()[f"{PREFIX}mode_strengths"]
    assert guess.dims == ("seed", "mode")
    assert not np.array_equal(guess[0], guess[1])


def test_a_guess_of_the_wrong_shape_is_refused_in_a_sentence():
    odd = strengths(baseline=Baseline("odd", lambda *_: np.zeros(17)))
    with pytest.raises(ValueError, match=r"baseline of claim 'mode_strengths' of .* shape \(17,\)"):
        Study(claiming(odd), SMALL).freeze()


def test_what_has_no_start_cannot_stay_where_it_is():
    times = Claim("jump_times", at_times("jump_times"), 0.01)
    with pytest.raises(ValueError, match="jump_times has no start: give baseline="):
        Study(claiming(times), SMALL).freeze()


@pytest.mark.parametrize(
    ("error", "guessed", "expected"),
    [(0.1, 1.0, 0.9), (1.0, 1.0, 0.0), (2.0, 1.0, -1.0), (0.0, np.inf, 1.0)],
)
def test_skill_is_one_minus_error_over_error_of_the_guess(error, guessed, expected):
    assert claims.skill(error, guessed) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("error", "guessed"), [(0.1, 0.0), (np.nan, 1.0), (0.1, np.nan), (np.inf, np.inf)]
)
def test_there_is_no_skill_where_there_is_no_test(error, guessed):
    assert np.isnan(claims.skill(error, guessed))


def test_a_file_keeps_guess_and_skill(tmp_path):
    tree = api.run(claiming(strengths()), **SMALL)
    archive.write(tree, tmp_path / "run.nc")
    back = archive.read(tmp_path / "run.nc")
    assert int(back.attrs["format"]) == archive.FORMAT == 2
    xr.testing.assert_equal(back["claims"]["skill"], tree["claims"]["skill"])
    assert f"{PREFIX}mode_strengths" in back["prediction"]


def test_a_guess_takes_the_place_of_a_whole_variable_with_the_seeds_it_has():
    claim = Claim("b", largest_gap("b"), 0.1, baseline=Baseline("half", 0.5))
    theory = xr.Dataset({"b": (("record", "mode"), np.zeros((3, 2)), {"units": "time"})})
    own = theory.assign({f"{PREFIX}b": (("seed", "mode"), np.array([[1.0, 2.0], [3.0, 4.0]]))})
    found = guessed(claim, own)
    assert found is not None
    assert found.dims == ("seed", "record", "mode")
    np.testing.assert_array_equal(found.values[1], [[3, 4]] * 3)
    one = guess_of(claim, own.isel(seed=0))
    assert one is not None
    np.testing.assert_array_equal(one["b"], [[1, 2]] * 3)
    assert one["b"].attrs == {"units": "time"}


def test_the_guess_of_a_curve_that_a_sweep_does_not_keep_has_no_place():
    claim = Claim("b", largest_gap("b"), 0.1, baseline=NOTHING_CHANGES)
    swept = xr.Dataset({f"{PREFIX}b": (("alpha", "seed"), np.ones((3, 1)))})
    assert guessed(claim, swept) is None
    assert guess_of(claim, swept) is None
