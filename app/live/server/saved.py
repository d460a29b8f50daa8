"""Files of experiments are looked at, and loaded anew once they are saved."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sims.core.registry import Registry

log = logging.getLogger("lmx")

LOOK = 0.3
"""Seconds between two looks at the files."""


class Saved:
    """Looks on a thread of its own: loading a file runs it, however long that takes."""

    def __init__(self, registry: Registry, renewed: Callable[[str], None]) -> None:
        """`renewed` is called, from that thread, with the id of each experiment that is another."""
        self._registry, self._renewed = registry, renewed
        self._closed = threading.Event()

    def start(self) -> None:
        """Begin, if there is a file to look at."""
        if self._registry.opened:
            threading.Thread(target=self._look, name="lmx-saved", daemon=True).start()

    def close(self) -> None:
        """End after the present look."""
        self._closed.set()

    def _look(self) -> None:
        while not self._closed.wait(LOOK):
            try:
                for name in self._registry.refresh():
                    self._renewed(name)
            except Exception:
                log.exception("looking at the files stumbled")
