import numpy as np
import pytest

from sims.lazy_rich import records


@pytest.mark.parametrize("steps", [1, 2, 7, 100, 4000, 60_000])
def test_records_rise_from_zero_to_the_last_step(steps):
    found = records.schedule(steps)
    assert found.record_steps[0] == 0
    assert found.steps == steps
    assert np.all(np.diff(found.record_steps) > 0)


@pytest.mark.parametrize("steps", [500, 4000, 60_000])
def test_records_are_the_even_and_the_log_spaced_steps(steps):
    found = set(records.schedule(steps).record_steps.tolist())
    even = {round(i * steps / 100) for i in range(101)}
    assert even <= found
    assert {1, 2, 3} <= found
    assert len(found) <= 201


def test_the_first_steps_are_recorded_one_by_one_where_asked():
    steps = records.schedule(600, first=60).record_steps
    np.testing.assert_array_equal(steps[:61], np.arange(61))


@pytest.mark.parametrize("steps", [1, 5, 4000, 60_000])
def test_snapshots_are_at_most_sixty_records_from_first_to_last(steps):
    found = records.schedule(steps)
    assert found.snapshot_steps[0] == 0
    assert found.snapshot_steps[-1] == steps
    assert len(found.snapshot_records) <= 60
    assert np.all(np.diff(found.snapshot_records) > 0)


def test_a_run_may_go_without_snapshots():
    assert records.schedule(100, snapshots=0).snapshot_records.shape == (0,)
