"""A sweep as a page shows it: points stand where a run has its records.

Over one knob a point is a row once it and all before it are trained and judged. Over two, points
are rows in the order in which they finish, and every measured number has a map that fills.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from app.figures import skill, views
from app.figures.panels import View
from app.live.server.columns import Columns, Source
from app.live.server.recipe import Recipe
from app.live.server.setting import Setting, bytes_of, predicted_bytes
from app.live.server.streamed import StreamedRun
from app.share import permalink
from app.wording import number, trimmed
from sims.core.baseline import PREFIX
from sims.core.claims import SEVERITY, of_the_whole, tolerance_of, worst
from sims.core.devices import chosen_device
from sims.core.experiment import Claim, Experiment
from sims.core.knobs import knobs_of
from sims.core.prediction import digest, of_seed
from sims.core.setup import Setup
from sims.core.study import Judged, Prepared
from sims.core.sweep import Sweep

if TYPE_CHECKING:
    from app.live.server.forecast import Drawing

MAP = "_map"
"""Ending of the name of a measured number on the grid of two knobs."""


class SweptSetting(Setting):
    """A sweep over one knob or two, with what a page says of it."""

    def __init__(self, experiment: Experiment, recipe: Recipe, values: Mapping[str, Any]) -> None:
        """Nothing is checked or computed yet."""
        super().__init__(experiment, recipe, values)
        self.knobs = tuple(recipe.over or {})
        self._sweep: Sweep | None = None
        self._known: xr.Dataset | None = None
        self._hash = ""

    @property
    def sweep(self) -> Sweep:
        """The grid of settings."""
        if self._sweep is None:
            raise RuntimeError("this sweep is not prepared")
        return self._sweep

    @property
    def is_prepared(self) -> bool:
        """Whether every point is prepared."""
        return self._sweep is not None

    @property
    def setup(self) -> Setup:
        """That of the first point."""
        return self.sweep.setups[0]

    @property
    def is_grid(self) -> bool:
        """Whether it goes over two knobs."""
        return len(self.knobs) > 1

    @property
    def count(self) -> int:
        """Points of the sweep."""
        return len(self.sweep.studies)

    @property
    def points(self) -> np.ndarray:
        """What the rows are counted in: the values of the swept knob, or numbers."""
        if self.is_grid:
            return np.arange(1, self.count + 1)
        return self.sweep.axes[self.knobs[0]]

    def prepare(self) -> None:
        """Check the knobs and prepare every point."""
        recipe = self.recipe
        self.device = chosen_device(recipe.device).replace("auto", "gpu")  # measuring takes a while
        self.device_words = self.device
        self._sweep = Sweep(
            self.experiment,
            self.values,
            recipe.over or {},
            seed=recipe.seed,
            seeds=recipe.seeds,
            device=self.device,
        )

    def predict(self, seconds: float) -> None:  # noqa: ARG002
        """Predict one more point; all together are hashed."""
        whole = self.sweep.predict_next()
        found = self.sweep.prediction().assign_attrs(complete=int(whole), progress=self.progress)
        if whole:
            self._hash = digest(found)
        self._known = found

    @property
    def prediction(self) -> xr.Dataset | None:
        """What is predicted of the points so far."""
        return self._known

    @property
    def progress(self) -> float:
        """Share of the points that are predicted."""
        return len(self.sweep.starts) / self.count if self.is_prepared else 0.0

    @property
    def is_whole(self) -> bool:
        """Whether every point is predicted, and all are hashed."""
        return bool(self._hash)

    @property
    def hash(self) -> str:
        """SHA-256 of what is predicted of all points, or ''."""
        return self._hash

    def start(self, *, early: bool = False) -> Prepared:  # noqa: ARG002
        """What its file shows before the run: the first point with what is predicted of all."""
        at = self.sweep.predicted_at
        return Prepared(self.setup, self._known, self._hash, at if self._hash else "")

    def look_ahead(self) -> None:
        """Assumptions and tolerances of the worst point, and those of the whole."""
        listed, tolerances = zip(*(start.before() for start in self.sweep.starts), strict=True)
        self.assumptions = worst(list(listed))
        found = {c.name: _largest(tolerances, c.name) for c in self.experiment.claims}
        for claim in self.sweep.whole_claims if self.is_whole else ():
            slices = [of_seed(self.known, i) for i in range(len(self.sweep.seeds))]
            found[claim.name] = max(tolerance_of(claim, self.setup.params, one) for one in slices)
        self.tolerances = found
        if self.is_whole:
            self._look_for_tests()

    def _look_for_tests(self) -> None:
        """Which claims are no test at any point, or as a whole, and which at some points only."""
        words = {c.name: c.baseline.words for c in self.experiment.claims if c.baseline}
        never, some = {}, {}
        for name, points in self.sweep.untested_points().items():
            if points == self.count:
                never[name] = (
                    f"a guess without theory would land too, at every point: {words[name]}."
                )
            else:
                some[name] = (
                    f"no test at {points} of {self.count} points, where a guess without theory "
                    f"would land too: {words[name]}."
                )
        self.not_tests, self.partly_no_tests = never | self.sweep.not_tests(), some

    def asked(self) -> list[Claim]:
        """The claims of its points, and those of the whole."""
        return [*super().asked(), *self.sweep.whole_claims]

    def begin(self, drawn: Drawing, *, early: bool = False) -> SweptRun:  # noqa: ARG002
        """Its training, which needs the whole prediction."""
        return SweptRun(self, drawn)

    @property
    def may_warm(self) -> bool:
        """Every point is predicted."""
        return self.is_whole

    def warm(self) -> None:
        """Build the programs of every group of points."""
        self.sweep.run().compile()

    def price(self, steps: int) -> float | None:  # noqa: ARG002
        """Unknown: a sweep is charged the time it takes."""
        return None

    def cost(self) -> dict[str, Any]:
        """Steps of one run and the number of runs."""
        if not self.is_prepared:
            return {}
        steps = max(s.schedule.steps for s in self.sweep.setups)
        runs = self.count * len(self.sweep.seeds)
        return {"steps": steps, "runs": runs, "seconds": None, "memory": None}

    def figures(self) -> View:
        """The panels against the swept knob, or maps over both."""
        claims = [c for c in super().asked() if self._is_guessed(c)]
        return views.sweep_view(self.experiment, self.known, self.knobs, self.tolerances, claims)

    def _is_guessed(self, claim: Claim) -> bool:
        """Whether a claim has a guess at some point at least."""
        return any(f"{PREFIX}{claim.name}" in known for known in self.sweep.predictions)

    def links(self) -> list[str]:
        """The query of every cell's own run, in the order of the grid; none for one knob."""
        if not self.is_grid:
            return []
        first, many = int(self.sweep.seeds[0]), len(self.sweep.seeds)
        return [permalink(s.params, first, many) + "&view=run" for s in self.sweep.setups]

    def warnings(self) -> list[str]:
        """None: each point may have its own."""
        return []

    def clock(self) -> dict[str, Any]:
        """The swept knob, or the number of points, takes the place of time."""
        at = {"end_time": float(self.points[-1]), "end_step": self.count, "step_word": "point"}
        if self.is_grid:
            return at | {"scale": "linear", "time_word": ""}
        knob = knobs_of(self.experiment.Params)[self.knobs[0]]
        scale = knob.scale if (self.points > 0).all() else "linear"
        first = {"first_time": float(self.points[0])} if scale == "log" else {}
        return at | first | {"scale": scale, "time_word": knob.label.lower()}

    @property
    def row_dims(self) -> tuple[str, ...]:
        """The swept knobs."""
        return self.knobs

    @property
    def total_rows(self) -> int:
        """Points of the sweep."""
        return self.count if self.is_prepared else 0

    @property
    def nbytes(self) -> int:
        """Memory of the tasks and predictions of all points."""
        if self._sweep is None:
            return 0
        predicted = sum(predicted_bytes(p) for p in self.sweep.predictions)
        return predicted + sum(bytes_of(setup) for setup in self.sweep.setups)


