"""A room while it is open: its value, who watches it, and when they are told of what is new."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.room import state
from app.room.question import Shown
from app.room.results import Result, results
from app.room.state import Event, Posed, Room, after

if TYPE_CHECKING:
    from app.room.question import Played, Question

TELL_WALLS, TELL_STUDENTS = 0.25, 1.0
"""Seconds until a wall, and a phone, hears of counts and guesses, which change nothing shown."""
CLOSED = "The lecturer has closed this room."
NAME_BYTES = 16
MOST_NETWORKS = 1000


class OpenRoom:
    """Only the event loop calls it, but for `prepared`; any thread may read `room`."""

    def __init__(
        self,
        code: str,
        secret: str,
        title: str,
        questions: Sequence[Question],
        *,
        clock: Callable[[], float],
        ends_at: float,
        source: str,
        ended: Callable[[str], None],
    ) -> None:
        """`ended` is told once it is over, and why; `source` is the network it was opened from."""
        self.code, self.secret, self.title = code, secret, title
        self.clock, self.ends_at, self.source = clock, ends_at, source
        self.room = Room(tuple(Posed(question) for question in questions))
        self.asked_more: Callable[[], None] = lambda: None
        self.networks = {source}
        """Those that somebody has joined from."""
        self.connections = 0
        """Sockets that are open, whether they have joined or not."""
        self._ended = ended
        self._results: tuple[str, list[Result]] = ("", [])
        self._walls: set[Callable[[], None]] = set()
        self._students: set[Callable[[], None]] = set()
        self._later: dict[str, asyncio.TimerHandle] = {}
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(ends_at - clock(), self._expire)

    def is_secret(self, said: str) -> bool:
        """Whether it is the lecturer's."""
        return secrets.compare_digest(said.encode("utf-8", "replace"), self.secret.encode())

    # Who watches

    def attach(self, wake: Callable[[], None], network: str, *, wall: bool) -> None:
        """Wake a browser that has joined, from that network, whenever something is new for it."""
        if len(self.networks) < MOST_NETWORKS:
            self.networks.add(network)
        (self._walls if wall else self._students).add(wake)

    def detach(self, wake: Callable[[], None]) -> None:
        """It has left."""
        self._walls.discard(wake)
        self._students.discard(wake)

    @property
    def results(self) -> list[Result]:
        """How near everybody came to the run that has started, nearest first; found once."""
        here = self.room.here
        if self._results[0] != here.name:
            self._results = (here.name, results(here))
        return self._results[1]

    # What happens

    def post(self, event: Event) -> None:
        """Let something happen; who watches is woken at once where it changes what is shown."""
        before, self.room = self.room, after(self.room, event)
        if self.room is before:
            return
        if len(self.room.posed) > len(before.posed):
            self.asked_more()
        if _shown(before) != _shown(self.room):
            self._wake("walls")
            self._wake("students")
        elif isinstance(event, (state.Join, state.Guessed)):
            self._wake_later("walls", TELL_WALLS)
            self._wake_later("students", TELL_STUDENTS)
        else:
            self._wake("walls")
        if self.room.ended and not before.ended:
            self._timer.cancel()
            self._ended(self.room.ended)

    def press(self) -> None:
        """A lecturer runs it for all."""
        self.post(state.Press(_new_name(), self.clock()))

    def end(self, words: str = CLOSED) -> None:
        """It is over."""
        self.post(state.End(words))

    def prepared(self, at: int, outcome: Shown | Played | str | None) -> None:
        """From the thread that prepares: it takes a question up, shows, plays or refuses it."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server is going down
            self._loop.call_soon_threadsafe(self._prepared, at, outcome)

    def _prepared(self, at: int, outcome: Shown | Played | str | None) -> None:
        if outcome is None:
            self.post(state.Begin(at))
        elif isinstance(outcome, str):
            self.post(state.Fail(at, outcome))
        elif isinstance(outcome, Shown):
            self.post(state.Show(at, outcome))
        else:
            self.post(state.Compute(at, outcome, _new_name(), self.clock()))

    def _expire(self) -> None:
        from app.room.register import OVER

        self.end(OVER)

    # Waking

    def _wake(self, whom: str) -> None:
        if (timer := self._later.pop(whom, None)) is not None:
            timer.cancel()
        for wake in list(self._walls if whom == "walls" else self._students):
            wake()

    def _wake_later(self, whom: str, seconds: float) -> None:
        if whom not in self._later:
            self._later[whom] = self._loop.call_later(seconds, self._wake, whom)


def _shown(room: Room) -> tuple[object, ...]:
    """What students see change."""
    here = room.here
    return (
        room.at, room.phase, here.shown, here.starts, here.progress, room.awaited, len(room.listed)
    )  # fmt: skip


def _new_name() -> str:
    return secrets.token_urlsafe(NAME_BYTES)
