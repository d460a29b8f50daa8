"""A setting and a run that are in a file, shown as if they had just been made here."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from app.live.server.columns import Columns, Source
from app.live.server.forecast import Drawing
from app.live.server.recipe import Recipe
from app.live.server.setting import Setting
from app.live.server.streamed import StreamedRun
from sims.core import archive
from sims.core.setup import Setup
from sims.core.study import Judged, Prepared

if TYPE_CHECKING:
    from sims.core.experiment import Experiment


def opened(path: Path) -> xr.DataTree:
    """What is in a .nc file; ValueError, one sentence, if nothing can be read from it."""
    if not path.exists():
        raise ValueError(f"There is no file {path}.")
    if path.suffix != ".nc":
        raise ValueError(f"{path} is no .nc file: a page is made of what lmx run --out wrote.")
    try:
        return archive.read(path)
    except (OSError, ValueError, KeyError):
        raise ValueError(f"{path} cannot be read as NetCDF.") from None


def experiment_of(path: Path, tree: xr.DataTree) -> Experiment:
    """Whose finished run is in it.

    Raises:
        ValueError: there is none, or of no experiment that is here; one sentence.
    """
    from sims import api

    if tree.attrs.get("format") != archive.FORMAT or "experiment" not in tree.attrs:
        raise ValueError(f"{path} was not written by this version of lmx.")
    if "sweep" in tree.children:
        raise ValueError(f"{path} holds a sweep: a page can be made of a run.")
    if "run" not in tree.children or "claims" not in tree.children:
        raise ValueError(f"{path} holds no finished run: write it with lmx run --out.")
    try:
        return api.experiment(tree.attrs["experiment"])
    except ValueError:
        name = tree.attrs["experiment"]
        raise ValueError(f"{path} holds a run of {name}, which is not installed here.") from None


class FiledSetting(Setting):
    """A setting whose data and prediction are those of a file."""

    def __init__(self, experiment: Experiment, recipe: Recipe, tree: xr.DataTree) -> None:
        """Nothing is prepared yet."""
        super().__init__(experiment, recipe, recipe.values)
        self.tree = tree
        self.device = self.device_words = str(tree.attrs["device"])
        self._foreseen = tree["prediction"].to_dataset()
        self._setup: Setup | None = None

    def prepare(self) -> None:
        """Check the knobs; data and weights are the file's."""
        super().prepare()
        tasks = tuple(archive.task_of(self.tree))
        self._setup = dataclasses.replace(super().setup, tasks=tasks)

    @property
    def setup(self) -> Setup:
        """What was prepared."""
        return super().setup if self._setup is None else self._setup

    def predict(self, seconds: float) -> None:
        """Nothing: it is there."""

    @property
    def prediction(self) -> xr.Dataset | None:
        """That of the file."""
        return self._foreseen

    @property
    def progress(self) -> float:
        """All of it is there."""
        return 1.0

    @property
    def is_whole(self) -> bool:
        """A file's prediction is."""
        return self.is_prepared

    @property
    def hash(self) -> str:
        """As the file says it."""
        return str(self.tree.attrs["prediction_sha256"])

    def start(self, *, early: bool = False) -> Prepared:  # noqa: ARG002
        """What the run in the file began from."""
        at = str(self.tree.attrs["predicted_at"])
        return Prepared(self.setup, self._foreseen, self.hash, at)

    def look_ahead(self) -> None:
        """Assumptions, tolerances, and what is no test."""
        start = self.start()
        self.assumptions, self.tolerances = start.before()
        self.not_tests = start.not_tests()

    @property
    def may_warm(self) -> bool:
        """Nothing is to be trained."""
        return False


class FiledRun(StreamedRun):
    """A run read from a file: its columns are filled at once, its verdicts are there."""

    def __init__(self, setting: FiledSetting, drawn: Drawing) -> None:
        """Fill the columns."""
        self.setting, self.start, self.drawn = setting, setting.start(), drawn
        self.device, self._tree = setting.device, setting.tree
        self._seen = setting.tree["run"].to_dataset()
        schedule = self.start.setup.schedule
        self.columns = Columns(
            drawn.tags, schedule.record_steps, schedule.record_times, schedule.snapshot_records
        )
        self.columns.fill(self.source())
        self.judged: Judged | None = Judged(self._seen, setting.tree["claims"].to_dataset())

    def source(self) -> Source:
        """What the file holds, as the columns read it."""
        records, snapshots = self._along("record"), self._along("snapshot")
        rows, shots = (self._seen.sizes.get(dim, 0) for dim in ("record", "snapshot"))
        return Source(records, snapshots, rows, shots, self.prediction, self.drawn.derived)

    def _along(self, dim: str) -> dict[str, np.ndarray]:
        return {
            str(name): variable.values
            for name, variable in self._seen.data_vars.items()
            if variable.dims[:2] == ("seed", dim)
        }

    @property
    def stopped_at(self) -> int | None:
        """Step at which the loss left the finite range, if it did."""
        found = [int(n) for name, n in self._seen.attrs.items() if name.startswith("stopped_")]
        return min(found, default=None)

    def tree(self) -> xr.DataTree:
        """The file itself."""
        return self._tree
