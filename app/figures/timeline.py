"""The x axis of panels over time: its range, its marks, and the moments dotted on it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from app.figures.axes import axis
from app.figures.marks import dotted
from app.figures.panels import Event, Panel
from app.tex import prose
from sims.core.format import short
from sims.view import Clock
from sims.view.known import Known

PAD = 0.015
"""Room at both ends of a logarithmic axis, in shares of it."""
NEAR = 0.05
"""Distance of two symbols on a logarithmic axis below which the later one is left out."""
MOST_MARKS = 8
SPACINGS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 1e9)


class Timeline:
    """A clock read off a prediction.

    Attributes:
        tag: what of the run is along x. records, snapshots: where those lie.
        span: what is shown. is_log: on a logarithmic axis. moments: those that come.
    """

    def __init__(
        self, clock: Clock, known: Known, title: str, unit: float | None, factor: float
    ) -> None:
        """Read a prediction; what the clock says of it is already HTML and numbers."""
        self.clock, self.tag, self.title, self._factor = clock, clock.counts, title, factor
        self.records = np.asarray(known[clock.counts], float)
        self.snapshots = _snapshots(known, clock.counts)
        whole = float(self.records[-1])
        last = whole if clock.end is None else min(whole, float(clock.end(known)))
        self.span = [0.0, last]
        self.is_log = (clock.scale if isinstance(clock.scale, str) else clock.scale(known)) == "log"
        self._per_count = float(known["time"][-1]) / max(whole, 1e-300)
        self._unit = unit if unit is not None and np.isfinite(unit) else None
        first = float(self.records[1]) if self.records.size > 1 else last / 10
        top = max(last, 1.5 * first, 1e-12)
        self.ends = [float(np.log10(max(first, 1e-300))), float(np.log10(top))]
        self.moments: list[Event] = []

    def at(self, rows: int) -> np.ndarray:
        """Where so many rows lie: those of the records or of the snapshots."""
        return self.records if rows == self.records.size else self.snapshots

    @property
    def line(self) -> list[float]:
        """Where a level along the whole panel begins and ends."""
        return [10.0 ** self.ends[0], self.span[1]] if self.is_log else self.span

    @property
    def events(self) -> list[Event]:
        """The moments in time, for the scrubber."""
        return [Event(e.symbol_html, e.time * self._per_count) for e in self.moments]

    @property
    def _log(self) -> list[float]:
        pad = PAD * (self.ends[1] - self.ends[0])
        return [self.ends[0] - pad, self.ends[1] + pad]

    @property
    def range(self) -> list[float]:
        """Range of the axis as it is drawn, in decades if it is logarithmic."""
        return self._log if self.is_log else self.span

    @cached_property
    def axis(self) -> dict[str, Any]:
        """The axis, the same in every panel."""
        made = axis(self.title, self.range, log=self.is_log)
        return made if self._unit is None or self.is_log else made | self._marks(self._unit)

    def _marks(self, unit: float) -> dict[str, Any]:
        last = self.span[1] / unit
        spacing = next(d for d in SPACINGS if last / d <= MOST_MARKS)
        marks = np.arange(0.0, last, spacing)
        words = [short(float(m)) for m in marks.round(6)]
        return {"tickvals": marks * unit, "ticktext": words}

    @cached_property
    def meta(self) -> dict[str, Any]:
        """The time axes of the page's switch; empty where there is none."""
        kind = "log" if self.is_log else "linear"
        if self.clock.switches:
            ranges = {"log": self._log, "linear": self.span}
            both = {word: {"type": word, "range": ranges[word]} for word in ranges}
            return {"times": {kind: both.pop(kind), **both}}  # the first is drawn at first
        if self.clock.other is None:
            return {}
        word, title, _ = self.clock.other
        moved = [self._moved(at) for at in self.range]
        other = {"type": kind, "range": moved, "title": prose(title), "factor": self._factor}
        here = {"type": kind, "range": self.range}
        own = "steps" if self.clock.counts == "step" else "time"
        return {"times": {own: here, word: other}}

    def _moved(self, at: float) -> float:
        return float(at + np.log10(self._factor)) if self.is_log else float(at * self._factor)

    def dotted(self, shown: Panel) -> Panel:
        """The panel with the moments dotted in it, and their symbols above."""
        after = 0.0 if self.is_log else -1.0
        inside = [e for e in self.moments if after < e.time <= self.span[1]]
        if self.is_log:
            return dotted(shown, inside, self.ends, log=True, gap=NEAR)
        return dotted(shown, inside, self.span)


def _snapshots(known: Known, counts: str) -> np.ndarray:
    """Times or steps of the snapshots; none where nothing tells them."""
    if f"snapshot_{counts}" in known:
        return np.asarray(known[f"snapshot_{counts}"], float)
    if "snapshot_step" not in known:
        return np.zeros(0)
    each = float(known["time"][-1]) / max(float(known["step"][-1]), 1.0)
    return np.asarray(known["snapshot_step"], float) * each
