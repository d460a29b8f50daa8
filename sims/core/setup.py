"""From what the reader set to what a run starts from: checked, resolved, prepared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from sims.core import own_data
from sims.core.arithmetic import theory_arithmetic
from sims.core.cache import Cache
from sims.core.declared import schedule_of, task_of
from sims.core.experiment import Experiment, Task
from sims.core.knobs import own_knob, plain, validated, with_knobs
from sims.core.memory import Lane, check
from sims.core.own_data import OwnData
from sims.core.schedule import Schedule

SEEDS_LIMIT = 1024
SEED_LIMIT = 2**31 - 1
MOST, MOST_BYTES = 64, 128 * 2**20
"""Setups kept for who asks again, and their bytes together."""


@dataclass(frozen=True)
class Setup:
    """Everything known before prediction and run; `given` are the params before resolving.

    `own` are the data of one's own that the params name, if they do.
    """

    experiment: Experiment
    given: Any
    params: Any
    tasks: tuple[Task, ...]
    schedule: Schedule
    seeds: np.ndarray
    preset: str
    own: OwnData | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays; what several seeds share counts once."""
        arrays = [a for task in self.tasks for a in task.values()]
        arrays += [self.schedule.record_steps, self.schedule.snapshot_records]
        arrays += [] if self.own is None else [self.own.X, self.own.y]
        return sum({id(a): a.nbytes for a in arrays}.values())

    @property
    def notices(self) -> list[str]:
        """Sentences about what was given, such as a list that was sorted."""
        return self.experiment.notices(self.given)


_kept: Cache[Setup] = Cache(MOST, MOST_BYTES, lambda setup: setup.nbytes)


def given(experiment: Experiment, values: Mapping[str, Any], preset: str | None = None) -> Any:
    """Params from a preset and further knobs, each checked alone; autos still open."""
    params = with_knobs(experiment.Params(), {}, where=experiment.name)
    if preset:
        params = with_knobs(params, experiment.preset(preset).params, where=experiment.name)
    return validated(with_knobs(params, values, where=experiment.name))


def preset_of(experiment: Experiment, params: Any) -> str:
    """Id of the preset these (unresolved) params equal, or ''."""
    return next((name for name, knobs in _preset_params(experiment) if knobs == params), "")


@lru_cache(maxsize=64)
def _preset_params(experiment: Experiment) -> tuple[tuple[str, Any], ...]:
    return tuple((p.id, given(experiment, {}, p.id)) for p in experiment.presets if p.over is None)


def prepared(
    experiment: Experiment,
    values: Mapping[str, Any] | None = None,
    *,
    preset: str | None = None,
    seed: int | None = None,
    seeds: int = 1,
) -> Setup:
    """Check the knobs, draw data and weights of every seed, resolve autos, fix the schedule.

    Raises:
        ValueError: one sentence with the allowed range, or with how many seeds would fit.
    """
    first = experiment.default_seed if seed is None else seed
    _check_count("seeds", seeds, 1, SEEDS_LIMIT)
    _check_count("seed", first, 0, SEED_LIMIT - seeds)
    params = given(experiment, values or {}, preset)
    key = (experiment, tuple(plain(params).items()), first, seeds)
    return _kept.get(key, lambda: _prepared(*key))


def nbytes() -> int:
    """Bytes of all setups that are kept."""
    return _kept.nbytes()


def _check_count(name: str, value: Any, lo: int, hi: int) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not lo <= value <= hi:
        raise ValueError(f"{name} = {value} is not allowed: give a whole number from {lo} to {hi}.")


def _prepared(experiment: Experiment, values: tuple, first: int, seeds: int) -> Setup:
    params = experiment.Params(**dict(values))
    own = own_of(params)  # held from here on: who else gives data may not push it out
    partly = experiment.resolve(params, ())
    numbers = np.arange(first, first + seeds)
    drawn = task_of(experiment, experiment.prepare(partly, first))
    check(seeds, Lane(sum(values.nbytes for values in drawn.values())).needs())
    tasks = (
        drawn,
        *(task_of(experiment, experiment.prepare(partly, int(s))) for s in numbers[1:]),
    )
    with theory_arithmetic():
        resolved = experiment.resolve(partly, tasks)
        schedule = schedule_of(experiment, experiment.schedule(resolved, tasks))
    return Setup(
        experiment, params, resolved, tasks, schedule, numbers, preset_of(experiment, params), own
    )


def own_of(params: Any) -> OwnData | None:
    """The data of one's own that params name, if they do; NotHere if they are not here."""
    knob = own_knob(params)
    value = "" if knob is None else str(getattr(params, knob.name))
    return own_data.of(value) if own_data.is_own(value) else None
