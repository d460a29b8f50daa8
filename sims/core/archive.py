"""The file of a run: one tree with the groups task, prediction, run (or sweep) and claims."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from sims.core import files, own_data
from sims.core.experiment import Experiment, Task
from sims.core.knobs import plain
from sims.core.prediction import digest
from sims.core.registry import registry
from sims.core.result import Result
from sims.core.setup import Setup

FORMAT = 2
LARGE = 2**28
"""Bytes of a tree beyond which its file is written without a copy in memory."""
PACKAGES = ("jax", "jaxlib", "numpy", "scipy", "xarray")
SUFFIXES = (".nc", ".json", ".csv")
OWN = ("own_X", "own_y")
"""Data of one's own as they were given, in the group `task`; theory and run read `X` and `y`."""


def versions() -> dict[str, str]:
    """Versions of what computed the numbers."""
    import platform

    found = {"python": platform.python_version()}
    for package in ("learning-mechanics-explorer", *PACKAGES):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def now() -> str:
    """UTC time, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def task_group(setup: Setup) -> xr.Dataset:
    """All that is needed to recompute run and prediction; a seed axis only on what differs.

    What the experiment says to be drawn again is left out, and named in the attribute `redrawn`.
    """
    variables = {}
    several = len(setup.tasks) > 1
    left_out = [name for name in setup.tasks[0] if name.startswith(setup.experiment.redrawn)]
    for name in (name for name in setup.tasks[0] if name not in left_out):
        values = [np.asarray(t[name]) for t in setup.tasks]
        dims = tuple(f"{name}_{i}" for i in range(values[0].ndim))
        if several and not all(np.array_equal(values[0], v) for v in values[1:]):
            variables[name] = (("seed", *dims), np.stack(values))
        else:
            variables[name] = (dims, values[0])
    schedule = setup.schedule
    variables["record_steps"] = ("record", np.asarray(schedule.record_steps, np.int64))
    variables["snapshot_records"] = ("snapshot", np.asarray(schedule.snapshot_records, np.int64))
    return xr.Dataset(
        variables,
        coords={"seed": setup.seeds},
        attrs={"time_per_step": float(schedule.time_per_step)}
        | ({"redrawn": " ".join(left_out)} if left_out else {}),
    )


def own_group(own: own_data.OwnData | None) -> xr.Dataset:
    """Data of one's own as they were given, for the group `task`; empty if there are none."""
    if own is None:
        return xr.Dataset()
    dims = ("own_sample", "own_feature")
    return xr.Dataset({"own_X": (dims, own.X), "own_y": (dims[:1], own.y)})


def task_of(tree: xr.DataTree, drawn: Sequence[Task] = ()) -> list[Task]:
    """The tasks of a file, one for each seed; what it leaves out is that of those `drawn` anew."""
    data = tree["task"].to_dataset()
    names = [n for n in data.data_vars if n not in ("record_steps", "snapshot_records", *OWN)]
    left_out = str(data.attrs.get("redrawn", "")).split()
    tasks = []
    for i in range(data.sizes["seed"]):
        tasks.append(
            {
                str(n): (data[n].isel(seed=i) if "seed" in data[n].dims else data[n]).values
                for n in names
            }
            | ({n: drawn[i][n] for n in left_out} if drawn else {})
        )
    return tasks


def root_attributes(
    experiment: Experiment,
    params: Any,
    seeds: np.ndarray,
    *,
    preset: str,
    device: str,
    prediction: xr.Dataset,
    predicted_at: str,
) -> dict[str, Any]:
    """The attributes of every file: strings and numbers only."""
    return {
        "experiment": experiment.name,
        "preset": preset,
        "params": json.dumps(plain(params)),
        "seed": int(seeds[0]),
        "seeds": len(seeds),
        "dtype": experiment.dtype(params),
        "device": device,
        "versions": json.dumps(versions()),
        "prediction_sha256": digest(prediction),
        "predicted_at": predicted_at,
        "created_at": now(),
        "format": FORMAT,
        **registry.origin(experiment).attributes,
    }


