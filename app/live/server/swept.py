"""A sweep as a page shows it: points stand where a run has its records.

Over one knob a point is a row once it and all before it are trained and judged. Over two, points
are rows in the order in which they finish, and every measured number has a map that fills.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures import views
from app.figures.panels import View
from app.live.server import columns, tags
from app.live.server.setting import Recipe, Side
from app.share import permalink
from app.wording import number, trimmed
from sims.core import archive
from sims.core.claims import SEVERITY, before, tolerance_of, worst
from sims.core.experiment import Claim, Experiment
from sims.core.knobs import knobs_of
from sims.core.prediction import of_seed
from sims.core.simulation import chosen_device
from sims.core.sweep import Sweep

MAP = "_map"
"""Ending of the name of a measured number on the grid of two knobs."""


class SweptSide(Side):
    """A sweep over one knob or two, with the stages of a single run."""

    def __init__(self, experiment: Experiment, recipe: Recipe, values: Mapping[str, Any]) -> None:
        """Nothing is checked or computed yet."""
        super().__init__(experiment, recipe, values)
        self.knobs = tuple(recipe.over or {})
        self._sweep: Sweep | None = None

    def again(self) -> Side:
        """The same sweep from the beginning."""
        return SweptSide(self.experiment, self.recipe, self.values)

    @property
    def sweep(self) -> Sweep:
        """The grid of settings."""
        if self._sweep is None:
            raise RuntimeError("this sweep is not prepared")
        return self._sweep

    @property
    def is_grid(self) -> bool:
        """Whether it goes over two knobs."""
        return len(self.knobs) > 1

    @property
    def count(self) -> int:
        """Points of the sweep."""
        return len(self.sweep.setups)

    @property
    def points(self) -> np.ndarray:
        """What the rows are counted in: the values of the swept knob, or numbers."""
        if self.is_grid:
            return np.arange(1, self.count + 1)
        return self.sweep.axes[self.knobs[0]]

    def prepare(self) -> None:
        """Check the knobs and prepare every point."""
        recipe = self.recipe
        self.device = chosen_device(recipe.device).replace("auto", "gpu")
        self._sweep = Sweep(
            self.experiment,
            self.values,
            recipe.over or {},
            seed=recipe.seed,
            seeds=recipe.seeds,
            device=self.device,
        )
        self._setup = self._sweep.setups[0]

    def predict(self) -> None:
        """Predict one more point; all together are hashed."""
        whole = self.sweep.predict_next()
        done = len(self.sweep.predictions) / self.count
        found = self.sweep.prediction().assign_attrs(complete=int(whole), progress=done)
        self.progress = done
        if whole:
            self._completed(found, self.sweep.predicted_at)
        self._prediction = found

    def foresee(self) -> None:
        """Assumptions and tolerances of the worst point, and those of the whole."""
        known = zip(self.sweep.setups, self.sweep.predictions, strict=False)
        listed, tolerances = zip(*(before(s, p) for s, p in known), strict=True)
        self.assumptions = worst(list(listed))
        self.tolerances = {c.name: _largest(tolerances, c.name) for c in self.experiment.claims}
        for claim in self.sweep.whole_claims if self.complete else ():
            slices = [of_seed(self.prediction, i) for i in range(len(self.sweep.seeds))]
            found = [tolerance_of(claim, self.sweep.setups[0].params, one) for one in slices]
            self.tolerances[claim.name] = max(found)

    def asked(self) -> list[Claim]:
        """The claims of its points, and those of the whole."""
        return [*super().asked(), *self.sweep.whole_claims]

    @property
    def may_compile(self) -> bool:
        """Every point is predicted and nothing is trained yet."""
        return self.run is None and self.complete

    def compile(self) -> None:
        """Build the programs of every group of points."""
        self.sweep.compile()
        self.run = self.sweep

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
        name = self.experiment.name
        return views.sweep_view(name, self.prediction, self.knobs, self.tolerances)

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
        return at | {"scale": scale, "time_word": knob.label.lower()}

    def _new_columns(self, tags: list[tags.Tag]) -> columns.Columns:
        numbers = np.arange(1, self.count + 1)
        maps = np.arange(self.count) if self.is_grid else np.zeros(0, int)
        return columns.Columns(tags, numbers, self.points, maps)

    def source(self) -> columns.Source:
        """What the finished points measured, as (seed, point, ...), and the maps they fill."""
        order = self._order()
        found = [self.sweep.result(i)[0] for i in order]
        arrays = {
            str(name): np.stack([f[name].values for f in found], axis=1)
            for name, variable in found[0].data_vars.items()
            if variable.dims[:1] == ("seed",) and not {"record", "snapshot"} & set(variable.dims)
        }
        if self.is_grid:
            maps = {f"{n}{MAP}": self._map(v, order) for n, v in arrays.items() if v.ndim == 2}
            rows = len(order)
            return columns.Source(arrays, maps, rows, rows, self.prediction, self.derived)
        seeds = len(found[0].seed)
        arrays[self.knobs[0]] = np.tile(self.points[: self.rows].astype(float), (seeds, 1))
        return columns.Source(arrays, {}, self.rows, 0, self.prediction, self.derived)

    def _map(self, values: np.ndarray, order: Sequence[int]) -> np.ndarray:
        """(seed, row) as (seed, row, first knob, second knob): each row adds one cell."""
        made = np.full((values.shape[0], len(order), self.count), np.nan)
        for row, cell in enumerate(order):
            made[:, row:, cell] = values[:, row, None]
        return made.reshape(*made.shape[:2], *self.sweep.shape)

    @property
    def row_dims(self) -> tuple[str, ...]:
        """The swept knobs."""
        return self.knobs

    def _order(self) -> list[int]:
        """The points that are rows, in the order of the rows."""
        finished = self.sweep.finished()
        if self.is_grid:
            return finished
        in_order = zip(itertools.count(), sorted(finished), strict=False)
        return [i for i, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], in_order)]

    @property
    def rows(self) -> int:
        """Points finished; over one knob, counted from the first one on."""
        return len(self._order()) if self._sweep is not None else 0

    @property
    def total_rows(self) -> int:
        """Points of the sweep."""
        return self.count if self._sweep is not None else 0

    @property
    def steps_done(self) -> int:
        """Thousandths of the sweep: its own steps are not counted."""
        return int(1000 * self._sweep.progress) if self._sweep is not None else 0

    @property
    def stopped_at(self) -> int | None:
        """None: a point that diverges does not stop the others."""
        return None

    def advance(self, seconds: float, one_record: bool = False) -> None:  # noqa: ARG002
        """Train for about that long."""
        self.promised = True
        self.sweep.advance(seconds)
        self.fill()

    def judge(self) -> None:
        """The worst point of every claim, and the claims of the whole."""
        judged = [self.sweep.result(i)[1] for i in range(self.count)]
        rows = [self._worst(claim.name, judged) for claim in self.experiment.claims]
        alone = [row.drop_dims("assumption", errors="ignore") for row in rows]
        whole = self.sweep.tree()["claims"].to_dataset()
        if "sweep_claim" in whole.dims:
            names = {n: str(n).removeprefix("sweep_") for n in whole.data_vars if "sweep" in str(n)}
            found = whole[list(names)].rename({**names, "sweep_claim": "claim"})
            alone.append(found.drop_vars(self.knobs, errors="ignore"))
        if alone:
            self.claims = xr.concat(alone, "claim", coords="minimal", compat="override")

    def _worst(self, claim: str, judged: Sequence[xr.Dataset]) -> xr.Dataset:
        rows = [j.sel(claim=[claim]) for j in judged]
        ranks = [_rank(row) for row in rows]
        i = max(range(len(rows)), key=lambda i: ranks[i])
        place = np.unravel_index(i, self.sweep.shape)
        at = ", ".join(
            f"{name} = {trimmed(number(float(self.sweep.axes[name][k])))}"
            for name, k in zip(self.knobs, place, strict=True)
        )
        where = str(rows[i]["where"].item())
        both = np.array([f"{at}, {where}" if where else at], object)
        return rows[i].assign(where=("claim", both))

    def tree(self) -> xr.DataTree:
        """The sweep's file; before it is done, one with the prediction alone."""
        if self.sweep.done:
            return self.sweep.tree()
        return archive.tree(self.setup, self.prediction, device=self.device)


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


def sides_of(experiment: Experiment, recipe: Recipe) -> list[Side]:
    """What a recipe asks for: one setting, two that are compared, or a sweep."""
    if recipe.over is not None:
        return [SweptSide(experiment, recipe, recipe.values)]
    settings = [recipe.values, recipe.compare]
    return [Side(experiment, recipe, values) for values in settings if values is not None]
