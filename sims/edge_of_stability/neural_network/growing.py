"""A prediction of this experiment while it grows, and how much of it is computed in one go.

A piece of work is as long as an estimate from the shapes says, never as a clock does: whoever asks
for the parts decides how often they are drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from jax import Array

from sims.core.compilation import QUICK_TO_COMPILE, count_trace, jit
from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.edge_of_stability import objective

if TYPE_CHECKING:
    from sims.edge_of_stability.neural_network.params import Params

WINDOW = 200
"""Steps of a trailing mean."""
FIRST_PIECE = 8
"""Steps of the first piece of a flow; each further one has at most twice as many as the last."""
PIECE_SECONDS = 0.02
"""Estimated work of a piece, after which others may compute."""
SHOWN_SECONDS = 0.3
"""Estimated work between two partial predictions: to lay one out costs a quarter of a piece."""
CALL_SECONDS, MULTIPLY_SECONDS = 2.5e-5, 5e-10
"""A gradient's estimate: its own, and that of each weight and sample."""


@dataclass(frozen=True)
class Net:
    """What of the knobs selects compiled programs: the data's kind and the net's shape."""

    data: str
    classes: int
    width: int
    depth: int
    activation: str
    architecture: str = "mlp"
    norm: bool = False
    heads: int = 0
    widths: tuple[int, ...] = ()

    def __call__(self, data: Any, w: Array) -> Array:
        """L(w) of the full batch."""
        return objective.objective(self, data)(w)


def net_of(params: Params) -> Net:
    """The net and loss of these knobs."""
    classes = params.classes if objective.is_digits(params) else 0
    return Net(
        filled(params.data),
        classes,
        filled(params.width),
        filled(params.depth),
        filled(params.activation),
        params.architecture,
        params.norm,
        params.heads if params.architecture == "transformer" else 0,
        params.widths or (),
    )


def data_of(task: Task) -> dict[str, Array]:
    """Inputs and targets as float64."""
    return {name: jnp.asarray(np.asarray(task[name], np.float64)) for name in ("X", "y")}


def has_central_flow(params: Params) -> bool:
    """Whether these knobs ask for a central flow and theory has one for the optimiser."""
    return bool(params.central_flow) and params.optimizer in ("gd", "rmsprop")


def piece_length(costs: np.ndarray, before: int) -> int:
    """Steps of a piece whose steps are estimated to take `costs` (step,), after one of `before`."""
    fit = int(np.searchsorted(np.cumsum(costs), PIECE_SECONDS, side="right"))
    return max(1, min(fit, 2 * before, len(costs)))