def tree(
    setup: Setup,
    prediction: xr.Dataset,
    run: xr.Dataset | None = None,
    claims: xr.Dataset | None = None,
    *,
    device: str = "cpu",
    predicted_at: str | None = None,
) -> xr.DataTree:
    """The whole tree of one experiment; without a run it holds task and prediction."""
    groups: dict[str, xr.Dataset] = {
        "/task": task_group(setup).merge(own_group(setup.own)),
        "/prediction": prediction,
    }
    if run is not None:
        groups["/run"] = run
    if claims is not None:
        groups["/claims"] = claims
    made = Result.from_dict(groups)
    made.attrs = root_attributes(
        setup.experiment,
        setup.params,
        setup.seeds,
        preset=setup.preset,
        device=device,
        prediction=prediction,
        predicted_at=predicted_at or now(),
    )
    return made


class NotWritten(OSError):
    """What was computed could not be written where it should be; `tree` is all of it.

    `kept` is the file that holds it instead, None where none could be written anywhere.
    """

    def __init__(self, path: Path, reason: str, tree: xr.DataTree, kept: Path | None) -> None:
        """Say where it is now."""
        where = f"the result is kept as {kept}" if kept else "nor could it be kept elsewhere"
        super().__init__(f"{path} could not be written ({reason}); {where}.")
        self.path, self.reason, self.tree, self.kept = path, reason, tree, kept

    def __reduce__(self) -> tuple[Any, ...]:
        """A pool of processes hands it over whole."""
        return type(self), (self.path, self.reason, self.tree, self.kept)


