"""Training of a two-layer relu network on a parity, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core import two_layer
from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.lazy_rich import records, teacher
from sims.lazy_rich.parity import theory
from sims.lazy_rich.parity.params import Params

EARLY = 60
"""First steps of which every one is recorded beyond the edge."""
RUNAWAY = 1e12
"""A loss this many times the first one counts as diverged."""


class State(NamedTuple):
    """The network, and what it said of the test points at the start, (n',)."""

    net: two_layer.State
    test0: Array


def prepare(params: Params, seed: int) -> Task:
    """Data of the data seed, weights of the seed, and its learning rate."""
    found = theory.drawn(
        int(params.data_seed), params.n, params.n_test, params.d, int(params.relevant)
    )
    task, _ = teacher.born(
        found,
        seed,
        width=params.width,
        activation=theory.ACTIVATION,
        alpha=float(params.alpha),
        c=float(params.c),
        steps=int(params.steps),
    )
    return task


def shuffled(task: Task) -> Task:
    """The same points with the train targets of other points: there is no rule to learn."""
    return {**task, "y": np.random.default_rng(0).permutation(task["y"])}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """That of `records.schedule`; beyond the edge with each of the first 60 steps."""
    del tasks
    return records.schedule(int(params.steps), first=EARLY if float(params.c) > 1 else 0)


def init(params: Params, task: Tensors) -> State:
    """The weights of the task."""
    del params
    W, a = task["W"], task["a"]
    test0 = two_layer.output(W, a, task["X_test"], theory.ACTIVATION)
    return State(two_layer.start(W, a, task["X"], theory.ACTIVATION), test0)


def step(params: Params, task: Tensors, state: State) -> State:
    """One full-batch step of size η on |f - y|²/(2nα²)."""
    X, y, eta = task["X"], task["y"], task["eta"]
    net = two_layer.step(state.net, X, y, params.alpha, eta, theory.ACTIVATION)
    return state._replace(net=net)


def loss(params: Params, net: two_layer.State, X: Array, y: Array, h0: Array) -> Array:
    """|f - y|²/(2n) with f = α (h - h_0)."""
    f = params.alpha * (two_layer.output(net.W, net.a, X, theory.ACTIVATION) - h0)
    return 0.5 * jnp.mean((f - y) ** 2)


def axis_shares(net: two_layer.State) -> Array:
    """Share of Σ|a_i||w_i| on each axis, (axis,): weight i counts by w_ij²/|w_i|²."""
    length = jnp.linalg.norm(net.W, axis=1)
    return (jnp.abs(net.a) / length) @ net.W**2 / (jnp.abs(net.a) @ length)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Losses |f - y|²/(2n), and the share of the weights on the bits that matter."""
    net = state.net
    train = loss(params, net, task["X"], task["y"], net.h0)
    shares = axis_shares(net)
    seen = {
        "train_loss": train,
        "test_loss": loss(params, net, task["X_test"], task["y_test"], state.test0),
        "relevant_share": jnp.sum(
            jnp.where(jnp.arange(shares.shape[0]) < params.relevant, shares, 0.0)
        ),
    }
    gone = ~(train <= RUNAWAY * 0.5 * jnp.mean(task["y"] ** 2))
    return {name: jnp.where(gone, jnp.inf, value) for name, value in seen.items()}


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """The share of each axis."""
    del params, task
    return {"axis_shares": axis_shares(state.net)}


def simulation(params: Params) -> Simulation[State]:
    """The four functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot, fused=True)
