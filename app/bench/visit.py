"""What one reader does at the explorer, and what it saw there: plain data between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FINAL = ("done", "stopped")
"""States of a job whose run is over."""


@dataclass(frozen=True)
class Visit:
    """One reader's plan; seconds count from the start of all visits.

    `presses` is when Run is pressed, or as soon after as the page is ready; None never presses.
    `pace` is what the page's menu says, None for Fastest. A reader leaves with the verdicts, and
    at `leaves` without them.
    """

    experiment: str
    query: str = ""
    opens: float = 0.0
    presses: float | None = 0.0
    pace: float | None = 1.0
    leaves: float | None = None

    @property
    def address(self) -> str:
        """The page's path, without a slash before it."""
        return self.experiment.replace("/", "-")

    @property
    def settings(self) -> tuple[str, str]:
        """What makes two readers equals: all but the seed."""
        knobs = [k for k in self.query.split("&") if k and not k.startswith("seed=")]
        return self.experiment, "&".join(knobs)


@dataclass
class Seen:
    """What one reader saw; times are those of the machine's monotonic clock, None if never."""

    visit: Visit
    asked: float | None = None
    view: float | None = None
    ready: float | None = None
    pressed: float | None = None
    first_rows: float | None = None
    computed: float | None = None
    judged: float | None = None
    left: float | None = None
    frames: int = 0
    bytes: int = 0
    state: str = ""
    has_verdicts: bool = False
    trouble: list[str] = field(default_factory=list)
    """Refusals, sockets that closed, jobs that were gone, and pages that failed."""
    tokens: list[str] = field(default_factory=list)
    frame_times: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)
    """Training steps shown by then, at each time of `frame_times`."""

    def since(self, begin: str, end: str) -> float | None:
        """Seconds from one of the times to another; None if either never came."""
        first, last = getattr(self, begin), getattr(self, end)
        return None if first is None or last is None else last - first

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Seen:
        """Read back what `dataclasses.asdict` made of it."""
        return cls(**{**plain, "visit": Visit(**plain["visit"])})
