"""Predictions of all seeds as one Dataset, partial while they grow, hashed when whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import xarray as xr

from sims.core.arithmetic import theory_arithmetic
from sims.core.declared import check_numbers, dataset_of, parts_of
from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.core.setup import Setup


def schedule_coords(schedule: Schedule) -> dict[str, Any]:
    """Coordinates of everything that lives on a schedule."""
    return {
        "step": ("record", np.asarray(schedule.record_steps, np.int64)),
        "time": ("record", schedule.record_times),
        "snapshot_step": ("snapshot", np.asarray(schedule.snapshot_steps, np.int64)),
        "snapshot_time": ("snapshot", schedule.snapshot_times),
    }


Further: TypeAlias = Callable[[Setup, Task, xr.Dataset], Mapping[str, xr.Variable]]
"""(setup, task, what is predicted of one seed) -> what belongs to the whole prediction besides."""


def predictions(setup: Setup, further: Further | None = None) -> Iterator[xr.Dataset | float]:
    """Growing predictions of all seeds; the last one has attribute `complete` = 1.

    A number is the share that is done, where there is nothing new to show yet. Always computed on
    the CPU in float64, so that the hash does not depend on the device. What is predicted `further`
    is in the last one.
    """
    experiment, seeds = setup.experiment, len(setup.tasks)
    whole: list[xr.Dataset] = []
    for i, task in enumerate(setup.tasks):
        predict = (experiment.predict_further if i else None) or experiment.predict
        with theory_arithmetic():
            made = predict(setup.params, task, setup.schedule)
            parts = parts_of(experiment, made)
        latest = None
        while True:
            with theory_arithmetic():
                part = next(parts, None)
            if part is None:
                break
            if isinstance(part, (int, float)):
                yield (i + part) / seeds
                continue
            if latest is not None and not whole:
                yield _finished(setup, [latest], (i + _progress(latest)) / seeds, complete=False)
            latest = dataset_of(experiment, part, setup.schedule)
        if latest is None:
            raise ValueError(f"{experiment.name} predicted nothing.")
        check_numbers(experiment, latest)
        whole.append(latest)
        if i + 1 < seeds and i % 8 == 7:
            yield _finished(setup, whole, (i + 1) / seeds, complete=False)
    with theory_arithmetic():
        pairs = zip(setup.tasks, whole, strict=True)
        more = [further(setup, task, part) for task, part in pairs] if further is not None else []
    yield _finished(setup, whole, 1.0, complete=True, more=more)


def prediction(setup: Setup) -> xr.Dataset:
    """The whole prediction."""
    *_, last = predictions(setup)
    assert isinstance(last, xr.Dataset)
    return last


def intervened(setup: Setup, prediction: xr.Dataset) -> Setup:
    """The setup with its experiment's intervention, if any, written into the tasks.

    Needs the whole prediction: without one the run is left alone.
    """
    intervene = setup.experiment.intervene
    if intervene is None or not prediction.attrs.get("complete"):
        return setup
    tasks = tuple(
        intervene(setup.params, task, of_seed(prediction, i)) for i, task in enumerate(setup.tasks)
    )
    return replace(setup, tasks=tasks)


def _progress(part: xr.Dataset) -> float:
    return float(part.attrs.get("progress", 0.0))


def _finished(
    setup: Setup,
    parts: Sequence[xr.Dataset],
    progress: float,
    *,
    complete: bool,
    more: Sequence[Mapping[str, xr.Variable]] = (),
) -> xr.Dataset:
    """The Dataset of all seeds so far, on the run's schedule, labelled."""
    variables, coords = stack(parts)
    variables |= stacked(more)
    for name, variable in variables.items():
        seen = setup.experiment.observables.get(name)
        if seen is not None:
            variable.attrs = {"long_name": seen.label, "units": seen.unit, **variable.attrs}
    coords |= schedule_coords(setup.schedule) | {"seed": setup.seeds[: len(parts)]}
    attrs = {**parts[0].attrs, "complete": int(complete), "progress": progress}
    return xr.Dataset(variables, coords=coords, attrs=attrs)


