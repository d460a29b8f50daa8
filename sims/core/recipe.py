"""What another process needs to compute points of a sweep: names and numbers, no code objects."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sims.core import archive, own_data
from sims.core.experiment import Experiment
from sims.core.grid import Grid
from sims.core.knobs import plain
from sims.core.registry import find, registry
from sims.core.setup import own_of


@dataclass(frozen=True)
class Recipe:
    """A grid and a device, as plain data; `source` is the text of a plug-in's file, or ''.

    `own` are the X and y of data of one's own that the knobs name, if they do.
    """

    experiment: str
    source: str
    knobs: Mapping[str, Any]
    axes: Mapping[str, np.ndarray]
    preset: str
    seed: int
    seeds: int
    device: str
    versions: Mapping[str, str]
    own: tuple[np.ndarray, np.ndarray] | None

    @classmethod
    def of(cls, grid: Grid, device: str) -> Recipe:
        """The same of a grid.

        Raises:
            ValueError: its experiment was made in Python, and is nowhere else.
        """
        origin = registry.origin(grid.experiment)
        if origin.kind == "python":
            raise ValueError(
                f"{grid.experiment.name} was made in Python, where other processes do not find it: "
                "write it into a file, and name that."
            )
        own = own_of(grid.base)
        return cls(
            grid.experiment.name,
            origin.source if origin.kind == "file" else "",
            plain(grid.base),
            dict(grid.axes),
            grid.preset,
            grid.seed,
            grid.seeds,
            device,
            archive.versions(),
            None if own is None else (own.X, own.y),
        )

    def grid(self) -> Grid:
        """The grid in this process.

        Raises:
            ValueError: what is installed here is not what the sweep was begun with; one sentence.
        """
        here = archive.versions()
        differ = [name for name, version in self.versions.items() if here.get(name) != version]
        if differ:
            listed = ", ".join(
                f"{name} {here.get(name)} in place of {self.versions[name]}" for name in differ
            )
            raise ValueError(f"A worker of the cluster has {listed}: install the same everywhere.")
        if self.own is not None:
            own_data.keep(*self.own)
        found = self._experiment()
        base = found.Params(**self.knobs)
        return Grid(found, base, self.axes, self.preset, self.seed, self.seeds)

    def _experiment(self) -> Experiment:
        if not self.source:
            return find(self.experiment)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "experiment.py")
            file.write_text(self.source, "utf-8")
            return find(f"{file}::{self.experiment}")


__all__ = ["Recipe"]
