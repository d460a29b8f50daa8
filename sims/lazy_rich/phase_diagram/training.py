"""One run of the diagram: the two-layer network in float32, looked at a few times."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array

from sims.core import two_layer
from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.core.two_layer import State
from sims.lazy_rich import teacher
from sims.lazy_rich.phase_diagram.params import Params

RECORDS = 11
RUNAWAY = 1e12
"""A loss this many times the first one counts as diverged."""


def prepare(params: Params, seed: int) -> Task:
    """Data of the data seed, weights of the seed, and its learning rate.

    Raises:
        ValueError: the teacher is zero on the train points.
    """
    found = teacher.data(
        int(params.data_seed),
        d=params.d,
        n=params.n,
        neurons=int(params.teacher_neurons),
        noise=float(params.noise),
        activation=params.activation,
    )
    task, _ = teacher.born(
        found,
        seed,
        width=params.width,
        activation=params.activation,
        alpha=float(params.alpha),
        c=float(params.c),
        steps=int(params.steps),
    )
    return task


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Eleven even records; time counts steps."""
    del tasks
    return Schedule.until(params.steps, snapshots=0)


def init(params: Params, task: Tensors) -> State:
    """The weights of the task."""
    return two_layer.start(task["W"], task["a"], task["X"], params.activation)


def step(params: Params, task: Tensors, state: State) -> State:
    """One full-batch step of size η on |f - y|²/(2nα²)."""
    X, y, eta = task["X"], task["y"], task["eta"]
    return two_layer.step(state, X, y, params.alpha, eta, params.activation)


def _loss(params: Params, state: State, X: Array, y: Array, h0: Array) -> Array:
    """|f - y|²/(2n), f = α (h - h_0)."""
    f = params.alpha * (two_layer.output(state.W, state.a, X, params.activation) - h0)
    return jnp.sum((f - y) ** 2) / (2 * X.shape[0])


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Losses, and how far the features have moved."""
    X, y, W0, a0, activation = task["X"], task["y"], task["W"], task["a"], params.activation
    now = two_layer.features(state.W, state.a, X, activation)
    born = two_layer.features(W0, a0, X, activation)
    test0 = two_layer.output(W0, a0, task["X_test"], activation)
    loss = _loss(params, state, X, y, state.h0)
    seen = {
        "train_loss": loss,
        "test_loss": _loss(params, state, task["X_test"], task["y_test"], test0),
        "feature_change": two_layer.feature_change(now, born, X),
    }
    gone = ~(loss <= RUNAWAY * jnp.sum(y**2) / (2 * X.shape[0]))
    return {name: jnp.where(gone, jnp.inf, value) for name, value in seen.items()}


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, fused=True)
