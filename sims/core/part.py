"""Points of a sweep that are prepared together, in groups that are trained together.

A group is predicted whole, and hashed, before it trains; what it came to is a `Block`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from sims.core import archive
from sims.core.claims import worst
from sims.core.experiment import Assumption
from sims.core.grid import Grid
from sims.core.grouping import grouped
from sims.core.prediction import of_seed
from sims.core.setup import Setup
from sims.core.study import Judged, Prepared, Study
from sims.core.tables import Table

CODES = ("lands", "departs", "surprise", "not judged")
GROUPS = ("task", "prediction", "sweep", "claims")
"""Groups of a sweep's file, and tables of a block."""


@dataclass(frozen=True)
class Block:
    """What some points of a sweep came to.

    Attributes:
        tables: by group of the file; `claims` is left out where nothing is claimed.
        assumed: of each seed the worst of every assumption, and at which point.
        sha256: of the SHA-256 of every point's whole prediction, in the order of the points.
        predicted_at: when the last of them was predicted; none of them had trained.
    """

    tables: Mapping[str, Table]
    assumed: Sequence[Sequence[tuple[int, Assumption]]]
    sha256: str
    predicted_at: str

    @classmethod
    def of(
        cls, points: Sequence[int], starts: Sequence[Prepared], results: Sequence[Judged]
    ) -> Block:
        """Of points whose runs are judged, in ascending order."""
        claims = [_coded(judged.claims) for judged in results if judged.claims is not None]
        parts = {
            "task": [_task(start.setup) for start in starts],
            "prediction": [coarse(_predicted(start)) for start in starts],
            "sweep": [_last(judged.seen) for judged in results],
            "claims": claims,
        }
        seeds = range(len(starts[0].setup.seeds))
        return cls(
            {name: Table.of(points, found) for name, found in parts.items() if found},
            [_worst([(p, assumed(s, i)) for p, s in zip(points, starts, strict=True)])
             for i in seeds],
            hashlib.sha256("".join(start.hash for start in starts).encode()).hexdigest(),
            max(start.predicted_at for start in starts),
        )  # fmt: skip


class Part:
    """Some neighbouring points of a grid, prepared and grouped; nothing is predicted yet.

    The same grid, points and device make the same groups, in any process.
    """

    def __init__(self, grid: Grid, points: Sequence[int], device: str) -> None:
        """Prepare every point; ValueError, one sentence, if one is refused."""
        self.grid, self.points, self.device = grid, points, device
        setups = [grid.setup(i) for i in points]
        self.groups = grouped(setups, device)
        self.studies = tuple(Study.of(setup) for setup in setups)

    def block(self, starts: Mapping[int, Prepared], results: Mapping[int, Judged], g: int) -> Block:
        """What its g-th group came to."""
        own = self.groups[g]
        points = [self.points[i] for i in own]
        return Block.of(points, [starts[i] for i in own], [results[i] for i in own])


def assumed(start: Prepared, seed: int) -> list[Assumption]:
    """The assumptions of one point and seed, of which all is predicted."""
    found = of_seed(_predicted(start), seed)
    setup = start.setup
    return setup.experiment.evaluate_assumptions(setup.params, setup.tasks[seed], found)


def worst_of(
    listed: Sequence[Sequence[Sequence[tuple[int, Assumption]]]],
) -> list[list[Assumption]]:
    """Of each seed the worst of every assumption among all points; `listed` are those of blocks."""
    return [
        [a for _, a in _worst([(p, [a]) for assumed in listed for p, a in assumed[seed]])]
        for seed in range(len(listed[0]))
    ]


def _worst(listed: Sequence[tuple[int, list[Assumption]]]) -> list[tuple[int, Assumption]]:
    """The worst of every assumption, and its point; of equals the first, as if asked in order."""
    ordered = sorted(listed, key=lambda pair: pair[0])
    where = {id(a): point for point, own in reversed(ordered) for a in own}
    return [(where[id(a)], a) for a in worst([own for _, own in ordered])]


def _predicted(start: Prepared) -> xr.Dataset:
    assert start.prediction is not None
    return start.prediction


def coarse(prediction: xr.Dataset) -> xr.Dataset:
    """What a sweep's file keeps of a point's prediction: no curves."""
    return prediction.drop_dims(["record", "snapshot"], errors="ignore")


def _task(setup: Setup) -> xr.Dataset:
    return coarse(archive.task_group(setup)).drop_attrs(deep=False)


def _last(run: xr.Dataset) -> xr.Dataset:
    """Scalars at the last record, and measured counterparts."""
    kept = {}
    for name, variable in run.data_vars.items():
        if variable.dims == ("seed", "record"):
            kept[name] = variable.isel(record=-1, drop=True)
        elif not {"record", "snapshot"} & set(variable.dims):
            kept[name] = variable
    return xr.Dataset(kept).reset_coords(drop=True)


def _coded(claims: xr.Dataset) -> xr.Dataset:
    """Verdict (int8 with flag_meanings), error, tolerance and skill of one point."""
    codes = np.array([CODES.index(v) for v in claims["verdict"].values], np.int8)
    meanings = {
        "flag_values": list(range(len(CODES))),
        "flag_meanings": " ".join(c.replace(" ", "_") for c in CODES),
    }
    return xr.Dataset(
        {
            "verdict": ("claim", codes, meanings),
            "error": claims["error"],
            "tolerance": claims["tolerance"],
            "skill": claims["skill"],
        }
    )


__all__ = ["CODES", "GROUPS", "Block", "Part", "assumed", "coarse", "worst_of"]
