"""What browsers in a room are told, and what they may say."""

import json

import pytest
from starlette.websockets import WebSocketDisconnect

from app.room import socket as sockets
from app.room.register import LIFETIME
from app.room.socket import FORBIDDEN, GONE, MOST_AT_ONCE, NOT_NOW, NOT_YOURS, UNREADABLE
from app.room.state import MOST_STUDENTS
from tests.app.room.conftest import LINK, ORIGIN, Browser, Class


def test_from_joining_to_the_ranks(opened):
    room: Class = opened(2, title="Lecture 3")
    with room.connected() as one, room.connected() as two:
        wall = room.wall(one)
        assert wall.hear("room")["questions"][0]["state"] == "waiting"
        student, joined = room.student(two)
        assert (joined["number"], joined["colour"][0]) == (1, "#")
        seen = student.hear("room")
        assert (seen["phase"], seen["title"], seen["count"], seen["place"]) == (
            "preparing", "Lecture 3", 2, 1,
        )  # fmt: skip
        room.compute()
        asked = student.hear("question")
        assert (asked["at"], asked["yours"], asked["view"]) == (0, None, {"type": "view"})
        student.say("guess", question=0, guess="3")
        assert student.hear("taken") == {"type": "taken", "at": 0, "guess": "3"}
        assert wall.hear("guesses", whole=False)["all"] == [[1, "3"]]
        wall.say("run")
        started = student.hear("start")
        assert 0 < started["in"] <= 1
        assert wall.hear("start")["run"] == started["run"]
        ranks = student.hear("results")
        assert (ranks["all"], ranks["rank"], ranks["of"]) == ([[1, "3", 0.5]], 1, 1)
        assert wall.hear("results")["all"] == [[1, "3", 0.5]]
        answer = room.client.get(f"/room/{room.code}/run/{started['run']}")
        assert answer.content == b"packed"


def test_a_student_who_comes_back_is_the_same_and_finds_the_guess(opened):
    room: Class = opened()
    room.compute()
    with room.connected() as one:
        student, joined = room.student(one)
        student.say("guess", question=0, guess="3")
        student.hear("taken")
    with room.connected() as one:
        student, again = room.student(one, key=joined["key"])
        assert again == joined
        assert student.hear("question")["yours"] == "3"


def test_an_unknown_key_is_a_new_student(opened):
    room: Class = opened()
    with room.connected() as one, room.connected() as two:
        assert room.student(one, key="made up")[1]["number"] == 1
        assert room.student(two, key="x" * 3000)[1]["number"] == 2


def test_who_comes_late_plays_from_where_the_others_are(opened, clock):
    room: Class = opened()
    room.compute()
    with room.connected() as one:
        wall = room.wall(one)
        wall.say("run")
        name = wall.hear("start")["run"]
        clock.now += 5.0
        with room.connected() as two:
            student, _ = room.student(two)
            started = student.hear("start")
            assert (started["run"], started["in"]) == (name, -4.0)
            assert student.hear("results")["rank"] is None


def test_going_back_shows_the_run_again(opened):
    room: Class = opened(2)
    room.compute()
    room.compute()
    with room.connected() as one, room.connected() as two:
        wall, (student, _) = room.wall(one), room.student(two)
        wall.say("run")
        name = student.hear("start")["run"]
        wall.say("question", to=1)
        assert student.hear("room", at=1)["phase"] == "asking"
        wall.say("question", to=0)
        student.hear("question", at=0)
        assert student.hear("start")["run"] == name
        student.hear("results")


def test_two_walls_steer_and_are_told_the_same(opened):
    room: Class = opened(2)
    with room.connected() as one, room.connected() as two:
        first, second = room.wall(one), room.wall(two)
        first.say("question", to=1)
        assert second.hear("room", at=1)
        assert first.hear("room", at=1)
        second.say("question", to=0)
        assert first.hear("room", at=0)
        assert second.hear("room", at=0)


def test_a_wall_that_comes_again_has_all_guesses_at_once(opened):
    room: Class = opened()
    room.compute()
    with room.connected() as one:
        student, _ = room.student(one)
        student.say("guess", question=0, guess="3")
        student.hear("taken")
        with room.connected() as two:
            assert room.wall(two).hear("guesses") == {
                "type": "guesses", "at": 0, "all": [[1, "3"]], "whole": True,
            }  # fmt: skip


