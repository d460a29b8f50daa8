"""How much one browser, or all behind one address, may ask of the rooms."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable

MOST_SOURCES = 10_000
"""Addresses that are remembered; those that have been silent longest are forgotten."""


class Bucket:
    """Takes so many at once and so many a second; of one thread alone."""

    def __init__(self, most: int, a_second: float, clock: Callable[[], float]) -> None:
        """It is full."""
        self._most, self._a_second, self._clock = most, a_second, clock
        self._left, self._at = float(most), clock()

    def take(self) -> bool:
        """Whether one more was allowed, which counts it."""
        self._fill()
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    @property
    def is_empty(self) -> bool:
        """Whether one more would not be allowed."""
        self._fill()
        return self._left < 1.0

    @property
    def wait(self) -> float:
        """Seconds until one more is allowed."""
        self._fill()
        return max(0.0, (1.0 - self._left) / self._a_second)

    def _fill(self) -> None:
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._a_second)
        self._at = now


class Sources:
    """A bucket for each address that something comes from; of one thread alone."""

    def __init__(self, most: int, a_minute: float, clock: Callable[[], float]) -> None:
        """Nothing has come."""
        self._most, self._a_second, self._clock = most, a_minute / 60.0, clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def of(self, address: str) -> Bucket:
        """The bucket of an address's network."""
        source = network_of(address)
        if source not in self._buckets:
            self._buckets[source] = Bucket(self._most, self._a_second, self._clock)
        self._buckets.move_to_end(source)
        while len(self._buckets) > MOST_SOURCES:
            self._buckets.popitem(last=False)
        return self._buckets[source]


def network_of(address: str) -> str:
    """The network that an address stands for: itself, or of IPv6 what one household has."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
