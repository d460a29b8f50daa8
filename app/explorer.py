"""The explorer in a process of its own."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environment() -> Mapping[str, str]:
    """The environment in which a process finds this very project."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True)
class Explorer:
    """Where the explorer is found: by browsers, and among the processes."""

    url: str
    pid: int


@contextlib.contextmanager
def started(device: str = "auto") -> Iterator[Explorer]:
    """The command `lmx` in a process of its own, on a free port."""
    command = [sys.executable, "-m", "app.cli", "--no-browser", "--port", "0", "--device", device]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    assert process.stdout is not None
    try:
        said = re.search(r"http://\S+", process.stdout.readline())
        if said is None:
            raise RuntimeError("the explorer did not start")
        yield Explorer(said[0], process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
        process.stdout.close()


@contextlib.contextmanager
def explorer() -> Iterator[str]:
    """The command `lmx` as `started` has it; yields its address."""
    with started() as found:
        yield found.url
