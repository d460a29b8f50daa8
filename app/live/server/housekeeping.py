"""Leases, memory and the queue, looked after five times a second on a thread of their own."""

from __future__ import annotations

import logging
import math
import threading
from typing import TYPE_CHECKING

from app.live.server.handover import hand_over
from app.live.server.state import Hide, Queue, Wait

if TYPE_CHECKING:
    from app.live.server.forecast import Forecast
    from app.live.server.hub import Hub
    from app.live.server.job import Job

log = logging.getLogger("lmx")

TICK = 0.2
PAUSE_AFTER, DROP_AFTER = 3.0, 60.0
"""Seconds without a touch after which a run pauses, and after which its job is dropped."""
STUCK = 1.0
"""Seconds without a beat of the event loop after which nobody can be heard."""
TOLD = 2.0
"""Seconds a first picture or row may take before its reader is told of the queue."""
MOST_JOBS = 256
"""Jobs kept without a browser that shows them."""


class Housekeeping:
    """What is looked after beside the work; only its own thread (or a test) calls `tick`."""

    def __init__(self, hub: Hub, *, threads: bool, most_bytes: int) -> None:
        """Nothing is looked after yet."""
        self._hub, self._threads, self._most_bytes = hub, threads, most_bytes
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()
        self._beat_at = math.inf
        self._heard_since = -math.inf

    def start(self) -> None:
        """Begin, once."""
        with self._guard:
            if self._thread is None and self._threads and not self._closed.is_set():
                self._thread = threading.Thread(
                    target=self._keep, name="lmx-housekeeping", daemon=True
                )
                self._thread.start()

    def _keep(self) -> None:
        while not self._closed.wait(TICK):
            try:
                self.tick()
            except Exception:
                log.exception("the housekeeping stumbled")

    def close(self) -> None:
        """End its thread."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def beat(self) -> None:
        """The event loop is alive; it says so several times a second, from its own thread."""
        self._beat_at = self._hub.clock()

    def tick(self) -> None:
        """Look after everything once."""
        jobs = self._hub.jobs()
        if self._hears():
            self._leases(jobs)
        self._queue(jobs)
        self._room()

    # Leases

    def _hears(self) -> bool:
        """Whether browsers can be heard; while they cannot, no lease runs out."""
        now = self._hub.clock()
        if now - self._beat_at > STUCK:
            self._heard_since = now
            return False
        return True

    def _leases(self, jobs: list[Job]) -> None:
        now = self._hub.clock()
        for job in jobs:
            unseen = now - max(job.touched, self._heard_since)
            if now >= job.drop_at or (unseen >= DROP_AFTER and not job.attached):
                self._hub.drop(job)
            elif unseen >= PAUSE_AFTER:
                self.hide(job)

    def hide(self, job: Job) -> None:
        """Pause a run that no browser shows, and its prediction if nobody else waits for that."""
        hand_over("a job is hidden")
        job.apply(Hide())
        if not any(self._is_seen(other) for other in self._hub.jobs_of(job.forecast)):
            self._hub.scheduler.forget(job.forecast)

    def _is_seen(self, job: Job) -> bool:
        unseen = self._hub.clock() - max(job.touched, self._heard_since)
        return unseen < PAUSE_AFTER and job.drop_at == math.inf

    # The queue

    def _queue(self, jobs: list[Job]) -> None:
        for job in jobs:
            if job.waits:
                before, seconds = self._hub.scheduler.ahead(job)
                told = Queue(before + 1, math.ceil(seconds)) if seconds > TOLD else None
                if told != job.state.queue:
                    job.apply(Wait(told))
                job.tell()  # how much of its prediction is there may have changed
            elif job.state.queue is not None:
                job.apply(Wait(None))

    # Memory

    def _room(self) -> None:
        """Drop the jobs looked at longest ago that no browser shows, while there is too much.

        Compiled programs and prepared setups are kept within bounds of their own: however many
        there are, no reader's job goes for them.
        """
        jobs = self._hub.jobs()
        used: set[Forecast] = {job.forecast for job in jobs}
        held = self._hub.forecasts.trim(used) + sum(job.nbytes for job in jobs)
        idle = [job for job in jobs if not job.attached and not self._is_seen(job)]
        for job in sorted(idle, key=lambda j: j.touched):
            if held <= self._most_bytes and len(idle) <= MOST_JOBS:
                return
            held -= job.nbytes
            idle.remove(job)
            self._hub.drop(job)
