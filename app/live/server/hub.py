"""The process-wide executor: who computes next, for how long, and when a job ends.

Fair slices on few threads: the next slice goes to whoever used least device time. A job lives as
long as a browser shows it (its lease). Jobs are plain data, so the same interface could be served
by another process.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.live.server.job import THEORY, Cursor, Job, Work
from app.live.server.setting import Recipe, Side
from app.live.server.swept import sides_of
from sims.core.compilation import give_back_memory
from sims.core.experiment import Experiment
from sims.core.simulation import has_gpu

log = logging.getLogger("lmx")

SLICE, SHORTEST_SLICE = 0.025, 0.01
"""Seconds of one slice, and of one when many jobs wait."""
ROUND = 0.25
"""Seconds in which every waiting job should get a slice."""
PAUSE_AFTER, DROP_AFTER = 3.0, 60.0
"""Seconds without a touch after which a run pauses, and after which its job is dropped."""
GRACE = 3.0
"""Seconds a job waits for its browser to come back after the last socket closed."""
QUIET_AFTER = 20.0
"""Seconds after the last new job until the server warms up another page."""
HEAD_START = 0.12
"""Seconds for which a quick prediction has the interpreter to itself: all at once take longer."""
TICK = 0.2
"""Seconds between two looks at the leases."""
MOST_BYTES = 400_000_000
MOST_JOBS = 256
MOST_RECIPES = 1000


class Unknown(KeyError):
    """There is no job of that token."""


def experiment_named(name: str) -> Experiment:
    """The experiment of that id; ValueError if there is none."""
    from sims import api

    return api.experiment(name)


class Hub:
    """Executor of all jobs of a process.

    `clock` is injected for tests; with `threads=False` nothing runs by itself and a test calls
    `turn` and `chores`.
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
        self._clock, self._threads, self._lookup = clock, threads, lookup
        self._most_bytes = most_bytes
        self._jobs: dict[str, Job] = {}
        self._owners: dict[str, str] = {}
        self._recipes: OrderedDict[str, tuple[str, Recipe, bool]] = OrderedDict()
        self._successors: OrderedDict[str, str] = OrderedDict()
        self._changed = threading.Condition(threading.RLock())
        self._floor = 0.0
        self._looked_at = -float("inf")
        self._workers: list[threading.Thread] = []
        self._compiler: ThreadPoolExecutor | None = None
        self._judges: ThreadPoolExecutor | None = None
        self._closed = False
        self._newest_at = -QUIET_AFTER
        self._slices = self._frames = 0

    # The interface

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
        """Start (or find) the owner's job for these settings; cancels what the owner had before.

        A browser that shows the old job hears of the new one over its socket, before the page does.

        Returns:
            The token by which browsers reach the job.
        """
        recipe = Recipe(experiment, dict(values), seed, seeds, device, compare, over)
        with self._changed:
            current = self._jobs.get(self._owners.get(owner, ""))
            if current is not None and current.recipe.key == recipe.key:
                return current.token
            job = self._start(owner, recipe)
            if current is not None:
                if current.recipe.experiment == experiment:
                    self._place_taken(current, job)
                self._drop(current)
            return job.token

    def control(self, token: str, action: str, value: float | None = None) -> str:
        """Apply one word of the transport; returns the token, a new one after `reset`.

        Actions: run, pause, step, reset, cancel; pace (rows a second, None: fastest); head (rows
        the reader has seen).
        """
        with self._changed:
            job = self._touched(token)
            if action == "reset":
                return self._reset(job).token
            if action == "run":
                if not job.rows:
                    job.clock_used = self._floor  # what its prediction cost is not held against it
                job.play()
            elif action == "pause":
                job.pause()
            elif action == "step":
                job.step()
            elif action == "cancel":
                job.cancel_prediction()
            elif action == "pace":
                job.pace = max(0.0, float(value or 0.0))
            elif action == "head":
                job.head = max(0, int(value or 0))
            else:
                raise ValueError(f"{action!r} is not an action of a job.")
            self._hand_over(job)
            self._changed.notify_all()
            return token

    def read(self, token: str, cursor: Cursor) -> tuple[list[str], bytes | None]:
        """What this browser lacks: text messages, and one frame unless one is in flight.

        Raises:
            Unknown: the job was dropped.
        """
        job = self._job(token)
        texts = job.texts(cursor)
        frame = None if cursor.in_flight else job.frame(cursor)
        self._frames += frame is not None
        return texts, frame

    def successor(self, token: str) -> str | None:
        """The job that has taken the place of a dropped one on its page, if one has."""
        with self._changed:
            while token in self._successors:
                token = self._successors[token]
            return token if token in self._jobs else None

    def await_view(self, token: str, seconds: float = HEAD_START) -> bool:
        """Wait until a job's prediction is drawn, but no longer than that; whether it is.

        Whoever asked leaves the interpreter to the prediction meanwhile.
        """
        job = self._jobs.get(token)
        if job is None:
            return False
        news = threading.Event()
        job.listeners.add(news.set)
        try:
            end = time.monotonic() + seconds
            while not (job.view_version or job.dropped or job.state == "failed"):
                if not news.wait(max(0.0, end - time.monotonic())):
                    break
                news.clear()
        finally:
            job.listeners.discard(news.set)
        return job.view_version > 0

    def touch(self, token: str) -> None:
        """A browser shows the job: renew its lease, and run on if it was paused unseen."""
        with self._changed:
            self._touched(token)

    def stats(self) -> dict[str, Any]:
        """Counts for the bench and for tests."""
        with self._changed:
            jobs = list(self._jobs.values())
        return {
            "jobs": len(jobs),
            "states": {j.token: j.state for j in jobs},
            "steps": {j.token: j.steps_done for j in jobs},
            "rows": {j.token: j.rows for j in jobs},
            "attached": sum(j.attached for j in jobs),
            "listeners": sum(len(j.listeners) for j in jobs),
            "bytes": sum(j.nbytes for j in jobs),
            "slices": self._slices,
            "frames": self._frames,
            "workers": len(self._workers),
        }

    def release(self, owner: str) -> None:
        """The owner's session ended: drop its job at once."""
        with self._changed:
            job = self._jobs.get(self._owners.pop(owner, ""))
            if job is not None:
                self._drop(job)

    # For the socket and the files

    def attach(self, token: str, listener: Callable[[], None]) -> None:
        """A socket begins to watch a job, which is made again from its recipe if it was dropped."""
        with self._changed:
            job = self._revived(token)
            job.attached += 1
            job.drop_at = float("inf")
            job.listeners.add(listener)
            self._touched(token)

    def detach(self, token: str, listener: Callable[[], None]) -> None:
        """A socket closed: pause at once, and drop unless a browser comes back soon."""
        with self._changed:
            job = self._jobs.get(token)
            if job is None:
                return
            job.listeners.discard(listener)
            job.attached -= 1
            if job.attached <= 0:
                job.pause_unseen()
                job.drop_at = self._clock() + GRACE

    def file(self, token: str, kind: str) -> tuple[str, bytes]:
        """Name and bytes of a job's file; slow, so not for the event loop.

        Raises:
            Unknown: there is no such job, or nothing is predicted yet.
        """
        from sims.core.archive import to_bytes

        job = self._job(token)
        side = job.sides[0]
        if not side.is_predicted:
            raise Unknown(token)
        return f"{side.stem}.{kind}", to_bytes(side.tree(), kind)

    def cost(self, token: str) -> dict[str, Any]:
        """Steps, seconds (None until known) and memory of a job's run."""
        return self._job(token).sides[0].cost()

    def job(self, token: str) -> Job:
        """The job itself, for tests.

        Raises:
            Unknown: there is none.
        """
        return self._job(token)

    # Jobs

    def _job(self, token: str) -> Job:
        try:
            return self._jobs[token]
        except KeyError:
            raise Unknown(token) from None

    def _touched(self, token: str) -> Job:
        job = self._job(token)
        job.touched = self._clock()
        if job.unseen:
            job.play()
        self._changed.notify_all()
        return job

    def _start(self, owner: str, recipe: Recipe, token: str = "") -> Job:
        experiment = self._lookup(recipe.experiment)
        return self._enrol(Job(owner, recipe, sides_of(experiment, recipe), token))

    def _enrol(self, job: Job) -> Job:
        if self._closed:
            raise RuntimeError("the hub is closed")
        job.touched = self._newest_at = self._clock()
        job.clock_used = self._floor
        self._jobs[job.token] = job
        self._owners[job.owner] = job.token
        self._make_room(job)
        self._start_threads()
        self._changed.notify_all()
        return job

    def _reset(self, old: Job) -> Job:
        new = Job(old.owner, old.recipe, [side.again() for side in old.sides])
        new.pace = old.pace
        if new.complete:
            new.state = "ready"
        self._drop(old)
        return self._enrol(new)

    def _revived(self, token: str) -> Job:
        if token in self._jobs:
            return self._jobs[token]
        if token not in self._recipes:
            raise Unknown(token)
        owner, recipe, ran = self._recipes.pop(token)
        job = self._start(owner, recipe, token)
        if ran:
            job.play()
        return job

    def _drop(self, job: Job) -> None:
        job.dropped = True
        self._jobs.pop(job.token, None)
        if self._owners.get(job.owner) == job.token:
            del self._owners[job.owner]
        ran = job.state in ("running", "done", "stopped") or job.unseen
        self._recipes[job.token] = (job.owner, job.recipe, ran)
        while len(self._recipes) > MOST_RECIPES:
            self._recipes.popitem(last=False)
        job.tell()

    def _place_taken(self, old: Job, new: Job) -> None:
        self._successors[old.token] = new.token
        while len(self._successors) > MOST_RECIPES:
            self._successors.popitem(last=False)

    def _make_room(self, newest: Job) -> None:
        """Drop the jobs looked at longest ago while all together hold too much."""
        order = sorted(self._jobs.values(), key=lambda j: (j.attached > 0, j.touched))
        held = sum(j.nbytes for j in order)
        for job in order:
            if held <= self._most_bytes and len(self._jobs) <= MOST_JOBS:
                return
            if job is not newest and job.state != "running":
                held -= job.nbytes
                self._drop(job)

    def expire(self) -> None:
        """Pause and drop the jobs no browser has shown for too long."""
        with self._changed:
            now = self._looked_at = self._clock()
            for job in list(self._jobs.values()):
                unseen = now - job.touched
                if now >= job.drop_at or (unseen >= DROP_AFTER and not job.attached):
                    self._drop(job)
                elif unseen >= PAUSE_AFTER:
                    job.pause_unseen()

    # Work

    def turn(self, place: str | None = None) -> bool:
        """Give one slice to the job that is due there (or anywhere); False if none is."""
        found = self._next(place)
        if found is None:
            return False
        job, work, seconds = found
        start, price = time.perf_counter(), None
        try:
            price = work(seconds)
        except Exception as error:
            job.fail(error, "a slice" if all(s.is_prepared for s in job.sides) else "prepare")
        took = time.perf_counter() - start
        with self._changed:
            self._slices += 1
            job.clock_used += took if price is None else price
            job.busy = False
            self._make_room(job)
            self._changed.notify_all()
        self._hand_over(job)
        return True

    def _next(self, place: str | None) -> tuple[Job, Work, float] | None:
        """The waiting job that used least device time, marked busy, and the seconds it gets."""
        with self._changed:
            waiting = []
            now = self._clock()
            for job in self._jobs.values():
                if job.busy or now - job.touched >= PAUSE_AFTER:
                    continue
                work = job.work()
                if work is not None and place in (None, work[1]):
                    job.clock_used = max(job.clock_used, self._floor - SLICE)
                    waiting.append((job, work[0]))
            if not waiting:
                return None
            job, work = min(waiting, key=lambda pair: pair[0].clock_used)
            self._floor = max(self._floor, job.clock_used)
            job.busy = True
            return job, work, min(SLICE, max(SHORTEST_SLICE, ROUND / len(waiting)))

    def _hand_over(self, job: Job) -> None:
        """Start what may not hold a device thread: compiling and judging."""
        if job.dropped or not self._threads:
            return
        with self._changed:
            if self._closed:
                return
            if job.wants_compiling() and self._compiler is not None:
                job.compiling = True
                self._compiler.submit(self._compile, job)
            if job.wants_judging() and self._judges is not None:
                job.judging = True
                self._judges.submit(self._judge, job)

    def _compile(self, job: Job) -> None:
        self.await_view(job.token)
        try:
            if not job.dropped:
                job.compile()
        except Exception as error:
            job.fail(error, "compiling")
        job.compiling = False
        with self._changed:
            self._changed.notify_all()

    def _judge(self, job: Job) -> None:
        try:
            if not job.dropped:
                job.judge()
        except Exception as error:
            job.fail(error, "judging")

    def chores(self) -> None:
        """Compile and judge whatever is waiting, here and now; for tests without threads."""
        for job in list(self._jobs.values()):
            if job.wants_compiling():
                self._compile(job)
            if job.wants_judging():
                job.judging = True
                self._judge(job)

    # Threads

    def _start_threads(self) -> None:
        if self._workers or not self._threads:
            return
        self._compiler = ThreadPoolExecutor(1, "lmx-compile")
        self._judges = ThreadPoolExecutor(1, "lmx-judge")
        places = [THEORY, *["cpu"] * max(1, (os.cpu_count() or 2) - 1), *["gpu"] * has_gpu()]
        for i, place in enumerate(places):
            worker = threading.Thread(
                target=self._work, args=(place,), name=f"lmx-{place}-{i}", daemon=True
            )
            self._workers.append(worker)
            worker.start()

    def _work(self, place: str) -> None:
        while not self._closed:
            if self._clock() - self._looked_at > TICK:
                self.expire()
            if not self.turn(place):
                with self._changed:
                    if not self._closed:
                        self._changed.wait(TICK)

    def warm(self, experiment: str) -> None:
        """Predict and compile an experiment's defaults, once no reader waits for anything."""
        while not (self._closed or self._is_quiet()):
            time.sleep(TICK)
        if self._closed:
            return
        side = Side(self._lookup(experiment), Recipe(experiment, {}), {})
        side.prepare()
        while not side.complete:
            side.predict()
        side.foresee()
        side.figures()
        self._start_threads()
        if self._compiler is not None and not self._closed:
            self._compiler.submit(side.compile).result()
        give_back_memory()

    def _is_quiet(self) -> bool:
        """Whether nothing is computed, and nobody has asked for anything new for a while."""
        with self._changed:
            jobs = list(self._jobs.values())
            at_work = any(job.state in ("predicting", "running") for job in jobs)
            return not at_work and self._clock() - self._newest_at >= QUIET_AFTER

    def close(self) -> None:
        """Drop every job and end the threads."""
        with self._changed:
            self._closed = True
            for job in list(self._jobs.values()):
                self._drop(job)
            self._changed.notify_all()
        for worker in self._workers:
            worker.join(timeout=2.0)
        for pool in (self._compiler, self._judges):
            if pool is not None:
                pool.shutdown(wait=False, cancel_futures=True)


@functools.cache
def hub() -> Hub:
    """The hub of this process."""
    return Hub()


__all__ = ["Cursor", "Hub", "Unknown", "hub"]
