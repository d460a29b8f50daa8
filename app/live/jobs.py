"""What a job does, stage by stage: prepare, predict, compile, run, judge.

A job is made from a recipe of plain data and advances only in short slices that the hub gives it.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr

from app.figures.panels import View
from app.live import view, wire
from sims.core.claims import before, judge
from sims.core.experiment import Assumption, Experiment
from sims.core.knobs import knobs_of
from sims.core.prediction import digest, of_seed, predictions
from sims.core.setup import Setup, prepared
from sims.core.simulation import Run, chosen_device
from sims.core.trajectory import records, trajectory

log = logging.getLogger("lmx")

State = Literal["predicting", "ready", "running", "paused", "done", "stopped", "failed"]
FINAL: tuple[State, ...] = ("done", "stopped", "failed")

PLAY_AHEAD = 4.0
"""Seconds of playing that the compute may be ahead of what the reader sees."""
REDRAW = 0.3
"""Seconds between two drawings of a prediction that is still growing."""
FRAME_BYTES = 3_400
FAST_FRAME_BYTES = 64_000

Work = Callable[[float], float | None]
"""A slice of about so many seconds; returns what it is charged, or None for the time it took."""

_rates: dict[tuple, tuple[float, int]] = {}


@dataclass(frozen=True)
class Recipe:
    """All that makes a job, as plain data: the same recipe gives the same numbers."""

    experiment: str
    values: Mapping[str, Any]
    seed: int | None = None
    seeds: int = 1
    device: str = "auto"
    compare: Mapping[str, Any] | None = None
    over: Mapping[str, str] | None = None

    @property
    def key(self) -> str:
        """Equal for recipes that mean the same."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, default=list)


