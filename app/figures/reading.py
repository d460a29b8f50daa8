"""Reading a prediction for the figures: the first seed's numbers, its axes and its events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from app.figures.panels import Event, axis, first_seed
from app.figures.style import italic
from sims.core.format import significant

SLASH = "\u200a/\u200a"
TIME = f"time {italic('t')} = {italic('ηn')}"
STEP = f"step {italic('n')}"

Tolerances = Mapping[str, float]
"""By claim, as far as they are known before the run."""


class Reading:
    """The first seed's prediction, with what most panels need.

    Attributes:
        whole: all seeds. one: the first. tolerances: by claim, known before the run.
        time: of the records. span: range of the time axis. events: predicted moments that come.
    """

    def __init__(
        self,
        prediction: xr.Dataset,
        tolerances: Tolerances,
        events: Callable[[Reading], list[Event]],
    ) -> None:
        """Read a prediction; `events` lists its moments, of which the finite ones are kept."""
        self.whole, self.one = prediction, first_seed(prediction)
        self.tolerances = tolerances
        self.time = np.asarray(self.one["time"].values, float)
        self.records = self.time.size
        self.span = [0.0, float(self.time[-1])]
        self.seeds = prediction.sizes.get("seed", 1)
        self.events = [e for e in events(self) if np.isfinite(e.time)]

    def has(self, *names: str) -> bool:
        """Whether all of these are predicted."""
        return all(name in self.one for name in names)

    def values(self, name: str) -> np.ndarray:
        """A predicted variable of the first seed."""
        return np.asarray(self.one[name].values, float)

    def everywhere(self, name: str) -> np.ndarray:
        """A predicted variable of all seeds, flat; for ranges that hold them all."""
        return np.asarray(self.whole[name].values, float).ravel()

    def number(self, name: str, default: float = np.nan) -> float:
        """A predicted number, or an attribute of the prediction."""
        if name in self.one:
            return float(self.one[name])
        return float(self.one.attrs.get(name, default))

    def tolerance(self, claim: str, usual: float) -> float:
        """The tolerance of a claim, or the usual one where it is not known."""
        found = self.tolerances.get(claim, np.nan)
        return float(found) if np.isfinite(found) and found > 0 else usual

    @property
    def x(self) -> dict[str, Any]:
        """The time axis, the same in every panel."""
        return axis(TIME, self.span)

    def described(self, what: str, name: str) -> Callable[[xr.Dataset | None], str]:
        """Alt text of one curve over time, made from its numbers."""

        def words(run: xr.Dataset | None) -> str:
            said = [f"predicted times {', '.join(significant(e.time) for e in self.events)}"]
            said = said if self.events else []
            if self.has(name) and self.values(name).ndim == 1:
                y = self.values(name)
                said.insert(0, f"theory goes from {significant(y[0])} to {significant(y[-1])}")
            if run is not None and name in run:
                y = np.asarray(first_seed(run)[name].values, float)
                y = y.reshape(len(y), -1)[:, 0] if y.ndim else y[None]
                said.append(f"the run goes from {significant(y[0])} to {significant(y[-1])}")
            return f"{what} against time: {'; '.join(said) or 'appears with the run'}."

        return words


class StepReading(Reading):
    """A prediction whose panels count steps, while the scrubber counts time.

    Attributes:
        step: of the records. marks: the events that come, in steps, for the panels.
    """

    def __init__(
        self,
        prediction: xr.Dataset,
        tolerances: Tolerances,
        events: Callable[[StepReading], list[Event]],
        last: float | None = None,
    ) -> None:
        """Read a prediction; `events` are in steps, `last` ends the panels before the run's end."""
        super().__init__(prediction, tolerances, lambda _read: [])
        self.step = np.asarray(self.one["step"].values, float)
        each = self.span[1] / max(float(self.step[-1]), 1.0)
        self.span = [0.0, float(self.step[-1]) if last is None else float(last)]
        self.marks = [e for e in events(self) if np.isfinite(e.time)]
        self.events = [Event(e.symbol_html, e.time * each) for e in self.marks]

    @property
    def x(self) -> dict[str, Any]:
        """The step axis, the same in every panel."""
        return axis(STEP, self.span)

    @property
    def snapshot_step(self) -> np.ndarray:
        """Steps of the snapshots."""
        return np.asarray(self.one["snapshot_step"].values, float)
