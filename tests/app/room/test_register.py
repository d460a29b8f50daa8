"""Codes, lifetimes and how many rooms there may be."""

from collections.abc import Callable

import pytest

from app.bench.loop import finished
from app.room import register
from app.room.preparing import Preparing
from app.room.register import (
    LETTERS,
    LIFETIME,
    MOST_BY_ONE,
    MOST_ROOMS,
    OPENED_AT_ONCE,
    OVER,
    WRONG_AT_ONCE,
    Refused,
    Rooms,
)
from tests.app.room.conftest import Clock, question


def within(check: Callable[[Rooms, Clock], None]) -> None:
    """Check on an event loop, with rooms that compute nothing."""

    async def checked() -> None:
        clock = Clock()
        check(Rooms(clock, Preparing(threads=False)), clock)

    finished(checked())


def refusal(work: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as found:
        work()
    return found.value


def opened(rooms: Rooms, source: str = "here") -> register.OpenRoom:
    return rooms.open([question()], "", source)


def test_a_code_is_four_letters_without_vowels_and_its_case_is_all_one():
    def check(rooms: Rooms, _clock: Clock) -> None:
        room = opened(rooms)
        assert len(room.code) == 4
        assert set(room.code) <= set(LETTERS)
        assert not set(LETTERS) & set("AEIOUJLQY0123456789")
        assert rooms.find(room.code.lower(), "there") is room

    within(check)


def test_codes_and_secrets_are_all_different():
    def check(rooms: Rooms, _clock: Clock) -> None:
        made = [opened(rooms, f"10.0.0.{n}") for n in range(MOST_ROOMS)]
        assert len({room.code for room in made}) == len({room.secret for room in made}) == 50

    within(check)


def test_a_room_ends_after_three_hours_and_its_code_is_told_so():
    def check(rooms: Rooms, clock: Clock) -> None:
        room = opened(rooms)
        clock.now += LIFETIME - 1
        assert rooms.find(room.code, "there") is room
        clock.now += 1
        found = refusal(lambda: rooms.find(room.code, "there"))
        assert (found.status, found.words, room.room.ended) == (410, OVER, OVER)

    within(check)


def test_a_room_that_was_closed_is_told_so():
    def check(rooms: Rooms, _clock: Clock) -> None:
        room = opened(rooms)
        room.end()
        found = refusal(lambda: rooms.find(room.code, "there"))
        assert found.words == "The lecturer has closed this room."

    within(check)


def test_codes_are_not_found_by_trying():
    def check(rooms: Rooms, clock: Clock) -> None:
        room = opened(rooms)
        for _ in range(WRONG_AT_ONCE):
            assert refusal(lambda: rooms.find("AAAA", "them")).status == 404
        found = refusal(lambda: rooms.find(room.code, "them"))
        assert found.status == 429
        assert "wait a minute" in found.words
        assert rooms.find(room.code, "others") is room
        clock.now += 60
        assert rooms.find(room.code, "them") is room

    within(check)


def test_who_tries_codes_in_a_class_shuts_nobody_out_of_the_room_it_is_in():
    def check(rooms: Rooms, _clock: Clock) -> None:
        room, other = opened(rooms, "lecturer"), opened(rooms, "elsewhere")
        rooms.find(room.code, "class")
        room.attach(lambda: None, "class", wall=False)
        for _ in range(WRONG_AT_ONCE):
            refusal(lambda: rooms.find("AAAA", "class"))
        assert rooms.find(room.code, "class") is room
        assert rooms.find(room.code, "lecturer") is room
        assert refusal(lambda: rooms.find(other.code, "class")).status == 429
        assert refusal(lambda: rooms.find("AAAA", "class")).status == 429

    within(check)


def test_right_codes_count_for_nothing():
    def check(rooms: Rooms, _clock: Clock) -> None:
        room = opened(rooms)
        assert all(rooms.find(room.code, "them") is room for _ in range(5 * WRONG_AT_ONCE))

    within(check)


def test_a_wrong_code_is_repeated_in_short_and_on_one_line():
    def check(rooms: Rooms, _clock: Clock) -> None:
        words = refusal(lambda: rooms.find("x\n" * 5000, "them")).words
        assert words.isprintable()
        assert len(words) < 100

    within(check)


def test_rooms_are_opened_at_a_bounded_pace_from_a_network():
    def check(rooms: Rooms, clock: Clock) -> None:
        for _ in range(OPENED_AT_ONCE):
            rooms.may_open("them")
        assert refusal(lambda: rooms.may_open("them")).status == 429
        rooms.may_open("others")
        clock.now += 10
        rooms.may_open("them")

    within(check)


def test_one_network_does_not_take_all_places():
    def check(rooms: Rooms, _clock: Clock) -> None:
        made = [opened(rooms) for _ in range(MOST_BY_ONE)]
        assert "close one first" in refusal(lambda: rooms.may_open("here")).words
        made[0].end()
        rooms.may_open("here")

    within(check)


def test_no_room_is_opened_beyond_the_last_place():
    def check(rooms: Rooms, clock: Clock) -> None:
        for n in range(MOST_ROOMS):
            opened(rooms, f"10.0.0.{n}")
        assert refusal(lambda: rooms.may_open("others")).status == 503
        assert refusal(lambda: opened(rooms, "others")).status == 503
        clock.now += LIFETIME
        rooms.may_open("others")
        opened(rooms, "others")

    within(check)


@pytest.mark.parametrize("count", [0, 13])
def test_a_room_has_one_to_twelve_questions(count: int):
    def check(rooms: Rooms, _clock: Clock) -> None:
        words = refusal(lambda: rooms.open([question()] * count, "", "here")).words
        assert words == "A room has 1 to 12 questions."

    within(check)


def test_closing_the_server_ends_all_rooms():
    def check(rooms: Rooms, _clock: Clock) -> None:
        room = opened(rooms)
        rooms.close()
        assert room.room.phase == "ended"

    within(check)
