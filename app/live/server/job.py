"""What a job does, stage by stage: prepare, predict, compile, run, judge.

A job is made from a recipe of plain data and advances only in short slices that the hub gives it.
"""

from __future__ import annotations

import dataclasses
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.live.messages import view
from app.live.messages.encoding import json_text
from app.live.messages.judgement import judgement_text
from app.live.server.setting import Recipe, Side
from app.wording import stopped_words

log = logging.getLogger("lmx")

State = Literal["predicting", "ready", "running", "paused", "done", "stopped", "failed"]
FINAL: tuple[State, ...] = ("done", "stopped", "failed")

THEORY = "theory"
"""Where what precedes a run is computed: never on a device's thread, since it may compile."""
PLAY_AHEAD = 4.0
"""Seconds of playing that the compute may be ahead of what the reader sees."""
REDRAW = 0.3
"""Seconds between two drawings of a prediction that is still growing."""
DRAWING_SHARE = 8.0
"""The same wait in units of the time the last drawing took."""
FRAME_BYTES = 3_400
FAST_FRAME_BYTES = 64_000

Work = Callable[[float], float | None]
"""A slice of about so many seconds; returns what it is charged, or None for the time it took."""


@dataclass
class Cursor:
    """What one browser holds of a job, by its own account, and what it was told."""

    rows: list[int] = dataclasses.field(default_factory=lambda: [0, 0])
    snapshots: list[int] = dataclasses.field(default_factory=lambda: [0, 0])
    view: int = 0
    status: int = 0
    judgement: int = 0
    late: list[bool] = dataclasses.field(default_factory=lambda: [False, False])
    in_flight: bool = False


