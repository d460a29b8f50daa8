import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sims
from sims import api
from sims.compare import largest_gap
from sims.core import archive
from sims.core.baseline import PREFIX
from sims.core.comparison import Comparison
from sims.core.experiment import Assumption, Claim, Compared, SweepClaim
from sims.core.grouping import UNEVEN, _split
from sims.core.prediction import digest
from sims.core.sweep import Sweep

LINEAR = "saddle_to_saddle/linear_network"


def variable(tree, group, name):
    return tree[group].to_dataset()[name]


def test_a_sweep_point_is_the_run_of_that_point():
    swept = sims.sweep(LINEAR, {"alpha": "1e-4,1e-3"}, seeds=2)
    alone = sims.run(LINEAR, alpha=1e-3, seeds=2)
    jumps = variable(swept, "sweep", "jump_times").sel(alpha=1e-3)
    np.testing.assert_allclose(jumps, variable(alone, "run", "jump_times"), rtol=1e-4)
    assert swept["sweep"]["jump_times"].dims == ("alpha", "seed", "mode")
    assert swept["prediction"]["jump_times"].dims == ("alpha", "seed", "mode")
    assert swept["claims"]["verdict"].dims == ("claim", "alpha")


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=40), st.integers(1, 64))
def test_groups_on_a_cpu_hold_every_point_once_and_runs_that_are_about_equally_long(steps, size):
    groups = _split(list(range(len(steps))), size, steps, "cpu")
    assert sorted(i for group in groups for i in group) == list(range(len(steps)))
    for group in groups:
        assert len(group) <= size
        lengths = [steps[i] for i in group]
        assert max(lengths) <= UNEVEN * min(lengths)


def test_four_points_of_which_each_lasts_longer_than_the_last_are_grouped():
    assert _split([0, 1, 2, 3], 8, [10, 20, 40, 80], "cpu") == [[0], [1], [2], [3]]


def test_static_knobs_sweep_too_and_axes_keep_their_order(tmp_path):
    swept = sims.sweep(
        LINEAR, {"width": "2,4", "eta": "0.002,0.004,0.008"}, horizon=1.0, out=tmp_path / "s.nc"
    )
    again = archive.read(tmp_path / "s.nc")
    loss = variable(again, "sweep", "loss")
    assert loss.dims == ("width", "eta", "seed")
    assert loss.shape == (2, 3, 1)
    np.testing.assert_array_equal(loss, variable(swept, "sweep", "loss"))
    assert np.isfinite(loss).all()


def test_what_needs_snapshots_is_not_judged_in_a_sweep():
    swept = sims.sweep(LINEAR, {"alpha": "1e-4,1e-3"})
    verdicts = variable(swept, "claims", "verdict").sel(claim="singular_values")
    assert verdicts.attrs["flag_meanings"].split()[int(verdicts.values[0])] == "not_judged"


def test_sweep_csv_has_a_row_for_every_point_and_seed():
    swept = sims.sweep(LINEAR, {"alpha": "1e-4,1e-3"}, horizon=1.0, seeds=3)
    lines = archive.to_csv(swept).splitlines()
    assert lines[0].startswith("alpha,seed,")
    assert len(lines) == 1 + 6


def test_csv_and_json_of_a_sweep_have_the_skill_of_every_point_and_claim():
    swept = sims.sweep(LINEAR, {"alpha": "1e-4,1e-3"}, horizon=3.0, seeds=2)
    skill = variable(swept, "claims", "skill").sel(claim="mode_strengths")
    assert skill.dims == ("alpha", "seed")
    head, *lines = archive.to_csv(swept).splitlines()
    at = head.split(",").index("skill_mode_strengths")
    np.testing.assert_allclose([float(line.split(",")[at]) for line in lines], skill.values.ravel())
    stored = archive.to_json(swept)["groups"]["claims"]["skill"]
    place = variable(swept, "claims", "claim").values.tolist().index("mode_strengths")
    np.testing.assert_allclose(stored["data"][place], skill)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({}, "one or two knobs"), ({"alpha": "1", "eta": "1", "width": "1"}, "one or two knobs"),
        ({"spectrum": "1,2"}, "cannot be a sweep axis"), ({"alhpa": "1"}, "did you mean alpha"),
        ({"alpha": "1e-4:1e-2:2000000:log"}, "cannot be read"), ({"alpha": "0:1:3"}, "alpha = 0"),
    ],
)  # fmt: skip
def test_a_sweep_that_cannot_be_is_refused_in_one_sentence(over, words):
    with pytest.raises(ValueError, match=words):
        sims.sweep(LINEAR, over)


