"""What a room is, what can happen in it, and what follows.

A `Room` is a value; `after` is the only function that makes the next one, and nothing in one is
ever changed. Students, lecturers, the preparing thread and the register post events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from app.room.question import Played, Question, Shown

Phase = Literal["preparing", "asking", "running", "ended"]
PHASES: tuple[Phase, ...] = get_args(Phase)
Progress = Literal["waiting", "computing", "ready", "failed"]
COUNTDOWN = 1.0
"""Seconds from the press until every phone begins to play."""
MOST_STUDENTS = 400
MOST_QUESTIONS = 12
MOST_POSED = 40
"""Questions that a room may have had, with those that were left out again."""


@dataclass(frozen=True)
class Posed:
    """A question of a room, and how far it is.

    `shown` is there once it can be asked, `played` once its run is computed. `guesses` are the last
    ones of the students, by their numbers. `starts` is when the run begins to play, on the room's
    clock; `name` is then the name under which phones fetch it.
    """

    question: Question
    progress: Progress = "waiting"
    words: str = ""
    shown: Shown | None = None
    played: Played | None = None
    guesses: Mapping[int, str] = field(default_factory=dict)
    starts: float | None = None
    name: str = ""
    left_out: bool = False


@dataclass(frozen=True)
class Room:
    """Everything about a room that changes.

    `students` has their numbers by their keys. `awaited`: the run of the question that is shown
    starts as soon as it is computed. `ended` says why it is over, "" while it is not.
    """

    posed: tuple[Posed, ...]
    at: int = 0
    students: Mapping[str, int] = field(default_factory=dict)
    awaited: bool = False
    ended: str = ""

    @property
    def here(self) -> Posed:
        """The question that is shown."""
        return self.posed[self.at]

    @property
    def listed(self) -> tuple[int, ...]:
        """The questions that are to be gone through, as places among all."""
        return tuple(i for i, posed in enumerate(self.posed) if not posed.left_out)

    @property
    def phase(self) -> Phase:
        """What students see."""
        if self.ended:
            return "ended"
        if self.here.starts is not None:
            return "running"
        return "asking" if self.here.shown is not None else "preparing"


# What can happen


@dataclass(frozen=True)
class Join:
    """A student comes for the first time, and is told this key."""

    key: str


@dataclass(frozen=True)
class Guessed:
    """A student's guess, as it was checked and written."""

    student: int
    at: int
    text: str


@dataclass(frozen=True)
class Turn:
    """A lecturer shows another question."""

    to: int


@dataclass(frozen=True)
class Press:
    """A lecturer runs it for all; where it is fetched, and when that is."""

    name: str
    now: float


@dataclass(frozen=True)
class Ask:
    """A lecturer adds a question."""

    question: Question


@dataclass(frozen=True)
class LeaveOut:
    """A lecturer takes a question off the list."""

    at: int


@dataclass(frozen=True)
class Begin:
    """The preparing thread has taken it up."""

    at: int


@dataclass(frozen=True)
class Show:
    """Its prediction is whole: it can be asked."""

    at: int
    shown: Shown


@dataclass(frozen=True)
class Compute:
    """Its run is computed. The last two are for a run that is awaited: see `Press`."""

    at: int
    played: Played
    name: str
    now: float


@dataclass(frozen=True)
class Fail:
    """It cannot be prepared; one sentence."""

    at: int
    words: str


@dataclass(frozen=True)
class End:
    """The room is over; one sentence."""

    words: str


Event: TypeAlias = (
    Join | Guessed | Turn | Press | Ask | LeaveOut | Begin | Show | Compute | Fail | End
)
EVENTS: tuple[type, ...] = get_args(Event)


# What follows


def _joins(room: Room, event: Join) -> Room:
    if event.key in room.students or len(room.students) >= MOST_STUDENTS:
        return room
    return replace(room, students={**room.students, event.key: len(room.students) + 1})


def _guesses(room: Room, event: Guessed) -> Room:
    if event.at != room.at or not 1 <= event.student <= len(room.students):
        return room
    return _changed(room, room.at, guesses={**room.here.guesses, event.student: event.text})


def _turns(room: Room, event: Turn) -> Room:
    if event.to == room.at or not _is_listed(room, event.to):
        return room
    return replace(room, at=event.to, awaited=False)


def _presses(room: Room, event: Press) -> Room:
    if room.here.played is None:
        return replace(room, awaited=room.here.progress != "failed")
    return _started(room, event.name, event.now)


def _asks(room: Room, event: Ask) -> Room:
    if len(room.posed) >= MOST_POSED or len(room.listed) >= MOST_QUESTIONS:
        return room
    return replace(room, posed=(*room.posed, Posed(event.question)))


def _leaves_out(room: Room, event: LeaveOut) -> Room:
    if event.at == room.at or not _is_listed(room, event.at):
        return room
    return _changed(room, event.at, left_out=True)


def _begins(room: Room, event: Begin) -> Room:
    return _changed(room, event.at, progress="computing")


def _shows(room: Room, event: Show) -> Room:
    return _changed(room, event.at, shown=event.shown)


def _computes(room: Room, event: Compute) -> Room:
    ready = _changed(room, event.at, played=event.played, progress="ready")
    if not (room.awaited and event.at == room.at):
        return ready
    return _started(ready, event.name, event.now)


def _fails(room: Room, event: Fail) -> Room:
    failed = _changed(room, event.at, progress="failed", words=event.words)
    return replace(failed, awaited=False) if event.at == room.at else failed


def _ends(room: Room, event: End) -> Room:
    return replace(room, awaited=False, ended=event.words)


def _stays(room: Room, _event: object) -> Room:
    return room


def _is_listed(room: Room, at: int) -> bool:
    return at in room.listed


def _started(room: Room, name: str, now: float) -> Room:
    started = _changed(room, room.at, starts=now + COUNTDOWN, name=name)
    return replace(started, awaited=False)


def _changed(room: Room, at: int, **values: Any) -> Room:
    posed = list(room.posed)
    posed[at] = replace(posed[at], **values)
    return replace(room, posed=tuple(posed))


Rule: TypeAlias = Callable[[Room, Any], Room]
_OPEN: Mapping[type, Rule] = {
    Join: _joins, Turn: _turns, Ask: _asks, LeaveOut: _leaves_out, Begin: _begins, Show: _shows,
    Compute: _computes, Fail: _fails, End: _ends,
}  # fmt: skip
"""What happens whatever is shown, until the room has ended."""

RULES: Mapping[Phase, Mapping[type, Rule]] = {
    "preparing": _OPEN | {Press: _presses},
    "asking": _OPEN | {Press: _presses, Guessed: _guesses},
    "running": _OPEN,
    "ended": {},
}
"""What each event does in each phase; where none is named, nothing happens."""

TABLE: Mapping[tuple[Phase, type], Rule] = {
    (phase, event): RULES[phase].get(event, _stays) for phase in PHASES for event in EVENTS
}


def after(room: Room, event: Event) -> Room:
    """The room that follows."""
    return TABLE[room.phase, type(event)](room, event)