def test_students_are_not_told_what_others_guess_before_the_run(opened):
    room: Class = opened()
    room.compute()
    with room.connected() as one, room.connected() as two, room.connected() as three:
        wall, (student, _), (other, _) = room.wall(one), room.student(two), room.student(three)
        other.say("guess", question=0, guess="3.25")
        wall.hear("guesses", whole=False)
        student.hear("room", guesses=1)
        assert "3.25" not in json.dumps(student.heard)


@pytest.mark.parametrize("secret", ["", "wrong", None, 7, "\ud800"])
def test_a_wall_without_the_secret_is_refused_and_sees_nothing(opened, secret):
    room: Class = opened()
    with room.connected() as one:
        wall = Browser(one)
        wall.say("wall", secret=secret)
        assert wall.closed() == FORBIDDEN
        assert [m["type"] for m in wall.heard] == ["refused"]


@pytest.mark.parametrize("kind", ["question", "run", "ask", "leave_out", "end"])
def test_a_student_cannot_steer(opened, kind):
    room: Class = opened(2)
    room.compute()
    with room.connected() as one:
        student, _ = room.student(one)
        student.say(kind, to=1, at=1, link=LINK)
        assert student.hear("refused")["words"] == NOT_YOURS
    assert (room.value.phase, room.value.at, room.value.listed) == ("asking", 0, (0, 1))


@pytest.mark.parametrize("message", ["{}", "[]", "7", "{", '{"type":"guess"}', "nothing"])
def test_who_has_not_joined_is_refused(opened, message):
    room: Class = opened()
    with room.connected() as one:
        one.send_text(message)
        stranger = Browser(one)
        assert stranger.closed() == FORBIDDEN
        assert [m["type"] for m in stranger.heard] == ["refused"]


HOSTILE = [
    {"guess": "nan"}, {"guess": "inf"}, {"guess": "31"}, {"guess": "Jane"}, {"guess": 3},
    {"guess": None}, {"guess": {}}, {"guess": "1" * 3000}, {"guess": "3", "question": "0"},
    {"guess": "3", "question": None}, {"guess": "3", "question": True},
    {"guess": "3", "question": 1e9}, {"guess": "3", "question": -1}, {"guess": "3", "question": 1},
]  # fmt: skip


@pytest.mark.parametrize("said", HOSTILE, ids=str)
def test_what_is_no_guess_is_refused_in_one_sentence_and_nothing_else_happens(opened, said):
    room: Class = opened(2)
    room.compute()
    with room.connected() as one:
        student, _ = room.student(one)
        student.say("guess", **{"question": 0, **said})
        words = student.hear("refused")["words"]
        assert words.endswith(".")
        assert ". " not in words
        assert room.value.here.guesses == {}
        student.say("guess", question=0, guess="4")
        assert student.hear("taken")["guess"] == "4"


def test_a_guess_comes_too_late_after_the_press(opened):
    room: Class = opened()
    room.compute()
    with room.connected() as one, room.connected() as two:
        wall, (student, _) = room.wall(one), room.student(two)
        wall.say("run")
        student.hear("start")
        student.say("guess", question=0, guess="2.5")
        assert student.hear("refused")["words"] == NOT_NOW
        assert room.value.here.guesses == {}


def test_a_hundred_guesses_at_once_are_told_once_and_the_last_one_counts(opened):
    room: Class = opened()
    room.compute()
    with room.connected() as one, room.connected() as two:
        flood, (other, _) = room.student(one)[0], room.student(two)
        for n in range(100):
            flood.say("guess", question=0, guess=f"{n / 20}")
        flood.hear("taken", guess="4.95")
        other.say("guess", question=0, guess="3")
        other.hear("taken")
        refused = [m for m in flood.heard if m["type"] == "refused"]
        assert [m["words"] for m in refused] == [sockets.TOO_MANY]
        assert room.value.here.guesses == {1: "4.95", 2: "3"}
        assert len(flood.heard) < 3 * MOST_AT_ONCE


def test_ten_megabytes_are_refused_and_the_others_lose_nothing(opened):
    room: Class = opened()
    room.compute()
    with room.connected() as one, room.connected() as two:
        large, (other, _) = room.student(one)[0], room.student(two)
        large.say("guess", question=0, guess="1" * 10_000_000)
        assert large.closed() == 1009
        assert large.heard[-1]["words"] == "A message may have at most 4096 characters."
        other.say("guess", question=0, guess="3")
        assert other.hear("taken")


def test_a_binary_message_is_refused(opened):
    room: Class = opened()
    with room.connected() as one:
        student, _ = room.student(one)
        one.send_bytes(b"\x00" * 100)
        assert student.closed() == 1003


