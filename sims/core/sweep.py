"""One experiment over one or two knobs and seeds: the points, and what is predicted of each.

`sims.core.sweep_run` trains them.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from sims.core import archive
from sims.core.baseline import of_a_sweep
from sims.core.choosing import Chosen, faster, seconds_a_step
from sims.core.claims import not_tests, tolerance_of, untested, worst
from sims.core.experiment import Assumption, Experiment, SweepClaim
from sims.core.grouping import grouped
from sims.core.knobs import axis, knobs_of, with_knobs
from sims.core.prediction import of_seed
from sims.core.setup import Setup, given
from sims.core.study import Prepared, Study, side_by_side
from sims.core.sweep_run import SweepRun

MOST_POINTS = 4096


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
        self.experiment, self.preset = experiment, preset or ""
        self.axes = _axes(experiment, over)
        self.base = given(experiment, values, preset)
        self.shape = tuple(len(v) for v in self.axes.values())
        count = int(np.prod(self.shape)) * seeds
        if count > MOST_POINTS:
            raise ValueError(f"This sweep has {count} runs: give at most {MOST_POINTS}.")
        setups = [
            _without_snapshots(Study(experiment, self._values(point), seed=seed, seeds=seeds).setup)
            for point in itertools.product(*self.axes.values())
        ]
        self.seeds = setups[0].seeds
        self.settled = self._settled(device, setups)
        self.device = self.settled.name
        self.groups = grouped(setups, self.device)
        self.studies = tuple(Study.of(setup) for setup in setups)
        self.starts: list[Prepared] = []
        self._whole: xr.Dataset | None = None
        self.predicted_at = ""

    def _values(self, point: tuple) -> dict[str, Any]:
        chosen = dict(zip(self.axes, (v.item() for v in point), strict=True))
        params = with_knobs(self.base, chosen, where=self.experiment.name)
        return {f.name: getattr(params, f.name) for f in dataclasses.fields(params)}

    @property
    def setups(self) -> list[Setup]:
        """The setup of every point; with its intervention once that is predicted."""
        known = [start.setup for start in self.starts]
        return [*known, *(study.setup for study in self.studies[len(known) :])]

    def _settled(self, device: str, setups: list[Setup]) -> Chosen:
        """Where it is computed; `auto` measures the first group of either, a run at a time."""
        if device != "auto":
            return Chosen(device)
        seconds = {}
        for name in ("cpu", "gpu"):
            own = list(setups)
            group = [Study.of(own[i]).early() for i in grouped(own, name)[0]]
            took = seconds_a_step(side_by_side(group, name))
            seconds[name] = took / sum(len(start.setup.tasks) for start in group)
        return faster(seconds)

    @property
    def whole_claims(self) -> list[SweepClaim]:
        """What is claimed of a sweep over these axes as a whole."""
        return [c for c in self.experiment.sweep_claims if c.applies(self.axes)]

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
            worst([self._assumed(start, seed) for start in self.starts])
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

    def _assumed(self, start: Prepared, seed: int) -> list[Assumption]:
        assert start.prediction is not None
        found = of_seed(start.prediction, seed)
        return self.experiment.evaluate_assumptions(
            start.setup.params, start.setup.tasks[seed], found
        )

    def prediction(self) -> xr.Dataset:
        """Predicted quantities of the points predicted so far, with the sweep's axes in front.

        Attributes that all points share stay. Once it is whole, the guesses of its own claims too.
        """
        return self._grid() if self._whole is None else self._whole

    def _grid(self) -> xr.Dataset:
        parts = [_coarse(p) for p in self.predictions]
        shared = [k for k, v in parts[0].attrs.items() if all(p.attrs.get(k) == v for p in parts)]
        return self.gridded(parts).assign_attrs({k: parts[0].attrs[k] for k in shared})

    def gridded(self, parts: Sequence[xr.Dataset]) -> xr.Dataset:
        """All points as one with the axes in front; what differs in shape is left out."""
        blank = [None] * (len(self.studies) - len(parts))
        names = [
            n for n in parts[0].data_vars
            if all(n in p and p[n].shape == parts[0][n].shape for p in parts)
        ]  # fmt: skip
        variables = {}
        for n in names:
            values = [p[n].values for p in parts]
            values += [np.full(values[0].shape, np.nan) for _ in blank]
            grid = np.stack(values).reshape(*self.shape, *values[0].shape)
            variables[n] = ((*self.axes, *parts[0][n].dims), grid, dict(parts[0][n].attrs))
        kept = {d for v in variables.values() for d in v[0]}
        coords = {n: c for n, c in parts[0].coords.items() if set(c.dims) <= kept}
        return xr.Dataset(variables, coords={**coords, **self.axes, "seed": self.seeds})

    # Training

    def run(self) -> SweepRun:
        """Its training, before the first step.

        Raises:
            RuntimeError: not every point is predicted.
        """
        if not self.is_whole:
            raise RuntimeError("a sweep is predicted whole before it runs")
        return SweepRun(self)


def _axes(experiment: Experiment, over: Mapping[str, Any]) -> dict[str, np.ndarray]:
    if not 1 <= len(over) <= 2:
        raise ValueError(f"A sweep goes over one or two knobs; {len(over)} were given.")
    known = knobs_of(experiment.Params)
    for name in over:
        if name not in known:
            with_knobs(experiment.Params(), {name: None}, where=experiment.name)
    return {name: axis(known[name], text) for name, text in over.items()}


def _without_snapshots(setup: Setup) -> Setup:
    bare = dataclasses.replace(setup.schedule, snapshot_records=np.zeros(0, np.int64))
    return dataclasses.replace(setup, schedule=bare)


def _coarse(prediction: xr.Dataset) -> xr.Dataset:
    return prediction.drop_dims(["record", "snapshot"], errors="ignore")
