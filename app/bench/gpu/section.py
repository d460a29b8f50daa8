"""A section of the measurement: what is measured one after the other, each by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
"""What one line of the file holds besides section, device and rehearsal; units are in the names."""


@dataclass(frozen=True)
class Measurement:
    """Something that is measured as a whole, or left out as a whole."""

    name: str
    rows: Callable[[], Iterator[Row]]


@dataclass(frozen=True)
class Section:
    """Measurements in the order of what matters most.

    `until` is the share of all the time after which the next section begins; what is left of this
    one then waits for the end, where there may be time again.
    """

    title: str
    until: float
    measurements: Sequence[Measurement]
