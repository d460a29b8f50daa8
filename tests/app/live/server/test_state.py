"""The table of states: every pair of stage and event is decided, and what may never happen."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.live.server import state as states
from app.live.server.state import ENDED, EVENTS, RULES, STAGES, TABLE, State, after

RUNS: Any = (object(),)
EXAMPLES: dict[type, Any] = {
    states.Run: states.Run(),
    states.RunWhenReady: states.RunWhenReady(),
    states.Pause: states.Pause(),
    states.Step: states.Step(10),
    states.Cancel: states.Cancel(),
    states.Pace: states.Pace(3.0),
    states.Painted: states.Painted(),
    states.Head: states.Head(2),
    states.Hide: states.Hide(),
    states.Show: states.Show(),
    states.Drawn: states.Drawn(),
    states.Whole: states.Whole(),
    states.Take: states.Take("slice"),
    states.Begun: states.Begun(RUNS),
    states.Advanced: states.Advanced(5, False),
    states.Judged: states.Judged("{}"),
    states.Fail: states.Fail("It failed."),
    states.Unforeseen: states.Unforeseen("It cannot be.", True),
    states.Wait: states.Wait(states.Queue(3, 4)),
    states.Drop: states.Drop(),
}

MOVES = {
    ("predicting", states.Run): "running",
    ("predicting", states.Step): "paused",
    ("predicting", states.Whole): "ready",
    ("predicting", states.Unforeseen): "failed",
    ("ready", states.Run): "running",
    ("ready", states.RunWhenReady): "running",
    ("ready", states.Step): "paused",
    ("running", states.Pause): "paused",
    ("running", states.Step): "paused",
    ("running", states.Hide): "paused",
    ("paused", states.Run): "running",
    **{(stage, states.Judged): "done" for stage in ("predicting", "ready", "running", "paused")},
    **{(stage, states.Fail): "failed" for stage in ("predicting", "ready", "running", "paused")},
    **{(stage, states.Drop): "dropped" for stage in STAGES if stage != "dropped"},
}
"""Where a stage is left; every other pair keeps it."""


def test_every_event_has_an_example_and_every_pair_a_rule():
    assert set(EXAMPLES) == set(EVENTS)
    assert set(TABLE) == set(itertools.product(STAGES, EVENTS))
    assert all(event in EVENTS for rules in RULES.values() for event in rules)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.__name__)
def test_every_pair_leads_where_the_table_says(stage, event):
    found = after(State(stage=stage), EXAMPLES[event])
    assert found.stage == MOVES.get((stage, event), stage)


def test_a_hidden_run_goes_on_when_it_is_shown_and_a_paused_one_does_not():
    assert after(State(stage="paused", hidden=True), states.Show()).stage == "running"
    assert after(State(stage="paused"), states.Show()).stage == "paused"


def test_a_stop_before_anything_is_drawn_counts_as_soon_as_something_is():
    waits = after(State(), states.Cancel())
    assert waits.stage == "predicting"
    ready = after(waits, states.Drawn())
    assert (ready.stage, ready.early) == ("ready", True)


def test_a_run_made_again_begins_by_itself_with_the_whole_prediction():
    found = after(after(State(), states.RunWhenReady()), states.Whole())
    assert (found.stage, found.early) == ("running", False)


def test_one_worker_at_a_time_holds_a_job():
    held = after(State(stage="running"), states.Take("slice"))
    assert after(held, states.Take("judge")) is held
    assert after(held, states.Advanced(1, False)).working == frozenset()


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(list(EXAMPLES.values())), max_size=20))
def test_whatever_happens_the_promises_hold(events):
    now, whole = State(), False
    for event in events:
        before, now = now, after(now, event)
        whole = whole or isinstance(event, states.Whole)
        if before.stage in ENDED and not isinstance(event, states.Drop):
            assert now.stage == before.stage
        assert before.stage != "dropped" or now is before
        assert now.early >= before.early  # what began too early never becomes timely
        if now.stage in ("running", "paused", "ready") and not (now.early or whole):
            raise AssertionError("a run that waited for nothing counts as timely")
        assert now.judgement == "" or now.stage in ENDED
        assert len(now.working) <= 1
