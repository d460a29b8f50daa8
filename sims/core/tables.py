"""Datasets of many points of a sweep, stacked: a table has the point in front of every variable.

A group of points becomes a table as soon as it is judged, and a file is made of all tables at the
end, variable by variable, so that no more than one group need be in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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


def common(tables: Iterable[Table]) -> tuple[dict[str, Column], Mapping[str, xr.Variable], dict]:
    """Columns and attributes that all tables share, and the coordinates of the first."""
    columns: dict[str, Column] | None = None
    coords: Mapping[str, xr.Variable] = {}
    attrs: dict[str, Any] = {}
    for table in tables:
        if columns is None:
            columns, coords, attrs = dict(table.columns), table.coords, dict(table.attrs)
            continue
        attrs = {k: v for k, v in attrs.items() if table.attrs.get(k) == v}
        columns = {
            n: c._replace(dtype=np.result_type(c.dtype, table.columns[n].dtype))
            for n, c in columns.items()
            if n in table.columns and table.columns[n].shape == c.shape
        }
    return columns or {}, coords, attrs


def _room(_: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    return np.empty(shape, dtype)


def gridded(
    tables: Callable[[], Iterable[Table]], grid: Grid, seeds: np.ndarray, allocate: Allocate = _room
) -> xr.Dataset:
    """All points as one Dataset with the axes in front; NaN where a point is not there yet.

    `tables` is asked twice. A category of a point that is not there is the last, as verdicts are
    `not judged`.
    """
    columns, coords, attrs = common(tables())
    there = sum(len(table.points) for table in tables())
    found: dict[str, np.ndarray] = {}
    for name, column in columns.items():
        fill, dtype = _blank(column)
        whole = there == grid.points
        room = allocate(name, (grid.points, *column.shape), column.dtype if whole else dtype)
        if not whole:
            room[:] = fill
        found[name] = room
    for table in tables():
        for name, room in found.items():
            room[table.points] = table.values(name)
    variables = {
        name: ((*grid.axes, *columns[name].dims), room.reshape(*grid.shape, *columns[name].shape),
               dict(columns[name].attrs))
        for name, room in found.items()
    }  # fmt: skip
    kept = {d for v in variables.values() for d in v[0]}
    labels = {n: c for n, c in coords.items() if set(c.dims) <= kept}
    made = xr.Dataset(variables, coords={**labels, **grid.axes, "seed": seeds})
    return made.assign_attrs(attrs)


def _blank(column: Column) -> tuple[Any, np.dtype]:
    """What stands for a point that is not there, and a type that has it."""
    if "flag_values" in column.attrs:
        return np.asarray(column.attrs["flag_values"])[-1], column.dtype
    if column.dtype.kind in "fcO":
        return np.nan, column.dtype
    return np.nan, np.result_type(column.dtype, np.float64)


__all__ = ["Allocate", "Column", "Table", "common", "gridded"]
