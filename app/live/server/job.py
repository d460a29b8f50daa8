"""One reader's experiment, from its forecast to its judgement.

A job's state is a value that `apply` alone changes. What browsers are told of it is read from that
value and from what workers have published; any thread may ask.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.live.messages.encoding import json_text
from app.live.server.forecast import Drawing, Forecast
from app.live.server.handover import hand_over
from app.live.server.recipe import Recipe
from app.live.server.state import ENDED, Event, State, Step, after
from sims.core.registry import registry

PLAY_AHEAD = 4.0
"""Seconds of playing that the compute may be ahead of what the reader sees."""
FRAME_BYTES = 3_400
FAST_FRAME_BYTES = 64_000


@dataclass
class Cursor:
    """What one browser holds of a job, by its own account, and what it was told.

    Of one socket, or one polling browser; only its own thread of talk touches it.
    """

    rows: list[int] = field(default_factory=lambda: [0, 0])
    snapshots: list[int] = field(default_factory=lambda: [0, 0])
    view: int = 0
    status: str = ""
    judged: bool = False
    late: list[bool] = field(default_factory=lambda: [False, False])
    in_flight: bool = False


class Job:
    """State, forecast and watchers of one reader's experiment."""

    def __init__(
        self,
        owner: str,
        forecast: Forecast,
        token: str = "",
        changed: Callable[[Job], None] = lambda _job: None,
    ) -> None:
        """A job in its first state; `changed` hears of every change, in the thread that made it."""
        self.owner, self.forecast = owner, forecast
        self.token = token or secrets.token_urlsafe(16)
        self.state = State(awaited=bool(forecast.recipe.filed))
        self.touched = self.used = 0.0
        self.nbytes = 0
        self.attached = 0
        self.drop_at = float("inf")
        self._changed = changed
        self._lock = threading.Lock()
        self._listeners: tuple[Callable[[], None], ...] = ()

    @property
    def recipe(self) -> Recipe:
        """What was asked for."""
        return self.forecast.recipe

    def apply(self, event: Event) -> bool:
        """Take note of an event, from any thread; whether it changed anything."""
        hand_over(type(event).__name__)
        with self._lock:
            before, now = self.state, after(self.state, event)
            self.state = now
        if now is before:
            return False
        self._changed(self)
        if _is_told(before, now):
            self.tell()
        return True

    def step(self) -> bool:
        """One record further than the reader has seen."""
        return self.apply(Step(self.forecast.total_rows))

    # Watchers

    @property
    def listeners(self) -> tuple[Callable[[], None], ...]:
        """Who is called, in whatever thread, when there is something new."""
        return self._listeners

    def listen(self, listener: Callable[[], None]) -> None:
        """Call it when there is something new."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def unlisten(self, listener: Callable[[], None]) -> None:
        """Call it no more."""
        with self._lock:
            self._listeners = tuple(one for one in self._listeners if one != listener)

    def tell(self) -> None:
        """Wake the watchers."""
        for listener in self._listeners:
            listener()

    # What there is to do

    @property
    def stage(self) -> str:
        """Where it stands."""
        return self.state.stage

    @property
    def rows(self) -> int:
        """Records filled, of the setting that has fewest."""
        return min((run.rows for run in self.state.runs), default=0)

    @property
    def steps_done(self) -> int:
        """Training steps computed."""
        return sum(run.steps_done for run in self.state.runs)

    def wants_slice(self) -> bool:
        """Whether there is something to train now, or its runs are to be made for that."""
        state = self.state
        if state.working or state.stage not in ("running", "paused") or state.computed:
            return False
        if not (self.forecast.is_warm and (state.early or self.forecast.is_whole)):
            return False
        return self.forecast.drawing is not None and state.rows < self.wanted_rows()

    def wanted_rows(self) -> int:
        """Rows that should be there by now."""
        state, total = self.state, self.forecast.total_rows
        if state.stage == "paused":
            return state.goal
        if not state.pace:
            return total
        return min(total, max(state.goal, int(state.head + PLAY_AHEAD * state.pace)))

    def wants_judging(self) -> bool:
        """Whether every run has come to its end and nobody is at work on it."""
        state = self.state
        return state.computed and not state.working and state.stage not in ENDED

    @property
    def waits(self) -> bool:
        """Whether its reader waits for a first picture or for a first row."""
        state = self.state
        if state.stage == "predicting":
            return not state.drawn
        return state.stage == "running" and not state.rows

    # What the browser gets

    @property
    def drawing(self) -> Drawing | None:
        """What its reader sees of the forecast: the newest whose columns its runs have."""
        newest, runs = self.forecast.drawing, self.state.runs
        if newest is None or not runs or newest.tags == runs[0].drawn.tags:
            return newest
        return runs[0].drawn

    @property
    def has_come(self) -> bool:
        """Whether all is there that is awaited: the prediction, of a run in a file its end."""
        return self.stage in ENDED or (self.drawing is not None and not self.recipe.filed)

    @property
    def stopped_at(self) -> int | None:
        """First step at which a loss left the finite range."""
        steps = [r.stopped_at for r in self.state.runs if r.stopped_at is not None]
        return min(steps) if steps else None

    def status(self) -> dict[str, Any]:
        """The status message."""
        state = self.state
        seconds = None if state.queue is None else state.queue.wait
        return {
            "type": "status",
            "state": "paused" if state.stage == "dropped" else state.stage,
            "message": state.message,
            "refused": state.refused,
            "progress": round(self.forecast.progress, 2) if state.stage == "predicting" else 1.0,
            "stopped_at": self.stopped_at if state.stage == "stopped" else None,
            "cost": self.forecast.settings[0].cost(),
            "queue": None if state.queue is None else {"place": state.queue.place, "wait": seconds},
            "revision": registry.revision(self.recipe.experiment),
        }

    def texts(self, cursor: Cursor) -> list[str]:
        """Messages this browser has not been sent yet."""
        found, state, drawing = [], self.state, self.drawing
        if drawing is not None and drawing.version > cursor.view:
            found.append(drawing.text)
            cursor.view = drawing.version
        if state.stage in ("done", "stopped") and cursor.status and self._is_behind(cursor):
            return found
        status = json_text(self.status())
        if status != cursor.status:
            found.append(status)
            cursor.status = status
        if state.judgement and not cursor.judged:
            found.append(state.judgement)
            cursor.judged = True
        return found

    def _is_behind(self, cursor: Cursor) -> bool:
        """Whether this browser lacks rows: it should not hear the end before it can show it."""
        return any(cursor.rows[i] < run.rows for i, run in enumerate(self.state.runs))

    def frame(self, cursor: Cursor) -> bytes | None:
        """What this browser lacks, as one frame of bounded size; None if it lacks nothing."""
        state = self.state
        if not cursor.view:
            return None
        room = FRAME_BYTES if state.pace else FAST_FRAME_BYTES
        for i in sorted(range(len(state.runs)), key=lambda i: cursor.rows[i]):
            columns = state.runs[i].columns
            header = {"run": self.token, "source": i, "state": state.stage, "error": ""}
            made = columns.frame(header, cursor.rows[i], cursor.snapshots[i], room)
            if made is None and not cursor.late[i]:
                made = columns.late_frame(header)
                cursor.late[i] = made is not None
            if made is not None:
                return made
        return None


def _is_told(before: State, now: State) -> bool:
    """Whether a change is news for a browser."""
    return any(
        getattr(before, name) != getattr(now, name)
        for name in ("stage", "message", "drawn", "rows", "judgement", "queue")
    )
