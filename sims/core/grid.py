"""The points of a sweep: which there are, without any of them prepared."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sims.core.experiment import Experiment, SweepClaim
from sims.core.knobs import axis, knobs_of, plain, with_knobs
from sims.core.setup import Setup, given
from sims.core.study import Study

MOST_WHOLE = 4096
"""Runs of a sweep that is one part: it is prepared, and on a page predicted, as a whole."""
MOST_RUNS = 1_000_000
PART_RUNS = {"cpu": 512, "gpu": 4096}
"""Runs of a part of a larger sweep, by device: so much of it is prepared at once."""


@dataclass(frozen=True)
class Grid:
    """One experiment over one or two knobs and seeds; points are counted in C order of the axes.

    Attributes:
        base: params before the axes' values are put in, autos still open.
        axes: the values of each knob.
        seed: the first seed; `seeds` of them from there on at every point.
    """

    experiment: Experiment
    base: Any
    axes: Mapping[str, np.ndarray]
    preset: str
    seed: int
    seeds: int

    @classmethod
    def of(
        cls,
        experiment: Experiment,
        values: Mapping[str, Any],
        over: Mapping[str, Any],
        *,
        preset: str | None = None,
        seed: int | None = None,
        seeds: int = 1,
        most: int = MOST_RUNS,
    ) -> Grid:
        """Check the axes; no point is prepared.

        Raises:
            ValueError: no axis, more than two, an unknown or list-valued knob, or more than `most`
                runs.
        """
        axes = _axes(experiment, over)
        base = given(experiment, values, preset)
        first = experiment.default_seed if seed is None else seed
        made = cls(experiment, base, axes, preset or "", first, seeds)
        if made.runs > most:
            raise ValueError(f"This sweep has {made.runs} runs: give at most {most}.")
        return made

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return tuple(len(values) for values in self.axes.values())

    @property
    def points(self) -> int:
        """How many there are."""
        return int(np.prod(self.shape))

    @property
    def runs(self) -> int:
        """Runs of all points and seeds."""
        return self.points * self.seeds

    @property
    def whole_claims(self) -> list[SweepClaim]:
        """What is claimed of a sweep over these axes as a whole."""
        return [c for c in self.experiment.sweep_claims if c.applies(self.axes)]

    def setup(self, i: int) -> Setup:
        """The i-th point, prepared; a sweep keeps records and no snapshots.

        Raises:
            ValueError: these values are refused together; one sentence.
        """
        at = np.unravel_index(i, self.shape)
        chosen = {n: v[k].item() for (n, v), k in zip(self.axes.items(), at, strict=True)}
        params = with_knobs(self.base, chosen, where=self.experiment.name)
        study = Study(self.experiment, plain(params), seed=self.seed, seeds=self.seeds)
        bare = dataclasses.replace(study.setup.schedule, snapshot_records=np.zeros(0, np.int64))
        return dataclasses.replace(study.setup, schedule=bare)

    def parts(self, device: str) -> list[range]:
        """The points of each part, neighbours; of a sweep that a page could show there is one.

        They follow from grid and device alone, so that a sweep has the same groups, and with them
        the same numbers to the last bit, whoever computes it and however often it is resumed.
        """
        if self.runs <= MOST_WHOLE:
            return [range(self.points)]
        size = max(1, PART_RUNS[device] // self.seeds)
        return [range(a, min(a + size, self.points)) for a in range(0, self.points, size)]

    def corners(self) -> Iterator[int]:
        """The points at the ends of the axes: where settings are refused, it is mostly there."""
        ends = ({0, n - 1} for n in self.shape)
        yield from sorted(
            int(np.ravel_multi_index(p, self.shape)) for p in itertools.product(*ends)
        )


def _axes(experiment: Experiment, over: Mapping[str, Any]) -> dict[str, np.ndarray]:
    if not 1 <= len(over) <= 2:
        raise ValueError(f"A sweep goes over one or two knobs; {len(over)} were given.")
    known = knobs_of(experiment.Params)
    for name in over:
        if name not in known:
            with_knobs(experiment.Params(), {name: None}, where=experiment.name)
    return {name: axis(known[name], text) for name, text in over.items()}


__all__ = ["MOST_RUNS", "MOST_WHOLE", "Grid"]
