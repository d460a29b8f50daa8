"""What the pages on grokking share: time on a logarithmic axis, and predicted moments on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures.panels import Event, Panel, RunArrays, axis, note, panel, relaid, time_line
from app.figures.reading import STEP, TIME, Reading, Tolerances

NEAR = 0.035
"""Share of the time axis within which a second symbol is left out."""


class LogReading(Reading):
    """A prediction whose panels show time on a logarithmic axis, which the page can turn linear.

    Attributes:
        title: of the time axis. moments: predicted (time, symbol), drawn as dotted uprights.
    """

    def __init__(
        self,
        prediction: xr.Dataset,
        tolerances: Tolerances,
        events: Callable[[Reading], list[Event]],
        title: str = TIME,
    ) -> None:
        """Read a prediction; `events` are marked in the panels and on the scrubber."""
        super().__init__(prediction, tolerances, events)
        self.title = title
        last = max(self.span[1], 1e-12)
        first = float(self.time[1]) if self.records > 1 else last / 10
        self.ends = [float(np.log10(first)), float(np.log10(max(last, 1.5 * first)))]
        self.moments = [(e.time, e.symbol_html) for e in self.events]

    @property
    def x(self) -> dict[str, Any]:
        """The time axis, the same in every panel."""
        return axis(self.title, self._log, log=True)

    @property
    def _log(self) -> list[float]:
        pad = 0.015 * (self.ends[1] - self.ends[0])
        return [self.ends[0] - pad, self.ends[1] + pad]

    def over_time(
        self,
        id: str,
        title: str,
        symbol: str,
        traces: Sequence[dict[str, Any]],
        *,
        levels: Sequence[tuple[float, str]] = (),
        moments: Sequence[tuple[float, str]] | None = None,
        **how: Any,
    ) -> Panel:
        """A panel over time with the predicted moments; named levels are written at its left."""
        shown = self.moments if moments is None else moments
        first = how.get("first", "linear" if "linear" in how else "log")
        named = [(level, word) for level, word in levels if word and (level > 0 or first != "log")]
        words = [
            note(
                word,
                0.008,
                float(np.log10(level)) if first == "log" else level,
                xanchor="left",
                yanchor="bottom",
                font={"size": 14, "color": "role:ink2"},
            )
            for level, word in named
        ]
        made = panel(
            id,
            title,
            symbol,
            traces,
            x=self.x,
            levels=[(level, "") for level, _ in levels],
            annotations=[*words, *self._symbols(shown), *how.pop("annotations", ())],
            meta={
                "times": {
                    "log": {"type": "log", "range": self._log},
                    "linear": {"type": "linear", "range": self.span},
                }
            },
            **how,
        )
        inside = [at for at, _ in shown if 0 < at <= self.span[1]]
        shapes = [*made.plain["layout"]["shapes"], *(time_line(at) for at in inside)]
        return relaid(made, shapes=shapes)

    def _symbols(self, moments: Sequence[tuple[float, str]]) -> list[dict[str, Any]]:
        """Symbols above the plot at the dotted uprights; one too near its neighbour is left out."""
        width, last, made = self.ends[1] - self.ends[0], -np.inf, []
        for at, word in sorted(moments):
            place = float(np.log10(at)) if at > 0 else -np.inf
            if not self.ends[0] <= place <= self.ends[1] or place - last < NEAR * width:
                continue
            last = place
            font = {"size": 14, "color": "role:ink2"}
            made.append(note(word, place, 1, xref="x", yref="paper", yanchor="bottom", font=font))
        return made


class StepsReading(LogReading):
    """The same where time counts steps."""

    def __init__(
        self,
        prediction: xr.Dataset,
        tolerances: Tolerances,
        events: Callable[[Reading], list[Event]],
    ) -> None:
        """Read a prediction; `events` are in steps."""
        super().__init__(prediction, tolerances, events, STEP)


def constant(value: Callable[[xr.Dataset], float], like: str) -> Callable[..., np.ndarray]:
    """A number of the prediction in every row of the run, to place a dot at it."""

    def filled(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
        return np.full(run[like].shape[:2], value(prediction))

    return filled
