"""The hub of a process: readers' jobs, the forecasts they share, leases, and files.

Pages, sockets and files come in through here, from any thread. A job lives as long as a browser
shows it. Jobs are plain data until they are prepared, so the same interface could be served by
another process. The hub's lock guards its registers only; it is held for moments.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.live.server.filed import PATIENCE, runs
from app.live.server.forecast import Forecast
from app.live.server.handover import hand_over
from app.live.server.housekeeping import Housekeeping
from app.live.server.job import Cursor, Job
from app.live.server.pool import Pool
from app.live.server.recipe import Asked, Recipe, experiment_named
from app.live.server.register import Register
from app.live.server.scheduler import Place, Scheduler
from app.live.server.state import (
    ENDED,
    Cancel,
    Drawn,
    Drop,
    Head,
    Pace,
    Painted,
    Pause,
    Run,
    RunWhenReady,
    Show,
    Unforeseen,
    Whole,
)
from app.live.server.waiting import wait_until
from sims.core.experiment import Experiment

log = logging.getLogger("lmx")

GRACE = 3.0
"""Seconds a job waits for its browser to come back after the last socket closed."""
QUIET_AFTER = 20.0
"""Seconds after the last new job until the server warms up another page."""
HEAD_START = 0.12
"""Seconds for which a quick prediction has the interpreter to itself: all at once take longer."""
MOST_BYTES = 400_000_000


class Unknown(KeyError):
    """There is no job of that token."""


class Hub:
    """All jobs of a process.

    `clock` is injected for tests; with `threads=False` nothing runs by itself and a test calls
    `turn` and `housekeeping.tick`.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        threads: bool = True,
        lookup: Callable[[str], Experiment] = experiment_named,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """A hub with no job; its threads start with the first one."""
        self.clock, self._lookup = clock, lookup
        self._register = Register()
        self.forecasts = Pool(self._forecast_made, most_bytes // 2, self._is_current)
        self.scheduler = Scheduler(threads=threads, jobs_of=self.jobs_of)
        self.housekeeping = Housekeeping(self, threads=threads, most_bytes=most_bytes)
        self._closed = False
        self._newest_at = -QUIET_AFTER
        self.frames = 0

    # Asking

    def ask(
        self, owner: str, recipe: Recipe, patience: float = HEAD_START, instead: Job | None = None
    ) -> Asked:
        """Start (or find) the owner's job for these settings, unless they are refused.

        Waits that long for what is quick; whoever asks leaves the interpreter to it meanwhile. What
        the owner had before is dropped, and a browser that shows it hears of the new job over its
        socket, before the page does. With `instead`, only as long as that is the owner's job.
        """
        recipe = runs.instead_of(recipe, self._register.owned(owner))
        forecast = self.forecasts.of(recipe)
        self._foreseen(forecast)
        wait_until(lambda: forecast.is_prepared or forecast.failure is not None, patience)
        failure = forecast.failure
        if failure is not None and failure.refused:
            return Asked("", None, failure.sentence)
        token = self._submitted(owner, recipe, forecast, instead).token
        setup = forecast.settings[0].setup if forecast.is_prepared else None
        return Asked(token, setup)

    def submit(
        self,
        owner: str,
        experiment: str,
        values: Mapping[str, Any],
        seed: int | None = None,
        seeds: int = 1,
        device: str = "auto",
        compare: Mapping[str, Any] | None = None,
        over: Mapping[str, str] | None = None,
    ) -> str:
        """As `ask`, without waiting; the token by which browsers reach the job."""
        recipe = Recipe(experiment, dict(values), seed, seeds, device, compare, over)
        forecast = self.forecasts.of(recipe)
        return self._submitted(owner, recipe, forecast).token

    def _submitted(
        self, owner: str, recipe: Recipe, forecast: Forecast, instead: Job | None = None
    ) -> Job:
        with self._register.lock:
            current = self._register.owned(owner)
            if instead is not None and current is not instead:
                return current or instead
            if (
                current is not None
                and current.recipe.key == recipe.key
                and self._is_current(current.forecast)
            ):
                return current
            job = Job(owner, forecast, changed=self.scheduler.consider)
            self._enrol(job)
            if current is not None:
                if current.recipe.experiment == recipe.experiment:
                    self._register.take_place(current, job)
                self.drop(current)
        self._join(job)
        return job

    def await_view(self, token: str, seconds: float = HEAD_START) -> bool:
        """Wait until a job's prediction is drawn, but no longer than that; whether it is."""
        job = self._register.get(token)
        if job is None:
            return False
        wait_until(lambda: job.has_come, PATIENCE if job.recipe.filed else seconds)
        return job.drawing is not None

    def await_painted(self, token: str, seconds: float = HEAD_START) -> bool:
        """Wait until a browser that watches a job has painted it, but no longer; whether it has."""
        job = self._register.get(token)
        if job is None:
            return False
        wait_until(lambda: job.state.painted or job.attached <= 0 or job.stage in ENDED, seconds)
        return job.state.painted

    # The transport

    def control(self, token: str, action: str, value: float | None = None) -> str:
        """Apply one word of the transport; returns the token, a new one after `reset`.

        Actions: run, pause, step, reset, cancel; pace (rows a second, None: fastest); head (rows
        the reader has seen); painted.
        """
        job = self._touched(token)
        if action == "reset":
            return self._reset(job).token
        if action in ("run", "step"):
            self._sync(job)
        if action == "run":
            if not job.rows:
                self.scheduler.favour(job)
            job.apply(Run())
        elif action == "pause":
            job.apply(Pause())
        elif action == "step":
            job.step()
        elif action == "cancel":
            job.apply(Cancel())
        elif action == "pace":
            job.apply(Pace(max(0.0, float(value or 0.0))))
        elif action == "head":
            job.apply(Head(max(0, int(value or 0))))
        elif action == "painted":
            job.apply(Painted())
        else:
            raise ValueError(f"{action!r} is not an action of a job.")
        return token

    def read(self, token: str, cursor: Cursor) -> tuple[list[str], bytes | None]:
        """What this browser lacks: text messages, and one frame unless one is in flight.

        Raises:
            Unknown: the job was dropped.
        """
        job = self.job(token)
        texts = job.texts(cursor)
        frame = None if cursor.in_flight else job.frame(cursor)
        self.frames += frame is not None
        return texts, frame

    def touch(self, token: str) -> None:
        """A browser shows the job: renew its lease, and run on if it was paused unseen."""
        self._touched(token)

    def successor(self, token: str) -> str | None:
        """The job that has taken the place of a dropped one on its page, if one has."""
        return self._register.successor(token)

    def attach(self, token: str, listener: Callable[[], None]) -> None:
        """A socket watches a job, made again if dropped; Unknown if its owner has another one."""
        with self._register.lock:
            job = self._revived(token)
            job.attached += 1
            job.drop_at = float("inf")
        job.listen(listener)
        self._touched(token)

    def detach(self, token: str, listener: Callable[[], None]) -> None:
        """A socket closed: pause at once, and drop unless a browser comes back soon."""
        with self._register.lock:
            job = self._register.get(token)
            if job is None:
                return
            job.attached -= 1
            left = job.attached <= 0
            if left:
                job.drop_at = self.clock() + GRACE
        job.unlisten(listener)
        if left:
            self.housekeeping.hide(job)

    def release(self, owner: str) -> None:
        """The owner's session ended: drop its job at once."""
        job = self._register.owned(owner)
        if job is not None:
            self.drop(job)

    # Files and words

    def cost(self, token: str) -> dict[str, Any]:
        """Steps, seconds (None until known) and memory of a job's run."""
        return self.job(token).forecast.settings[0].cost()

    def job(self, token: str) -> Job:
        """The job itself.

        Raises:
            Unknown: there is none.
        """
        found = self._register.get(token)
        if found is None:
            raise Unknown(token)
        return found

    def jobs(self) -> list[Job]:
        """All jobs there are."""
        return self._register.every()

    def jobs_of(self, forecast: Forecast) -> list[Job]:
        """Those that share a forecast."""
        return self._register.of(forecast)

    # Jobs

    def _touched(self, token: str) -> Job:
        job = self.job(token)
        job.touched = self.clock()
        if job.state.hidden:
            job.apply(Show())
        if job.stage not in ENDED:
            self._foreseen(job.forecast)
        return job

    def _foreseen(self, forecast: Forecast) -> None:
        """Let workers go on with it, if there is anything to do."""
        if forecast.has_work or not forecast.is_warm:
            self.scheduler.foresee(forecast)

    def _enrol(self, job: Job) -> None:
        if self._closed:
            raise RuntimeError("the hub is closed")
        job.touched = self._newest_at = self.clock()
        self._register.enter(job)

    def _join(self, job: Job) -> None:
        """Let a new job take part in what is known of its forecast, and in what will be."""
        self.scheduler.start()
        self.housekeeping.start()
        hand_over("a job joins")
        self._sync(job)
        self._foreseen(job.forecast)

    def _sync(self, job: Job) -> None:
        """Tell a job what its forecast has come to; its worker tells it too, whoever is first."""
        forecast = job.forecast
        if forecast.failure is not None:
            job.apply(Unforeseen(forecast.failure.sentence, forecast.failure.refused))
        elif forecast.is_whole:
            job.apply(Whole())
        elif forecast.drawing is not None:
            job.apply(Drawn())

    def _forecast_made(self, recipe: Recipe) -> Forecast:
        return runs.forecast(recipe, self._lookup(recipe.experiment), self._told)

    def _is_current(self, forecast: Forecast) -> bool:
        return forecast.experiment is self._lookup(forecast.recipe.experiment)

    def _told(self, forecast: Forecast) -> None:
        for job in self.jobs_of(forecast):
            self._sync(job)
            job.tell()

    def _reset(self, old: Job) -> Job:
        forecast = old.forecast
        if forecast.failure is not None or old.recipe.filed:
            self.forecasts.forget(forecast)
            forecast = self.forecasts.of(old.recipe.trained_here)
        new = Job(old.owner, forecast, changed=self.scheduler.consider)
        new.apply(Pace(old.state.pace))
        hand_over("a job is reset")
        with self._register.lock:
            self.job(old.token)  # Unknown where its owner has another one by now
            self._enrol(new)
            self.drop(old)
        self._join(new)
        return new

    def _revived(self, token: str) -> Job:
        job = self._register.get(token)
        if job is not None:
            return job
        known = self._register.remembered(token)
        if known is None or self._register.owned(known[0]) is not None:
            raise Unknown(token)
        owner, recipe, ran = known
        job = Job(owner, self.forecasts.of(recipe), token, self.scheduler.consider)
        self._enrol(job)
        self._join(job)
        if ran:
            job.apply(RunWhenReady())
        return job

    def drop(self, job: Job) -> None:
        """Let go of a job; its recipe is remembered, so that its token can be revived."""
        if self._register.leave(job):
            job.apply(Drop())
            job.tell()
            if not self.jobs_of(job.forecast):
                self.scheduler.forget(job.forecast)

    # Work without threads, warm-up, the end

    def turn(self, place: Place | None = None) -> bool:
        """Do one piece of work here and now; False if there is none. For tests."""
        return self.scheduler.turn(place)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is computed, and nobody has asked for anything new for a while."""
        waited = self.clock() - self._newest_at
        return not self.scheduler.is_busy and waited >= QUIET_AFTER

    @property
    def is_closed(self) -> bool:
        """Whether its threads end."""
        return self._closed

    def foresee(self, recipe: Recipe) -> Forecast:
        """The forecast of a recipe, which workers go on with though no job waits for it."""
        forecast = self.forecasts.of(recipe)
        self.scheduler.start()
        self._foreseen(forecast)
        return forecast

    def renewed(self, experiment: str) -> None:
        """The file of an experiment was saved: browsers hear of it, and ask for their page anew."""
        for job in self.jobs():
            if job.recipe.experiment == experiment:
                job.tell()

    def close(self) -> None:
        """Drop every job and end the threads."""
        self._closed = True
        for job in self.jobs():
            self.drop(job)
        self.housekeeping.close()
        self.scheduler.close()


@functools.cache
def hub() -> Hub:
    """The hub of this process."""
    return Hub()


__all__ = ["Asked", "Cursor", "Hub", "Unknown", "hub"]
