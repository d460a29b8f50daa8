"""A class in a room of the real server, in small; and what is told of it."""

from app.bench.room import LINK, held, told
from app.bench.students import Lesson, Plan, Student

CLASS = 12


def lost(seen: Lesson) -> dict[str, float]:
    return {one.name: one.value for one in told(seen) if one.target == "<= 0"}


def test_a_small_class_joins_guesses_and_plays_one_run(server: str):
    seen = held(Plan(server, LINK, CLASS, 0.2))
    assert [one.trouble for one in seen.students if one.trouble] == []
    assert set(lost(seen).values()) == {0}
    assert sorted(one.rank or 0 for one in seen.students)[0] == 1
    assert seen.rows == CLASS


def test_what_did_not_come_is_counted():
    there = Student(1.0, 1.1, 1.2, 1.5, 3.0, 3.1, 4.0, 1)
    seen = Lesson([there, Student(1.0, 1.1, 1.2, trouble="It broke.")], 0.5, 2.9, 0.1, rows=1)
    found = {one.name: one.value for one in told(seen)}
    assert lost(seen) == {
        "did not join": 0,
        "were not asked": 0,
        "guesses that did not come to the wall": 1,
        "did not get the run": 1,
        "were not told their rank": 1,
        "guesses missing in the table": 1,
    }
    assert found["  It broke."] == 1
    assert round(found["guess to wall, 95 % within"], 9) == 0.3
    assert round(found["from the press to the last start"], 9) == 1.1


def test_nobody_at_all_is_told_of_too():
    assert set(lost(Lesson([Student()])).values()) == {1}