class Side:
    """One setting of an experiment: its prediction, its run, and the columns figures read.

    A job has one, or two that are compared.
    """

    def __init__(self, experiment: Experiment, recipe: Recipe, values: Mapping[str, Any]) -> None:
        """Nothing is checked or computed yet."""
        self.experiment, self.recipe, self.values = experiment, recipe, values
        self.setup: Setup | None = None
        self.prediction: xr.Dataset | None = None
        self.complete = False
        self.hash = self.predicted_at = ""
        self.assumptions: list[Assumption] = []
        self.tolerances: dict[str, float] = {}
        self.run: Any = None
        self.device = "cpu"
        self.promised = False
        self.columns: wire.Columns | None = None
        self.derived: wire.Derived = {}
        self.seen: xr.Dataset | None = None
        self.claims: xr.Dataset | None = None
        self._parts: Iterator[xr.Dataset] | None = None

    def again(self) -> Side:
        """The same setting with its prediction, before its run."""
        fresh = Side(self.experiment, self.recipe, self.values)
        for name in ("setup", "prediction", "complete", "hash", "predicted_at", "_parts"):
            setattr(fresh, name, getattr(self, name))
        fresh.assumptions, fresh.tolerances = self.assumptions, self.tolerances
        return fresh

    def prepare(self) -> None:
        """Check the knobs and draw data and weights; ValueError is a sentence for the reader."""
        self.setup = prepared(
            self.experiment, self.values, seed=self.recipe.seed, seeds=self.recipe.seeds
        )
        self._parts = predictions(self.setup)

    def predict(self) -> None:
        """The next part of the prediction; the last one is hashed."""
        assert self.setup is not None and self._parts is not None
        part = next(self._parts, None)
        if part is None:
            raise RuntimeError(f"{self.experiment.name} never completed its prediction")
        self.prediction = part
        if not part.attrs.get("complete"):
            return
        from sims.core.archive import now

        self.setup = _disturbed(self.setup, part)
        self.complete, self.hash, self.predicted_at = True, digest(part), now()
        self._parts = None

    def foresee(self) -> None:
        """Assumptions and tolerances as far as the prediction allows."""
        assert self.setup is not None and self.prediction is not None
        self.assumptions, self.tolerances = before(self.setup, self.prediction)

    @property
    def may_compile(self) -> bool:
        """The run's starting point is fixed and no run is made yet."""
        fixed = self.complete or self.experiment.intervene is None
        return self.run is None and self.setup is not None and fixed

    def compile(self) -> None:
        """Build the run's programs (slow the first time), and learn what a step costs."""
        assert self.setup is not None
        self.device = chosen_device(self.recipe.device)
        run = self._new_run()
        run.compile()
        if self._rate_key() not in _rates:
            self._measure_rate()
        self.run = run

    def _new_run(self) -> Any:
        setup = self.setup
        assert setup is not None
        return Run(self.experiment, setup.params, setup.tasks, setup.schedule, self.device)

    def _rate_key(self) -> tuple:
        assert self.setup is not None
        params = self.setup.params
        shapes = tuple(str(getattr(params, k.name)) for k in knobs_of(params).values() if k.static)
        return (self.experiment.name, self.device, len(self.setup.tasks), shapes)

    def _measure_rate(self) -> None:
        """Time a few records of a run that is thrown away."""
        trial = self._new_run()
        trial.advance_records(1)
        steps, seconds = trial.steps_done, trial.device_seconds
        trial.advance_records(2)
        rate = (trial.device_seconds - seconds) / max(1, trial.steps_done - steps)
        _rates[self._rate_key()] = (rate, _nbytes(trial.records) + _nbytes(trial.snapshots))

    def fair_price(self, steps: int) -> float | None:
        """Device seconds these steps should take, however busy the machine was meanwhile."""
        rate = _rates.get(self._rate_key(), (0.0, 0))[0]
        return steps * rate or None

    def cost(self) -> dict[str, Any]:
        """Steps of the run, the seconds it should take (None: not known yet) and its memory."""
        if self.setup is None:
            return {}
        rate, memory = _rates.get(self._rate_key(), (None, None))
        steps = self.setup.schedule.steps
        return {
            "steps": steps,
            "seeds": len(self.setup.tasks),
            "seconds": None if rate is None else rate * steps,
            "memory": memory,
        }

    def figures(self) -> View:
        """Everything the page draws of the prediction so far."""
        assert self.prediction is not None
        return view.figures_of(self.experiment, self.prediction, self.tolerances)

    def draw(self) -> view.Drawn:
        """The figures of the prediction so far, ready to be bound to columns."""
        assert self.setup is not None
        return view.drawn(self.figures(), len(self.setup.tasks))

    def bind(self, tags: list[wire.Tag], derived: wire.Derived) -> None:
        """Columns for these tags, unless the same ones are being filled already."""
        assert self.setup is not None
        self.derived = derived
        if self.columns is not None and self.columns.all_tags == tags:
            return
        schedule = self.setup.schedule
        self.columns = wire.Columns(
            tags, schedule.record_steps, schedule.record_times, schedule.snapshot_records
        )

    def fill(self) -> None:
        """Evaluate the columns on what the run has computed."""
        if self.columns is not None and self.run is not None and self.run.rows:
            self.columns.fill(self.source())

    def source(self) -> wire.Source:
        """The run so far, as the columns read it."""
        run = self.run
        return wire.Source(
            run.records, run.snapshots, run.rows, run.snapshot_rows, self.prediction, self.derived
        )

    @property
    def rows(self) -> int:
        """Records computed."""
        return self.run.rows if self.run is not None else 0

    @property
    def total_rows(self) -> int:
        """Records of the whole run."""
        return len(self.setup.schedule.record_steps) if self.setup is not None else 0

    @property
    def done(self) -> bool:
        """No further record will come."""
        return self.run is not None and self.run.done

    @property
    def stopped_at(self) -> int | None:
        """Step at which the loss left the finite range, if it did."""
        return self.run.stopped_at if self.run is not None else None

    def advance(self, seconds: float) -> None:
        """Train for about that long."""
        self.promised = self.promised or (self.complete and self.rows == 0)
        self.run.advance(seconds)

    def advance_records(self, n: int) -> None:
        """Train until n further records are there."""
        self.promised = self.promised or (self.complete and self.rows == 0)
        self.run.advance_records(n)

    def judge(self) -> None:
        """Measure and compare; only a prediction hashed before the first step is judged."""
        assert self.setup is not None and self.prediction is not None
        _rates[self._rate_key()] = (
            self.run.device_seconds / max(1, self.run.steps_done),
            _nbytes(self.run.records) + _nbytes(self.run.snapshots),
        )
        if self.promised:
            self.seen = trajectory(self.setup, self.prediction, self.run)
            self.claims = judge(self.setup, self.prediction, self.seen)
            self._fill_late(self.seen)
        else:
            self.seen = records(self.setup, self.run)

    def _fill_late(self, seen: xr.Dataset) -> None:
        """Columns of what was measured after the run, such as a curvature at the snapshots."""
        if self.columns is None:
            return
        source = self.source()
        for name, variable in seen.data_vars.items():
            for dim, known in (("record", source.records), ("snapshot", source.snapshots)):
                if variable.dims[:2] == ("seed", dim) and name not in known:
                    values = {**known, str(name): variable.values}
                    source = dataclasses.replace(source, **{f"{dim}s": values})
        self.columns.fill_late(source)

    def tree(self) -> xr.DataTree:
        """The file's tree as far as it goes."""
        from sims.core import archive

        assert self.setup is not None and self.prediction is not None
        return archive.tree(
            self.setup,
            self.prediction,
            self.seen,
            self.claims,
            device=self.device,
            predicted_at=self.predicted_at or None,
        )

    @property
    def nbytes(self) -> int:
        """Memory this side holds."""
        held = self.prediction.nbytes if self.prediction is not None else 0
        if self.columns is not None:
            held += self.columns.nbytes
        if self.run is not None:
            held += _nbytes(self.run.records) + _nbytes(self.run.snapshots)
        return held


