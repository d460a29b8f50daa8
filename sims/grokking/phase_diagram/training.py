"""One run of the diagram: squares, AdamW, the squared error."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.grokking import modular_network as network
from sims.grokking.modular_addition.training import BETA2
from sims.grokking.modular_network import Adam
from sims.grokking.passage import refined
from sims.grokking.phase_diagram.params import Params

ACTIVATION, LOSS_KIND = "square", "mse"
EVERY, MOST_EVEN = 20, 600


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
    """Every 20 steps (at most 600 records), denser up to the 600th step; time counts steps."""
    del tasks
    steps = int(params.steps)
    records = refined(steps, max(EVERY, -(-steps // MOST_EVEN)))
    return Schedule(records, np.zeros(0, np.int64), 1.0)


def init(params: Params, task: Tensors) -> Adam:
    """The weights of the task."""
    del params
    return network.adam_start(network.tables(task))


def step(params: Params, task: Tensors, state: Adam) -> Adam:
    """One full-batch step of AdamW on the mean over pairs of Σ_c (f_c - onehot_c)²."""
    g = network.gradient(state.theta, task, ACTIVATION, LOSS_KIND)
    return network.adam(state, g, params.eta, BETA2, params.weight_decay)


def observe(params: Params, task: Tensors, state: Adam) -> dict[str, Array]:
    """Losses and accuracies on both sets, and the norm."""
    del params
    f = network.logits(state.theta, ACTIVATION)
    seen = network.curves(f, task["mask"], LOSS_KIND)
    return seen | {"weight_norm": jnp.sqrt(jnp.sum(state.theta**2))}


def simulation(params: Params) -> Simulation[Adam]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, fused=True)
