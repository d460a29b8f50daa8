import numpy as np
import pytest

from sims.grokking.passage import between, falls_to, logarithmic, refined, rises_to


@pytest.mark.parametrize(("last", "most"), [(1, 240), (20, 240), (249, 240), (200_000, 600)])
def test_records_begin_at_zero_and_end_at_the_last_step(last, most):
    steps = logarithmic(last, most)
    assert steps[0] == 0
    assert steps[-1] == last
    assert (np.diff(steps) > 0).all()
    assert len(steps) <= most
    dense = min(20, last)
    np.testing.assert_array_equal(steps[: dense + 1], np.arange(dense + 1))


@pytest.mark.parametrize(
    ("last", "stride"), [(1, 20), (7, 20), (590, 20), (4000, 20), (200_000, 334)]
)
def test_a_passage_is_known_to_a_step_or_to_a_thirtieth(last, stride):
    steps = refined(last, stride)
    apart = np.diff(steps)
    assert steps[0] == 0
    assert steps[-1] == last
    assert (apart > 0).all()
    assert (apart <= np.maximum(1, np.minimum(stride, np.round(steps[:-1] / 30)))).all()
    assert set(range(0, last, stride)) <= set(steps.tolist())
    assert len(steps) < last / stride + 50 + 30 * np.log(stride)


def test_the_records_around_a_passage_are_the_last_before_and_the_first_behind():
    x = np.array([0, 20, 40, 60])
    np.testing.assert_array_equal(between(x, np.array([3.0, 2, 1, 0]), 1.5), [20, 40])
    np.testing.assert_array_equal(between(x, np.array([3.0, 2, 1, 0]), 1.0), [20, 40])
    np.testing.assert_array_equal(between(x, np.array([1.0, 2, 1, 0]), 1.5), [0, 0])
    assert np.isnan(between(x, np.full(4, 2.0), 1.5)).all()


def test_an_exponential_is_met_exactly_between_coarse_records():
    t = np.arange(0, 100, 20.0)
    assert falls_to(t, np.exp(-t / 7), np.exp(-5), log=True) == pytest.approx(35, abs=1e-9)
    assert falls_to(t, 3 - t / 50, 2.5) == pytest.approx(25)


def test_never_is_nan_and_the_first_record_is_itself():
    t = np.arange(5.0)
    assert np.isnan(falls_to(t, 1 + t, 0.5))
    assert falls_to(t, np.exp(-t), 2.0) == 0
    assert np.isnan(rises_to(t, np.full(5, np.nan), 1.0))


def test_rises_to_is_the_mirror_image():
    t = np.arange(5.0)
    assert rises_to(t, t**2, 2.5) == pytest.approx(1.5)
