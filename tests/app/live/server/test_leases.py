import numpy as np
import pytest

from app.live.server.files import stats
from app.live.server.housekeeping import DROP_AFTER, PAUSE_AFTER
from app.live.server.hub import GRACE, Hub, Unknown
from app.live.server.job import Cursor
from tests.app.live.server.readers import LONG, drained, settle, submit


def test_a_run_pauses_unseen_after_three_seconds_and_goes_on_when_touched(still_hub: Hub, clock):
    token = submit(still_hub, "me", **LONG)
    settle(still_hub)
    still_hub.control(token, "run")
    still_hub.turn()
    job = still_hub.job(token)
    clock.now = PAUSE_AFTER - 0.1
    still_hub.housekeeping.tick()
    assert job.stage == "running"
    clock.now = PAUSE_AFTER
    still_hub.housekeeping.tick()
    assert (job.stage, job.state.message) == ("paused", "paused while this tab was hidden")
    assert not still_hub.turn()
    still_hub.touch(token)
    assert job.stage == "running"
    assert still_hub.turn()


def test_a_run_the_reader_paused_stays_paused_when_touched(still_hub: Hub, clock):
    token = submit(still_hub, "me", **LONG)
    settle(still_hub)
    still_hub.control(token, "run")
    still_hub.control(token, "pause")
    clock.now = PAUSE_AFTER + 1
    still_hub.housekeeping.tick()
    still_hub.touch(token)
    assert still_hub.job(token).stage == "paused"


def test_a_job_nobody_touched_for_a_minute_is_dropped(still_hub: Hub, clock):
    token = submit(still_hub)
    clock.now = DROP_AFTER - 0.1
    still_hub.housekeeping.tick()
    assert stats(still_hub)["jobs"] == 1
    clock.now = DROP_AFTER
    still_hub.housekeeping.tick()
    with pytest.raises(Unknown):
        still_hub.touch(token)


def test_a_prediction_nobody_waits_for_stops(still_hub: Hub, clock):
    submit(still_hub)
    clock.now = PAUSE_AFTER
    still_hub.housekeeping.tick()
    assert not still_hub.turn()


def listener() -> None:
    """Hears nothing."""


def test_a_closed_tab_pauses_at_once_and_drops_soon(still_hub: Hub, clock):
    token = submit(still_hub, "me", **LONG)
    settle(still_hub)
    still_hub.attach(token, listener)
    still_hub.control(token, "run")
    still_hub.detach(token, listener)
    assert still_hub.job(token).stage == "paused"
    clock.now = GRACE
    still_hub.housekeeping.tick()
    assert stats(still_hub)["jobs"] == 0
    assert GRACE < 5


def test_a_browser_that_comes_back_in_time_finds_its_job(still_hub: Hub, clock):
    token = submit(still_hub, "me", **LONG)
    settle(still_hub)
    still_hub.attach(token, listener)
    still_hub.control(token, "run")
    still_hub.detach(token, listener)
    clock.now = GRACE / 2
    still_hub.attach(token, listener)
    assert still_hub.job(token).stage == "running"
    clock.now = GRACE + 0.1
    still_hub.housekeeping.tick()
    assert stats(still_hub)["jobs"] == 1


def test_a_dropped_job_is_made_again_for_a_browser_that_comes_back_late(still_hub: Hub, clock):
    token = submit(still_hub, seeds=2)
    settle(still_hub)
    still_hub.attach(token, listener)
    still_hub.control(token, "run")
    settle(still_hub)
    before = still_hub.job(token).forecast.settings[0].hash
    rows = drained(still_hub, token, Cursor())
    still_hub.detach(token, listener)
    clock.now = GRACE
    still_hub.housekeeping.tick()
    still_hub.attach(token, listener)
    settle(still_hub)
    assert still_hub.job(token).stage == "done"
    assert still_hub.job(token).forecast.settings[0].hash == before
    again = drained(still_hub, token, Cursor())
    assert all(np.array_equal(rows[i], again[i], equal_nan=True) for i in rows)


def test_a_job_whose_owner_has_another_one_is_not_made_again(still_hub: Hub):
    left = submit(still_hub)
    now = submit(still_hub, eta=0.25)
    with pytest.raises(Unknown):
        still_hub.attach(left, listener)
    assert submit(still_hub, eta=0.25) == now


def test_a_finished_run_stays_as_long_as_its_tab_is_open(still_hub: Hub, clock):
    token = submit(still_hub)
    still_hub.attach(token, listener)
    clock.now = 10 * DROP_AFTER
    still_hub.housekeeping.tick()
    assert stats(still_hub)["jobs"] == 1


def test_the_end_of_a_session_drops_its_job(still_hub: Hub):
    submit(still_hub, "one")
    submit(still_hub, "two")
    still_hub.release("one")
    still_hub.release("one")
    assert stats(still_hub)["jobs"] == 1


def test_memory_is_bounded_by_dropping_what_was_looked_at_longest_ago(clock, toy):
    small = Hub(clock=clock, threads=False, lookup=lambda _name: toy, most_bytes=200_000)
    tokens = []
    for i in range(6):
        clock.now += PAUSE_AFTER
        tokens.append(submit(small, f"reader {i}", seeds=8, eta=0.001 * (i + 1)))
        settle(small)
        small.control(tokens[-1], "run")
        settle(small)
        small.housekeeping.tick()
    found = stats(small)
    assert found["bytes"] <= 200_000
    assert tokens[-1] in found["states"]
    assert tokens[0] not in found["states"]


def test_no_lease_runs_out_while_the_event_loop_is_stuck(still_hub: Hub, clock):
    """Five seconds in which no browser could be heard are not held against any."""
    token = submit(still_hub, "me", **LONG)
    settle(still_hub)
    still_hub.attach(token, listener)
    still_hub.control(token, "run")
    still_hub.housekeeping.beat()
    for clock.now in (2.0, 4.0, 5.0):
        still_hub.housekeeping.tick()
        assert still_hub.job(token).stage == "running"
    still_hub.housekeeping.beat()
    clock.now = 5.5
    still_hub.housekeeping.tick()
    assert still_hub.job(token).stage == "running"
    still_hub.housekeeping.beat()
    clock.now = 5.0 + PAUSE_AFTER
    still_hub.housekeeping.beat()
    still_hub.housekeeping.tick()
    assert still_hub.job(token).stage == "paused"


def test_who_waits_long_is_told_the_place_and_the_wait(still_hub: Hub):
    tokens = [submit(still_hub, f"reader {i}", eta=0.001 * (i + 1)) for i in range(30)]
    still_hub.scheduler.took["theory"].seconds = 1.0
    still_hub.housekeeping.tick()
    last = still_hub.job(tokens[-1])
    assert last.state.queue is not None
    assert last.state.queue.place >= 1
    assert last.status()["queue"]["wait"] > 2
    settle(still_hub)
    still_hub.housekeeping.tick()
    assert all(still_hub.job(t).state.queue is None for t in tokens)
