"""Datasets of many points of a sweep, stacked: a table has the point in front of every variable.

A group of points becomes a table as soon as it is judged, and a file is made of all tables at the
end, variable by variable, so that no more than one group need be in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from sims.core.grid import Grid

Allocate = Callable[[str, tuple[int, ...], np.dtype], np.ndarray]
"""(name, shape, dtype) -> room for a variable of all points."""


class Column(NamedTuple):
    """A variable of each point: dims and shape without the point."""

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype
    attrs: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """What some points have in common, and the numbers of each.

    `values(name)` is (point, ...), as `points` (flat indices into the grid) are ordered. A variable
    whose shape is not the same at all of them is left out.
    """

    points: np.ndarray
    columns: Mapping[str, Column]
    coords: Mapping[str, xr.Variable]
    attrs: Mapping[str, Any]
    values: Callable[[str], np.ndarray]

    @classmethod
    def of(cls, points: Sequence[int] | np.ndarray, parts: Sequence[xr.Dataset]) -> Table:
        """The same of a Dataset for each point; dims, coordinates and order are the first's."""
        first, every = parts[0], [p.variables for p in parts]
        names = [
            str(n) for n in first.data_vars
            if all(n in p and p[n].shape == first[n].shape for p in every)
        ]  # fmt: skip
        stacked = {n: np.stack([p[n].values for p in every]) for n in names}
        columns = {}
        for n in names:
            one = every[0][n]
            columns[n] = Column(tuple(map(str, one.dims)), one.shape, stacked[n].dtype, one.attrs)
        shared = {k: v for k, v in first.attrs.items() if all(p.attrs.get(k) == v for p in parts)}
        coords = {str(n): c.variable for n, c in first.coords.items()}
        return cls(np.asarray(points), columns, coords, shared, stacked.__getitem__)


def _room(_: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    return np.empty(shape, dtype)


class Gathered:
    """Tables of all points of a grid on their way into one Dataset: each is shown, then filled in.

    Columns are those that all tables share, with shapes alike; so are attributes. Dims, coordinates
    and order are those of the first.
    """

    def __init__(self) -> None:
        """Nothing is there yet."""
        self.columns: dict[str, Column] = {}
        self.coords: Mapping[str, xr.Variable] = {}
        self.attrs: dict[str, Any] = {}
        self.points = 0
        self.rooms: dict[str, np.ndarray] = {}

    def show(self, table: Table) -> None:
        """One more table; its numbers are not read."""
        if not self.points:
            self.columns, self.coords = dict(table.columns), table.coords
            self.attrs = dict(table.attrs)
        self.attrs = {k: v for k, v in self.attrs.items() if table.attrs.get(k) == v}
        self.columns = {
            n: c._replace(dtype=np.result_type(c.dtype, table.columns[n].dtype))
            for n, c in self.columns.items()
            if n in table.columns and table.columns[n].shape == c.shape
        }
        self.points += len(table.points)

    def make_room(self, points: int, allocate: Allocate = _room) -> None:
        """Room for so many points; NaN where no table was shown.

        A category of a point that is not there is the last, as verdicts are `not judged`.
        """
        for name, column in self.columns.items():
            fill, dtype = _blank(column)
            whole = self.points == points
            room = allocate(name, (points, *column.shape), column.dtype if whole else dtype)
            if not whole:
                room[:] = fill
            self.rooms[name] = room

    def fill(self, table: Table) -> None:
        """The numbers of a table that was shown."""
        for name, room in self.rooms.items():
            room[table.points] = table.values(name)

    def dataset(self, grid: Grid, seeds: np.ndarray) -> xr.Dataset:
        """All points as one, with the axes in front."""
        variables = {
            name: ((*grid.axes, *self.columns[name].dims),
                   room.reshape(*grid.shape, *self.columns[name].shape),
                   dict(self.columns[name].attrs))
            for name, room in self.rooms.items()
        }  # fmt: skip
        kept = {d for v in variables.values() for d in v[0]}
        labels = {n: c for n, c in self.coords.items() if set(c.dims) <= kept}
        made = xr.Dataset(variables, coords={**labels, **grid.axes, "seed": seeds})
        return made.assign_attrs(self.attrs)


def gridded(table: Table, grid: Grid, seeds: np.ndarray) -> xr.Dataset:
    """One table as a Dataset with the axes in front; NaN where a point is not there yet."""
    found = Gathered()
    found.show(table)
    found.make_room(grid.points)
    found.fill(table)
    return found.dataset(grid, seeds)


def _blank(column: Column) -> tuple[Any, np.dtype]:
    """What stands for a point that is not there, and a type that has it."""
    if "flag_values" in column.attrs:
        return np.asarray(column.attrs["flag_values"])[-1], column.dtype
    if column.dtype.kind in "fcO":
        return np.nan, column.dtype
    return np.nan, np.result_type(column.dtype, np.float64)


__all__ = ["Allocate", "Column", "Gathered", "Table", "gridded"]
