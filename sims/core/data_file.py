"""Data of one's own in a file: .npz with the arrays X and y, or .csv with y in a column.

X is (sample, feature), y (sample,). In a table y is the column headed `y`, else the last one; a
first line that is not all numbers is its heads. Nothing in a file is ever run.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sims.core.own_data import MOST_SAMPLES, OwnData, keep

SUFFIXES = (".npz", ".csv")
MOST_MEGABYTES = 20
MOST_UNPACKED = 4 * MOST_MEGABYTES * 10**6
"""Bytes of the arrays of an archive, which may be packed tightly."""
MOST_QUOTED = 20


def read(path: str | Path) -> OwnData:
    """The data in a file, checked.

    Raises:
        ValueError: there is no such file, or nothing can be learned from it; one sentence.
    """
    path = Path(path)
    _check_name(path.name)
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    _check_size(path.name, path.stat().st_size)
    return parsed(path.name, path.read_bytes())


def parsed(name: str, content: bytes) -> OwnData:
    """The data in what a file of that name holds; as `read`."""
    _check_name(name)
    _check_size(name, len(content))
    of_a_kind = _of_archive if name.lower().endswith(".npz") else _of_table
    X, y = of_a_kind(name, content)
    try:
        return keep(X, y)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _check_name(name: str) -> None:
    if not name.lower().endswith(SUFFIXES):
        raise ValueError(f"{name} is no file of data: give a name ending in .npz or .csv.")


def _check_size(name: str, nbytes: int) -> None:
    if nbytes > MOST_MEGABYTES * 10**6:
        raise ValueError(
            f"{name} has {nbytes / 1e6:.0f} MB: give at most {MOST_MEGABYTES} MB, and "
            f"{MOST_SAMPLES} samples."
        )
    if not nbytes:
        raise ValueError(f"{name} is empty: give at least a few samples.")


def _of_archive(name: str, content: bytes) -> tuple[np.ndarray, np.ndarray]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
        if unpacked > MOST_UNPACKED:
            raise ValueError(
                f"{name} unpacks to {unpacked / 1e6:.0f} MB: give at most "
                f"{MOST_UNPACKED // 10**6} MB."
            )
        arrays = np.load(io.BytesIO(content), allow_pickle=False)
    except (zipfile.BadZipFile, OSError):
        raise ValueError(f"{name} is no archive that numpy.savez has written.") from None
    with arrays:
        if not {"X", "y"} <= set(arrays.files):
            found = ", ".join(arrays.files[:5]) or "none"
            raise ValueError(f"{name} has the arrays {found}: name them X and y.")
        try:
            return arrays["X"], arrays["y"]
        except (ValueError, zipfile.BadZipFile, EOFError, OSError):
            raise ValueError(
                f"{name} holds Python objects or is damaged: give arrays of numbers; objects are "
                "never loaded."
            ) from None


def _of_table(name: str, content: bytes) -> tuple[np.ndarray, np.ndarray]:
    try:
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows = [row for row in lines if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error):
        raise ValueError(f"{name} is no text with commas between its cells.") from None
    if not rows:
        raise ValueError(f"{name} is empty: give at least a few samples.")
    heads = [] if all(map(_is_number, rows[0])) else [cell.strip() for cell in rows[0]]
    table = rows[1:] if heads else rows
    width = len(rows[0])
    if width < 2:
        raise ValueError(f"{name} has one column: give features and y, with commas between them.")
    ragged = next((i for i, row in enumerate(rows) if len(row) != width), None)
    if ragged is not None:
        raise ValueError(
            f"{name} has {len(rows[ragged])} cells in row {ragged + 1} and {width} in the first: "
            "give every row the same."
        )
    at = [head.lower() for head in heads].index("y") if "y" in map(str.lower, heads) else width - 1
    numbers = _numbers(name, table, first=2 if heads else 1)
    return np.delete(numbers, at, axis=1), numbers[:, at]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers(name: str, table: Sequence[Sequence[str]], first: int) -> np.ndarray:
    if not table:
        raise ValueError(f"{name} has heads and no row beneath them: give at least a few samples.")
    try:
        return np.array(table, np.float64)
    except ValueError:
        for i, row in enumerate(table):
            for j, cell in enumerate(row):
                if not _is_number(cell):
                    said = repr(cell[:MOST_QUOTED]) if cell.strip() else "empty"
                    raise ValueError(
                        f"{name} is {said} in row {i + first}, column {j + 1}: give numbers alone."
                    ) from None
        raise
