"""What a job's state is, what can happen to it, and what follows: one table for every case.

A `State` is a value; `after` is the only function that makes the next one. Readers, the theory,
workers and the housekeeping post events; nobody else changes a job. A test goes through every pair
of stage and event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from app.live.server.streamed import StreamedRun

Stage = Literal["predicting", "ready", "running", "paused", "done", "stopped", "failed", "dropped"]
STAGES: tuple[Stage, ...] = get_args(Stage)
ENDED: tuple[Stage, ...] = ("done", "stopped", "failed", "dropped")
HIDDEN = "paused while this tab was hidden"
STOPPED_EARLY = "The prediction was stopped early, so claims will not be judged."
Work = Literal["slice", "judge"]


@dataclass(frozen=True)
class Queue:
    """A place among those who wait for something, counted from 1, and the seconds it may take."""

    place: int
    wait: int


@dataclass(frozen=True)
class State:
    """Everything about a job that changes.

    `early`: its run begins without the whole prediction and is never judged. `cancelled`: the
    reader waits no longer. `hidden`: paused because no browser shows it. `awaited`: it runs as soon
    as it is ready. `head` are the rows the reader has seen, `goal` those asked for one by one,
    `pace` rows a second (0: fastest). `runs` are there once the run can begin; `rows` is what they
    have. `working` names who holds the job, `painted` says that its picture has been on a screen.
    """

    stage: Stage = "predicting"
    message: str = ""
    early: bool = False
    cancelled: bool = False
    drawn: bool = False
    hidden: bool = False
    awaited: bool = False
    refused: bool = False
    head: int = 0
    goal: int = 0
    pace: float = 0.0
    runs: tuple[StreamedRun, ...] = ()
    rows: int = 0
    computed: bool = False
    judgement: str = ""
    working: frozenset[Work] = field(default_factory=frozenset)
    queue: Queue | None = None
    painted: bool = False


# What can happen


@dataclass(frozen=True)
class Run:
    """The reader runs it, or runs it on."""


@dataclass(frozen=True)
class RunWhenReady:
    """It ran before it was made again, and is to run as soon as the prediction is whole."""


@dataclass(frozen=True)
class Pause:
    """The reader pauses it."""


@dataclass(frozen=True)
class Step:
    """The reader asks for one record more than was seen, of so many."""

    total: int


@dataclass(frozen=True)
class Cancel:
    """The reader goes on with what is predicted so far."""


@dataclass(frozen=True)
class Pace:
    """The reader's pace, rows a second; 0: fastest."""

    rate: float


@dataclass(frozen=True)
class Head:
    """Rows the reader has seen."""

    rows: int


@dataclass(frozen=True)
class Painted:
    """A browser has its picture on the screen."""


@dataclass(frozen=True)
class Hide:
    """No browser shows it any more."""


@dataclass(frozen=True)
class Show:
    """A browser shows it."""


@dataclass(frozen=True)
class Drawn:
    """A part of the prediction is drawn."""


@dataclass(frozen=True)
class Whole:
    """The whole prediction is drawn, and hashed."""


@dataclass(frozen=True)
class Take:
    """A worker takes it."""

    work: Work


@dataclass(frozen=True)
class Begun:
    """A worker has made the runs."""

    runs: tuple[StreamedRun, ...]


@dataclass(frozen=True)
class Advanced:
    """A worker gives it back after a slice, with the rows that are now filled."""

    rows: int
    computed: bool


@dataclass(frozen=True)
class Judged:
    """A worker has judged it; `stopped` says so if the loss left the finite range."""

    text: str
    stopped: str = ""


@dataclass(frozen=True)
class Fail:
    """Something went wrong with its run."""

    sentence: str


@dataclass(frozen=True)
class Unforeseen:
    """There is no prediction; `refused`: the settings cannot be."""

    sentence: str
    refused: bool = False


@dataclass(frozen=True)
class Wait:
    """Its place in the queue."""

    queue: Queue | None


@dataclass(frozen=True)
class Drop:
    """The hub lets go of it."""


Event: TypeAlias = (
    Run | RunWhenReady | Pause | Step | Cancel | Pace | Head | Painted | Hide | Show | Drawn
    | Whole | Take | Begun | Advanced | Judged | Fail | Unforeseen | Wait | Drop
)  # fmt: skip
EVENTS: tuple[type, ...] = get_args(Event)

Rule: TypeAlias = Callable[[State, Any], State]


# What follows


def _stays(state: State, _event: object) -> State:
    return state


def _runs(state: State, _event: Run | RunWhenReady) -> State:
    return replace(state, stage="running", message="", hidden=False)


def _runs_early(state: State, _event: Run) -> State:
    return replace(state, stage="running", message="", early=True)


def _pauses(state: State, _event: Pause) -> State:
    return replace(state, stage="paused", message="", hidden=False)


