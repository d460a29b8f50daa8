"""What is known of a net at the edge of stability before its first step.

The edge, the gradient flow and, for gradient descent and RMSProp, the central flow: nothing is
fitted and nothing is read off a run. Weights, data, learning rate and momenta are arguments of the
compiled programs, so that only another net or another number of directions compiles anew.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jax import Array

from sims.core import nets
from sims.core.compilation import QUICK_TO_COMPILE, count_trace, jit
from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.edge_of_stability import objective
from sims.edge_of_stability.neural_network import central_flow, gradient_flow

if TYPE_CHECKING:
    from sims.edge_of_stability.neural_network.params import Params

WINDOW = 200
"""Steps of a trailing mean."""
WARM_STEPS = 20
"""Discrete steps of RMSProp before its flow starts: ν is tiny at first and the edge meaningless."""
TOO_SHARP = 1.25
"""λ_1 over the edge at which the central flow does not start at the initial weights."""
CATAPULT_STEPS = 500
"""Steps of gradient descent, at most, before a flow that starts too sharp."""
REACHED = 0.95
"""Share of the edge at which an approach is timed."""
OVERRUN = 1.05
"""Share of the edge at which the gradient flow is a guide no longer."""
GUIDE_TIME = 400.0
"""Longest flow time of a guide."""
LOOK = 20
"""Steps of the gradient flow between two looks at its spectrum, at most."""
SECOND = 0.99
"""Share of the edge at which the second eigenvalue is there."""
PIECE_SECONDS = 0.022
"""Aimed at between two moments at which others may compute."""
SHOWN_SECONDS = 0.3
"""At least between two partial predictions: to lay one out costs half a piece."""


@dataclass(frozen=True)
class Net:
    """What of the knobs selects compiled programs: the data's kind and the net's shape."""

    data: str
    classes: int
    width: int
    depth: int
    activation: str

    def __call__(self, data: Any, w: Array) -> Array:
        """L(w) of the full batch."""
        return objective.objective(self, data)(w)


def net_of(params: Params) -> Net:
    """The net and loss of these knobs."""
    classes = params.classes if objective.is_digits(params) else 0
    return Net(params.data, classes, filled(params.width), filled(params.depth), params.activation)


def initial_weights(task: Task) -> np.ndarray:
    """w_0, (P,)."""
    return np.concatenate([np.ravel(part) for layer in nets.layers(task) for part in layer]).astype(
        np.float64
    )


def data_of(task: Task) -> dict[str, Array]:
    """Inputs and targets as float64."""
    return {name: jnp.asarray(np.asarray(task[name], np.float64)) for name in ("X", "y")}


def edge(params: Params) -> float:
    """Largest stable eigenvalue: of H, for RMSProp and Adam of P⁻¹H.

    Gradient descent, SGD, RMSProp 2/η; Polyak (2+2β)/η; Nesterov (2+2β)/(η(1+2β)); Adam
    (2+2β)/((1-β)η): the curvature at which the linear recursion along one eigenvector has root -1.

    Source: Cohen et al., arXiv:2103.00065 and arXiv:2207.14484.
    """
    eta, beta = filled(params.eta), momentum(params)
    if params.optimizer == "nesterov":
        return (2 + 2 * beta) / (eta * (1 + 2 * beta))
    if params.optimizer == "adam":
        return (2 + 2 * beta) / ((1 - beta) * eta)
    return (2 + 2 * beta) / eta


def momentum(params: Params) -> float:
    """β where the optimiser has momentum, else 0."""
    return filled(params.beta) if params.optimizer in ("polyak", "nesterov", "adam") else 0.0


def flow_rate(params: Params) -> float:
    """Flow time of one step: η, with momentum η/(1-β)."""
    return filled(params.eta) / (1 - momentum(params))


def cycle_frequency(params: Params, alpha: float) -> float:
    """ω = sqrt(2 α growth drift) of the self-stabilisation cycle, radians per step.

    Gradient descent: growth = drift = η. Polyak: both η/(1-β). Nesterov: growth
    η(1+2β)²/(1+3β), drift η/(1-β). From the root of the linear recursion expanded at -1; 2π/ω is
    the period of a small cycle of Damian, Nichani & Lee, arXiv:2209.15594. NaN where α <= 0.
    """
    eta, beta, drift = filled(params.eta), momentum(params), flow_rate(params)
    growth = drift
    if params.optimizer == "nesterov":
        growth = eta * (1 + 2 * beta) ** 2 / (1 + 3 * beta)
    return math.sqrt(2 * alpha * growth * drift) if alpha > 0 else math.nan


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
def _drawn(net: Net, data: Any, w: Array) -> Array:
    count_trace()
    return objective.network_function(net, data, w)


@jit(QUICK_TO_COMPILE, static_argnames="net")
def _gradient(net: Net, data: Any, w: Array) -> Array:
    count_trace()
    return jax.grad(partial(net, data))(w)


def rmsprop_warm(
    net: Net, data: Any, w: np.ndarray, eta: float, beta2: float
) -> tuple[np.ndarray, np.ndarray]:
    """Weights w and ν, (P,) each, after 20 steps of RMSProp.

    ν' = β₂ν + (1-β₂)g²,  w' = w - ηg/(sqrt(ν'/(1-β₂ᵗ)) + ε).
    """
    nu = np.zeros_like(w)
    for t in range(1, WARM_STEPS + 1):
        g = np.asarray(_gradient(net, data, w))
        nu = beta2 * nu + (1 - beta2) * g**2
        w = w - eta * g / (np.sqrt(nu / (1 - beta2**t)) + central_flow.EPSILON)
    return w, nu


class Pace:
    """How many steps fit into the time of one piece."""

    def __init__(self, most: int):
        self.most, self.count = most, min(8, most)
        self._begun, self._warm = 0.0, False

    def begin(self) -> None:
        """Start the clock."""
        self._begun = time.perf_counter()

    def end(self, done: int) -> None:
        """`done` steps took until now; the first piece, which may compile, says nothing."""
        each = (time.perf_counter() - self._begun) / done
        if self._warm:
            self.count = int(min(self.most, 2 * self.count, max(1, PIECE_SECONDS / each)))
        self._warm = True


@dataclass
class Growing:
    """A prediction while it grows: arrays on the schedule, NaN where nothing is known yet."""

    params: Params
    net: Net
    data: Any
    schedule: Schedule
    scalars: dict[str, float] = field(default_factory=dict)
    losses: dict[str, np.ndarray] = field(default_factory=dict)
    values: dict[str, np.ndarray] = field(default_factory=dict)
    snapshots: dict[str, np.ndarray] = field(default_factory=dict)
    shown_at: float = 0.0

    def begin(self, flow: str, size: int, names: tuple[str, ...]) -> None:
        """Make room for one flow's records and snapshots."""
        steps = self.schedule.steps + 1
        records, shots = len(self.schedule.record_steps), len(self.schedule.snapshot_records)
        for name in names:
            self.losses[name] = np.full(steps, np.nan)
        self.values[flow] = np.full((records, self.tracked), np.nan)
        samples = self.data["X"].shape[0]
        self.snapshots[f"weights{flow}"] = np.full((shots, size), np.nan)
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
            self.snapshots[f"network_function{flow}"][i] = _drawn(self.net, self.data, w)

    def cut(self, flow: str, step: int) -> None:
        """Forget what one flow has behind a step; how far a piece went on is a matter of speed."""
        self.losses[f"loss{flow}"][step + 1 :] = np.nan
        self.values[flow][self.schedule.record_steps > step] = np.nan
        for name in (f"weights{flow}", f"network_function{flow}"):
            self.snapshots[name][self.schedule.snapshot_steps > step] = np.nan

    def part(self, progress: float) -> xr.Dataset | float:
        """What is known so far if the last such part is a while ago, else the share alone."""
        now = time.perf_counter()
        if now - self.shown_at < SHOWN_SECONDS:
            return progress
        self.shown_at = now
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
        attrs = {"progress": progress, "optimizer": self.params.optimizer}
        return xr.Dataset(found, coords=coords, attrs=attrs)


def has_central_flow(params: Params) -> bool:
    """Whether these knobs ask for a central flow and theory has one for the optimiser."""
    return bool(params.central_flow) and params.optimizer in ("gd", "rmsprop")


def lanczos_steps(params: Params, k: int) -> int:
    """Products of one Lanczos run for k eigenvalues; digits have many outliers close together."""
    if objective.is_digits(params):
        return 24
    return 6 if k <= 3 else 12


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset | float]:
    """All that theory says about this run, growing: the edge, gradient flow, central flow."""
    yield from _predict(params, task, schedule, whole=True)


def predict_further(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """What is predicted for the seeds behind the first: all but the central flow."""
    *_, last = _predict(params, task, schedule, whole=False)
    assert isinstance(last, xr.Dataset)
    return last


def _predict(
    params: Params, task: Task, schedule: Schedule, *, whole: bool
) -> Iterator[xr.Dataset | float]:
    growing = Growing(params, net_of(params), data_of(task), schedule)
    growing.scalars["edge"] = edge(params)
    yield growing.dataset(0.0)
    w = initial_weights(task)
    averaged = whole and growing.has_central_flow
    share = 0.0
    if params.optimizer not in ("rmsprop", "adam"):
        share = 0.25 if averaged else 1.0
        for part in _with_gradient_flow(growing, w):
            yield growing.part(share * part)
    if averaged:
        for part in _with_central_flow(growing, w):
            yield growing.part(share + (1 - share) * part)
    yield growing.dataset(1.0)


def _followed(growing: Growing) -> int:
    critical = filled(growing.params.critical) if growing.has_central_flow else 0
    return max(growing.tracked, critical + 1)


def spectrum_at(net: Net, data: Any, w: np.ndarray, *, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k largest eigenvalues (k,) and eigenvectors (P, k) of H(w)."""
    found = gradient_flow.advanced(
        net, data, gradient_flow.beginning(w, k), rate=0.0, due=np.ones(1, bool), m=_products(net)
    )
    return np.asarray(found.values), np.asarray(found.vectors)


def _products(net: Net) -> int:
    return 24 if net.data.startswith("digits") else 12


def _with_gradient_flow(growing: Growing, w: np.ndarray) -> Iterator[float]:
    """Enter the gradient flow, piece by piece; yields the share that is done."""
    params, schedule, net, data = growing.params, growing.schedule, growing.net, growing.data
    flow, limit, rate = "_gradient_flow", growing.scalars["edge"], flow_rate(params)
    k, records, last = _followed(growing), schedule.record_steps, schedule.steps
    guide = params.optimizer != "gd"
    if guide:
        last = min(last, int(GUIDE_TIME / rate))
    growing.begin(flow, len(w), (f"loss{flow}",))
    growing.scalars["cycle_frequency"] = math.nan
    piece, pace, step = gradient_flow.beginning(w, k), Pace(gradient_flow.CAPACITY), 0
    path, looked, tops = np.zeros((0, len(w))), np.zeros(0, int), np.zeros(0)
    while step <= last:
        count = min(pace.count, last + 1 - step)
        steps = np.arange(step, step + count)
        due = np.isin(steps, records) | (steps % LOOK == 0)
        pace.begin()
        piece = gradient_flow.advanced(net, data, piece, rate=rate, due=due, m=_products(net))
        seen, weights = (np.asarray(x)[:count] for x in (piece.records, piece.weights))
        losses = np.asarray(piece.losses)[:count]
        pace.end(count)
        growing.put(flow, step, seen, weights, **{f"loss{flow}": losses})
        path = np.concatenate([path, weights])[-2 * gradient_flow.CAPACITY :]
        step += count
        looked, tops = np.append(looked, steps[due]), np.append(tops, seen[due, 0])
        growing.scalars["start_over_edge"] = float(tops[0]) / limit
        for name, level in (("reach_step", REACHED), ("overrun_step", OVERRUN)):
            growing.scalars[name] = first_step(looked, tops, level * limit)
        crossed = first_step(looked, tops, limit)
        if math.isnan(growing.scalars["cycle_frequency"]) and math.isfinite(crossed):
            at = path[max(int(crossed) - step, -len(path))]
            _, vectors = spectrum_at(net, data, at, k=k)
            alpha, _ = gradient_flow.sharpening(net, data, at, vectors[:, 0])
            growing.scalars["cycle_frequency"] = cycle_frequency(params, alpha)
        if guide and math.isfinite(growing.scalars["overrun_step"]):
            growing.cut(flow, int(growing.scalars["overrun_step"]))
            return
        if not np.isfinite(losses).all():
            return
        yield step / (last + 1)


def _catapulted(
    growing: Growing, w: np.ndarray, k: int
) -> Generator[float, None, tuple[int, np.ndarray] | None]:
    """Step and midpoint at which λ_1 < 2/η after a start too sharp for the flow; None if never.

    Gradient descent takes it there, 500 steps at most.
    """
    net, data, eta = growing.net, growing.data, filled(growing.params.eta)
    limit = growing.scalars["edge"]
    if spectrum_at(net, data, w, k=k)[0][0] <= TOO_SHARP * limit:
        return 0, w
    piece, at = gradient_flow.beginning(w, k), np.zeros((0, len(w)))
    never = np.zeros(8, bool)
    for begin in range(0, CATAPULT_STEPS, len(never)):
        piece = gradient_flow.advanced(
            net, data, piece, rate=eta, due=never, m=_products(net), rule=gradient_flow.DESCENT
        )
        at = np.concatenate([at[-2:], np.asarray(piece.weights)[: len(never)]])
        if not np.isfinite(at).all():
            return None
        middle = (at[:-2] + 2 * at[1:-1] + at[2:]) / 4
        centre = begin + len(never) - 1 - len(middle)
        for i, w_mid in enumerate(middle):
            if spectrum_at(net, data, w_mid, k=k)[0][0] < limit:
                return centre + i, w_mid
        yield 0.0
    return None


def _with_central_flow(growing: Growing, w: np.ndarray) -> Iterator[float]:
    """Enter the central flow, piece by piece; yields the share that is done."""
    params, net, data = growing.params, growing.net, growing.data
    eta, critical = filled(params.eta), filled(params.critical)
    k, last = _followed(growing), growing.schedule.steps
    beta2 = float(params.beta2) if params.optimizer == "rmsprop" else None
    growing.begin("", len(w), ("loss", "loss_central_flow", "variance"))
    growing.scalars |= {"break_step": math.inf, "start_step": math.inf, "quiet_kick": math.nan}
    growing.scalars |= {"second_over_edge": math.nan, "second_step": math.inf}
    growing.scalars["next_over_edge"] = math.nan
    if beta2 is not None:
        w, nu = rmsprop_warm(net, data, w, eta, beta2)
        step = WARM_STEPS
        state = central_flow.beginning(w, critical=critical, tracked=k)
        state = state._replace(nu=nu, step=np.asarray(float(step)))
    else:
        start = yield from _catapulted(growing, w, k)
        if start is None:
            return
        step, w = start
        state = central_flow.beginning(w, critical=critical, tracked=k)
    growing.scalars["start_step"] = float(step)
    pace, m, begun = Pace(central_flow.CAPACITY), lanczos_steps(params, k), step
    highest = np.full(k, -math.inf)
    while step <= last:
        count = min(pace.count, last + 1 - step)
        pace.begin()
        state, seen = central_flow.advanced(
            net, data, state, eta=eta, beta2=beta2, count=count, m=m
        )
        pace.end(count)
        growing.put(
            "",
            step,
            seen.values / eta,
            seen.weights,
            loss=seen.loss,
            loss_central_flow=seen.flow_loss,
            variance=seen.variance,
        )
        if not np.isfinite(seen.loss).all():
            return
        _enter_directions(growing, step, seen, highest)
        oscillating = np.flatnonzero(seen.variance > 0)
        if math.isinf(growing.scalars["break_step"]) and oscillating.size:
            i = int(oscillating[0])
            growing.scalars["break_step"] = float(step + i)
            if beta2 is None:
                growing.scalars["quiet_kick"] = _quiet_kick(net, data, seen.weights[i], k)
        step += count
        yield (step - begun) / (last + 1 - begun)


def _enter_directions(
    growing: Growing, step: int, seen: central_flow.Path, highest: np.ndarray
) -> None:
    """Enter how near the second and the first direction that may not oscillate came to the edge."""
    ratios = seen.values / central_flow.EDGE
    np.maximum(highest, ratios.max(axis=0), out=highest)
    growing.scalars["second_over_edge"] = float(highest[1])
    growing.scalars["next_over_edge"] = float(highest[filled(growing.params.critical)])
    there = np.flatnonzero(ratios[:, 1] >= SECOND)
    if there.size and math.isinf(growing.scalars["second_step"]):
        growing.scalars["second_step"] = float(step + there[0])


def _quiet_kick(net: Net, data: Any, w: np.ndarray, k: int) -> float:
    """δ = sqrt(2α/b), the amplitude at which the flow's oscillation starts."""
    _, vectors = spectrum_at(net, data, w, k=k)
    alpha, b = gradient_flow.sharpening(net, data, w, vectors[:, 0])
    return math.sqrt(2 * alpha / b) if alpha > 0 else math.nan


def intervene(params: Params, task: Task, prediction: xr.Dataset) -> Task:
    """The quiet start: at the break the run is set oscillating as widely as the flow says.

    At step `kick_step` = break_step it adds `kick_size` = sqrt(2α/b) along its own top eigenvector.
    Without it the oscillation must grow out of rounding.
    """
    step, size = -1, 0.0
    if params.quiet_start and params.optimizer == "gd" and has_central_flow(params):
        found = {
            name: float(prediction.get(name, math.nan)) for name in ("break_step", "quiet_kick")
        }
        if math.isfinite(found["break_step"]) and math.isfinite(found["quiet_kick"]):
            step, size = int(found["break_step"]), found["quiet_kick"]
    return {**task, "kick_step": np.asarray(step, np.int64), "kick_size": np.asarray(size)}
