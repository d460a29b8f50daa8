"""What a program's step costs: learned from its runs, asked before the next one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

MOST = 512


@dataclass(frozen=True)
class Rate:
    """Seconds a step takes, and bytes the records and snapshots of a run take."""

    seconds: float
    memory: int


class Rates:
    """The latest rate of each program, least recently used first to go; any thread may ask."""

    def __init__(self, most: int = MOST) -> None:
        """Nothing is known yet."""
        self._most = most
        self._known: OrderedDict[Hashable, Rate] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: Hashable) -> Rate | None:
        """What is known, if anything is."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def learn(self, key: Hashable, rate: Rate) -> None:
        """Note what a run showed."""
        with self._lock:
            self._known[key] = rate
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)


rates = Rates()
"""Those of this process."""
