"""The explorer in a process of its own."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def explorer() -> Iterator[str]:
    """The command `lmx` in a process of its own, on a free port; yields its address."""
    command = [sys.executable, "-m", "app.cli", "--no-browser", "--port", "0"]
    root = Path(__file__).resolve().parent.parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        said = re.search(r"http://\S+", process.stdout.readline())
        if said is None:
            raise RuntimeError("the explorer did not start")
        yield said[0]
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
        process.stdout.close()