def _nbytes(arrays: Mapping[str, np.ndarray]) -> int:
    return sum(a.nbytes for a in arrays.values())


def _disturbed(setup: Setup, prediction: xr.Dataset) -> Setup:
    """The setup with an experiment's intervention written into its tasks, if it has one."""
    intervene = setup.experiment.intervene
    if intervene is None:
        return setup
    tasks = tuple(
        intervene(setup.params, task, of_seed(prediction, i)) for i, task in enumerate(setup.tasks)
    )
    return dataclasses.replace(setup, tasks=tasks)


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
        self._drawn_at = -float("inf")
        self._drawn_parts: tuple[int, ...] = ()
        self._stale = all(s.prediction is not None for s in sides)
        self._cancelled = False

    # What the reader asks for

    def play(self) -> None:
        """Run, or run on."""
        if self.state in ("ready", "paused", "predicting"):
            self.unseen = False
            self._enter("running", self._running_words())

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
        if self.state == "predicting" and all(s.prediction is not None for s in self.sides):
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
            parts = [s.prediction for s in self.sides if s.prediction is not None]
            return sum(float(p.attrs.get("progress", 0.0)) for p in parts) / len(self.sides)
        total = sum(s.total_rows for s in self.sides)
        return 1.0 if self.state == "done" else sum(s.rows for s in self.sides) / max(1, total)

    @property
    def steps_done(self) -> int:
        """Training steps computed."""
        return sum(s.run.steps_done for s in self.sides if s.run is not None)

    @property
    def nbytes(self) -> int:
        """Memory this job holds."""
        return sum(s.nbytes for s in self.sides)

    def work(self) -> tuple[Work, str] | None:
        """The next slice of work and the kind of device it needs, or None."""
        if self.state == "failed" or self.dropped:
            return None
        if any(s.setup is None for s in self.sides):
            return self._prepare, "cpu"
        if self._may_draw():
            return self._draw, "cpu"
        side = self._side_to_advance()
        if side is not None:
            return (lambda seconds: self._advance(side, seconds)), side.device
        if not self._cancelled and not self.complete:
            return self._predict, "cpu"
        return None

    def _may_draw(self) -> bool:
        if not self._stale:
            return False
        return self.complete or self.view_version == 0 or time.monotonic() - self._drawn_at > REDRAW

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
            if side.setup is None:
                side.prepare()
                return

    def _predict(self, _seconds: float) -> None:
        side = next(s for s in self.sides if not s.complete)
        side.predict()
        self._stale = all(s.prediction is not None for s in self.sides)
        if self.complete and self.state == "predicting":
            self._enter("ready", "")

    def _draw(self, _seconds: float) -> None:
        for side in self.sides:
            side.foresee()
        self._stale = False
        self._drawn_at = time.monotonic()
        text, tags, derived = view.view_text(self)
        if self.rows and any(s.columns and s.columns.all_tags != tags for s in self.sides):
            return
        for side in self.sides:
            side.bind(tags, derived)
            side.fill()
        self.view_text = text
        self.view_version += 1
        self.tell()

    def _advance(self, side: Side, seconds: float) -> float | None:
        before = side.run.steps_done
        if self.state == "paused" or self.goal > side.rows:
            side.advance_records(1)
        else:
            side.advance(seconds)
        side.fill()
        self.tell()
        return side.fair_price(side.run.steps_done - before)

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
        self.judgement_text = view.judgement_text(self)
        self.judgement_version += 1
        steps = [s.stopped_at for s in self.sides if s.stopped_at is not None]
        if steps:
            self._enter("stopped", view.stopped_words(min(steps)))
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
        return view.json_text(status)

    def texts(self, cursor: Cursor) -> list[str]:
        """Messages this browser has not been sent yet."""
        found = []
        if self.view_version > cursor.view:
            found.append(self.view_text)
            cursor.view = self.view_version
        if self.status_version > cursor.status or not cursor.status:
            cursor.status = max(1, self.status_version)
            found.append(self.status_text())
        if self.judgement_version > cursor.judgement:
            found.append(self.judgement_text)
            cursor.judgement = self.judgement_version
        return found

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