def _steps(state: State, event: Step) -> State:
    goal = min(max(state.goal, state.head) + 1, event.total)
    early = state.early or state.stage == "predicting"
    return replace(state, stage="paused", message="", hidden=False, goal=goal, early=early)


def _cancels(state: State, _event: Cancel) -> State:
    waits = replace(state, cancelled=True, early=True)
    return replace(waits, stage="ready", message=STOPPED_EARLY) if state.drawn else waits


def _paces(state: State, event: Pace) -> State:
    return replace(state, pace=event.rate)


def _sees(state: State, event: Head) -> State:
    return replace(state, head=event.rows)


def _is_painted(state: State, _event: Painted) -> State:
    return state if state.painted else replace(state, painted=True)


def _hides(state: State, _event: Hide) -> State:
    return replace(state, stage="paused", message=HIDDEN, hidden=True)


def _shows(state: State, _event: Show) -> State:
    return replace(state, stage="running", message="", hidden=False) if state.hidden else state


def _draws(state: State, _event: Drawn) -> State:
    seen = replace(state, drawn=True)
    return replace(seen, stage="ready", message=STOPPED_EARLY) if state.cancelled else seen


def _notes_drawing(state: State, _event: Drawn | Whole) -> State:
    return state if state.drawn else replace(state, drawn=True)


def _is_ready(state: State, _event: Whole) -> State:
    message = STOPPED_EARLY if state.cancelled else ""
    stage: Stage = "running" if state.awaited else "ready"
    return replace(state, stage=stage, message=message, drawn=True, awaited=False, queue=None)


def _is_taken(state: State, event: Take) -> State:
    if state.working:  # one worker at a time
        return state
    return replace(state, working=state.working | {event.work})


def _begins(state: State, event: Begun) -> State:
    return replace(state, runs=event.runs)


def _advances(state: State, event: Advanced) -> State:
    left, queue = state.working - {"slice"}, None if event.rows else state.queue
    return replace(state, rows=event.rows, computed=event.computed, working=left, queue=queue)


def _is_judged(state: State, event: Judged) -> State:
    left = state.working - {"judge"}
    stage: Stage = "stopped" if event.stopped else "done"
    return replace(
        state, stage=stage, message=event.stopped, judgement=event.text, working=left, queue=None
    )


def _fails(state: State, event: Fail) -> State:
    ended = replace(state, working=frozenset(), queue=None)
    return replace(ended, stage="failed", message=event.sentence)


def _is_unforeseen(state: State, event: Unforeseen) -> State:
    ended = replace(state, stage="failed", message=event.sentence, queue=None)
    return replace(ended, refused=event.refused)


def _awaits(state: State, _event: RunWhenReady) -> State:
    return replace(state, awaited=True)


def _waits(state: State, event: Wait) -> State:
    return replace(state, queue=event.queue)


def _drops(state: State, _event: Drop) -> State:
    return replace(state, stage="dropped", message="", working=frozenset(), queue=None)


_ALWAYS: Mapping[type, Rule] = {
    Pace: _paces, Head: _sees, Painted: _is_painted, Fail: _fails, Drop: _drops,
}  # fmt: skip
_OPEN: Mapping[type, Rule] = _ALWAYS | {
    Drawn: _notes_drawing, Whole: _notes_drawing, Take: _is_taken, Begun: _begins,
    Advanced: _advances, Judged: _is_judged, Wait: _waits,
}  # fmt: skip
"""A worker's word counts in whatever stage the job is by then, until it has ended."""
_SHUT: Mapping[type, Rule] = {
    Pace: _paces, Head: _sees, Painted: _is_painted, Drop: _drops,
}  # fmt: skip

RULES: Mapping[Stage, Mapping[type, Rule]] = {
    "predicting": _OPEN | {
        Run: _runs_early, RunWhenReady: _awaits, Step: _steps, Cancel: _cancels, Drawn: _draws,
        Whole: _is_ready, Unforeseen: _is_unforeseen,
    },
    "ready": _OPEN | {Run: _runs, RunWhenReady: _runs, Step: _steps},
    "running": _OPEN | {Pause: _pauses, Step: _steps, Hide: _hides},
    "paused": _OPEN | {Run: _runs, Pause: _pauses, Step: _steps, Show: _shows},
    "done": _SHUT,
    "stopped": _SHUT,
    "failed": _SHUT,
    "dropped": {},
}  # fmt: skip
"""What each event does at each stage; where none is named, nothing happens."""

TABLE: Mapping[tuple[Stage, type], Rule] = {
    (stage, event): RULES[stage].get(event, _stays) for stage in STAGES for event in EVENTS
}


def after(state: State, event: Event) -> State:
    """The state that follows."""
    return TABLE[state.stage, type(event)](state, event)
