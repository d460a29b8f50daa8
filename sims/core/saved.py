"""A run, a sweep or a prediction in a file, read back."""

from __future__ import annotations

from pathlib import Path

from sims.core import archive
from sims.core.result import Result

NEEDED = {"experiment", "params", "seed", "seeds", "prediction_sha256", "predicted_at"}
"""Attributes of every file of a run."""
UNREADABLE = (OSError, ValueError, TypeError, KeyError, RuntimeError)


def read(path: str | Path) -> Result:
    """What `out=`, `lmx run --out` or a page has written as .nc, whole, into memory.

    Raises:
        ValueError: there is no such file, or none of a run; one sentence.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    if path.suffix.lower() != ".nc":
        raise ValueError(f"{path} is no .nc file: give one that lmx or a page has written.")
    try:
        tree = archive.read(path)
    except UNREADABLE:
        raise ValueError(f"{path} cannot be read as NetCDF.") from None
    if not (set(tree.attrs) >= NEEDED and "prediction" in tree.children):
        raise ValueError(f"{path} holds no run: give a .nc file that lmx or a page has written.")
    return tree


__all__ = ["read"]
