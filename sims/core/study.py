"""One setting from its knobs to its verdicts; every stage is made once and kept.

    Study(experiment, knobs)      nothing is computed yet
      .setup                      knobs checked, data and weights drawn, schedule
      .grow(seconds)              a slice of the prediction
      .freeze() -> Prepared       prediction whole and hashed, intervention written into the tasks
      Prepared.run(device) -> Run, advanced in slices
      Prepared.judge(run) -> Judged
      Prepared.tree(judged) -> xarray.DataTree

The page, the command, Python, sweeps, reference pictures and the bench all come through here, so
that a file's task is what its run began from, and its prediction was there before the first step.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from sims.core import archive
from sims.core.baseline import guesses
from sims.core.choosing import Chosen, settled, size_of
from sims.core.claims import before, judge, not_tests
from sims.core.experiment import Assumption, Experiment
from sims.core.prediction import digest, intervened, predictions
from sims.core.setup import Setup, prepared
from sims.core.simulation import Run, Seen
from sims.core.trajectory import records, trajectory


@dataclass(frozen=True)
class Judged:
    """What a run showed, and the verdicts; None where its prediction came too late for any."""

    seen: xr.Dataset
    claims: xr.Dataset | None


@dataclass(frozen=True)
class Prepared:
    """What a run begins from, fixed for good: the run and its file both hold this very object.

    `setup` has the intervention in its tasks. A Prepared without `hash` was frozen early: it has no
    intervention, and its run is never judged.
    """

    setup: Setup
    prediction: xr.Dataset | None
    hash: str
    predicted_at: str

    @property
    def is_whole(self) -> bool:
        """Whether the whole prediction was there, and hashed."""
        return bool(self.hash)

    def device(self, asked: str) -> Chosen:
        """Cpu or gpu, measured for `auto` where there is a choice; ValueError: see there."""
        setup = self.setup
        size = size_of(setup.experiment, setup.params, setup.tasks)
        return settled(asked, size, lambda device: self.run(device))

    def run(self, device: str = "cpu") -> Run:
        """A run before its first step."""
        return side_by_side([self], device)

    def judge(self, run: Seen) -> Judged:
        """Measure what was predicted and compare; of an early one only what the run showed."""
        if self.prediction is None or not self.is_whole:
            return Judged(records(self.setup, run), None)
        seen = trajectory(self.setup, self.prediction, run)
        return Judged(seen, self.claims(seen))

    def claims(self, seen: xr.Dataset) -> xr.Dataset:
        """The verdicts on what a run showed."""
        return judge(self.setup, self._predicted(), seen)

    def before(self) -> tuple[list[Assumption], dict[str, float]]:
        """What is known before the run: assumptions, and the tolerance of every claim."""
        return before(self.setup, self._predicted())

    def not_tests(self) -> dict[str, str]:
        """By claim why it will not be judged: a guess without theory would land too."""
        return not_tests(self.setup, self._predicted())

    def _predicted(self) -> xr.Dataset:
        if self.prediction is None:
            raise ValueError("Nothing is predicted yet.")
        return self.prediction

    def tree(
        self,
        judged: Judged | None = None,
        device: str = "cpu",
        prediction: xr.Dataset | None = None,
    ) -> xr.DataTree:
        """The file's tree as far as it goes; `prediction`: what is known by now, if frozen early.

        Raises:
            ValueError: nothing is predicted yet.
        """
        foreseen = self.prediction if self.is_whole else prediction
        if foreseen is None:
            raise ValueError("Nothing is predicted yet.")
        return archive.tree(
            self.setup,
            foreseen,
            None if judged is None else judged.seen,
            None if judged is None else judged.claims,
            device=device,
            predicted_at=self.predicted_at or None,
        )


def side_by_side(starts: Sequence[Prepared], device: str = "cpu") -> Run:
    """One run of several settings of an experiment, whose tasks are alike in shape.

    Settings with the same record steps share one unmasked loop.
    """
    first = starts[0].setup
    if len(starts) == 1:
        return Run(first.experiment, first.params, first.tasks, first.schedule, device)
    tasks = [task for one in starts for task in one.setup.tasks]
    params = [one.setup.params for one in starts for _ in one.setup.tasks]
    schedules = [one.setup.schedule for one in starts for _ in one.setup.tasks]
    steps = schedules[0].record_steps
    alike = all(np.array_equal(schedule.record_steps, steps) for schedule in schedules)
    return Run(first.experiment, params, tasks, schedules[0] if alike else schedules, device)


class Study:
    """One setting; see the head of this file.

    One thread at a time may prepare, grow or freeze it. What it has published (`prediction`,
    `progress`, what `freeze` returned) is never changed afterwards and may be read by any.
    """

    def __init__(
        self,
        experiment: Experiment,
        values: Mapping[str, Any] | None = None,
        *,
        preset: str | None = None,
        seed: int | None = None,
        seeds: int = 1,
    ) -> None:
        """Nothing is checked or computed yet."""
        self.experiment = experiment
        self.prediction: xr.Dataset | None = None
        self.progress = 0.0
        self._given = {"values": values, "preset": preset, "seed": seed, "seeds": seeds}
        self._setup: Setup | None = None
        self._parts: Iterator[xr.Dataset | float] | None = None
        self._frozen: Prepared | None = None

    @classmethod
    def of(cls, setup: Setup) -> Study:
        """A study of a setup that is there already, such as one with another schedule."""
        made = cls(setup.experiment, preset=setup.preset or None)
        made._setup = _closed(setup)
        return made

    @property
    def is_prepared(self) -> bool:
        """Whether knobs are checked, and data and weights drawn."""
        return self._setup is not None

    @property
    def setup(self) -> Setup:
        """What was prepared; prepares it if nobody has yet."""
        return self.prepare()

    def prepare(self) -> Setup:
        """Check and resolve the knobs, draw data and weights, fix the schedule; once.

        Raises:
            ValueError: one sentence with the allowed range.
        """
        if self._setup is None:
            self._setup = _closed(prepared(self.experiment, **self._given))
        return self._setup

    @property
    def is_whole(self) -> bool:
        """Whether the whole prediction is there, hashed."""
        return self._frozen is not None

    def grow(self, seconds: float = 0.0) -> bool:
        """Predict for about that long, one piece at least; whether the prediction is whole now.

        The first part of it that can be shown ends the slice.
        """
        if self._frozen is not None:
            return True
        if self._parts is None:
            self._parts = predictions(self.setup, guesses)
        end = time.perf_counter() + seconds
        latest = self.prediction
        while True:
            part = next(self._parts, None)
            if part is None:
                raise RuntimeError(f"{self.experiment.name} never completed its prediction.")
            if isinstance(part, xr.Dataset):
                latest, self.progress = part, float(part.attrs["progress"])
                if part.attrs.get("complete"):
                    self._frozen = self._made_whole(part)
                    latest = self._frozen.prediction
                    break
            else:
                self.progress = part
            if time.perf_counter() >= end or (latest is not None and self.prediction is None):
                break
        self.prediction = latest
        return self._frozen is not None

    def _made_whole(self, prediction: xr.Dataset) -> Prepared:
        for variable in prediction.variables.values():
            variable.values.setflags(write=False)
        setup = _closed(intervened(self.setup, prediction))
        return Prepared(setup, prediction, digest(prediction), archive.now())

    def predict(self) -> xr.Dataset:
        """The whole prediction."""
        found = self.freeze().prediction
        assert found is not None
        return found

    def freeze(self) -> Prepared:
        """What a run begins from, with the whole prediction; the same object every time."""
        while self._frozen is None:
            self.grow()
        return self._frozen

    def early(self) -> Prepared:
        """What a run begins from that does not wait: without intervention and hash.

        What is predicted later may be shown and filed, but is never judged.
        """
        return Prepared(self.setup, self.prediction, "", "")

    def before(self) -> tuple[list[Assumption], dict[str, float]]:
        """What is known before the run, as far as the prediction goes; see `Prepared`."""
        return self.early().before()

    def not_tests(self) -> dict[str, str]:
        """Which claims are no test, and why, as far as the prediction goes; see `Prepared`."""
        return self.early().not_tests()

    def finished(self, device: str = "cpu") -> Judged:
        """Predict, train to the end and judge."""
        start = self.freeze()
        run = start.run(device)
        run.finish()
        return start.judge(run)


def _closed(setup: Setup) -> Setup:
    """The setup with arrays that nobody can write to any more."""
    for task in setup.tasks:
        for values in task.values():
            values.setflags(write=False)
    return setup


__all__ = ["Judged", "Prepared", "Study", "side_by_side"]
