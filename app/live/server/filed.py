"""Runs that are in files: read, and shown as if they had just been made here.

`lmx open RUN.nc` names them before the server starts; nothing that a browser sends does.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import numpy as np
import xarray as xr

from app import addresses, share
from app.live.server.columns import Columns, Source
from app.live.server.forecast import Drawing, Forecast
from app.live.server.recipe import Recipe
from app.live.server.setting import Setting
from app.live.server.streamed import StreamedRun
from sims.core import archive, saved
from sims.core.knobs import plain
from sims.core.schedule import Schedule
from sims.core.setup import Setup
from sims.core.study import Judged, Prepared

if TYPE_CHECKING:
    from app.live.server.job import Job
    from sims.core.experiment import Experiment

PATIENCE = 20.0
"""Seconds that a page waits for a run that is there already to be drawn."""


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


@dataclass(frozen=True)
class Filed:
    """A run in a file: what is in it, and the recipe that a page with its link asks for."""

    name: str
    experiment: Experiment
    tree: xr.DataTree
    recipe: Recipe


class FiledRuns:
    """The runs in files that this process shows, by their settings.

    One thread adds them, before anything is served; from then on any may ask.
    """

    def __init__(self) -> None:
        """None yet."""
        self._known: dict[str, Filed] = {}

    def add(self, filed: Filed) -> None:
        """Show this one where its settings are asked for, whatever the device."""
        self._known[_settings(filed.recipe)] = filed

    def instead_of(self, recipe: Recipe, current: Job | None) -> Recipe:
        """The recipe of the run in a file with these settings, if there is one.

        Who has the job `current` of these very settings has trained them here, and keeps it.
        """
        if current is not None and current.recipe.key == recipe.key:
            return recipe
        found = self._known.get(_settings(recipe))
        return recipe if found is None else dataclasses.replace(recipe, filed=found.name)

    def forecast(
        self, recipe: Recipe, experiment: Experiment, told: Callable[[Forecast], None]
    ) -> Forecast:
        """What is foreseen of a recipe: computed here, or as the file has it."""
        made = Forecast(recipe, experiment, told)
        found = self._known.get(_settings(recipe)) if recipe.filed else None
        if found is not None:
            made.settings = (FiledSetting(experiment, recipe, found.tree, found.name),)
            made.is_warm = True
        return made


def _settings(recipe: Recipe) -> str:
    return dataclasses.replace(recipe, device="", filed="").key


runs = FiledRuns()
"""Those of this process."""


def show(path: Path) -> str:
    """Have the page of the run in a .nc file show it; its address, with all knobs.

    Raises:
        ValueError: it holds no finished run of an experiment that is here; one sentence.
    """
    tree = saved.read(path)
    experiment = experiment_of(path, tree)
    try:
        seed, seeds = int(tree.attrs["seed"]), int(tree.attrs["seeds"])
        there = FiledSetting(experiment, Recipe(experiment.name, {}, seed, seeds), tree)
        there.prepare()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        why = str(error) if isinstance(error, ValueError) else "a part of it is missing."
        raise ValueError(f"The run in {path} cannot be shown: {why}") from error
    query = share.permalink(there.setup.params, seed, seeds)
    asked, _ = share.read_whole(experiment, dict(parse_qsl(query.removeprefix("?"))))
    values = {**plain(experiment.Params()), **asked}
    runs.add(Filed(path.name, experiment, tree, Recipe(experiment.name, values, seed, seeds)))
    alone = "&view=run" if experiment.over is not None else ""
    return addresses.of(experiment.name) + query + alone


class FiledSetting(Setting):
    """A setting whose data and prediction are those of a file."""

    def __init__(
        self, experiment: Experiment, recipe: Recipe, tree: xr.DataTree, name: str = ""
    ) -> None:
        """Nothing is prepared yet; `name` is that of the file, where its page is to say it."""
        super().__init__(experiment, recipe, archive.params_of(tree))
        self.tree, self.name = tree, name
        self.device = self.device_words = str(tree.attrs["device"])
        self._foreseen = tree["prediction"].to_dataset()
        self._setup: Setup | None = None

    def prepare(self) -> None:
        """Check the knobs; data, weights and schedule are the file's."""
        super().prepare()
        drawn = super().setup
        tasks = tuple(archive.task_of(self.tree, drawn.tasks))
        schedule = _schedule(self.tree)
        self._setup = dataclasses.replace(drawn, tasks=tasks, schedule=schedule)

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

    @property
    def place(self) -> str:
        """Its columns are filled by whoever is there."""
        return "cpu"

    @property
    def jax(self) -> str:
        """As the file says it."""
        return json.loads(self.tree.attrs["versions"])["jax"]

    def warnings(self) -> list[str]:
        """Those of its settings, and where it is from."""
        at = str(self.tree.attrs["created_at"])[:10]
        said = f"From a file. {self.name} of {at}; Reset, then Run, trains these settings here."
        return [*([said] if self.name else []), *super().warnings()]

    def begin(self, drawn: Drawing, *, early: bool = False) -> FiledRun:
        """The run in the file; it is over."""
        del early
        return FiledRun(self, drawn)


def _schedule(tree: xr.DataTree) -> Schedule:
    task = tree["task"].to_dataset()
    steps, shots = (task[name].values for name in ("record_steps", "snapshot_records"))
    return Schedule(steps, shots, float(task.attrs["time_per_step"]))


class FiledRun(StreamedRun):
    """A run read from a file: its columns are filled at once, its verdicts are there."""

    def __init__(self, setting: FiledSetting, drawn: Drawing) -> None:
        """Fill the columns."""
        self.setting, self.start, self.drawn = setting, setting.start(), drawn
        self.device, self._tree = setting.device, setting.tree
        self._is_over = False
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
    def done(self) -> bool:
        """Whether a worker has taken note that it is over."""
        return self._is_over

    @property
    def steps_done(self) -> int:
        """Training steps that were computed for it."""
        return int(self._seen["step"][-1]) if self._seen.sizes.get("record") else 0

    def advance(self, seconds: float, *, one_record: bool = False) -> float:
        """Nothing is to be trained; it is over."""
        del seconds, one_record
        self._is_over = True
        return 0.0

    def judge(self) -> None:
        """It is judged."""

    @property
    def nbytes(self) -> int:
        """Memory of its records and columns."""
        return self._seen.nbytes + self.columns.nbytes

    @property
    def stopped_at(self) -> int | None:
        """Step at which the loss left the finite range, if it did."""
        found = [int(n) for name, n in self._seen.attrs.items() if name.startswith("stopped_")]
        return min(found, default=None)

    def tree(self) -> xr.DataTree:
        """The file itself."""
        return self._tree