class SweptRun(StreamedRun):
    """The training of a sweep, its points as rows."""

    def __init__(self, setting: SweptSetting, drawn: Drawing) -> None:
        """Nothing is trained yet."""
        self.setting, self.drawn, self.device = setting, drawn, setting.device
        self.start = setting.start()
        self.training = setting.sweep.run()
        numbers = np.arange(1, setting.count + 1)
        maps = np.arange(setting.count) if setting.is_grid else np.zeros(0, int)
        self.columns = Columns(drawn.tags, numbers, setting.points, maps)
        self.judged: Judged | None = None
        self._grid = setting

    @property
    def total_rows(self) -> int:
        """Points of the sweep."""
        return self._grid.count

    @property
    def steps_done(self) -> int:
        """Thousandths of the sweep: its own steps are not counted."""
        return int(1000 * self.training.progress)

    @property
    def done(self) -> bool:
        """All points are trained and judged."""
        return self.training.done

    @property
    def stopped_at(self) -> int | None:
        """None: a point that diverges does not stop the others."""
        return None

    def advance(self, seconds: float, *, one_record: bool = False) -> float | None:  # noqa: ARG002
        """Train for about that long."""
        self.training.advance(seconds)
        if self._order():
            self.columns.fill(self.source())
        return None

    def source(self) -> Source:
        """What the finished points measured, as (seed, point, ...), and the maps they fill."""
        order, grid = self._order(), self._grid
        found = [self.training.result(i).seen for i in order]
        arrays = {
            str(name): np.stack([f[name].values for f in found], axis=1)
            for name, variable in found[0].data_vars.items()
            if variable.dims[:1] == ("seed",) and not {"record", "snapshot"} & set(variable.dims)
        }
        told = [skill.judged(claims) for i in order if (claims := self._claims(i)) is not None]
        for name in told[0] if len(told) == len(order) else ():
            arrays[name] = np.stack([one[name] for one in told], axis=1)
        rows = len(order)
        if grid.is_grid:
            maps = {f"{n}{MAP}": self._map(v, order) for n, v in arrays.items() if v.ndim == 2}
            return Source(arrays, maps, rows, rows, grid.known, self.drawn.derived)
        seeds = len(found[0].seed)
        arrays[grid.knobs[0]] = np.tile(grid.points[:rows].astype(float), (seeds, 1))
        return Source(arrays, {}, rows, 0, grid.known, self.drawn.derived)

    def _claims(self, i: int) -> xr.Dataset | None:
        return self.training.result(i).claims

    def _map(self, values: np.ndarray, order: Sequence[int]) -> np.ndarray:
        """(seed, row) as (seed, row, first knob, second knob): each row adds one cell."""
        made = np.full((values.shape[0], len(order), self.total_rows), np.nan)
        for row, cell in enumerate(order):
            made[:, row:, cell] = values[:, row, None]
        return made.reshape(*made.shape[:2], *self._grid.sweep.shape)

    def _order(self) -> list[int]:
        """The points that are rows, in the order of the rows."""
        finished = self.training.finished
        if self._grid.is_grid:
            return list(finished)
        in_order = zip(itertools.count(), sorted(finished), strict=False)
        return [i for i, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], in_order)]

    def judge(self) -> None:
        """The worst point of every claim, and the claims of the whole."""
        judged = [self._claims(i) for i in range(self.total_rows)]
        points = [claims for claims in judged if claims is not None]
        rows = [self._worst(claim.name, points) for claim in self._grid.experiment.claims]
        alone = [row.drop_dims("assumption", errors="ignore") for row in rows]
        whole = self.training.tree()["claims"].to_dataset()
        if "sweep_claim" in whole.dims:
            alone.append(of_the_whole(whole).drop_vars(self._grid.knobs, errors="ignore"))
        if alone:
            claims = xr.concat(alone, "claim", coords="minimal", compat="override")
            self.judged = Judged(xr.Dataset(), claims)

    @property
    def seen(self) -> xr.Dataset | None:
        """None: what the points showed is in the sweep's own file."""
        return None

    def _worst(self, claim: str, judged: Sequence[xr.Dataset]) -> xr.Dataset:
        rows = [j.sel(claim=[claim]) for j in judged]
        ranks = [_rank(row) for row in rows]
        i = max(range(len(rows)), key=lambda i: ranks[i])
        sweep = self._grid.sweep
        place = np.unravel_index(i, sweep.shape)
        at = ", ".join(
            f"{name} = {trimmed(number(float(sweep.axes[name][k])))}"
            for name, k in zip(self._grid.knobs, place, strict=True)
        )
        where = str(rows[i]["where"].item())
        both = np.array([f"{at}, {where}" if where else at], object)
        return rows[i].assign(where=("claim", both))

    def tree(self) -> xr.DataTree:
        """The sweep's file; before it is done, one with the prediction alone."""
        return self.training.tree() if self.done else self.start.tree(device=self.device)

    @property
    def nbytes(self) -> int:
        """Memory of its columns and of what the points measured."""
        found = [self.training.result(i).seen.nbytes for i in self.training.finished]
        return self.columns.nbytes + sum(found)


def _largest(tolerances: Sequence[Mapping[str, float]], claim: str) -> float:
    known = [t[claim] for t in tolerances if not np.isnan(t[claim])]
    return max(known, default=float("nan"))


def _rank(row: xr.Dataset) -> tuple[int, float]:
    """How bad a judged claim is: its verdict first, then its error over its tolerance."""
    verdict = str(row.verdict.item())
    severity = len(SEVERITY) - SEVERITY.index(verdict) if verdict in SEVERITY else 0
    errors, tolerance = row.error.values, float(row.tolerance.item())
    worst_error = float(np.nanmax(errors)) if np.isfinite(errors).any() else 0.0
    return severity, worst_error / tolerance if tolerance > 0 else worst_error


def settings_of(experiment: Experiment, recipe: Recipe) -> tuple[Setting, ...]:
    """What a recipe asks for: one setting, two that are compared, or a sweep."""
    if recipe.over is not None:
        return (SweptSetting(experiment, recipe, recipe.values),)
    asked = [recipe.values, recipe.compare]
    return tuple(Setting(experiment, recipe, values) for values in asked if values is not None)
