"""The explorer in a process of its own, which ends with the process that started it."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
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
def started(device: str = "auto", options: Sequence[str] = ()) -> Iterator[Explorer]:
    """The command `lmx` in a process of its own, on a free port.

    Raises:
        RuntimeError: it did not start; with the last words that it said.
    """
    command = [sys.executable, "-m", "app.cli", "--no-browser", "--port", "0", "--device", device]
    command += ["--ends-with-input", *options]
    pipe = subprocess.PIPE
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=said, text=True, env=environment()
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            found = re.search(r"http://\S+", process.stdout.readline())
            if found is None:
                process.wait(timeout=10)
                said.seek(0)
                last = said.read().strip().splitlines()[-1:]
                raise RuntimeError(" ".join(["The explorer did not start.", *last]))
            yield Explorer(found[0], process.pid)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdin.close()
            process.stdout.close()


@contextlib.contextmanager
def explorer() -> Iterator[str]:
    """The command `lmx` as `started` has it; yields its address."""
    with started() as found:
        yield found.url