def write(tree: xr.DataTree, path: str | Path) -> None:
    """Write .nc (NetCDF4), .json or .csv (the run's records), whole or not at all.

    Raises:
        ValueError: another suffix.
        NotWritten: the disk was full, or the like; a file that was there before is as it was.
    """
    path = Path(path)
    _check_kind(path)
    content = None
    try:
        if tree.nbytes > LARGE and path.suffix.lower() == ".nc" and not files.is_special(path):
            _write_large(tree, path)
            return
        content = to_bytes(tree, path.suffix.lower()[1:])
        files.write(path, content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        kept = _kept(content, path) if content is not None else None
        raise NotWritten(path, reason, tree, kept) from error


def _write_large(tree: xr.DataTree, path: Path) -> None:
    """The same file, variable by variable: no second copy of it need be in memory."""
    need = int(1.1 * tree.nbytes)
    if shutil.disk_usage(path.absolute().parent).free < need:  # HDF5 itself would end the process
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    with files.replacing(path) as beside:
        tree.to_netcdf(beside, engine="h5netcdf", encoding=_unfilled(tree))


def _kept(content: bytes, path: Path) -> Path | None:
    """The same file in the folder for temporary files, or at home, if it can be written there."""
    name = f"{path.stem}-{uuid.uuid4().hex[:8]}{path.suffix}"
    for folder in (tempfile.gettempdir(), os.path.expanduser("~")):
        try:
            files.write(Path(folder, name), content)
        except OSError:
            continue
        return Path(folder, name)
    return None


def check_path(path: str | Path, *, overwrite: bool) -> None:
    """ValueError, one sentence, unless a file of a known kind may and can be written there."""
    path = Path(path)
    _check_kind(path)
    files.check_writable(path)
    if not overwrite and files.is_replaced(path):
        raise ValueError(f"{path} is there already: give another name, or overwrite=True.")


def _check_kind(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"{path.name} is no known kind of file: give a name ending in .nc, .json or .csv."
        )


def to_bytes(tree: xr.DataTree, kind: str) -> bytes:
    """The file as bytes; kind is nc, json or csv."""
    if kind == "json":
        return json.dumps(to_json(tree), allow_nan=False).encode()
    if kind == "csv":
        return to_csv(tree).encode()
    # in memory: HDF5 itself ends the process where a disk is full
    made = tree.to_netcdf(engine="h5netcdf", encoding=_unfilled(tree))
    assert isinstance(made, memoryview)
    return made.tobytes()


def _unfilled(tree: xr.DataTree) -> dict[str, Any]:
    """Numbers are written as they are: NaN is one of them, and a hash sees every bit."""
    return {
        f"/{group.name}": {
            str(n): {"_FillValue": None}
            for n, v in group.to_dataset().variables.items()
            if v.dtype.kind == "f"
        }
        for group in tree.children.values()
    }


def opened(path: str | Path) -> xr.DataTree:
    """A .nc file, of which only what is asked for is read; it stays open until it is closed."""
    return xr.open_datatree(path, engine="h5netcdf")


def read(path: str | Path) -> Result:
    """Read a .nc file back, whole, into memory."""
    with xr.open_datatree(path, engine="h5netcdf") as opened:
        return Result.from_dict(dict(opened.load().to_dict()))


def to_json(tree: xr.DataTree) -> dict[str, Any]:
    """{attrs, groups: {name: {variable: {dims, dtype, attrs, data}}}}; NaN and inf as words."""
    groups = {}
    for name, node in tree.children.items():
        data = node.to_dataset()
        groups[name] = {
            str(n): {
                "dims": list(map(str, v.dims)),
                "dtype": str(v.dtype),
                "attrs": _plain_attrs(v.attrs),
                "data": _jsonable(v.values),
            }
            for n, v in data.variables.items()
        }
    return {"attrs": _plain_attrs(tree.attrs), "groups": groups}


def _plain_attrs(attrs: Mapping[Any, Any]) -> dict[str, Any]:
    """Attributes as Python values; those of a file read back are numpy's."""
    return {
        str(k): a.tolist() if isinstance(a, np.generic | np.ndarray) else a
        for k, a in attrs.items()
    }


def _jsonable(values: np.ndarray) -> Any:
    if values.dtype.kind != "f":
        return values.tolist()
    return _worded(values.tolist())


def _worded(values: Any) -> Any:
    if isinstance(values, list):
        return [_worded(v) for v in values]
    if np.isfinite(values):
        return values
    return "nan" if np.isnan(values) else ("inf" if values > 0 else "-inf")


def to_csv(tree: xr.DataTree) -> str:
    """One row per (seed, record), or per sweep point and seed: coordinates, then the variables.

    Of a sweep also the skill of every claim.
    """
    import io

    import pandas as pd

    if "run" in tree.children:
        data, axes = tree["run"].to_dataset(), ("seed", "record")
    elif "sweep" in tree.children:
        data = tree["sweep"].to_dataset().assign(_skills(tree))
        axes = (*tree["sweep"].attrs["axes"].split(","), "seed")
    else:
        data, axes = tree["prediction"].to_dataset(), ("record",)
        if "seed" in data.dims:
            axes = ("seed", "record")
    columns: dict[str, np.ndarray] = {}
    lengths = [data.sizes[a] for a in axes]
    for axis in axes:
        if axis in data.coords or axis != "record":
            columns[axis] = _spread(data[axis].values, (axis,), axes, lengths)
    for name in ("step", "time"):
        if name in data.coords and "record" in axes:
            columns[name] = _spread(data[name].values, ("record",), axes, lengths)
    for name, variable in data.data_vars.items():
        if not set(axes) - {"seed"} <= set(variable.dims):
            continue
        lead = tuple(a for a in axes if a in variable.dims)
        values = variable.transpose(*lead, ...).values
        rest = values.shape[len(lead) :]
        for index in np.ndindex(*rest):
            label = f"{name}[{','.join(str(i + 1) for i in index)}]" if index else str(name)
            columns[label] = _spread(values[(..., *index)], lead, axes, lengths)
    buffer = io.StringIO()
    pd.DataFrame(columns).to_csv(buffer, index=False)
    return buffer.getvalue()


def _skills(tree: xr.DataTree) -> dict[str, xr.DataArray]:
    """The skill of every claim at every point, as variables `skill_<claim>`."""
    claims = tree["claims"].to_dataset() if "claims" in tree.children else xr.Dataset()
    if "skill" not in claims:
        return {}
    skill = claims["skill"]
    return {f"skill_{n}": skill.sel(claim=n, drop=True) for n in skill["claim"].values}


def _spread(
    values: np.ndarray, dims: tuple[str, ...], axes: tuple[str, ...], lengths: list[int]
) -> np.ndarray:
    """Values on some of the axes, repeated over the others, flattened."""
    shape = [lengths[i] if a in dims else 1 for i, a in enumerate(axes)]
    return np.broadcast_to(np.asarray(values).reshape(shape), lengths).ravel()


def params_of(tree: xr.DataTree) -> Mapping[str, Any]:
    """The resolved knobs of a file; data of one's own that they name are then here.

    Raises:
        ValueError: the data in it were changed, and nothing can be learned from them.
    """
    if "task" in tree.children and set(OWN) <= set(tree["task"].data_vars):
        own_data.keep(*(tree["task"][name].values for name in OWN))
    return json.loads(tree.attrs["params"])
