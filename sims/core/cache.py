"""Values that are dear to build, kept by key: each built once, bounded in number and in bytes."""

from __future__ import annotations

import contextlib
import operator
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar

V = TypeVar("V")
P = ParamSpec("P")


def latest_kept(function: Callable[P, V]) -> Callable[P, V]:
    """The function, which asked again of the very same objects gives what it gave.

    For what several guesses need of one task; nobody may change the result.
    """
    kept: list[tuple[tuple[Any, ...], V]] = []

    @wraps(function)
    def asked(*args: P.args, **how: P.kwargs) -> V:
        given = (*args, *how.values())
        for before, value in kept:  # another thread may put another there meanwhile
            if len(before) == len(given) and all(map(operator.is_, before, given)):
                return value
        value = function(*args, **how)
        kept[:] = [(given, value)]
        return value

    return asked


class Cache(Generic[V]):
    """At most `count` values of together at most `limit` bytes; the least recently used go first.

    The newest value stays, however large it is. Any number of threads may ask at once.
    """

    def __init__(self, count: int, limit: int, size: Callable[[V], int]) -> None:
        """`size` tells the bytes of a value, once, when it is built."""
        self.count, self.limit = count, limit
        self._size = size
        self._kept: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._building: dict[Hashable, Future[V]] = {}
        self._bytes = 0
        self._guard = threading.Lock()

    def get(self, key: Hashable, build: Callable[[], V]) -> V:
        """The value of that key; the first who asks builds it, the others wait for it.

        If building fails, all who wait get its exception, and who asks later builds again.
        """
        while True:
            with self._guard:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key][0]
                promised = self._building.get(key)
                mine = promised is None
                if promised is None:
                    promised = self._building[key] = Future()
            if mine:
                return self._built(key, build, promised)
            with contextlib.suppress(CancelledError):  # its builder was stopped: another builds
                return promised.result()

    def _built(self, key: Hashable, build: Callable[[], V], promised: Future[V]) -> V:
        try:
            value = build()
            self._keep(key, value, self._size(value))
        except Exception as error:
            self._no_longer_built(key)
            promised.set_exception(error)
            raise
        except BaseException:
            self._no_longer_built(key)
            promised.cancel()
            raise
        self._no_longer_built(key)
        promised.set_result(value)
        return value

    def _no_longer_built(self, key: Hashable) -> None:
        with self._guard:
            del self._building[key]

    def _keep(self, key: Hashable, value: V, nbytes: int) -> None:
        with self._guard:
            self._kept[key] = value, nbytes
            self._bytes += nbytes
            while len(self._kept) > 1 and (
                len(self._kept) > self.count or self._bytes > self.limit
            ):
                _, (_, freed) = self._kept.popitem(last=False)
                self._bytes -= freed

    def held(self) -> tuple[int, int]:
        """How many values there are, and their bytes."""
        with self._guard:
            return len(self._kept), self._bytes

    def nbytes(self) -> int:
        """Bytes of all values."""
        return self.held()[1]

    def clear(self) -> None:
        """Forget all values; what is being built is kept once it is there."""
        with self._guard:
            self._kept.clear()
            self._bytes = 0
