"""Ctrl-C: during an import it ends the process, and elsewhere it is never lost."""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import sys
import threading
from types import FrameType

INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C ended."""
AGAIN = 0.02
"""Seconds after which a Ctrl-C that was swallowed is raised once more."""
SHOW_CURSOR = "\x1b[?25h"


def end_imports_at_once() -> None:
    """From now on Ctrl-C during an import ends the process; elsewhere it is raised until heard.

    Nothing is to be lost in an import, and libraries that are half imported swallow what is raised
    in them or fail for another reason. Elsewhere Python drops what is raised while it collects
    garbage or ends an object (JAX collects its own there, which takes time): it would print that
    and go on. Who has Ctrl-C ignored, as a shell does in the background, keeps it.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
        sys.unraisablehook = _swallowed


def ended(code: int) -> int:
    """The exit code of a command; one that Ctrl-C ended ends the process here.

    Whatever the threads of a compiler are at then, Python would take its modules from under them.
    """
    if code == INTERRUPTED:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    return code


def _interrupted(number: int, frame: FrameType | None) -> None:
    inner = frame
    while inner is not None:
        if inner.f_code.co_filename.startswith("<frozen importlib"):
            if sys.stderr.isatty():  # a bar or a spinner may have hidden it
                os.write(2, SHOW_CURSOR.encode())
            os._exit(INTERRUPTED)
        inner = inner.f_back
    signal.default_int_handler(number, frame)


def _swallowed(what: sys.UnraisableHookArgs) -> None:
    """Called by Python, in the thread that dropped the exception."""
    if isinstance(what.exc_value, KeyboardInterrupt):
        # Not at once: this call stands itself where whatever is raised is dropped.
        again = threading.Timer(AGAIN, _interrupt)
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(what)


def _interrupt() -> None:
    """Ctrl-C once more, from any thread; it wakes a main thread that sleeps."""
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
