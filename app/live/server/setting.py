"""What a job computes: one setting of an experiment.

Prepare, predict in parts, compile, advance in slices, judge.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from app import share
from app.figures import views
from app.figures.panels import View
from app.live.server import columns, tags
from sims.core import archive
from sims.core.claims import before, judge
from sims.core.experiment import Assumption, Claim, Experiment
from sims.core.knobs import knobs_of
from sims.core.prediction import digest, intervened, of_seed, predictions
from sims.core.setup import Setup, prepared
from sims.core.simulation import Run, settled_device
from sims.core.trajectory import records, trajectory

_rates: dict[tuple[Any, ...], tuple[float, int]] = {}
"""Seconds a step of a program takes, and bytes its records take; learned from its runs."""


TRIAL, TRIALS = 0.05, 3
"""Seconds in which a run's speed is measured, and how often."""


@dataclass(frozen=True)
class Recipe:
    """All that makes a job, as plain data: the same recipe gives the same numbers."""

    experiment: str
    values: Mapping[str, Any]
    seed: int | None = None
    seeds: int = 1
    device: str = "auto"
    compare: Mapping[str, Any] | None = None
    over: Mapping[str, str] | None = None

    @property
    def key(self) -> str:
        """Equal for recipes that mean the same."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, default=list)


class Side:
    """One setting of an experiment: its prediction, its run, and the columns figures read."""

    def __init__(self, experiment: Experiment, recipe: Recipe, values: Mapping[str, Any]) -> None:
        """Nothing is checked or computed yet."""
        self.experiment, self.recipe, self.values = experiment, recipe, values
        self.complete = self.promised = self.hurried = self._warmed = False
        self.hash = self.predicted_at = ""
        self.device = "cpu"
        self.assumptions: list[Assumption] = []
        self.tolerances: dict[str, float] = {}
        self.columns: columns.Columns | None = None
        self.derived: columns.Derived = {}
        self.run: Any = None
        self.seen: xr.Dataset | None = None
        self.claims: xr.Dataset | None = None
        self._setup: Setup | None = None
        self._prediction: xr.Dataset | None = None
        self._theory_of: xr.Dataset | None = None
        self._theory: dict[str, np.ndarray] = {}
        self._parts: Iterator[xr.Dataset | float] = iter(())
        self.progress = 0.0

    @property
    def is_prepared(self) -> bool:
        """Whether knobs are checked, and data and weights drawn."""
        return self._setup is not None

    @property
    def is_predicted(self) -> bool:
        """Whether a part of the prediction is there."""
        return self._prediction is not None

    @property
    def setup(self) -> Setup:
        """What was prepared."""
        if self._setup is None:
            raise RuntimeError("this side is not prepared")
        return self._setup

    @property
    def stem(self) -> str:
        """What its files are called: the experiment and a digest of every setting."""
        seeds = self.setup.seeds
        settings = share.permalink(self.setup.params, seeds[0], len(seeds))
        settings += json.dumps(self.recipe.over, sort_keys=True)
        digits = hashlib.sha256(settings.encode()).hexdigest()[:8]
        return f"{self.experiment.name.replace('/', '-')}-{digits}"

    @property
    def prediction(self) -> xr.Dataset:
        """The prediction so far."""
        if self._prediction is None:
            raise RuntimeError("nothing is predicted yet")
        return self._prediction

    def again(self) -> Side:
        """The same setting before its run, with its prediction where that is complete."""
        fresh = Side(self.experiment, self.recipe, self.values)
        if self.complete:
            for name in ("_setup", "_prediction", "complete", "hash", "predicted_at", "progress"):
                setattr(fresh, name, getattr(self, name))
        return fresh

    # Before the run

    def prepare(self) -> None:
        """Check the knobs and draw data and weights; ValueError is a sentence for the reader."""
        self._setup = prepared(
            self.experiment, self.values, seed=self.recipe.seed, seeds=self.recipe.seeds
        )
        self._parts = predictions(self._setup)

    def predict(self) -> None:
        """The next part of the prediction; the last one is hashed."""
        part = next(self._parts, None)
        if part is None:
            raise RuntimeError(f"{self.experiment.name} never completed its prediction")
        if not isinstance(part, xr.Dataset):
            self.progress = part
            return
        self.progress = float(part.attrs["progress"])
        if part.attrs.get("complete"):
            if not self.hurried:
                self._setup = intervened(self.setup, part)
            self._completed(part, archive.now())
        self._prediction = part

    def _completed(self, prediction: xr.Dataset, at: str) -> None:
        self.complete, self.hash, self.predicted_at = True, digest(prediction), at

    def foresee(self) -> None:
        """Assumptions and tolerances as far as the prediction allows."""
        self.assumptions, self.tolerances = before(self.setup, self.prediction)

    @property
    def may_compile(self) -> bool:
        """No run is made yet, and there is a program to build or a starting point to put it on."""
        return self.run is None and self.is_prepared and (self._fixed or not self._warmed)

    @property
    def _fixed(self) -> bool:
        """Whether what the run starts from will not change: no intervention can come any more."""
        return self.complete or self.hurried or self.experiment.intervene is None

    def compile(self) -> None:
        """Build the run's programs (slow the first time), and learn what a step costs."""
        fixed, setup, asked = self._fixed, self.setup, self.recipe.device
        self.device = settled_device(
            asked, self.experiment, setup.params, setup.tasks, setup.schedule
        )
        run = self._new_run()
        run.compile()
        if self._rate_key() not in _rates:
            self._measure_rate()
        self._warmed = True
        if fixed:
            self.run = run

    def _new_run(self) -> Run:
        setup = self.setup
        return Run(self.experiment, setup.params, setup.tasks, setup.schedule, self.device)

    def _rate_key(self) -> tuple[Any, ...]:
        params = self.setup.params
        shapes = tuple(str(getattr(params, k.name)) for k in knobs_of(params).values() if k.static)
        return (self.experiment.name, self.device, len(self.setup.tasks), shapes)

    def _measure_rate(self) -> None:
        """Time the beginning of runs that are thrown away; the fastest was disturbed least."""
        rates, memory = [], 0
        for _ in range(TRIALS):
            trial = self._new_run()
            trial.advance_records(1)
            steps, seconds = trial.steps_done, trial.device_seconds
            trial.advance(TRIAL)
            rates.append((trial.device_seconds - seconds) / max(1, trial.steps_done - steps))
            memory = _nbytes(trial.records) + _nbytes(trial.snapshots)
        _rates[self._rate_key()] = (min(rates), memory)

    def price(self, steps: int) -> float | None:
        """Device seconds these steps should take, however busy the machine was meanwhile."""
        rate, _ = _rates.get(self._rate_key(), (0.0, 0))
        return steps * rate or None

    def cost(self) -> dict[str, Any]:
        """Steps of the run, the seconds it should take (None: not known yet) and its memory."""
        if not self.is_prepared:
            return {}
        rate, memory = _rates.get(self._rate_key(), (None, None))
        steps = self.setup.schedule.steps
        seconds = None if rate is None else rate * steps
        return {
            "steps": steps, "seeds": len(self.setup.tasks), "seconds": seconds, "memory": memory,
        }  # fmt: skip

    # What is drawn

    def figures(self) -> View:
        """Everything the page draws of the prediction so far."""
        return views.view(self.experiment.name, self.prediction, self.tolerances)

    def asked(self) -> list[Claim]:
        """The claims whose question arises with these settings."""
        return [c for c in self.experiment.claims if c.applies(self.setup.params)]

    def links(self) -> list[str]:
        """The queries of other settings that a figure leads to: none."""
        return []

    def warnings(self) -> list[str]:
        """Sentences shown before the run."""
        first = of_seed(self.prediction, 0)
        said = self.experiment.warnings(self.setup.params, self.setup.tasks[0], first)
        return [*self.setup.notices, *said]

    def clock(self) -> dict[str, Any]:
        """What the columns `time` and `step` count, and where they end."""
        schedule = self.setup.schedule
        return {
            "end_time": float(schedule.record_times[-1]),
            "end_step": schedule.steps,
            "scale": "linear",
            "time_word": "" if schedule.time_per_step == 1.0 else "time",
            "step_word": "step",
        }

    def bind(self, tags: list[tags.Tag], derived: columns.Derived) -> None:
        """Columns for these tags, unless the same ones are being filled already."""
        self.derived = derived
        if self.columns is None or self.columns.all_tags != tags:
            self.columns = self._new_columns(tags)
            self.fill()

    def _new_columns(self, tags: list[tags.Tag]) -> columns.Columns:
        schedule = self.setup.schedule
        return columns.Columns(
            tags, schedule.record_steps, schedule.record_times, schedule.snapshot_records
        )

    def fill(self) -> None:
        """Evaluate the columns on what the run has computed."""
        if self.columns is not None and self.rows:
            self.columns.fill(self.source())

    def source(self) -> columns.Source:
        """The run so far, as the columns read it; arrays of one prediction are read out once."""
        run = self.run
        if self._theory_of is not self._prediction:
            self._theory_of, self._theory = self._prediction, {}
        return columns.Source(
            run.records, run.snapshots, run.rows, run.snapshot_rows,
            self.prediction, self.derived, self._theory,
        )  # fmt: skip

    # The run

    @property
    def row_dims(self) -> tuple[str, ...]:
        """Dimensions of a prediction along which it is a curve."""
        return columns.ROW_DIMS

    @property
    def rows(self) -> int:
        """Records computed."""
        return self.run.rows if self.run is not None else 0

    @property
    def total_rows(self) -> int:
        """Records of the whole run."""
        return len(self.setup.schedule.record_steps) if self.is_prepared else 0

    @property
    def steps_done(self) -> int:
        """Training steps computed."""
        return self.run.steps_done if self.run is not None else 0

    @property
    def done(self) -> bool:
        """No further record will come."""
        return self.run is not None and self.run.done

    @property
    def stopped_at(self) -> int | None:
        """Step at which the loss left the finite range, if it did."""
        return self.run.stopped_at if self.run is not None else None

    def advance(self, seconds: float, one_record: bool = False) -> None:
        """Train for about that long, or until one more record is there."""
        self.promised = self.promised or (self.complete and self.steps_done == 0)
        if one_record:
            self.run.advance_records(1)
        else:
            self.run.advance(seconds)
        self.fill()

    def judge(self) -> None:
        """Measure and compare; only a prediction hashed before the first step is judged."""
        run = self.run
        rate = run.device_seconds / max(1, run.steps_done)
        _rates[self._rate_key()] = (rate, _nbytes(run.records) + _nbytes(run.snapshots))
        if self.promised:
            self.seen = trajectory(self.setup, self.prediction, run)
            self.claims = judge(self.setup, self.prediction, self.seen)
            self._fill_late(self.seen)
        else:
            self.seen = records(self.setup, run)

    def _fill_late(self, seen: xr.Dataset) -> None:
        """Columns of what was measured after the run, such as a curvature at the snapshots."""
        source = self.source()
        for name, variable in seen.data_vars.items():
            for dim, known in (("record", source.records), ("snapshot", source.snapshots)):
                if variable.dims[:2] == ("seed", dim) and name not in known:
                    values = {**known, str(name): variable.values}
                    source = dataclasses.replace(source, **{f"{dim}s": values})
        if self.columns is not None:
            self.columns.fill_late(source)

    def tree(self) -> xr.DataTree:
        """The file's tree as far as it goes."""
        return archive.tree(
            self.setup,
            self.prediction,
            self.seen,
            self.claims,
            device=self.device,
            predicted_at=self.predicted_at or None,
        )

    @property
    def nbytes(self) -> int:
        """Memory this side holds."""
        held = self._prediction.nbytes if self._prediction is not None else 0
        held += self.columns.nbytes if self.columns is not None else 0
        if self.run is not None:
            held += _nbytes(getattr(self.run, "records", {}))
            held += _nbytes(getattr(self.run, "snapshots", {}))
        return held


def _nbytes(arrays: Mapping[str, np.ndarray]) -> int:
    return sum(a.nbytes for a in arrays.values())
