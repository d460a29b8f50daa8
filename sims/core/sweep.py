"""One experiment over one or two knobs and seeds, trained side by side."""

from __future__ import annotations

import dataclasses
import itertools
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import jax
import numpy as np
import xarray as xr

from sims.core import archive
from sims.core.claims import judge, judge_sweep, worst
from sims.core.experiment import Assumption, Experiment, SweepClaim
from sims.core.knobs import axis, knobs_of, with_knobs
from sims.core.prediction import intervened, of_seed, prediction
from sims.core.schedule import Schedule
from sims.core.setup import Setup, given, prepared
from sims.core.simulation import Run
from sims.core.trajectory import trajectory

MOST_POINTS = 4096
MOST_TOGETHER = 128
"""Runs trained in one program on a GPU; more are trained one group after another."""
UNEVEN = 1.3
"""Largest share by which the longest run of a group on a CPU may exceed its shortest."""
HEARD = 0.1
"""Seconds between two words on the progress."""
CODES = ("lands", "departs", "surprise", "not judged")


class Sweep:
    """A grid of setups, their predictions, and runs trained together where shapes allow.

    Dynamic knobs share one compiled program (vmap); each value of a static knob has its own. A
    sweep keeps records but no snapshots, so claims that need snapshots are not judged.

    Raises:
        ValueError: no axis, more than two, an unknown or list-valued knob, too many points.
    """

    def __init__(
        self,
        experiment: Experiment,
        values: Mapping[str, Any],
        over: Mapping[str, Any],
        *,
        preset: str | None = None,
        seed: int | None = None,
        seeds: int = 1,
        device: str = "cpu",
    ) -> None:
        """Check the axes and prepare every point; nothing is predicted or trained yet."""
        self.experiment, self.device, self.preset = experiment, device, preset or ""
        self.axes = _axes(experiment, over)
        self.base = given(experiment, values, preset)
        self.shape = tuple(len(v) for v in self.axes.values())
        count = int(np.prod(self.shape)) * seeds
        if count > MOST_POINTS:
            raise ValueError(f"This sweep has {count} runs: give at most {MOST_POINTS}.")
        self.setups = [
            _without_snapshots(prepared(experiment, self._values(point), seed=seed, seeds=seeds))
            for point in itertools.product(*self.axes.values())
        ]
        self.seeds = self.setups[0].seeds
        self.predictions: list[xr.Dataset] = []
        self.predicted_at = ""
        self._groups = self._grouped()
        self._run: Run | None = None
        self._done_groups = 0
        self._results: dict[int, tuple[xr.Dataset, xr.Dataset]] = {}

    def _values(self, point: tuple) -> dict[str, Any]:
        chosen = dict(zip(self.axes, (v.item() for v in point), strict=True))
        params = with_knobs(self.base, chosen, where=self.experiment.name)
        return {f.name: getattr(params, f.name) for f in dataclasses.fields(params)}

    def _grouped(self) -> list[list[int]]:
        """Indices of setups that share one program and one schedule, in order of the first.

        Runs of one program last as long as the longest of them; a CPU, which gains little from
        many at once, trains short and long ones apart. Groups are of one size: one program.
        """
        if self.experiment.intervene is not None:
            self._share_schedules(range(len(self.setups)))
        kinds: dict[Any, list[int]] = {}
        for i, setup in enumerate(self.setups):
            shapes = tuple((n, v.shape) for n, v in setup.tasks[0].items())
            disturbed = self.experiment.intervene is not None
            steps = setup.schedule.record_steps.tobytes() if disturbed else b""
            kind = jax.tree.structure(setup.params), shapes, setup.schedule.time_per_step, steps
            kinds.setdefault(kind, []).append(i)
        most = self.experiment.together if self.device == "cpu" else MOST_TOGETHER
        size = max(1, most // len(self.seeds))
        groups = [group for indices in kinds.values() for group in self._split(indices, size)]
        for group in groups:
            self._share_schedules(group)
        return sorted(groups)

    def _split(self, indices: list[int], size: int) -> list[list[int]]:
        """Groups of at most `size`, on a CPU of runs that are about equally long."""
        steps = {i: self.setups[i].schedule.steps for i in indices}
        ordered = sorted(indices, key=lambda i: (steps[i], i)) if self.device == "cpu" else indices
        while True:
            groups = [ordered[a : a + size] for a in range(0, len(ordered), size)]
            uneven = any(steps[g[-1]] > UNEVEN * steps[g[0]] for g in groups)
            if size == 1 or self.device != "cpu" or not uneven:
                return [sorted(group) for group in groups]
            size = -(-len(ordered) // (len(groups) + 1))

    def _share_schedules(self, group: Sequence[int]) -> None:
        """Points whose steps last equally long share the longest schedule: one unmasked loop.

        A schedule with more records around its own predicted moments stays as it is.
        """
        longest: dict[float, Schedule] = {}
        for i in group:
            own = self.setups[i].schedule
            known = longest.setdefault(own.time_per_step, own)
            if own.steps > known.steps:
                longest[own.time_per_step] = own
        for i in group:
            own = self.setups[i]
            if _is_even(own.schedule):
                shared = longest[own.schedule.time_per_step]
                self.setups[i] = dataclasses.replace(own, schedule=shared)

    @property
    def whole_claims(self) -> list[SweepClaim]:
        """What is claimed of a sweep over these axes as a whole."""
        return [c for c in self.experiment.sweep_claims if c.applies(self.axes)]

    def predict(self) -> None:
        """Predict every point; must come before the first step."""
        while not self.predict_next():
            pass

    def predict_next(self) -> bool:
        """Predict one more point; True once all are predicted."""
        if len(self.predictions) < len(self.setups):
            i = len(self.predictions)
            self.predictions.append(prediction(self.setups[i]))
            self.setups[i] = intervened(self.setups[i], self.predictions[i])
        if len(self.predictions) == len(self.setups):
            self.predicted_at = self.predicted_at or archive.now()
            return True
        return False

    @property
    def done(self) -> bool:
        """All points trained and judged."""
        return self._done_groups == len(self._groups)

    @property
    def progress(self) -> float:
        """Fraction of all records computed."""
        inside = 0.0 if self._run is None else self._run.rows / self._run.total_rows
        return (self._done_groups + inside) / len(self._groups)

    def compile(self) -> None:
        """Build the programs of every group (slow the first time)."""
        for group in self._groups[self._done_groups :]:
            self._start(group).compile()

    def advance(self, seconds: float) -> None:
        """Train for about that long, or measure and judge one more point of a finished group."""
        if self.done:
            return
        group = self._groups[self._done_groups]
        if self._run is None:
            self._run = self._start(group)
        if not self._run.done:
            self._run.advance(seconds)
            return
        place = sum(i in self._results for i in group)
        self._results[group[place]] = self._judged(group[place], place, self._run)
        if place + 1 == len(group):
            self._run = None
            self._done_groups += 1

    def finish(self, told: Callable[[float], None] | None = None) -> None:
        """Train and judge all that is left; `told` hears of the progress.

        On a CPU groups train side by side, a thread each, and are judged while others train.
        """
        left = self._groups[self._done_groups :]
        ended = threading.Event()
        runs = [self._start(group) for group in left]
        if self._run is not None:
            runs[0] = self._run

        def train(run: Run) -> None:
            while not (run.done or ended.is_set()):
                run.advance(HEARD)

        threads = (os.cpu_count() or 1) if self.device == "cpu" else 1
        with ThreadPoolExecutor(threads) as pool:
            try:
                training = [pool.submit(train, run) for run in runs]
                for group, run, trained in zip(left, runs, training, strict=True):
                    while wait([trained], HEARD).not_done:
                        if told is not None:
                            told(self._share_of(runs))
                    trained.result()
                    for place, i in enumerate(group):
                        if i not in self._results:
                            self._results[i] = self._judged(i, place, run)
                    self._done_groups += 1
            finally:
                ended.set()
        self._run = None
        if told is not None:
            told(self.progress)

    def _share_of(self, runs: list[Run]) -> float:
        before = len(self._groups) - len(runs)
        return (before + sum(r.rows / r.total_rows for r in runs)) / len(self._groups)

    def _start(self, group: list[int]) -> Run:
        setups = [self.setups[i] for i in group]
        tasks = [t for s in setups for t in s.tasks]
        params = [s.params for s in setups for _ in s.tasks]
        schedules = [s.schedule for s in setups for _ in s.tasks]
        first = schedules[0].record_steps
        alike = all(np.array_equal(schedule.record_steps, first) for schedule in schedules)
        return Run(
            self.experiment, params, tasks, schedules[0] if alike else schedules, self.device
        )

    def _judged(self, i: int, place: int, run: Run) -> tuple[xr.Dataset, xr.Dataset]:
        width = len(self.seeds)
        part = _Part(run, place * width, width, self.setups[i])
        seen = trajectory(self.setups[i], self.predictions[i], part)
        return seen, judge(self.setups[i], self.predictions[i], seen)

    def finished(self) -> list[int]:
        """Points (flat index) whose results are there, in the order in which they came."""
        return list(self._results)

    def result(self, i: int) -> tuple[xr.Dataset, xr.Dataset]:
        """Run and claims of the i-th point."""
        return self._results[i]

    def tree(self) -> xr.DataTree:
        """The file of the sweep: task, prediction, sweep, claims."""
        runs = [_last(self._results[i][0]) for i in range(len(self.setups))]
        claims = [_judged(self._results[i][1]) for i in range(len(self.setups))]
        groups = {
            "/task": self._gridded(
                [
                    archive.task_group(s).drop_dims(["record", "snapshot"], errors="ignore")
                    for s in self.setups
                ]
            ),
            "/prediction": self.prediction(),
            "/sweep": self._gridded(runs).transpose(*self.axes, "seed", ...),
            "/claims": self._gridded(claims).transpose("claim", *self.axes, "seed"),
        }
        if whole := self.whole_claims:
            judged = judge_sweep(
                whole, self.setups[0], groups["/prediction"], groups["/sweep"], self._assumptions()
            )
            groups["/claims"] = groups["/claims"].merge(judged)
        groups["/sweep"].attrs["axes"] = ",".join(self.axes)
        made = xr.DataTree.from_dict(groups)
        made.attrs = archive.root_attributes(
            self.experiment,
            self.base,
            self.seeds,
            preset=self.preset,
            device=self.device,
            prediction=groups["/prediction"],
            predicted_at=self.predicted_at,
        )
        return made

    def _assumptions(self) -> list[list[Assumption]]:
        """Those of each seed; the sentence is that of the worst point."""
        return [
            worst(
                [
                    self.experiment.assumptions(s.params, s.tasks[i], of_seed(p, i))
                    for s, p in zip(self.setups, self.predictions, strict=True)
                ]
            )
            for i in range(len(self.seeds))
        ]

    def prediction(self) -> xr.Dataset:
        """Predicted quantities of the points predicted so far, with the sweep's axes in front.

        Attributes that all points share stay.
        """
        parts = [_coarse(p) for p in self.predictions]
        shared = [k for k, v in parts[0].attrs.items() if all(p.attrs.get(k) == v for p in parts)]
        return self._gridded(parts).assign_attrs({k: parts[0].attrs[k] for k in shared})

    def _gridded(self, parts: list[xr.Dataset]) -> xr.Dataset:
        """All points as one with the axes in front; what differs in shape is left out."""
        blank = [None] * (len(self.setups) - len(parts))
        names = [
            n for n in parts[0].data_vars
            if all(n in p and p[n].shape == parts[0][n].shape for p in parts)
        ]  # fmt: skip
        variables = {}
        for n in names:
            values = [p[n].values for p in parts]
            values += [np.full(values[0].shape, np.nan) for _ in blank]
            grid = np.stack(values).reshape(*self.shape, *values[0].shape)
            variables[n] = ((*self.axes, *parts[0][n].dims), grid, dict(parts[0][n].attrs))
        kept = {d for v in variables.values() for d in v[0]}
        coords = {n: c for n, c in parts[0].coords.items() if set(c.dims) <= kept}
        return xr.Dataset(variables, coords={**coords, **self.axes, "seed": self.seeds})


def _axes(experiment: Experiment, over: Mapping[str, Any]) -> dict[str, np.ndarray]:
    if not 1 <= len(over) <= 2:
        raise ValueError(f"A sweep goes over one or two knobs; {len(over)} were given.")
    known = knobs_of(experiment.Params)
    for name in over:
        if name not in known:
            with_knobs(experiment.Params(), {name: None}, where=experiment.name)
    return {name: axis(known[name], text) for name, text in over.items()}


def _without_snapshots(setup: Setup) -> Setup:
    bare = dataclasses.replace(setup.schedule, snapshot_records=np.zeros(0, np.int64))
    return dataclasses.replace(setup, schedule=bare)


def _is_even(schedule: Schedule) -> bool:
    return bool(np.ptp(np.diff(schedule.record_steps)) <= 1)


class _Part:
    """The runs of one sweep point, seen as a Run of their own."""

    def __init__(self, run: Run, start: int, width: int, setup: Setup) -> None:
        rows = len(setup.schedule.record_steps)
        part = slice(start, start + width)
        self.records = {n: v[part, :rows] for n, v in run.records.items()}
        self.snapshots: dict[str, np.ndarray] = {}
        self.rows, self.snapshot_rows = rows, 0
        self.stopped = run.stopped[part]


def _last(run: xr.Dataset) -> xr.Dataset:
    """Scalars at the last record, and measured counterparts."""
    kept = {}
    for name, variable in run.data_vars.items():
        if variable.dims == ("seed", "record"):
            kept[name] = variable.isel(record=-1, drop=True)
        elif not {"record", "snapshot"} & set(variable.dims):
            kept[name] = variable
    return xr.Dataset(kept).reset_coords(drop=True)


def _coarse(prediction: xr.Dataset) -> xr.Dataset:
    return prediction.drop_dims(["record", "snapshot"], errors="ignore")


def _judged(claims: xr.Dataset) -> xr.Dataset:
    """Verdict (int8 with flag_meanings), error and tolerance of one point."""
    codes = np.array([CODES.index(v) for v in claims["verdict"].values], np.int8)
    meanings = {
        "flag_values": list(range(len(CODES))),
        "flag_meanings": " ".join(c.replace(" ", "_") for c in CODES),
    }
    return xr.Dataset(
        {
            "verdict": ("claim", codes, meanings),
            "error": claims["error"],
            "tolerance": claims["tolerance"],
        }
    )