class Job:
    """One reader's experiment on its way from recipe to judgement."""

    def __init__(self, owner: str, recipe: Recipe, sides: list[Side], token: str = "") -> None:
        """A job in its first state; the hub gives it slices."""
        self.owner, self.recipe, self.sides = owner, recipe, sides
        self.token = token or secrets.token_urlsafe(16)
        self.state: State = "predicting"
        self.message = ""
        self.clock_used = self.touched = 0.0
        self.attached = 0
        self.listeners: set[Callable[[], None]] = set()
        self.busy = self.compiling = self.judging = self.dropped = self.unseen = False
        self.head, self.goal, self.pace = 0, 0, 0.0
        self.drop_at = float("inf")
        self.view_text, self.judgement_text = "", ""
        self.view_version = self.status_version = self.judgement_version = 0
        self._drawn_at, self._redraw_after = -float("inf"), 0.0
        self._stale = all(s.is_predicted for s in sides)
        self._cancelled = False

    # What the reader asks for

    def play(self) -> None:
        """Run, or run on."""
        if self.state in ("ready", "paused", "predicting"):
            self.unseen = False
            self._without_waiting()
            self._enter("running", self._running_words())

    def _without_waiting(self) -> None:
        """Whatever is not predicted by now comes too late for an intervention."""
        for side in self.sides:
            side.hurried = side.hurried or not side.complete

    def pause(self, message: str = "") -> None:
        """Stop computing; what is there stays."""
        if self.state == "running":
            self._enter("paused", message)

    def pause_unseen(self) -> None:
        """Pause a run that no browser shows; the next touch resumes it."""
        if self.state == "running":
            self.unseen = True
            self.pause("paused while this tab was hidden")

    def step(self) -> None:
        """One record further than the reader has seen."""
        if self.state in FINAL:
            return
        self.goal = min(max(self.goal, self.head) + 1, self.total_rows)
        self._enter("paused", "")

    def cancel_prediction(self) -> None:
        """Go on with what is predicted so far; claims are then not judged."""
        self._cancelled = True
        self._without_waiting()
        if self.state == "predicting" and all(s.is_predicted for s in self.sides):
            self._enter("ready", "The prediction was stopped early, so claims will not be judged.")

    def _running_words(self) -> str:
        return f"running, all {self.recipe.seeds} seeds" if self.recipe.seeds > 1 else "running"

    def _enter(self, state: State, message: str) -> None:
        if (state, message) != (self.state, self.message):
            self.state, self.message = state, message
            self.changed()

    def changed(self) -> None:
        """Tell whoever watches that there is something new."""
        self.status_version += 1
        self.tell()

    def tell(self) -> None:
        """Wake the watchers."""
        for listener in tuple(self.listeners):
            listener()

    # What there is to do

    @property
    def rows(self) -> int:
        """Records computed, of the side that has fewest."""
        return min(s.rows for s in self.sides)

    @property
    def total_rows(self) -> int:
        """Records of the longest side."""
        return max(s.total_rows for s in self.sides)

    @property
    def complete(self) -> bool:
        """Whether every side is fully predicted."""
        return all(s.complete for s in self.sides)

    @property
    def progress(self) -> float:
        """How much of the prediction, or of the run, is there."""
        if self.state == "predicting":
            return sum(s.progress for s in self.sides) / len(self.sides)
        total = sum(s.total_rows for s in self.sides)
        return 1.0 if self.state == "done" else sum(s.rows for s in self.sides) / max(1, total)

    @property
    def steps_done(self) -> int:
        """Training steps computed."""
        return sum(s.steps_done for s in self.sides)

    @property
    def nbytes(self) -> int:
        """Memory this job holds."""
        return sum(s.nbytes for s in self.sides)

    def work(self) -> tuple[Work, str] | None:
        """The next slice of work and the kind of device it needs, or None."""
        if self.state == "failed" or self.dropped:
            return None
        if not all(s.is_prepared for s in self.sides):
            return self._prepare, THEORY
        if self._may_draw():
            return self._draw, THEORY
        side = self._side_to_advance()
        if side is not None:
            return (lambda seconds: self._advance(side, seconds)), side.device
        if not self._cancelled and not self.complete:
            return self._predict, THEORY
        return None

    def _may_draw(self) -> bool:
        if not self._stale:
            return False
        waited = time.monotonic() - self._drawn_at
        return self.complete or self.view_version == 0 or waited > max(REDRAW, self._redraw_after)

    def _side_to_advance(self) -> Side | None:
        if any(s.run is None or s.columns is None for s in self.sides):
            return None
        unfinished = [s for s in self.sides if not s.done]
        if not unfinished or self.state not in ("running", "paused"):
            return None
        side = min(unfinished, key=lambda s: s.rows / max(1, s.total_rows))
        return side if side.rows < self._wanted_rows() else None

    def _wanted_rows(self) -> int:
        if self.state == "paused":
            return self.goal
        if not self.pace:
            return self.total_rows
        return max(self.goal, int(self.head + PLAY_AHEAD * self.pace))

    def wants_compiling(self) -> bool:
        """Whether some side's programs could be built now."""
        return (
            not self.compiling and self.state != "failed" and any(s.may_compile for s in self.sides)
        )

    def wants_judging(self) -> bool:
        """Whether every side has run to its end and no judgement is made or being made."""
        return not self.judging and self.state not in FINAL and all(s.done for s in self.sides)

    # Slices

    def _prepare(self, _seconds: float) -> None:
        for side in self.sides:
            if not side.is_prepared:
                side.prepare()
                return

    def _predict(self, _seconds: float) -> None:
        side = next(s for s in self.sides if not s.complete)
        known = side.prediction if side.is_predicted else None
        side.predict()
        if side.is_predicted and side.prediction is not known:
            self._stale = all(s.is_predicted for s in self.sides)
        if self.complete and self.state == "predicting":
            self._enter("ready", "")

    def _draw(self, _seconds: float) -> None:
        begun = time.monotonic()
        for side in self.sides:
            side.foresee()
        self._stale = False
        text, tags, derived = view.view_text(self)
        if self.rows and any(s.columns and s.columns.all_tags != tags for s in self.sides):
            return
        for side in self.sides:
            side.bind(tags, derived)
        self._drawn_at = time.monotonic()
        self._redraw_after = DRAWING_SHARE * (self._drawn_at - begun)
        self.view_text = text
        self.view_version += 1
        self.tell()

    def _advance(self, side: Side, seconds: float) -> float | None:
        before = side.steps_done
        side.advance(seconds, one_record=self.state == "paused" or self.goal > side.rows)
        self.tell()
        return side.price(side.steps_done - before)

    def compile(self) -> None:
        """Build the programs of every side that is ready for it; on the compile thread."""
        for side in self.sides:
            if side.may_compile and not self.dropped:
                side.compile()
        self.changed()

    def judge(self) -> None:
        """Compare run and prediction, and end; on the thread for slow work."""
        for side in self.sides:
            side.judge()
        self.judgement_text = judgement_text(self)
        self.judgement_version += 1
        if self.stopped_at is not None:
            self._enter("stopped", stopped_words(self.stopped_at))
        else:
            self._enter("done", "")

    def fail(self, error: BaseException, stage: str) -> None:
        """End in one sentence; the traceback goes to the log only."""
        if isinstance(error, ValueError) and stage == "prepare":
            sentence = str(error)
        else:
            log.error("job %s failed in %s", self.recipe.experiment, stage, exc_info=error)
            sentence = "Something failed while computing this; press Reset to start it again."
        self._enter("failed", sentence)

    # What the browser gets

    @property
    def stopped_at(self) -> int | None:
        """First step at which a loss left the finite range."""
        steps = [s.stopped_at for s in self.sides if s.stopped_at is not None]
        return min(steps) if steps else None

    def status_text(self) -> str:
        """The status message."""
        status = {
            "type": "status",
            "state": self.state,
            "message": self.message,
            "progress": round(self.progress, 4),
            "stopped_at": self.stopped_at if self.state == "stopped" else None,
            "cost": self.sides[0].cost(),
        }
        return json_text(status)

    def texts(self, cursor: Cursor) -> list[str]:
        """Messages this browser has not been sent yet."""
        found = []
        if self.view_version > cursor.view:
            found.append(self.view_text)
            cursor.view = self.view_version
        if self.state in ("done", "stopped") and cursor.status and self._is_behind(cursor):
            return found
        if self.status_version > cursor.status or not cursor.status:
            cursor.status = max(1, self.status_version)
            found.append(self.status_text())
        if self.judgement_version > cursor.judgement:
            found.append(self.judgement_text)
            cursor.judgement = self.judgement_version
        return found

    def _is_behind(self, cursor: Cursor) -> bool:
        """Whether this browser lacks rows: it should not hear the end before it can show it."""
        return any(
            side.columns is not None and cursor.rows[i] < side.rows
            for i, side in enumerate(self.sides)
        )

    def frame(self, cursor: Cursor) -> bytes | None:
        """What this browser lacks, as one frame of bounded size; None if it lacks nothing."""
        if not self.view_version:
            return None
        room = FRAME_BYTES if self.pace else FAST_FRAME_BYTES
        order = sorted(range(len(self.sides)), key=lambda i: cursor.rows[i])
        for i in order:
            columns = self.sides[i].columns
            if columns is not None:
                header = {"run": self.token, "source": i, "state": self.state, "error": ""}
                made = columns.frame(header, cursor.rows[i], cursor.snapshots[i], room)
                if made is not None:
                    return made
                if columns.late and not cursor.late[i]:
                    cursor.late[i] = True
                    return columns.late_frame(header)
        return None
