"""One setting of an experiment before its run: prepared, predicted, ready to be drawn.

Shared by all jobs of a recipe. Only the theory worker that holds its forecast calls `prepare`,
`predict` and `look_ahead`; what they publish is never changed afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import xarray as xr

from app import share
from app.figures import views
from app.figures.panels import View
from app.live.server.columns import ROW_DIMS
from app.live.server.rates import Rate, rates
from app.live.server.recipe import Recipe
from app.live.server.streamed import StreamedRun, held_by
from sims.core.experiment import Assumption, Claim, Experiment
from sims.core.knobs import knobs_of
from sims.core.prediction import of_seed
from sims.core.setup import Setup
from sims.core.study import Prepared, Study
from sims.view.marks import TIME

if TYPE_CHECKING:
    from app.live.server.forecast import Drawing

TRIAL, TRIALS = 0.05, 3
"""Seconds in which a run's speed is measured, and how often."""


class Setting:
    """A Study with what a page says of it."""

    def __init__(self, experiment: Experiment, recipe: Recipe, values: Mapping[str, Any]) -> None:
        """Nothing is checked or computed yet."""
        self.experiment, self.recipe, self.values = experiment, recipe, values
        self.assumptions: list[Assumption] = []
        self.tolerances: dict[str, float] = {}
        self.not_tests: dict[str, str] = {}
        self.partly_no_tests: dict[str, str] = {}
        self.device = self.device_words = "cpu"
        self._study = Study(experiment, values, seed=recipe.seed, seeds=recipe.seeds)

    @property
    def place(self) -> str:
        """The device whose worker advances its runs."""
        return self.device

    @property
    def jax(self) -> str:
        """The version of JAX behind its numbers."""
        import jax

        return jax.__version__

    # Before the prediction

    def prepare(self) -> None:
        """Check the knobs and draw data and weights; ValueError is a sentence for the reader."""
        self._study.prepare()

    @property
    def is_prepared(self) -> bool:
        """Whether knobs are checked, and data and weights drawn."""
        return self._study.is_prepared

    @property
    def setup(self) -> Setup:
        """What was prepared.

        Raises:
            RuntimeError: nothing is.
        """
        if not self._study.is_prepared:
            raise RuntimeError("this setting is not prepared")
        return self._study.setup

    @property
    def stem(self) -> str:
        """What its files are called: the experiment and a digest of every setting."""
        seeds = self.setup.seeds
        settings = share.permalink(self.setup.params, seeds[0], len(seeds))
        settings += json.dumps(self.recipe.over, sort_keys=True)
        digits = hashlib.sha256(settings.encode()).hexdigest()[:8]
        return f"{self.experiment.name.replace('/', '-')}-{digits}"

    # The prediction

    def predict(self, seconds: float) -> None:
        """Predict for about that long, one piece at least."""
        self._study.grow(seconds)

    @property
    def prediction(self) -> xr.Dataset | None:
        """The prediction so far, if a part of it is there."""
        return self._study.prediction

    @property
    def known(self) -> xr.Dataset:
        """The prediction so far.

        Raises:
            RuntimeError: nothing is predicted yet.
        """
        found = self.prediction
        if found is None:
            raise RuntimeError("nothing is predicted yet")
        return found

    @property
    def progress(self) -> float:
        """How much of the prediction is there."""
        return self._study.progress

    @property
    def is_whole(self) -> bool:
        """Whether the whole prediction is there, hashed."""
        return self._study.is_whole

    @property
    def hash(self) -> str:
        """SHA-256 of the whole prediction, or ''."""
        return self._study.freeze().hash if self.is_whole else ""

    def start(self, *, early: bool = False) -> Prepared:
        """What a run begins from: the whole prediction, or what there is for one that is early."""
        return self._study.freeze() if self.is_whole and not early else self._study.early()

    def look_ahead(self) -> None:
        """Assumptions, tolerances, and what is no test, as far as the prediction allows."""
        self.assumptions, self.tolerances = self._study.before()
        self.not_tests = self._study.not_tests()

    # Its runs

    def begin(self, drawn: Drawing, *, early: bool = False) -> StreamedRun:
        """A run before its first step, with columns for what is drawn."""
        return StreamedRun(self, self.start(early=early), drawn)

    @property
    def may_warm(self) -> bool:
        """Whether its programs can be built already."""
        return self.is_prepared

    @property
    def was_warmed(self) -> bool:
        """Whether programs like its own were built before, so that building them is quick."""
        return rates.of(self.rate_key) is not None

    def warm(self) -> None:
        """Build the programs of its runs (slow the first time), and learn what a step costs."""
        start = self.start()
        chosen = start.device(self.recipe.device)
        self.device, self.device_words = chosen.name, chosen.words
        start.run(self.device).compile()
        if rates.of(self.rate_key) is None:
            rates.learn(self.rate_key, self._measured(start))

    @property
    def rate_key(self) -> tuple[Any, ...]:
        """What the cost of a step depends on."""
        params = self.setup.params
        shapes = tuple(str(getattr(params, k.name)) for k in knobs_of(params).values() if k.static)
        return (self.experiment, self.device, len(self.setup.tasks), shapes)

    def _measured(self, start: Prepared) -> Rate:
        """Time the beginning of runs that are thrown away; the fastest was disturbed least."""
        taken, memory = [], 0
        for _ in range(TRIALS):
            trial = start.run(self.device)
            trial.advance_records(1)
            steps, seconds = trial.steps_done, trial.device_seconds
            trial.advance(TRIAL)
            taken.append((trial.device_seconds - seconds) / max(1, trial.steps_done - steps))
            memory = held_by(trial)
        return Rate(min(taken), memory)

    def price(self, steps: int) -> float | None:
        """Device seconds these steps should take, however busy the machine was meanwhile."""
        rate = rates.of(self.rate_key)
        return None if rate is None else steps * rate.seconds or None

    def cost(self) -> dict[str, Any]:
        """Steps of a run, the seconds it should take (None: not known yet) and its memory."""
        if not self.is_prepared:
            return {}
        rate, steps = rates.of(self.rate_key), self.setup.schedule.steps
        return {
            "steps": steps,
            "seeds": len(self.setup.tasks),
            "seconds": None if rate is None else rate.seconds * steps,
            "memory": None if rate is None else rate.memory,
        }

    # What is drawn

    def figures(self) -> View:
        """Everything the page draws of the prediction so far."""
        return views.view(self.experiment, self.known, self.tolerances)

    def asked(self) -> list[Claim]:
        """The claims whose question arises with these settings."""
        return [c for c in self.experiment.claims if c.applies(self.setup.params)]

    def links(self) -> list[str]:
        """The queries of other settings that a figure leads to: none."""
        return []

    def warnings(self) -> list[str]:
        """Sentences shown before the run."""
        first = of_seed(self.known, 0)
        said = self.experiment.warnings(self.setup.params, self.setup.tasks[0], first)
        return [*self.setup.notices, *said]

    def clock(self) -> dict[str, Any]:
        """What the columns `time` and `step` count, and where they end."""
        schedule, view = self.setup.schedule, self.experiment.view
        called = view.clock if view else TIME
        return {
            "end_time": float(schedule.record_times[-1]),
            "end_step": schedule.steps,
            "scale": "linear",
            "time_word": "" if schedule.time_per_step == 1.0 else called.time_word,
            "step_word": called.step_word,
        }

    @property
    def row_dims(self) -> tuple[str, ...]:
        """Dimensions of a prediction along which it is a curve."""
        return ROW_DIMS

    @property
    def total_rows(self) -> int:
        """Records of a whole run."""
        return len(self.setup.schedule.record_steps) if self.is_prepared else 0

    @property
    def nbytes(self) -> int:
        """Memory of its tasks and its prediction."""
        return (bytes_of(self.setup) if self.is_prepared else 0) + predicted_bytes(self.prediction)


def bytes_of(setup: Setup) -> int:
    """Memory of the tasks of all seeds."""
    return sum(values.nbytes for task in setup.tasks for values in task.values())


def predicted_bytes(prediction: xr.Dataset | None) -> int:
    """Memory of a prediction."""
    return 0 if prediction is None else prediction.nbytes
