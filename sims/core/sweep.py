"""One experiment over one or two knobs and seeds: the points, and what is predicted of each.

`sims.core.sweep_run` trains them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import xarray as xr

from sims.core import archive
from sims.core.baseline import of_a_sweep
from sims.core.choosing import Chosen, faster, seconds_a_step
from sims.core.claims import not_tests, tolerance_of, untested, worst
from sims.core.experiment import Assumption, Experiment, SweepClaim
from sims.core.grid import MOST_WHOLE, Grid
from sims.core.part import Part, assumed, coarse
from sims.core.prediction import of_seed
from sims.core.setup import Setup
from sims.core.study import Prepared, side_by_side
from sims.core.sweep_run import SweepRun
from sims.core.tables import Table, gridded


class Sweep:
    """A grid of studies, whose runs are trained together where shapes allow.

    Dynamic knobs share one compiled program (vmap); each value of a static knob has its own. A
    sweep keeps records but no snapshots, so claims that need snapshots are not judged. One thread
    at a time may predict it; once it is whole nothing in it changes.

    Raises:
        ValueError: no axis, more than two, an unknown or list-valued knob, too many points.
    """

    def __init__(
        self,
        experiment: Experiment,
        values: Mapping[str, Any],
        over: Mapping[str, Any],
        *,
        preset: str | None = None,
        seed: int | None = None,
        seeds: int = 1,
        device: str = "cpu",
    ) -> None:
        """Check the axes and prepare every point; nothing is predicted or trained yet."""
        self.grid = Grid.of(
            experiment, values, over, preset=preset, seed=seed, seeds=seeds, most=MOST_WHOLE
        )
        self.experiment, self.preset = experiment, self.grid.preset
        self.axes, self.shape, self.base = self.grid.axes, self.grid.shape, self.grid.base
        points = range(self.grid.points)
        self.settled = settled(self.grid, points, device)
        self.device = self.settled.name
        self._part = Part(self.grid, points, self.device)
        self.studies = self._part.studies
        self.groups = self._part.groups
        self.seeds = self.studies[0].setup.seeds
        self.starts: list[Prepared] = []
        self._whole: xr.Dataset | None = None
        self.predicted_at = ""

    @property
    def setups(self) -> list[Setup]:
        """The setup of every point; with its intervention once that is predicted."""
        known = [start.setup for start in self.starts]
        return [*known, *(study.setup for study in self.studies[len(known) :])]

    @property
    def whole_claims(self) -> list[SweepClaim]:
        """What is claimed of a sweep over these axes as a whole."""
        return self.grid.whole_claims

    # Prediction

    @property
    def is_whole(self) -> bool:
        """Whether every point is predicted."""
        return bool(self.predicted_at)

    def predict(self) -> None:
        """Predict every point."""
        while not self.predict_next():
            pass

    def predict_next(self) -> bool:
        """Predict one more point; True once all are predicted."""
        if len(self.starts) < len(self.studies):
            self.starts.append(self.studies[len(self.starts)].freeze())
        if len(self.starts) < len(self.studies):
            return False
        if self._whole is None:
            found = self._grid()
            guesses = of_a_sweep(self.whole_claims, self.setups[0], found, next(iter(self.axes)))
            self._whole = found.assign(guesses)
            self.predicted_at = archive.now()
        return True

    @property
    def predictions(self) -> list[xr.Dataset]:
        """Those of the points predicted so far."""
        return [start.prediction for start in self.starts if start.prediction is not None]

    def assumptions(self) -> list[list[Assumption]]:
        """Those of each seed, once all is predicted; the sentence is that of the worst point."""
        return [
            worst([assumed(start, seed) for start in self.starts])
            for seed in range(len(self.seeds))
        ]

    def not_tests(self) -> dict[str, str]:
        """Why a claim of the whole sweep will not be judged, by name; once all is predicted."""
        return not_tests(self.setups[0], self.prediction(), self.whole_claims)

    def untested_points(self) -> Counter[str]:
        """At how many points a guess without theory would land too, by claim."""
        found: Counter[str] = Counter()
        for start in self.starts:
            assert start.prediction is not None
            first, params = of_seed(start.prediction, 0), start.setup.params
            found.update(
                claim.name
                for claim in self.experiment.claims
                if untested(claim, params, first, tolerance_of(claim, params, first))
            )
        return found

    def prediction(self) -> xr.Dataset:
        """Predicted quantities of the points predicted so far, with the sweep's axes in front.

        Attributes that all points share stay. Once it is whole, the guesses of its own claims too.
        """
        return self._grid() if self._whole is None else self._whole

    def _grid(self) -> xr.Dataset:
        parts = [coarse(p) for p in self.predictions]
        table = Table.of(range(len(parts)), parts)
        return gridded(table, self.grid, self.seeds)

    # Training

    def run(self) -> SweepRun:
        """Its training, before the first step.

        Raises:
            RuntimeError: not every point is predicted.
        """
        if not self.is_whole:
            raise RuntimeError("a sweep is predicted whole before it runs")
        return SweepRun(self)


def settled(grid: Grid, points: Sequence[int], device: str) -> Chosen:
    """Where a sweep is computed; `auto` measures the first group of either, a run at a time."""
    if device != "auto":
        return Chosen(device)
    seconds = {}
    for name in ("cpu", "gpu"):
        part = Part(grid, points, name)
        group = [part.studies[i].early() for i in part.groups[0]]
        took = seconds_a_step(side_by_side(group, name))
        seconds[name] = took / sum(len(start.setup.tasks) for start in group)
    return faster(seconds)
