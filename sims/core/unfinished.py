"""What is done of a sweep, on the disk from the moment it is judged until the file is written.

A folder beside the file, `sweep.nc.parts`: the settings, and a file for every block. Each is
written whole or not at all, so that whatever ends the process, what is there can be gone on from.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from sims.core import files
from sims.core.experiment import Assumption
from sims.core.part import Block
from sims.core.tables import Column, Table

SETTINGS = "settings.json"
BLOCK = re.compile(r"(\d+)-(\d+)-of-(\d+)\.npz")
MAPPED_BYTES = 2**24
"""Variables of all points beyond which they are put together on the disk, not in memory."""


class Place(NamedTuple):
    """Which block it is: the group of a part, and how many groups that part has."""

    part: int
    group: int
    groups: int


class InMemory:
    """Blocks of a sweep that is written nowhere."""

    def __init__(self) -> None:
        """None are there yet."""
        self._blocks: dict[Place, Block] = {}

    def places(self) -> list[Place]:
        """Those that are there, in order."""
        return sorted(self._blocks)

    def keep(self, place: Place, block: Block) -> None:
        """Take one more."""
        self._blocks[place] = block

    def blocks(self) -> Iterator[Block]:
        """All of them, in order."""
        return (self._blocks[place] for place in self.places())


class OnDisk:
    """Blocks of a sweep in a folder; one thread keeps, in one process."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        """What is there of these settings; the folder is made if there is none.

        Raises:
            ValueError: it was begun with other settings; one sentence.
        """
        self.folder = folder
        self.is_mapped = False
        said = folder / SETTINGS
        if said.is_file():
            _check(folder, json.loads(said.read_text("utf-8")), json.loads(json.dumps(settings)))
        else:
            folder.mkdir(exist_ok=True)
            files.write(said, json.dumps(settings).encode())
        self._places = {p for p in map(_place, folder.iterdir()) if p and self._opens(p)}

    def _opens(self, place: Place) -> bool:
        """Whether that block can be read; a damaged one is computed again."""
        try:
            with zipfile.ZipFile(self._path(place)) as stored:
                return stored.testzip() is None
        except (OSError, zipfile.BadZipFile):
            return False

    def places(self) -> list[Place]:
        """Those that are there, in order."""
        return sorted(self._places)

    def keep(self, place: Place, block: Block) -> None:
        """Write one more; once this returns, it is there whatever happens."""
        files.write(self._path(place), packed(block))
        self._places.add(place)

    def blocks(self) -> Iterator[Block]:
        """All of them, in order; their numbers are read as they are asked for."""
        return (self._block(place) for place in self.places())

    def room(self, group: str, name: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """Room for a variable of all points: in memory, or if it is large on the disk."""
        size = int(np.prod(shape)) * dtype.itemsize
        if size <= MAPPED_BYTES or dtype.kind == "O":
            return np.empty(shape, dtype)
        self.is_mapped = True
        return np.memmap(self.folder / f"{group}.{name}.whole", dtype, "w+", shape=shape)

    def remove(self) -> None:
        """All is in the file now."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, place: Place) -> Path:
        part, group, groups = place
        return self.folder / f"{part:06d}-{group:04d}-of-{groups:04d}.npz"

    def _block(self, place: Place) -> Block:
        return unpacked(self._path(place).read_bytes())


def folder_of(out: Path) -> Path:
    """Where the parts of that file are kept while it is unfinished."""
    return out.with_name(f"{out.name}.parts")


def begun_on(out: Path) -> str:
    """The device on which the parts of that file were begun; '' if there are none."""
    said = folder_of(out) / SETTINGS
    return json.loads(said.read_text("utf-8"))["device"] if said.is_file() else ""


def _check(folder: Path, there: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    differ = [name for name in asked if there.get(name) != asked[name]]
    if differ:
        raise ValueError(
            f"{folder} was begun with other settings ({', '.join(differ)}): give those, "
            "or another file."
        )


def _place(path: Path) -> Place | None:
    found = BLOCK.fullmatch(path.name)
    return None if found is None else Place(*map(int, found.groups()))


# A block as a file


def packed(block: Block) -> bytes:
    """A .npz of arrays alone, with a head of JSON: no pickles, so that none is ever loaded."""
    arrays: dict[str, np.ndarray] = {}
    tables = {}
    for group, table in block.tables.items():
        arrays[f"{group}//points"] = table.points
        for name in table.columns:
            arrays[f"{group}/{name}"] = table.values(name)
        coords = {}
        for name, variable in table.coords.items():
            values = variable.values
            words = values.dtype.kind == "O"
            arrays[f"{group}//{name}"] = values.astype(str) if words else values
            coords[name] = [list(variable.dims), _plain(variable.attrs), words]
        columns = {
            n: [list(c.dims), list(c.shape), c.dtype.str, _plain(c.attrs)]
            for n, c in table.columns.items()
        }
        tables[group] = {"columns": columns, "coords": coords, "attrs": _plain(table.attrs)}
    head = {
        "tables": tables,
        "assumed": [[[p, vars(a)] for p, a in seed] for seed in block.assumed],
        "sha256": block.sha256,
        "predicted_at": block.predicted_at,
    }
    made = io.BytesIO()
    np.savez(made, head=np.array(json.dumps(head, default=_number)), allow_pickle=False, **arrays)
    return made.getvalue()


def unpacked(content: bytes) -> Block:
    """The block of such a file; its numbers are read as they are asked for."""
    stored: Any = np.load(io.BytesIO(content), allow_pickle=False)
    head = json.loads(str(stored["head"]))
    tables = {}
    for group, said in head["tables"].items():
        tables[group] = Table(
            stored[f"{group}//points"],
            {n: _column(*c) for n, c in said["columns"].items()},
            {n: _coord(stored[f"{group}//{n}"], *c) for n, c in said["coords"].items()},
            _typed(said["attrs"]),
            lambda name, group=group: stored[f"{group}/{name}"],
        )
    assumed = [[(int(p), Assumption(**a)) for p, a in seed] for seed in head["assumed"]]
    return Block(tables, assumed, head["sha256"], head["predicted_at"])


def _column(dims: list[str], shape: list[int], dtype: str, attrs: dict[str, Any]) -> Column:
    return Column(tuple(dims), tuple(shape), np.dtype(dtype), _typed(attrs))


def _coord(values: np.ndarray, dims: list[str], attrs: dict[str, Any], words: bool) -> xr.Variable:
    return xr.Variable(dims, values.astype(object) if words else values, _typed(attrs))


def _number(value: Any) -> Any:
    """NumPy's numbers among assumptions; whatever else is no part of a block."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _plain(attrs: Mapping[Any, Any]) -> dict[str, Any]:
    """Attributes for JSON; those of NumPy with their type, which a file keeps."""
    return {
        str(k): {"type": a.dtype.str, "is": a.tolist()} if isinstance(a, np.generic | np.ndarray)
        else a
        for k, a in attrs.items()
    }  # fmt: skip


def _typed(attrs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        k: np.asarray(a["is"], a["type"])[()] if isinstance(a, dict) else a
        for k, a in attrs.items()
    }  # fmt: skip


__all__ = ["InMemory", "OnDisk", "Place", "begun_on", "folder_of", "packed", "unpacked"]
