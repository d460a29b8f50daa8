"""The table of a room: every pair of phase and event is decided, and what may never happen."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.room import state as states
from app.room.state import (
    COUNTDOWN,
    EVENTS,
    MOST_QUESTIONS,
    MOST_STUDENTS,
    PHASES,
    RULES,
    TABLE,
    Posed,
    Room,
    after,
)
from tests.app.room.conftest import PLAYED, SHOWN, question

SHOWN_POSED = Posed(question(), "computing", shown=SHOWN)
READY = replace(SHOWN_POSED, progress="ready", played=PLAYED)
RAN = replace(READY, starts=3.0, name="first")
OTHER = Posed(question("other"))
STUDENTS = {"key": 1}
ROOMS: dict[Any, Room] = {
    "preparing": Room((Posed(question()), OTHER), students=STUDENTS),
    "asking": Room((SHOWN_POSED, OTHER), students=STUDENTS),
    "running": Room((RAN, OTHER), students=STUDENTS),
    "ended": Room((RAN, OTHER), students=STUDENTS, ended="Over."),
}
EXAMPLES: dict[type, Any] = {
    states.Join: states.Join("new"),
    states.Guessed: states.Guessed(1, 0, "3.1"),
    states.Turn: states.Turn(1),
    states.Press: states.Press("name", 5.0),
    states.Ask: states.Ask(question("third")),
    states.LeaveOut: states.LeaveOut(1),
    states.Begin: states.Begin(1),
    states.Show: states.Show(1, SHOWN),
    states.Compute: states.Compute(1, PLAYED, "second", 5.0),
    states.Fail: states.Fail(1, "It failed."),
    states.End: states.End("Over."),
}
MOVES = {(phase, states.Turn): "preparing" for phase in PHASES} | {
    (phase, states.End): "ended" for phase in PHASES
}
"""Where a phase is left; every other pair keeps it."""
SILENT = {
    *((phase, states.Guessed) for phase in ("preparing", "running")),
    ("running", states.Press),
    *itertools.product(("ended",), EVENTS),
}
"""Where nothing at all happens."""


def test_every_event_has_an_example_and_every_pair_a_rule():
    assert set(EXAMPLES) == set(EVENTS)
    assert set(TABLE) == set(itertools.product(PHASES, EVENTS))
    assert all(event in EVENTS for rules in RULES.values() for event in rules)
    assert {phase: room.phase for phase, room in ROOMS.items()} == {p: p for p in PHASES}


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.__name__)
def test_every_pair_leads_where_the_table_says(phase, event):
    found = after(ROOMS[phase], EXAMPLES[event])
    expected = phase if phase == "ended" else MOVES.get((phase, event), phase)
    assert found.phase == expected
    assert (found == ROOMS[phase]) == ((phase, event) in SILENT)


def test_a_student_who_comes_again_is_the_same_and_numbers_go_on():
    room = after(after(ROOMS["asking"], states.Join("new")), states.Join("key"))
    assert room.students == {"key": 1, "new": 2}


def test_a_full_room_takes_nobody_in():
    full = replace(ROOMS["asking"], students={str(n): n for n in range(1, MOST_STUDENTS + 1)})
    assert after(full, states.Join("new")) is full


def test_the_last_guess_counts_and_only_for_the_question_that_is_shown():
    room = after(ROOMS["asking"], states.Guessed(1, 0, "3"))
    assert after(room, states.Guessed(1, 0, "4")).here.guesses == {1: "4"}
    assert after(room, states.Guessed(1, 1, "4")) is room
    assert after(room, states.Guessed(2, 0, "4")) is room


def test_a_run_that_is_computed_starts_after_a_moment_for_all():
    room = after(replace(ROOMS["asking"], posed=(READY, OTHER)), EXAMPLES[states.Press])
    assert (room.phase, room.here.starts, room.here.name) == ("running", 5.0 + COUNTDOWN, "name")


def test_a_run_that_is_awaited_starts_once_it_is_computed():
    waits = after(ROOMS["asking"], EXAMPLES[states.Press])
    assert (waits.phase, waits.awaited) == ("asking", True)
    started = after(waits, states.Compute(0, PLAYED, "name", 9.0))
    assert (started.phase, started.awaited, started.here.starts) == ("running", False, 10.0)


def test_a_run_is_not_awaited_any_more_once_another_question_is_shown():
    turned = after(after(ROOMS["asking"], EXAMPLES[states.Press]), states.Turn(1))
    assert after(turned, states.Compute(0, PLAYED, "name", 9.0)).posed[0].starts is None


def test_a_question_that_fails_is_waited_for_no_longer():
    waits = after(ROOMS["asking"], EXAMPLES[states.Press])
    failed = after(waits, states.Fail(0, "It failed."))
    assert (failed.awaited, failed.here.words) == (False, "It failed.")
    assert not after(failed, EXAMPLES[states.Press]).awaited


def test_going_back_to_a_run_finds_it_as_it_was():
    there = after(ROOMS["running"], states.Turn(1))
    assert there.phase == "preparing"
    assert after(there, states.Turn(0)) == ROOMS["running"]


def test_what_is_shown_is_not_left_out_and_what_is_left_out_is_not_shown():
    room = ROOMS["asking"]
    assert after(room, states.LeaveOut(0)) is room
    left = after(room, states.LeaveOut(1))
    assert left.listed == (0,)
    assert after(left, states.Turn(1)) is left
    assert after(left, states.Turn(7)) is left


def test_a_room_has_no_more_questions_than_it_may():
    room = Room(tuple(Posed(question()) for _ in range(MOST_QUESTIONS)))
    assert after(room, EXAMPLES[states.Ask]) is room
    assert (
        len(after(after(room, states.LeaveOut(3)), EXAMPLES[states.Ask]).listed) == MOST_QUESTIONS
    )


@given(st.lists(st.sampled_from(sorted(EXAMPLES, key=lambda e: e.__name__)), max_size=30))
def test_whatever_happens_a_run_that_started_goes_on_and_guesses_stay(events):
    room = ROOMS["asking"]
    for event in events:
        before, room = room, after(room, EXAMPLES[event])
        for one, other in zip(before.posed, room.posed, strict=False):
            assert one.starts is None or (other.starts, other.name) == (one.starts, one.name)
            assert one.starts is None or other.guesses == one.guesses
            assert one.guesses.keys() <= other.guesses.keys()
        assert before.students.items() <= room.students.items()
        assert room.at in room.listed
