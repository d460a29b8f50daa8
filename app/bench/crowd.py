"""Many readers at once."""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from app.bench.result import Result, Size

CROWD: Mapping[str, Mapping[str, Any]] = {"saddle_to_saddle/linear_network": {"eta": 1e-4}}
"""Settings whose run outlasts the measurement."""


def one_reader(name: str, size: Size) -> Iterator[Result]:
    """What one browser costs the server at the page's own pace."""
    from app.bench import load

    found = load.crowd(name, {}, clients=1, seconds=max(1.0, 0.6 * size.seconds), rate=30.0)
    yield Result("run to first rows", 1e3 * found.first_rows_seconds, "ms")
    yield Result("frames", found.slowest_frames_per_second, "frames/s")
    yield Result("bytes a frame", found.bytes_per_frame, "B", "<= 4000")
    yield Result("server CPU a frame", found.cpu_ms_per_frame, "ms", "<= 2")


def crowd(name: str, size: Size) -> Iterator[Result]:
    """Many browsers, one long run each."""
    from app.bench import load

    importlib.import_module("app.server")  # its memory counts
    with _peak_memory() as peak:
        found = load.crowd(name, CROWD[name], clients=size.clients, seconds=size.seconds)
    yield Result("fairness (fewest / most steps)", found.fairness, "", ">= 0.9")
    yield Result("all runs together", found.steps_per_second, "steps/s")
    yield Result("slowest reader", found.slowest_frames_per_second, "frames/s", ">= 3")
    yield Result("memory of the server process", peak[0], "GB", "<= 1.2")
    left = sum(found.left_over.values())
    yield Result("jobs and sockets left 5 s after", left, "", "<= 0")


@contextlib.contextmanager
def _peak_memory() -> Iterator[list[float]]:
    """Largest resident memory of this process inside the block, in GB."""
    import psutil

    process, peak, over = psutil.Process(), [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            peak[0] = max(peak[0], process.memory_info().rss / 1e9)

    peak[0] = process.memory_info().rss / 1e9
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield peak
    over.set()
    thread.join()
