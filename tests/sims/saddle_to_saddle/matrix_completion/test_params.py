import numpy as np
import pytest

from sims.core.study import Study
from sims.saddle_to_saddle.matrix_completion import EXPERIMENT, theory


def params(**knobs):
    return Study(EXPERIMENT, knobs).setup.params


def test_rank_and_spectrum_follow_from_each_other():
    assert (params().rank, params().spectrum) == (2, (6.0, 4.0))
    assert params(spectrum=(5, 3, 1)).rank == 3
    np.testing.assert_allclose(params(rank=3).spectrum, [6, 4, 8 / 3])
    assert params(rank=2, spectrum=(3, 1)).spectrum == (3.0, 1.0)


def test_an_unsorted_spectrum_is_sorted_and_said_so():
    setup = Study(EXPERIMENT, {"spectrum": (2, 5)}).setup
    assert setup.params.spectrum == (5.0, 2.0)
    assert setup.notices == ["The singular values were sorted, strongest first."]


@pytest.mark.parametrize(("depth", "alpha"), [(1, 1e-3), (2, 1e-3), (3, 0.03), (4, 0.1)])
def test_the_start_follows_from_the_depth(depth, alpha):
    assert params(depth=depth, size=6).alpha == alpha


def test_step_and_horizon_follow_from_what_is_observed():
    setup = Study(EXPERIMENT, {}, seeds=3).setup
    tops = [theory.observed_top(t) for t in setup.tasks]
    assert setup.params.eta == pytest.approx(0.01 / max(tops))
    latest = max(theory.first_escape_time(setup.params, t) for t in setup.tasks)
    assert setup.params.horizon == pytest.approx(30 * latest, rel=1e-5)
    assert params(depth=1).horizon == 10


def test_records_crowd_around_the_predicted_escapes():
    setup = Study(EXPERIMENT, {"depth": 3}, seeds=3).setup
    times = setup.schedule.record_times
    assert len(times) <= 240
    for task in setup.tasks:
        escape = theory.first_escape_time(setup.params, task)
        assert np.abs(times / escape - 1).min() < 0.004
    assert len(setup.schedule.snapshot_records) <= 60


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"rank": 3, "spectrum": (6, 4)}, "rank = 3 but spectrum = 6,4"),
        ({"rank": 5, "size": 4}, "rank = 5 is more than size = 4"),
        ({"depth": 3, "alpha": 1e-4}, "more than 200000"),
        ({"depth": 5}, "depth"),
        ({"alpha": 0}, "alpha"),
        ({"observed": 0.05}, "observed"),
        ({"size": 101}, "size"),
        (
            {"size": 100, "depth": 4, "eta": 0.0035},
            r"about 2 minutes on one thread, more than 1\.7: give eta of at least 0\.004\d*, "
            r"or size up to \d\d\.",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words) as refused:
        params(**knobs)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")


def test_seeds_that_see_nothing_are_refused():
    with pytest.raises(ValueError, match="no entry to learn from"):
        Study(EXPERIMENT, {"size": 4, "observed": 0.1}, seeds=20).prepare()
