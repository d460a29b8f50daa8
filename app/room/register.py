"""Which rooms there are, and what became of those that are no more; of the event loop alone."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache

from app.room.limits import Sources, network_of
from app.room.open_room import OpenRoom
from app.room.preparing import Preparing
from app.room.question import Question
from app.room.state import MOST_QUESTIONS

LETTERS = "BCDFGHKMNPRSTVWXZ"
"""No vowels, so that no code is a word, and none that is taken for another on a projector."""
LENGTH = 4
MOST_ROOMS = 50
MOST_BY_ONE = 10
"""Rooms that are open at a time from one address."""
MOST_REMEMBERED = 500
LIFETIME = 3 * 3600.0
"""Seconds from opening a room to its end."""
MOST_TITLE = 80
OPENED_AT_ONCE, OPENED_A_MINUTE = 6, 6.0
WRONG_AT_ONCE, WRONG_A_MINUTE = 60, 30.0
"""A class mistypes behind one address; who tries 30 codes a minute for the three hours that a room
lives has tried one in fifteen."""

FULL = f"All {MOST_ROOMS} rooms are in use: try again later."
TOO_MANY_BY_ONE = f"There are {MOST_BY_ONE} rooms open from this network already: close one first."
TOO_FAST = f"At most {OPENED_AT_ONCE} rooms a minute can be opened from one network: wait a minute."
TOO_MANY_WRONG = "Too many wrong codes came from this network: wait a minute and try again."
OVER = "This room was open for three hours and is closed now."


class Refused(Exception):
    """A sentence for who asked, and the HTTP status that goes with it."""

    def __init__(self, words: str, status: int = 400) -> None:
        """`words` is one sentence."""
        super().__init__(words)
        self.words, self.status = words, status


class Rooms:
    """Rooms by their codes."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, preparing: Preparing | None = None
    ) -> None:
        """There are none; `preparing` computes what they ask for."""
        self.clock = clock
        self.preparing = Preparing() if preparing is None else preparing
        self._open: dict[str, OpenRoom] = {}
        self._ended: OrderedDict[str, str] = OrderedDict()
        self._openings = Sources(OPENED_AT_ONCE, OPENED_A_MINUTE, clock)
        self._wrong = Sources(WRONG_AT_ONCE, WRONG_A_MINUTE, clock)

    def may_open(self, source: str) -> None:
        """Count an attempt to open a room from that address.

        Raises:
            Refused: it comes too soon, or there is no place.
        """
        self._tidy()
        if not self._openings.of(source).take():
            raise Refused(TOO_FAST, 429)
        if sum(room.source == network_of(source) for room in self._open.values()) >= MOST_BY_ONE:
            raise Refused(TOO_MANY_BY_ONE, 429)
        if len(self._open) >= MOST_ROOMS:
            raise Refused(FULL, 503)

    def open(self, questions: Sequence[Question], title: str, source: str) -> OpenRoom:
        """A new room, whose questions are prepared from now on; for a running event loop.

        Raises:
            Refused: it has no questions, or too many, or there is no place.
        """
        if not 1 <= len(questions) <= MOST_QUESTIONS:
            raise Refused(f"A room has 1 to {MOST_QUESTIONS} questions.")
        if len(self._open) >= MOST_ROOMS:
            raise Refused(FULL, 503)
        code = self._new_code()
        room = OpenRoom(
            code,
            secrets.token_urlsafe(24),
            title,
            questions,
            clock=self.clock,
            ends_at=self.clock() + LIFETIME,
            source=network_of(source),
            ended=lambda words: self._forget(code, words),
        )
        self._open[code] = room
        self.preparing.enter(room)
        return room

    def find(self, code: str, source: str) -> OpenRoom:
        """The room of a code, in whatever case it is written.

        Wrong codes that come from where a class sits shut nobody out of the room it is in: from a
        network that somebody has joined a room from, the way into that room stays open.

        Raises:
            Refused: there is none, or it has ended, or too many wrong ones were tried.
        """
        self._tidy()
        wrong, code = self._wrong.of(source), code.upper()
        room = self._open.get(code)
        if room is not None and network_of(source) in room.networks:
            return room
        if wrong.is_empty:
            raise Refused(TOO_MANY_WRONG, 429)
        if room is not None:
            return room
        if code in self._ended:
            raise Refused(self._ended[code], 410)
        wrong.take()
        raise Refused(f"There is no room {_short(code)}: look at the code on the wall again.", 404)

    def close(self) -> None:
        """End all rooms, and the thread that prepares."""
        for room in list(self._open.values()):
            room.end("The server was closed.")
        self.preparing.close()

    def _tidy(self) -> None:
        for room in list(self._open.values()):
            if self.clock() >= room.ends_at:
                room.end(OVER)

    def _forget(self, code: str, words: str) -> None:
        """Called by a room that has ended."""
        self.preparing.leave(self._open.pop(code))
        self._ended[code] = words
        while len(self._ended) > MOST_REMEMBERED:
            self._ended.popitem(last=False)

    def _new_code(self) -> str:
        while True:
            code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
            if code not in self._open and code not in self._ended:
                return code


def _short(code: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in code[:9])
    return line if len(code) <= 8 else line[:8] + "…"


@cache
def rooms() -> Rooms:
    """Those of this process."""
    return Rooms()