def slope_of(data):
    return float(np.polyfit(np.log(data["alpha"].values), data["jump_times"].values[:, 0], 1)[0])


def doubtful(claim_tolerance, held):
    """The linear network with a claim about the slope of its first jump against ln(alpha)."""
    linear = api.experiment(LINEAR)

    def compare(params, prediction, swept, told):
        said, seen = slope_of(told), slope_of(swept)
        return Compared(said, seen, abs((seen - said) / slope_of(prediction)))

    claim = SweepClaim(
        "slope",
        Comparison("jump_times", "relative", compare),
        claim_tolerance,
        relies_on=("weak",),
        title="slope",
        unit="relative",
        applies=lambda axes: list(axes) == ["alpha"],
    )
    weak = Assumption("weak", "weak", "At 0.001 it is strong.", True)

    def assumptions(params, task, prediction):
        return [dataclasses.replace(weak, held=held or float(params.alpha) < 1e-3)]

    return dataclasses.replace(
        linear, sweep_claims=(claim,), assumptions=assumptions, claims=linear.claims[:1]
    )


@pytest.mark.parametrize(
    ("tolerance", "held", "expected"),
    [(0.05, True, "lands"), (1e-12, True, "surprise"), (1e-12, False, "departs")],
)
def test_a_whole_sweep_is_judged_and_one_broken_point_is_foreseen(tolerance, held, expected):
    swept = Sweep(doubtful(tolerance, held), {}, {"alpha": "1e-4,1e-3"}, seeds=2)
    swept.predict()
    run = swept.run()
    run.finish()
    claims = run.tree()["claims"].to_dataset()
    assert claims["sweep_verdict"].sel(sweep_claim="slope").item() == expected
    assert claims["sweep_error"].dims == ("sweep_claim", "seed")
    assert float(claims["sweep_predicted"][0]) == pytest.approx(-1 / 5.0, rel=0.05)


def finished(experiment, over):
    made = Sweep(experiment, {}, over)
    made.predict()
    run = made.run()
    run.finish()
    return made, run.tree()


def test_that_a_knob_does_not_matter_is_guessed_with_the_prediction_and_kept():
    made, tree = finished(doubtful(0.05, True), {"alpha": "1e-4,1e-3"})
    prediction, claims = tree["prediction"].to_dataset(), tree["claims"].to_dataset()
    assert made.not_tests() == {}
    guess = prediction[f"{PREFIX}slope"]
    np.testing.assert_array_equal(guess[0], prediction["jump_times"].isel(alpha=0, seed=0))
    assert tree.attrs["prediction_sha256"] == digest(prediction)
    error, guessed = (float(claims[f"sweep_{n}"][0, 0]) for n in ("error", "baseline_error"))
    assert guessed == pytest.approx(1.0, abs=0.05)
    assert float(claims["sweep_skill"][0, 0]) == pytest.approx(1 - error / guessed)


def test_a_sweep_that_a_guess_would_pass_is_not_judged_and_that_is_known_before():
    made, tree = finished(doubtful(0.6, True), {"alpha": "1e-4,1e-3"})
    claims = tree["claims"].to_dataset()
    assert claims["sweep_verdict"].item() == "not judged"
    assert claims["sweep_reason"].item() == f"Because {made.not_tests()['slope']}"
    assert "land too: nothing changes, which says" in made.not_tests()["slope"]


def test_the_guess_of_a_sweep_is_made_once_all_is_predicted():
    made = Sweep(doubtful(0.05, True), {}, {"alpha": "1e-4,1e-3"})
    made.predict_next()
    assert f"{PREFIX}slope" not in made.prediction()
    made.predict_next()
    assert f"{PREFIX}slope" in made.prediction()


def test_points_at_which_a_guess_would_land_too_are_counted_before_the_sweep():
    strengths = Claim("mode_strengths", largest_gap("mode_strengths"), 1e-3)
    linear = dataclasses.replace(api.experiment(LINEAR), claims=(strengths,), presets=())
    made = Sweep(linear, {"width": 4}, {"horizon": "0.05,0.1,3"})
    made.predict()
    assert made.untested_points() == {"mode_strengths": 2}


def test_a_claim_about_other_axes_is_left_out():
    swept = Sweep(doubtful(0.05, True), {"horizon": 1.0}, {"eta": "0.002,0.004"})
    swept.predict()
    run = swept.run()
    run.finish()
    assert "sweep_claim" not in run.tree()["claims"].to_dataset().coords