def trailing_mean(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Mean over the 200 steps that end at each of the steps `at`; NaN where one is missing."""
    missing = ~np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(missing, 0.0, values))])
    gaps = np.concatenate([[0], np.cumsum(missing)])
    first = at - WINDOW + 1
    whole = (first >= 0) & (gaps[at + 1] == gaps[np.maximum(first, 0)])
    means = (total[at + 1] - total[np.maximum(first, 0)]) / WINDOW
    return np.where(whole, means, np.nan)


def first_step(steps: np.ndarray, values: np.ndarray, level: float) -> float:
    """First step at which the line through (steps, values) is at the level; +inf if never."""
    above = np.flatnonzero(values >= level)
    if above.size == 0:
        return math.inf
    i = int(above[0])
    if i == 0:
        return float(steps[0])
    share = (level - values[i - 1]) / (values[i] - values[i - 1])
    return float(np.ceil(steps[i - 1] + share * (steps[i] - steps[i - 1]) - 1e-9))


@jit(QUICK_TO_COMPILE, static_argnames="net")
def network_function(net: Net, data: Any, w: Array) -> Array:
    """f(x) of every input, (N,)."""
    count_trace()
    return objective.network_function(net, data, w)


@dataclass
class Growing:
    """A prediction while it grows: arrays on the schedule, NaN where nothing is known yet.

    `size` is the number of weights, `unseen` the estimated work since the last partial prediction.
    """

    params: Params
    net: Net
    data: Any
    schedule: Schedule
    size: int
    scalars: dict[str, float] = field(default_factory=dict)
    losses: dict[str, np.ndarray] = field(default_factory=dict)
    values: dict[str, np.ndarray] = field(default_factory=dict)
    snapshots: dict[str, np.ndarray] = field(default_factory=dict)
    unseen: float = math.inf

    @property
    def gradient_seconds(self) -> float:
        """Estimated time of one gradient."""
        each = objective.multiplications(self.params)
        return CALL_SECONDS + MULTIPLY_SECONDS * len(self.data["X"]) * each

    def begin(self, flow: str, names: tuple[str, ...]) -> None:
        """Make room for one flow's records and snapshots."""
        steps = self.schedule.steps + 1
        records, shots = len(self.schedule.record_steps), len(self.schedule.snapshot_records)
        for name in names:
            self.losses[name] = np.full(steps, np.nan)
        self.values[flow] = np.full((records, self.tracked), np.nan)
        samples = self.data["X"].shape[0]
        self.snapshots[f"weights{flow}"] = np.full((shots, self.size), np.nan)
        self.snapshots[f"network_function{flow}"] = np.full((shots, samples), np.nan)

    @property
    def tracked(self) -> int:
        """Eigenvalues shown: at least as many as may oscillate."""
        return max(
            self.params.tracked, filled(self.params.critical) if self.has_central_flow else 1
        )

    @property
    def has_central_flow(self) -> bool:
        """Whether these knobs ask for one and theory has one."""
        return has_central_flow(self.params)

    def put(
        self, flow: str, begin: int, values: np.ndarray, weights: np.ndarray, **losses: np.ndarray
    ) -> None:
        """Enter what was seen at the steps begin, begin + 1, ...: (step,), (step, k), (step, P).

        What comes behind a number that is not finite is left out.
        """
        known = [np.isfinite(x).reshape(len(values), -1).all(1) for x in (values, *losses.values())]
        whole = np.all(known, axis=0)
        end = begin + (len(values) if whole.all() else int(np.argmin(whole)))
        for name, series in losses.items():
            self.losses[name][begin:end] = series[: end - begin]
        records = self.schedule.record_steps
        inside = slice(*np.searchsorted(records, [begin, end]))
        self.values[flow][inside] = values[records[inside] - begin, : self.tracked]
        shots = self.schedule.snapshot_steps
        for i in range(*np.searchsorted(shots, [begin, end])):
            w = weights[shots[i] - begin]
            self.snapshots[f"weights{flow}"][i] = w
            self.snapshots[f"network_function{flow}"][i] = network_function(self.net, self.data, w)

    def cut(self, flow: str, step: int) -> None:
        """Forget what one flow has behind a step: where a piece ends says nothing."""
        self.losses[f"loss{flow}"][step + 1 :] = np.nan
        self.values[flow][self.schedule.record_steps > step] = np.nan
        for name in (f"weights{flow}", f"network_function{flow}"):
            self.snapshots[name][self.schedule.snapshot_steps > step] = np.nan

    def part(self, progress: float) -> xr.Dataset | float:
        """What is known so far if much was done since the last such part, else the share alone."""
        if self.unseen < SHOWN_SECONDS:
            return progress
        self.unseen = 0.0
        return self.dataset(progress)

    def dataset(self, progress: float) -> xr.Dataset:
        """All that is known so far; what is on snapshots is shared with what comes."""
        at = self.schedule.record_steps
        found = {
            name: xr.Variable((), value, {"units": "steps"} if name.endswith("_step") else None)
            for name, value in self.scalars.items()
        }
        for name, series in self.losses.items():
            if name != "variance":
                found[name] = xr.Variable("record", series[at])
            if name != "loss_central_flow":
                mean = "oscillation" if name == "variance" else f"mean_{name}"
                found[mean] = xr.Variable("record", trailing_mean(series, at))
        for flow, values in self.values.items():
            name = f"sharpness{flow or '_midpoint'}"
            found[name] = xr.Variable(("record", "eigenvalue"), values.copy())
        for name, values in self.snapshots.items():
            dim = "parameter" if name.startswith("weights") else "input"
            found[name] = xr.Variable(("snapshot", dim), values)
        coords: dict[str, Any] = {}
        if self.values:
            coords["eigenvalue"] = np.arange(1, self.tracked + 1)
        if self.snapshots and self.params.data == "chebyshev":
            coords["input"] = np.asarray(self.data["X"])[:, 0]
            coords["target"] = ("input", np.asarray(self.data["y"])[:, 0])
        attrs: dict[str, Any] = {"progress": progress, "optimizer": self.params.optimizer}
        if self.params.architecture != "mlp":
            attrs["architecture"] = self.params.architecture
        return xr.Dataset(found, coords=coords, attrs=attrs)
