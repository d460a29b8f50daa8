"""Training of modular addition, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.grokking import modular_network as network
from sims.grokking.modular_addition import measure, pictures
from sims.grokking.modular_addition.params import Params
from sims.grokking.passage import refined

EVERY = 20
"""Steps between records, where there are not too many."""
MOST_EVEN = 600
"""Records that far apart, or further; before, they lie denser."""
SHOTS, FEWEST_SHOTS = 60, 24
SHOT_BYTES = 3_000_000
"""Size of all snapshots of a run."""
BETA2, BETA2_CUBIC = 0.98, 0.999


class Descent(NamedTuple):
    """θ (3, p, m) and its velocity."""

    theta: Array
    velocity: Array


State = network.Adam | Descent


def prepare(params: Params, seed: int) -> Task:
    """Which pairs train, and the initial weights, both of the seed."""
    return network.born(
        seed,
        p=params.p,
        width=params.width,
        fraction=float(params.fraction),
        init_scale=float(params.init_scale),
    )


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Every 20 steps (at most 600 records), denser up to the 600th step; time counts steps.

    Half of the snapshots are even, half log-spaced.
    """
    del tasks
    steps = int(params.steps)
    records = refined(steps, max(EVERY, -(-steps // MOST_EVEN)))
    size = pictures.size(params.p, params.width, np.dtype(params.dtype).itemsize)
    shots = int(np.clip(SHOT_BYTES // size, FEWEST_SHOTS, SHOTS))
    spread = np.concatenate([np.linspace(0, steps, shots // 2), np.geomspace(1, steps, shots // 2)])
    nearest = np.abs(records[None, :] - spread[:, None]).argmin(axis=1)
    return Schedule(records, np.unique(nearest).astype(np.int64), 1.0)


def init(params: Params, task: Tensors) -> State:
    """The weights of the task, and an optimizer that has seen nothing."""
    theta = network.tables(task)
    if params.optimizer == "gd":
        return Descent(theta, jnp.zeros_like(theta))
    return network.adam_start(theta)


def pull(params: Params, theta: Array) -> Array:
    """Gradient of the regulariser that is part of the loss: w|θ|²/2 or w Σ_i |θ_i|³."""
    if params.regulariser == "l2":
        return params.weight_decay * theta
    return 3 * params.weight_decay * measure.neuron_norms(theta)[None, None, :] * theta


def step(params: Params, task: Tensors, state: State) -> State:
    """One full-batch step: AdamW, or heavy ball v ← β v + g, θ ← θ - η v."""
    theta = state.theta
    g = network.gradient(theta, task, params.activation, params.loss_kind)
    decoupled = params.regulariser == "decoupled"
    if not decoupled:
        g = g + pull(params, theta)
    decay = params.weight_decay if decoupled else 0.0
    if isinstance(state, Descent):
        velocity = params.momentum * state.velocity + g
        return Descent(theta - params.eta * (velocity + decay * theta), velocity)
    beta2 = BETA2_CUBIC if params.regulariser == "cubic" else BETA2
    return network.adam(state, g, params.eta, beta2, decay)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Losses and accuracies, progress measures, and the order of the weights."""
    f = network.logits(state.theta, params.activation)
    return {
        **network.curves(f, task["mask"], params.loss_kind),
        **measure.progress(f, task["mask"]),
        **measure.order(state.theta),
        "margin_ratio": measure.margin_ratio(f, state.theta),
        "weight_norm": jnp.sqrt(jnp.sum(state.theta**2)),
    }


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """The table of answers, and the weights of a."""
    f = network.logits(state.theta, params.activation)
    return {"answers": measure.answers(f, task["mask"]), "embedding": state.theta[0]}


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot, derive=pictures.derived, fused=True)
