"""A large sweep as a person starts it, here and through Ray: time, memory, and the same numbers.

Each is a command of its own, `lmx sweep lazy_rich/one_neuron` over two knobs, whose processes are
watched from outside.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
import xarray as xr

from app.bench.result import Result
from sims.core import archive
from sims.core.grid import Grid
from sims.core.registry import find

EXPERIMENT = "lazy_rich/one_neuron"
LOOKED = 1.0
"""Seconds between two looks at the memory."""
TASKS = 2000
"""Empty tasks by which the scheduler is timed."""


@dataclass(frozen=True)
class Watched:
    """A finished command: its seconds, and CPU seconds and most GB of what computes and of Ray."""

    seconds: float
    cpu: float
    memory: float
    ray_cpu: float
    ray_memory: float


def large_sweep(runs: int, *, with_ray: bool) -> Iterator[Result]:
    """So many runs here; with Ray also through it, against the time here."""
    over = axes(runs)
    yield Result("runs", math.prod(int(text.split(":")[2]) for text in over.values()))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "here.nc")
        here = watched(command(over, file))
        yield from _told("here", here, runs)
        yield Result("file, of a run", file.stat().st_size / runs, "B")
        if not with_ray:
            return
        other = Path(folder, "ray.nc")
        yield from scheduler()
        there = watched(command(over, other, "--on", "ray"))
        yield from _told("through Ray", there, runs)
        yield Result("Ray's own processes, CPU", there.ray_cpu, "s")
        yield Result("Ray's own processes, most memory", there.ray_memory, "GB")
        yield Result("through Ray over here, time", there.seconds / here.seconds, "", "<= 1.3")
        spent = (there.cpu + there.ray_cpu) / here.cpu
        yield Result("through Ray over here, CPU of all processes", spent)
        yield Result("variables that differ in a bit", differing(file, other), "", "<= 0")


def _told(where: str, one: Watched, runs: int) -> Iterator[Result]:
    wanted = "<= 1" if where == "through Ray" else ""
    yield Result(f"{where}, all", one.seconds, "s")
    yield Result(f"{where}, a second", runs / one.seconds, "runs/s")
    yield Result(f"{where}, CPU", one.cpu, "s")
    yield Result(f"{where}, most memory", one.memory, "GB", wanted)


def axes(runs: int) -> dict[str, str]:
    """About so many points over two knobs, as the command takes them."""
    first = max(1, math.isqrt(runs))
    over = {"a0": f"0.05:1:{first}", "w0": f"0.1:1:{max(1, round(runs / first))}"}
    Grid.of(find(EXPERIMENT), {}, over)
    return over


def command(over: dict[str, str], out: Path, *more: str) -> list[str]:
    """`lmx sweep` over those axes."""
    named = [word for knob, text in over.items() for word in ("--over", f"{knob}={text}")]
    words = ["sweep", EXPERIMENT, *named, "--device", "cpu", "--out", str(out), *more]
    return [sys.executable, "-m", "app.cli", *words]


def watched(words: list[str]) -> Watched:
    """Run a command to its end, and look at its memory and that of its children meanwhile.

    Raises:
        RuntimeError: it failed.
    """
    begun = time.perf_counter()
    cpu: dict[int, float] = {}
    workers: set[int] = set()
    most = {True: 0.0, False: 0.0}
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            sizes = {True: 0.0, False: 0.0}
            for pid, computes, size, spent in _looked(process.pid):
                if computes:
                    workers.add(pid)
                sizes[pid in workers] += size
                cpu[pid] = spent
            most = {computes: max(most[computes], sizes[computes]) for computes in most}
            time.sleep(LOOKED)
    if process.returncode:
        raise RuntimeError(f"{' '.join(words[2:])} ended with {process.returncode}")
    spent = {c: sum(s for pid, s in cpu.items() if (pid in workers) is c) for c in most}
    seconds = time.perf_counter() - begun
    return Watched(seconds, spent[True], most[True], spent[False], most[False])


def _looked(pid: int) -> Iterator[tuple[int, bool, float, float]]:
    """Of the command and what it started: process, whether it computes, GB, CPU seconds.

    Pages that several processes share count once; what is no worker at work is Ray's own.
    """
    try:
        every = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return
    for one in every:
        try:
            computes = one.pid == pid or "points_of" in " ".join(one.cmdline())
            size = getattr(one.memory_full_info(), "pss", one.memory_info().rss) / 1e9
            yield one.pid, computes, size, sum(one.cpu_times()[:2])
        except psutil.Error:
            continue


def differing(one: Path, other: Path) -> int:
    """Variables that are not the same to the last bit."""
    with archive.opened(one) as a, archive.opened(other) as b:
        pairs = [(a[group].to_dataset(), b[group].to_dataset()) for group in a.children]
        return sum(_bits(x[n]) != _bits(y[n]) for x, y in pairs for n in x.variables)


def _bits(variable: xr.DataArray) -> bytes | list:
    values = variable.values
    return values.tobytes() if values.dtype.kind in "biuf" else values.tolist()


def scheduler() -> Iterator[Result]:
    """What Ray takes to hand out a task that does nothing, and how long it takes to start."""
    from sims.core.cluster import connected

    begun = time.perf_counter()
    with connected():
        yield Result("Ray, started", time.perf_counter() - begun, "s")
        ray: Any = import_module("ray")
        empty = ray.remote(num_cpus=1)(_nothing)
        ray.get([empty.remote(i) for i in range(100)])
        begun = time.perf_counter()
        ray.get([empty.remote(i) for i in range(TASKS)])
        yield Result("Ray, an empty task", 1000 * (time.perf_counter() - begun) / TASKS, "ms")


def _nothing(i: int) -> int:
    return i
