"""The one thread that computes what rooms ask for, a question at a time, each room in turn."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.live.server.handover import hand_over
from app.room.state import Posed

if TYPE_CHECKING:
    from app.room.open_room import OpenRoom
    from app.room.question import Played, Question, Shown

log = logging.getLogger("lmx")

LONGEST = 600.0
"""Seconds that one question may take."""
TOO_LONG = (
    f"This run takes more than {LONGEST / 60:.0f} minutes: ask for fewer steps or a smaller net."
)
FAILED = "Something failed while computing this question."

Prepare = Callable[["Question", Callable[["Shown | Played"], None], Callable[[float], None]], None]


class _Stopped(Exception):
    """Nobody waits for this question any more."""


class Preparing:
    """Rooms enter and leave on the event loop; its thread reads their values and posts to them."""

    def __init__(self, prepare: Prepare | None = None, *, threads: bool = True) -> None:
        """`prepare` computes a question; without `threads` a test gives the turns."""
        self._prepare = prepare
        self._threads = threads
        self._thread: threading.Thread | None = None
        self._news = threading.Condition()
        self._rooms: list[OpenRoom] = []
        self._taken: set[tuple[int, int]] = set()
        self._closed = False

    def enter(self, room: OpenRoom) -> None:
        """Its questions are wanted from now on."""
        with self._news:
            self._rooms.append(room)
            self._news.notify()
            if self._thread is None and self._threads:
                self._thread = threading.Thread(target=self._work, name="lmx-rooms", daemon=True)
                self._thread.start()
        room.asked_more = self.wake

    def leave(self, room: OpenRoom) -> None:
        """It is over."""
        with self._news:
            self._rooms.remove(room)
            self._taken = {one for one in self._taken if one[0] != id(room)}
            self._news.notify()

    def wake(self) -> None:
        """A room asks for more."""
        with self._news:
            self._news.notify()

    def close(self) -> None:
        """End the thread, after the slice it is at."""
        with self._news:
            self._closed = True
            self._news.notify()

    def _work(self) -> None:
        while True:
            with self._news:
                found = self._next()
                while found is None and not self._closed:
                    self._news.wait()
                    found = self._next()
                if self._closed or found is None:
                    return
            self.turn(*found)

    def step(self) -> bool:
        """Compute one question on the thread that calls; whether one was waiting."""
        with self._news:
            found = self._next()
        if found is not None:
            self.turn(*found)
        return found is not None

    def _next(self) -> tuple[OpenRoom, int] | None:
        """The next question of the room whose turn it is: first the one that is shown there."""
        for room in self._rooms:
            value = room.room
            order = [value.at, *(i for i in range(len(value.posed)) if i != value.at)]
            for at in order:
                if (id(room), at) not in self._taken and _is_wanted(value.posed[at]):
                    self._taken.add((id(room), at))
                    self._rooms.remove(room)
                    self._rooms.append(room)
                    return room, at
        return None

    def turn(self, room: OpenRoom, at: int) -> None:
        """Compute one question and post what comes of it; never raises."""
        from app.room.question import prepared

        begun = time.monotonic()

        def progress(_share: float) -> None:
            if self._closed or room.room.ended or room.room.posed[at].left_out:
                raise _Stopped
            if time.monotonic() - begun > LONGEST:
                raise ValueError(TOO_LONG)

        def told(outcome: Shown | Played) -> None:
            hand_over("a question is prepared")
            room.prepared(at, outcome)

        room.prepared(at, None)
        try:
            (self._prepare or prepared)(room.room.posed[at].question, told, progress)
        except _Stopped:
            return
        except ValueError as error:
            room.prepared(at, str(error))
        except Exception as error:
            log.error("a question of a room failed", exc_info=error)
            room.prepared(at, FAILED)


def _is_wanted(posed: Posed) -> bool:
    return posed.progress == "waiting" and not posed.left_out
