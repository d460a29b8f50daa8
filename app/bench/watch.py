"""The server's process, watched from outside: memory, CPU, threads and sockets over time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from types import TracebackType

import numpy as np
import psutil

EVERY = 0.25
"""Seconds between two samples."""


@dataclass(frozen=True)
class Sample:
    """The process at one moment; CPU in seconds since its start."""

    at: float
    memory: int
    cpu: float
    loop_cpu: float
    """Of the main thread, which serves all sockets."""
    machine_cpu: float
    """Of everything that runs on this machine."""
    threads: int
    sockets: int


def sampled(process: psutil.Process) -> Sample:
    """The process as it is now."""
    threads = process.threads()
    spent = {thread.id: thread.user_time + thread.system_time for thread in threads}
    open_now = [c for c in process.net_connections("tcp") if c.status == psutil.CONN_ESTABLISHED]
    return Sample(
        at=time.monotonic(),
        memory=process.memory_info().rss,
        cpu=sum(process.cpu_times()[:2]),
        loop_cpu=spent.get(process.pid, float("nan")),
        machine_cpu=busy(),
        threads=len(threads),
        sockets=len(open_now),
    )


def busy() -> float:
    """CPU seconds of all cores since the machine was started, without those spent waiting."""
    spent = psutil.cpu_times()
    waiting = spent.idle + getattr(spent, "iowait", 0.0) + getattr(spent, "guest", 0.0)
    return sum(spent) - waiting - getattr(spent, "steal", 0.0)


class Watch:
    """Takes samples of a process on a thread for as long as the block lasts."""

    def __init__(self, pid: int, every: float = EVERY) -> None:
        """Nothing is sampled before the block."""
        self.process, self.every = psutil.Process(pid), every
        self.samples: list[Sample] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="lmx-watch", daemon=True)

    def __enter__(self) -> Watch:
        """Begin."""
        self.samples.append(sampled(self.process))
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """End with a last sample."""
        self._over.set()
        self._thread.join()
        if self.process.is_running():
            self.samples.append(sampled(self.process))

    def _watch(self) -> None:
        while not self._over.wait(self.every):
            try:
                self.samples.append(sampled(self.process))
            except psutil.Error:
                return

    @property
    def peak(self) -> float:
        """Largest memory, in GB."""
        return max(s.memory for s in self.samples) / 1e9

    @property
    def cores(self) -> float:
        """CPU of the whole process, in cores."""
        first, last = self.samples[0], self.samples[-1]
        return (last.cpu - first.cpu) / max(1e-9, last.at - first.at)

    def others(self, readers: float) -> float:
        """Cores that were busy with neither the server nor its readers."""
        first, last = self.samples[0], self.samples[-1]
        all_cores = (last.machine_cpu - first.machine_cpu) / max(1e-9, last.at - first.at)
        return max(0.0, all_cores - self.cores - readers)

    def loop_cpu(self, begin: float, end: float) -> float:
        """CPU seconds of the main thread between two moments."""
        times, spent = [s.at for s in self.samples], [s.loop_cpu for s in self.samples]
        before, after = np.interp([begin, end], times, spent)
        return float(after - before)