def stack(parts: Sequence[xr.Dataset]) -> tuple[dict[str, xr.Variable], dict[str, Any]]:
    """Variables and coordinates of all seeds; see `stacked`."""
    names = {str(n) for part in parts for n in part.coords}
    variables = stacked(
        [{str(n): v for n, v in p.variables.items() if n not in names} for p in parts]
    )
    coords: dict[str, Any] = {}
    for part in parts:
        for name, c in part.coords.items():
            if str(name) not in coords or c.size > coords[str(name)].size:
                coords[str(name)] = c.variable
    return variables, coords


def stacked(columns: Sequence[Mapping[str, xr.Variable]]) -> dict[str, xr.Variable]:
    """Variables of each seed as those of all: `shared` ones once, the others with a seed axis.

    A variable only some seeds have is NaN for the rest; where a dimension has its own length in
    each seed (the jumps of a drawn regression), the shorter ones end in NaN, or False.
    """
    variables: dict[str, xr.Variable] = {}
    for name in dict.fromkeys(name for column in columns for name in column):
        found = [column[name] for column in columns if name in column]
        first = found[0]
        if first.attrs.get("shared"):
            variables[name] = first.copy(deep=False)
            continue
        shape = tuple(map(max, *(v.shape for v in found))) if len(found) > 1 else first.shape
        blank = np.full(shape, np.nan)
        values = [
            _padded(column[name].values, shape) if name in column else blank for column in columns
        ]
        attrs = {k: a for k, a in first.attrs.items() if all(v.attrs.get(k) == a for v in found)}
        variables[name] = xr.Variable(("seed", *first.dims), np.stack(values), attrs)
    return variables


def _padded(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The same values in the corner of a larger array of NaN (False or 0 where there is no NaN)."""
    if values.shape == shape:
        return values
    wide = np.full(shape, np.nan if values.dtype.kind == "f" else 0, values.dtype)
    wide[tuple(slice(n) for n in values.shape)] = values
    return wide


def of_seed(data: xr.Dataset, i: int) -> xr.Dataset:
    """The part of a stacked Dataset that belongs to the i-th seed, without the seed axis."""
    return data.isel(seed=i, drop=True) if "seed" in data.dims else data


def digest(prediction: xr.Dataset) -> str:
    """SHA-256 of a prediction's data variables: names, dims, types, shapes, bytes.

    The same settings give the same digest with the same versions (a file names them) on the same
    kind of processor; elsewhere the last bits of linear algebra differ, and `alike` compares.
    """
    sha = hashlib.sha256()
    for name in sorted(str(n) for n in prediction.data_vars):
        variable = prediction[name].variable
        values = np.asarray(variable.values)
        values = values.astype(values.dtype.newbyteorder("<"), copy=False)
        shape = ",".join(str(n) for n in values.shape)
        head = f"{name}|{','.join(map(str, variable.dims))}|{values.dtype.str}|{shape}\n"
        sha.update(head.encode())
        sha.update(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)  # no copy
    return sha.hexdigest()


ALIKE = 1e-9
"""Share of a variable's largest number by which its numbers may differ and count as the same."""


def alike(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Whether two predictions hold the same numbers but for rounding.

    Every number to 1e-9 of the largest in its variable; what is not finite, and what is no
    decimal number, exactly. A digit more is not to be had: where a loss has fallen by ten decades,
    the rounding of its start is left. An orbit in chaos blows up rounding, and is not alike.
    """
    names = set(one.data_vars)
    return names == set(other.data_vars) and all(_alike(one[n], other[n]) for n in names)


def _alike(one: xr.DataArray, other: xr.DataArray) -> bool:
    if one.dims != other.dims or one.shape != other.shape:
        return False
    a, b = np.asarray(one.values), np.asarray(other.values)
    if a.dtype.kind != "f" or b.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return False
    allowed = ALIKE * np.max(np.abs(a), where=finite, initial=0.0)
    with np.errstate(over="ignore"):
        return bool(np.all(np.abs(a[finite] - b[finite]) <= allowed))