def test_a_full_room_says_so(opened, rooms):
    room: Class = opened()
    live = rooms.find(room.code, "")
    for n in range(MOST_STUDENTS):
        live.room = sockets.state.after(live.room, sockets.state.Join(str(n)))
    with room.connected() as one:
        student = Browser(one)
        student.say("join", key=None)
        assert student.closed() == FORBIDDEN
        assert student.heard[-1]["words"] == "This room is full: 400 students are in it."
    with room.connected() as one:
        assert room.student(one, key="7")[1]["number"] == 8


def test_more_browsers_than_there_is_room_for_are_told_so(opened, monkeypatch):
    monkeypatch.setattr(sockets, "MOST_CONNECTIONS", 1)
    room: Class = opened()
    with room.connected(), room.connected() as two:
        turned_away = Browser(two)
        assert turned_away.closed() == FORBIDDEN
        assert "Too many browsers" in turned_away.heard[0]["words"]


def test_who_says_nothing_is_not_waited_for(opened, monkeypatch):
    monkeypatch.setattr(sockets, "GREETING", 0.01)
    room: Class = opened()
    with room.connected() as one:
        silent = Browser(one)
        assert silent.closed() == FORBIDDEN
        assert silent.heard[0]["type"] == "refused"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"type": "question", "to": 7}, "There is no such question."),
        ({"type": "question", "to": "1"}, "There is no such question."),
        ({"type": "leave_out", "at": 0}, sockets.SHOWN),
        (
            {"type": "ask", "link": "nowhere"},
            "There is no page of an experiment at 'nowhere': lmx list shows which there are.",
        ),
        ({"type": "ask", "link": 7}, UNREADABLE),
        ({"type": "guess", "question": 0, "guess": "3"}, NOT_NOW),
        ({"type": "wall", "secret": ""}, UNREADABLE),
        ({"type": "join"}, UNREADABLE),
        ({"type": "dance"}, UNREADABLE),
    ],
)  # fmt: skip
def test_what_a_lecturer_cannot_do_is_said_in_one_sentence(opened, message, words):
    room: Class = opened(2)
    room.compute()
    with room.connected() as one:
        wall = room.wall(one)
        one.send_text(json.dumps(message))
        assert wall.hear("refused")["words"] == words


def test_a_question_is_added_and_another_left_out(opened):
    room: Class = opened(2)
    with room.connected() as one:
        wall = room.wall(one)
        wall.say("ask", link=f"http://testserver/{LINK}&eta=0.02")
        assert wall.hear("room", count=3)["questions"][2]["state"] == "waiting"
        wall.say("leave_out", at=1)
        assert wall.hear("room", count=2)["questions"][1]["left_out"]
        wall.say("question", to=1)
        assert wall.hear("refused")["words"] == "There is no such question."
        wall.say("question", to=2)
        assert wall.hear("room", at=2)["place"] == 2
        room.compute()
        assert [posed.progress for posed in room.value.posed] == ["waiting", "waiting", "ready"]
        room.compute()
        assert not room.rooms.preparing.step()


def test_the_end_is_told_to_all_and_to_who_comes_later(opened):
    room: Class = opened()
    with room.connected() as one, room.connected() as two:
        wall, (student, _) = room.wall(one), room.student(two)
        wall.say("end")
        assert (student.closed(), wall.closed()) == (GONE, GONE)
        assert student.heard[-1] == {"type": "ended", "words": "The lecturer has closed this room."}
    with room.connected() as one:
        late = Browser(one)
        assert late.closed() == GONE
        assert late.heard[-1]["words"] == "The lecturer has closed this room."


def test_a_room_that_is_over_time_is_ended_for_all(opened, clock, rooms):
    room: Class = opened()
    with room.connected() as one:
        student, _ = room.student(one)
        clock.now += LIFETIME
        room.client.get(f"/room/{room.code}")
        assert student.closed() == GONE


def test_another_origin_is_refused(opened):
    room: Class = opened()
    for headers in ({"origin": "http://elsewhere.example"}, {}):
        with (
            pytest.raises(WebSocketDisconnect),
            room.client.websocket_connect(f"/room/{room.code}/live", headers=headers),
        ):
            pass


def test_an_unknown_code_is_told_so(client):
    with client.websocket_connect("/room/AAAA/live", headers=ORIGIN) as one:
        stranger = Browser(one)
        assert stranger.closed() == GONE
        assert "There is no room AAAA" in stranger.heard[0]["words"]
