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
    """A finished command: its seconds, and the most memory in GB of what computes and of Ray."""

    seconds: float
    computing: float
    ray: float


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
        yield Result("Ray's own processes, most memory", there.ray, "GB")
        yield Result("through Ray over here, time", there.seconds / here.seconds, "", "<= 1.3")
        yield Result("variables that differ in a bit", differing(file, other), "", "<= 0")


def _told(where: str, one: Watched, runs: int) -> Iterator[Result]:
    wanted = "<= 1" if where == "through Ray" else ""
    yield Result(f"{where}, all", one.seconds, "s")
    yield Result(f"{where}, a second", runs / one.seconds, "runs/s")
    yield Result(f"{where}, most memory", one.computing, "GB", wanted)


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
    begun, computing, own = time.perf_counter(), 0.0, 0.0
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            mine, rays = _memory(process.pid)
            computing, own = max(computing, mine), max(own, rays)
            time.sleep(LOOKED)
    if process.returncode:
        raise RuntimeError(f"{' '.join(words[2:])} ended with {process.returncode}")
    return Watched(time.perf_counter() - begun, computing, own)


def _memory(pid: int) -> tuple[float, float]:
    """GB of the command and its workers, and of the processes of Ray; shared pages once."""
    mine = rays = 0.0
    try:
        every = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0.0, 0.0
    for one in every:
        try:
            words = " ".join(one.cmdline())
            size = getattr(one.memory_full_info(), "pss", one.memory_info().rss) / 1e9
        except psutil.Error:
            continue
        if one.pid == pid or "points_of" in words:
            mine += size
        else:
            rays += size
    return mine, rays


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
