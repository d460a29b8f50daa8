"""Ctrl-C while modules are imported."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C ended."""
SHOW_CURSOR = "\x1b[?25h"


def end_imports_at_once() -> None:
    """From now on Ctrl-C during an import ends the process; elsewhere it is raised as ever.

    Nothing is to be lost there, and libraries that are half imported swallow what is raised in them
    or fail for another reason. Who has Ctrl-C ignored, as a shell does in the background, keeps it.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)


def _interrupted(number: int, frame: FrameType | None) -> None:
    inner = frame
    while inner is not None:
        if inner.f_code.co_filename.startswith("<frozen importlib"):
            if sys.stderr.isatty():  # a bar or a spinner may have hidden it
                os.write(2, SHOW_CURSOR.encode())
            os._exit(INTERRUPTED)
        inner = inner.f_back
    signal.default_int_handler(number, frame)
