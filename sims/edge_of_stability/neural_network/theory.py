"""What is known of a net at the edge of stability before its first step.

The edge, the gradient flow and, for gradient descent and RMSProp, the central flow: nothing is
fitted and nothing is read off a run. Weights, data, learning rate and momenta are arguments of the
compiled programs, so that only another net or another number of directions compiles anew.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
import xarray as xr
from jax import Array

from sims.core.compilation import QUICK_TO_COMPILE, count_trace, jit
from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.edge_of_stability import objective, scales
from sims.edge_of_stability.neural_network import central_flow, gradient_flow
from sims.edge_of_stability.neural_network.growing import (
    FIRST_PIECE,
    Growing,
    Net,
    data_of,
    first_step,
    has_central_flow,
    net_of,
    piece_length,
)

if TYPE_CHECKING:
    from sims.edge_of_stability.neural_network.params import Params

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
HELD = 2 * gradient_flow.CAPACITY
"""Last weights of the gradient flow at hand, among which it crossed the edge."""


def initial_weights(params: Params, task: Task) -> np.ndarray:
    """w_0, (P,)."""
    return np.asarray(objective.flat(params, task), np.float64)


def edge(params: Params) -> float:
    """Largest stable eigenvalue of H, or P⁻¹H; see `scales.edge`."""
    return scales.edge(params.optimizer, filled(params.eta), momentum(params))


def momentum(params: Params) -> float:
    """β where the optimiser has momentum, else 0."""
    return filled(params.beta) if params.optimizer in scales.WITH_MOMENTUM else 0.0


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


def lanczos_steps(params: Params, k: int) -> int:
    """Products of one Lanczos run for k eigenvalues.

    Data in many dimensions have many outliers close together.

    On a cnn or a transformer, where a product costs ten times a perceptron's, 8 give the same
    verdicts.
    """
    if params.architecture != "mlp":
        return 8
    if not objective.is_polynomial(params):
        return 24
    return 6 if k <= 3 else 12


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset | float]:
    """All that theory says about this run, growing: the edge, gradient flow, central flow."""
    yield from _predict(params, task, schedule, whole=True)


def predict_further(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset | float]:
    """What is predicted for the seeds behind the first: all but the central flow."""
    yield from _predict(params, task, schedule, whole=False)


def _predict(
    params: Params, task: Task, schedule: Schedule, *, whole: bool
) -> Iterator[xr.Dataset | float]:
    w = initial_weights(params, task)
    growing = Growing(params, net_of(params), data_of(task), schedule, len(w))
    growing.scalars["edge"] = edge(params)
    yield growing.dataset(0.0)
    averaged = whole and growing.has_central_flow
    share = 0.0
    if params.optimizer not in ("rmsprop", "adam"):
        share = 0.25 if averaged else 1.0
        for part in _with_gradient_flow(growing, w):
            yield growing.part(share * part) if whole else share * part
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
    if net.architecture != "mlp":
        return 12
    return 12 if objective.is_polynomial(net) else 24


def _with_gradient_flow(growing: Growing, w: np.ndarray) -> Iterator[float]:
    """Enter the gradient flow, piece by piece; yields the share that is done."""
    params, schedule, net, data = growing.params, growing.schedule, growing.net, growing.data
    flow, limit, rate = "_gradient_flow", growing.scalars["edge"], flow_rate(params)
    k, records, last = _followed(growing), schedule.record_steps, schedule.steps
    guide = params.optimizer != "gd"
    if guide:
        last = min(last, int(GUIDE_TIME / rate))
    growing.begin(flow, (f"loss{flow}",))
    growing.scalars["cycle_frequency"] = math.nan
    piece, count, step = gradient_flow.beginning(w, k), FIRST_PIECE, 0
    path, looked, tops = np.zeros((0, len(w))), np.zeros(0, int), np.zeros(0)
    crossing, m = math.inf, _products(net)
    while step <= last:
        steps = np.arange(step, min(step + gradient_flow.CAPACITY, last + 1))
        due = np.isin(steps, records) | (steps % LOOK == 0)
        costs = growing.gradient_seconds * gradient_flow.gradients(piece, rate, due, m)
        count = _to_a_look(due, piece_length(costs, count), step + len(due) > last)
        steps, due = steps[:count], due[:count]
        piece = gradient_flow.advanced(net, data, piece, rate=rate, due=due, m=m)
        growing.unseen += float(costs[:count].sum())
        seen, weights, losses = (
            np.asarray(x) for x in (piece.records, piece.weights, piece.losses)
        )
        growing.put(flow, step, seen, weights, **{f"loss{flow}": losses})
        path = np.concatenate([path, weights])[-HELD:]
        step += count
        there = due & (np.cumsum(~np.isfinite(losses)) == 0)
        looked, tops = np.append(looked, steps[there]), np.append(tops, seen[there, 0])
        growing.scalars["start_over_edge"] = float(tops[0]) / limit if len(tops) else math.nan
        for name, level in (("reach_step", REACHED), ("overrun_step", OVERRUN)):
            growing.scalars[name] = first_step(looked, tops, level * limit)
        if math.isinf(crossing) and math.isfinite(crossing := first_step(looked, tops, limit)):
            at = path[max(int(crossing) - step, -len(path))]
            growing.scalars["cycle_frequency"] = _cycle_frequency_at(growing, at, k)
        if guide and math.isfinite(growing.scalars["overrun_step"]):
            growing.cut(flow, int(growing.scalars["overrun_step"]))
            return
        if not np.isfinite(losses).all():
            return
        yield step / (last + 1)


def _to_a_look(due: np.ndarray, wanted: int, at_the_end: bool) -> int:
    """Most steps up to the wanted number, or fewest beyond, behind which the spectrum is due."""
    ends = gradient_flow.stretches(due)
    ends = ends if at_the_end else ends[:-1]
    return int(ends[max(0, np.searchsorted(ends, wanted, side="right") - 1)])


def _cycle_frequency_at(growing: Growing, w: np.ndarray, k: int) -> float:
    net, data = growing.net, growing.data
    _, vectors = spectrum_at(net, data, w, k=k)
    alpha, _ = gradient_flow.sharpening(net, data, w, vectors[:, 0])
    return cycle_frequency(growing.params, alpha)


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
    growing.begin("", ("loss", "loss_central_flow", "variance"))
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
    count, m, begun, several = FIRST_PIECE, lanczos_steps(params, k), step, 1
    highest = np.full(k, -math.inf)
    while step <= last:
        each = growing.gradient_seconds * central_flow.gradients(several, m)
        most = min(central_flow.CAPACITY, last + 1 - step)
        count = piece_length(np.full(most, each), count)
        state, seen = central_flow.advanced(
            net, data, state, eta=eta, beta2=beta2, count=count, m=m
        )
        growing.unseen += count * each
        several = int(np.sum(seen.values[-1, :critical] > central_flow.CRITICAL))
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
