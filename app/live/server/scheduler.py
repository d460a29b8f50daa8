"""Who computes next, and for how long: theory workers, device workers, compiling, judging.

The next slice goes to whoever used least. Every worker is a loop that cannot die: whatever raises
is logged, ends the job it was for in a sentence, and the loop goes on. The scheduler's lock is a
leaf: nothing else is locked while it is held, but a job's own state.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from app.live.messages.judgement import judgement_message
from app.live.server.forecast import Forecast, failed_words
from app.live.server.handover import hand_over
from app.live.server.job import Job
from app.live.server.state import Advanced, Begun, Fail, Judged, Take
from app.live.server.streamed import StreamedRun
from app.wording import stopped_words
from sims.core.compilation import give_back_memory
from sims.core.devices import has_gpu

log = logging.getLogger("lmx")

Place: TypeAlias = Literal["theory", "compile", "judge", "cpu", "gpu"]

SLICE, SHORTEST_SLICE = 0.025, 0.01
"""Seconds of one slice, and of one when many jobs wait."""
ROUND = 0.25
"""Seconds in which every waiting job should get a slice."""
IDLE = 0.5
"""Seconds after which a worker without work looks again by itself."""


class Mean:
    """A running mean of what something took, seconds."""

    def __init__(self, first: float) -> None:
        """A guess for the beginning."""
        self.seconds = first

    def learn(self, seconds: float) -> None:
        """Take note of one more."""
        self.seconds += 0.2 * (seconds - self.seconds)


class Scheduler:
    """Workers and what they do; with `threads=False` a test calls `turn` itself."""

    def __init__(self, *, threads: bool, jobs_of: Callable[[Forecast], Iterable[Job]]) -> None:
        """Nobody works yet; `jobs_of` names the jobs of a forecast."""
        self.jobs_of = jobs_of
        self.slices = 0
        self.took: dict[Place, Mean] = {
            "theory": Mean(0.2), "compile": Mean(0.5), "judge": Mean(0.2), "cpu": Mean(SLICE),
            "gpu": Mean(SLICE),
        }  # fmt: skip
        """What a first picture, the programs of a recipe, a judgement, a slice took lately."""
        self._threads = threads
        self._changed = threading.Condition()
        self._theory: dict[Forecast, float] = {}
        self._warming: dict[Forecast, float] = {}
        self._held: set[Forecast] = set()
        self._slicing: dict[str, Job] = {}
        self._judging: dict[str, Job] = {}
        self._floor = 0.0
        self._workers: list[threading.Thread] = []
        self._closed = False

    # What there is to do

    def consider(self, job: Job) -> None:
        """Take note of what a job wants now; called after each of its changes, by any thread."""
        hand_over("a job is considered")
        with self._changed:
            self._note(self._slicing, job, job.wants_slice())
            self._note(self._judging, job, job.wants_judging())

    def _note(self, waiting: dict[str, Job], job: Job, wanted: bool) -> None:
        if wanted and job.token not in waiting:
            waiting[job.token] = job
            job.used = max(job.used, self._floor - SLICE)
            self._changed.notify_all()
        elif not wanted:
            waiting.pop(job.token, None)

    def foresee(self, forecast: Forecast) -> None:
        """Prepare, predict and compile a forecast that somebody waits for; again after `forget`."""
        with self._changed:
            if forecast.has_work:
                self._theory.setdefault(forecast, self._floor_of(self._theory))
            if not forecast.is_warm and forecast.failure is None:
                self._warming.setdefault(forecast, time.monotonic())
            self._changed.notify_all()

    @staticmethod
    def _floor_of(waiting: dict[Forecast, float]) -> float:
        """What the least favoured of them has used: a newcomer begins there."""
        return min(waiting.values(), default=0.0)

    def forget(self, forecast: Forecast) -> None:
        """Nobody waits for it any more."""
        with self._changed:
            self._theory.pop(forecast, None)
            self._warming.pop(forecast, None)

    def favour(self, job: Job) -> None:
        """What its prediction cost is not held against a run that begins."""
        job.used = self._floor

    # What is next

    def turn(self, place: Place | None = None) -> bool:
        """Do one piece of work of that place, or of any; False if there is none."""
        places: tuple[Place, ...] = ("theory", "compile", "cpu", "gpu", "judge")
        return any(self._turn(one) for one in ((place,) if place else places))

    def _turn(self, place: Place) -> bool:
        if place == "theory":
            return self._theory_turn()
        if place == "compile":
            return self._compile_turn()
        if place == "judge":
            return self._judge_turn()
        return self._slice_turn(place)

    def _theory_turn(self) -> bool:
        with self._changed:
            free = [(used, f) for f, used in self._theory.items() if f not in self._held]
            if not free:
                return False
            used, forecast = min(free, key=lambda pair: pair[0])
            self._held.add(forecast)
            seconds = self._length(len(free))
        start = time.perf_counter()
        was_drawn = forecast.drawing is not None
        try:
            forecast.work(seconds)
        finally:
            took = time.perf_counter() - start
            with self._changed:
                self._held.discard(forecast)
                if forecast in self._theory:
                    self._theory[forecast] = used + took
                    if not forecast.has_work:
                        del self._theory[forecast]
                self._changed.notify_all()
        if not was_drawn and forecast.drawing is not None:
            self.took["theory"].learn(used + took)
        return True

    def _compile_turn(self) -> bool:
        with self._changed:
            ready = [(since, f) for f, since in self._warming.items() if f.may_warm]
            if not ready:
                return False
            _, forecast = min(ready, key=lambda pair: pair[0])
            del self._warming[forecast]
        start = time.perf_counter()
        try:
            forecast.warm()
        except Exception as error:
            log.error("%s failed in compiling", forecast.recipe.experiment, exc_info=error)
            sentence = failed_words(error, forecast.experiment)
            for job in self.jobs_of(forecast):
                job.apply(Fail(sentence))
            return True
        self.took["compile"].learn(time.perf_counter() - start)
        give_back_memory()
        for job in self.jobs_of(forecast):
            self.consider(job)
            job.tell()
        return True

    def _slice_turn(self, place: Place) -> bool:
        with self._changed:
            found = [j for j in self._slicing.values() if j.forecast.settings[0].place == place]
            if not found:
                return False
            job = min(found, key=lambda j: j.used)
            del self._slicing[job.token]
            self._floor = max(self._floor, job.used)
            seconds = self._length(len(found))
        if not job.apply(Take("slice")):
            self.consider(job)
            return True
        start = time.perf_counter()
        price: float | None = None
        try:
            price = self._slice(job, seconds)
        except Exception as error:
            _failed(job, error, "a slice")
        took = time.perf_counter() - start
        self.took[place].learn(took)
        with self._changed:
            self.slices += 1
            job.used += took if price is None else price
        self.consider(job)
        return True

    def _slice(self, job: Job, seconds: float) -> float | None:
        """Make the runs of a job if it has none, and train the one that is behind."""
        state = job.state
        runs = state.runs
        if not runs:
            runs = self._begun(job)
        if state.rows >= job.wanted_rows():  # paused while it was waiting
            job.apply(Advanced(state.rows, state.computed))
            return 0.0
        behind = min((r for r in runs if not r.done), key=lambda r: r.rows / max(1, r.total_rows))
        one = state.stage == "paused" or state.goal > behind.rows
        price = behind.advance(seconds, one_record=one)
        job.nbytes = sum(run.nbytes for run in runs)
        computed = all(run.done for run in runs)
        hand_over("a slice is done")
        job.apply(Advanced(min(run.rows for run in runs), computed))
        return price

    def _begun(self, job: Job) -> tuple[StreamedRun, ...]:
        forecast, drawing = job.forecast, job.forecast.drawing
        assert drawing is not None
        runs = tuple(setting.begin(drawing, early=job.state.early) for setting in forecast.settings)
        hand_over("runs are made")
        job.apply(Begun(runs))
        return runs

    def _judge_turn(self) -> bool:
        with self._changed:
            if not self._judging:
                return False
            job = self._judging.pop(next(iter(self._judging)))  # first come, first served
        if not job.apply(Take("judge")):
            self.consider(job)
            return True
        start = time.perf_counter()
        try:
            runs = job.state.runs
            for run in runs:
                run.judge()
            stopped = job.stopped_at
            job.nbytes = sum(run.nbytes for run in runs)
            words = "" if stopped is None else stopped_words(stopped)
            job.apply(Judged(judgement_message(runs), words))
        except Exception as error:
            _failed(job, error, "judging")
        self.took["judge"].learn(time.perf_counter() - start)
        return True

    @staticmethod
    def _length(waiting: int) -> float:
        """Seconds of a slice when so many wait."""
        return min(SLICE, max(SHORTEST_SLICE, ROUND / max(1, waiting)))

    # Who is ahead

    def ahead(self, job: Job) -> tuple[int, float]:
        """Jobs that will be served before it, and the seconds until its own first picture."""
        forecast = job.forecast
        with self._changed:
            if forecast.drawing is None:
                used = self._theory.get(forecast, 0.0)
                before = sum(
                    u < used or (u == used and f is not forecast)
                    for f, u in self._theory.items() if f.drawing is None
                )  # fmt: skip
                workers = max(1, sum(w.name.startswith("lmx-theory") for w in self._workers))
                return before, (before / workers + 1) * self.took["theory"].seconds
            before, seconds = 0, 0.0
            if not forecast.is_warm:
                since = self._warming.get(forecast, 0.0)
                before = sum(s < since for s in self._warming.values())
                seconds = (before + 1) * self.took["compile"].seconds
            place = forecast.settings[0].place
            others = [j for j in self._slicing.values() if j.used < job.used]
            each = self.took["gpu" if place == "gpu" else "cpu"].seconds
            return before + len(others), seconds + (len(others) + 1) * each

    # Threads

    def start(self) -> None:
        """Start the workers, once: theory has two, so that a slow one does not hold up the rest."""
        with self._changed:
            if self._workers or self._closed or not self._threads:
                return
            for i, place in enumerate(places()):
                self._workers.append(
                    threading.Thread(
                        target=self._work, args=(place,), name=f"lmx-{place}-{i}", daemon=True
                    )
                )
        for worker in self._workers:
            worker.start()

    @property
    def workers(self) -> list[threading.Thread]:
        """Those that are alive."""
        return [worker for worker in self._workers if worker.is_alive()]

    def _work(self, place: Place) -> None:
        while not self._closed:
            try:
                if self.turn(place):
                    continue
            except Exception as error:  # a worker never dies, whatever this was
                log.error("a worker for %s stumbled", place, exc_info=error)
                time.sleep(0.05)
                continue
            with self._changed:
                if not self._closed and not self._has_work(place):
                    self._changed.wait(IDLE)

    def _has_work(self, place: Place) -> bool:
        if place == "theory":
            return any(f not in self._held for f in self._theory)
        if place == "compile":
            return any(f.may_warm for f in self._warming)
        if place == "judge":
            return bool(self._judging)
        return any(j.forecast.settings[0].place == place for j in self._slicing.values())

    @property
    def is_busy(self) -> bool:
        """Whether anything waits for a worker."""
        with self._changed:
            return bool(self._theory or self._slicing or self._judging or self._held)

    def close(self) -> None:
        """End the workers."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for worker in self._workers:
            worker.join(timeout=2.0)


def places() -> list[Place]:
    """Where there is a worker: two for theory, one a device, one a core but the last."""
    found: list[Place] = ["theory", "theory", "compile", "judge"]
    found.extend("cpu" for _ in range(max(1, (os.cpu_count() or 2) - 1)))
    if has_gpu():
        found.append("gpu")
    return found


def _failed(job: Job, error: Exception, stage: str) -> None:
    """End a job in one sentence; the traceback goes to the log only."""
    log.error("%s failed in %s", job.recipe.experiment, stage, exc_info=error)
    job.apply(Fail(failed_words(error, job.forecast.experiment)))
