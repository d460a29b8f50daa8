import numpy as np
import pytest

from sims.api import experiment
from sims.core.study import Study

LINEAR = experiment("saddle_to_saddle/linear_network")


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"alpha": 0}, "alpha = 0 is not allowed"),
        ({"spectrum": "5,3,2,1,1,1", "d_out": 4}, "at most 4 values"),
        ({"layer_imbalance": 1}, "init=lambda_balanced"),
        ({"init": "lambda_balanced", "depth": 3}, "needs depth=2"),
        ({"init": "lambda_balanced", "width": 9}, "at most min"),
        ({"init": "aligned", "width": 3}, "at least the number of modes, 4"),
        ({"activation": "relu", "depth": 3}, "needs depth=2"),
        ({"activation": "tanh", "input_condition": 4}, "needs input_condition=1"),
        ({"activation": "relu", "samples": 101}, "an even number"),
        ({"activation": "relu", "data": "digits"}, "needs data=spectrum"),
        ({"data": "semantic_tree", "d_in": 9}, "d_in is 8"),
        ({"data": "semantic_tree", "spectrum": "2,1"}, "spectrum follows from"),
        ({"data": "digits", "input_condition": 2}, "needs input_condition=1"),
        ({"depth": 4, "alpha": 0.001}, "more than 200000"),
        ({"eta": 1e-6}, "give eta of at least"),
        ({"width": 100000}, "whole number from 1 to 512"),
    ],
)
def test_what_cannot_run_is_refused_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(")) as refused:
        Study(LINEAR, knobs).prepare()
    assert "\n" not in str(refused.value)


def test_the_same_seed_gives_the_same_task_and_another_another():
    one, again = (Study(LINEAR, {"alpha": 2e-4}, seed=s).setup.tasks[0] for s in (3, 3))
    other = Study(LINEAR, {"alpha": 2e-4}, seed=4).setup.tasks[0]
    assert all(np.array_equal(one[n], again[n]) for n in one)
    assert not np.array_equal(one["W1"], other["W1"])


def test_a_start_ten_times_smaller_uses_the_same_random_numbers():
    big, small = (Study(LINEAR, {"alpha": a}).setup.tasks[0] for a in (1e-3, 1e-4))
    np.testing.assert_allclose(big["W1"], 10 * small["W1"])


def test_automatic_values_depend_on_the_other_knobs():
    def resolved(**knobs):
        return Study(LINEAR, knobs).setup.params

    assert resolved().eta == pytest.approx(0.002)
    assert resolved(optimizer="polyak").eta == pytest.approx(0.0002)
    assert resolved(optimizer="adam").eta == 1e-3
    assert resolved(data="digits").width == 32
    assert resolved(depth=3).alpha == 0.05


def test_unsorted_and_tied_spectra_are_sorted_and_said():
    setup = Study(LINEAR, {"spectrum": "1,3,3"}).setup
    assert setup.params.spectrum == (3, 3, 1)
    assert any("sorted" in n for n in setup.notices)
    assert any("Near-tie" in n for n in setup.notices)


def test_the_horizon_is_the_longest_over_the_seeds():
    alone = [Study(LINEAR, {}, seed=s).setup.params.horizon for s in range(4)]
    assert Study(LINEAR, {}, seeds=4).setup.params.horizon == max(alone)


def test_schedule_has_at_most_240_records_and_snapshots_at_the_dips():
    setup = Study(LINEAR, {}).setup
    assert len(setup.schedule.record_steps) == 240
    assert 60 <= len(setup.schedule.snapshot_records) <= 64


def test_preset_is_recognised_only_while_nothing_else_is_changed():
    assert Study(LINEAR, {"alpha": 1e-6}).setup.preset == "tiny_init"
    assert Study(LINEAR, {"alpha": 2e-6}).setup.preset == ""
