"""Training of a diagonal linear network in log coordinates, to be read aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import RECORDS, SNAPSHOTS, Schedule, even, steps_until
from sims.saddle_to_saddle.diagonal_network import theory
from sims.saddle_to_saddle.diagonal_network.designs import drawn
from sims.saddle_to_saddle.diagonal_network.params import Params, sizes

AROUND = 19
"""Records added around a predicted jump."""
NEAR = 2.5
"""How far they reach before it, in units of its wait over ln(1/α); behind it twice that, and the
step lag."""


class State(NamedTuple):
    """ln w₊ and ln w₋, (feature,) each, of w± = (u ± v)/√2; β = uv = (w₊² - w₋²)/2.

    In u and v the sum u + v ~ α² would be lost to rounding as soon as |u| ~ 1, and with it every
    later jump; logarithms carry any α.
    """

    log_plus: Array
    log_minus: Array


def prepare(params: Params, seed: int) -> Task:
    """Draw the data of one seed; the start u = √2 α, v = 0 is the same for all.

    `log_alpha` is what the run starts from: α itself may be as small as 1e-300.
    """
    n, d = sizes(params)
    alpha = float(params.alpha)
    X, y = drawn(params.design, n, d, np.random.default_rng(seed))
    return {
        "X": X,
        "y": y,
        "u": np.full(d, math.sqrt(2) * alpha),
        "v": np.zeros(d),
        "log_alpha": np.array(math.log(alpha)),
    }


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """240 even records and up to 240 more around the predicted jumps; 60 even snapshots.

    A jump takes one part in ln(1/α) of its wait, which even records would miss.
    """
    eta, scale = float(params.eta), -math.log(float(params.alpha))
    steps = steps_until(filled(params.horizon), eta)
    paths = [theory.path_of(task) for task in tasks]
    groups = [np.zeros(0)]
    for path in paths:
        late = theory.step_lag(eta, path.tau)
        near = np.linspace(1 - NEAR / scale, 1 + 2 * NEAR / scale + late, AROUND)
        groups.append(np.outer(path.tau[: path.learned] * scale / eta, near).ravel())
    close = np.sort(np.concatenate(groups))
    close = close[(close > 0) & (close < steps)]
    if len(close) > RECORDS:
        close = close[np.round(np.linspace(0, len(close) - 1, RECORDS)).astype(int)]
    usual = even(steps, RECORDS)
    records = np.unique([*usual, *np.round(close)]).astype(np.int64)
    return Schedule(records, np.searchsorted(records, usual[even(len(usual) - 1, SNAPSHOTS)]), eta)


def weights(state: State) -> Array:
    """β = (w₊² - w₋²)/2, (feature,)."""
    return 0.5 * (jnp.exp(2 * state.log_plus) - jnp.exp(2 * state.log_minus))


def gradient(task: Tensors, beta: Array) -> Array:
    """∇L(β) = Xᵀ(Xβ - y)/n, (feature,)."""
    X, y = task["X"], task["y"]
    return (X @ beta - y) @ X / y.shape[0]


def log_abs1p(x: Array) -> Array:
    """ln|1 + x|; only w² counts, so a step that turns a weight's sign is a step like any other."""
    return 0.5 * jnp.log1p(x * (2 + x))


def init(params: Params, task: Tensors) -> State:
    """Both logarithms at ln α: u = √2 α, v = 0."""
    del params
    start = jnp.zeros_like(task["X"][0]) + task["log_alpha"]
    return State(start, jnp.copy(start))


def step(params: Params, task: Tensors, state: State) -> State:
    """w± <- w±(1 ∓ ηg), g = ∇L(β): gradient descent on u and v, exactly, in logarithms."""
    g = gradient(task, weights(state))
    return State(
        state.log_plus + log_abs1p(-params.eta * g),
        state.log_minus + log_abs1p(params.eta * g),
    )


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss |Xβ - y|²/2n, weights β, and duals s = ln(w₊/w₋)/(2 ln(1/α))."""
    del params
    beta = weights(state)
    return {
        "loss": 0.5 * jnp.mean((task["X"] @ beta - task["y"]) ** 2),
        "weights": beta,
        "duals": (state.log_minus - state.log_plus) / (2 * task["log_alpha"]),
    }


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Gradient of the loss, the speed of each dual: zero where a feature is on."""
    del params
    return {"gradient": gradient(task, weights(state))}


def simulation(params: Params) -> Simulation[State]:
    """The four functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot)
