"""Training of a deep factorisation on the observed entries of a matrix, to be read aloud."""

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
from sims.saddle_to_saddle.matrix_completion import theory
from sims.saddle_to_saddle.matrix_completion.params import Params

NEAR = np.linspace(0.96, 1.04, 15)
"""Where records are added, in units of the predicted escape time; its tolerance is 1.2 %."""


class State(NamedTuple):
    """Factors W_1..W_L, each size x size."""

    weights: tuple[Array, ...]


def prepare(params: Params, seed: int) -> Task:
    """Draw target, mask and factors of one seed, in the order U, V, mask, W_1..W_L."""
    rng = np.random.default_rng(seed)
    size, rank, s = params.size, filled(params.rank), np.asarray(filled(params.spectrum), float)
    U = np.linalg.qr(rng.standard_normal((size, rank)))[0]
    V = np.linalg.qr(rng.standard_normal((size, rank)))[0]
    task: Task = {"target": (U * s) @ V.T, "spectrum": s}
    task["mask"] = rng.random((size, size)) < float(params.observed)
    scale = filled(params.alpha) / math.sqrt(size)
    for i in range(params.depth):
        task[f"W{i + 1}"] = scale * rng.standard_normal((size, size))
    return task


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """At most 240 records, half of them even and half around the predicted escapes; 60 snapshots.

    A deep product blows up within a few percent of its wait, which even records would miss.
    """
    eta = filled(params.eta)
    steps = steps_until(filled(params.horizon), eta)
    escapes = [theory.first_escape_time(params, t) for t in tasks] if params.depth > 1 else []
    close = np.sort(np.concatenate([np.zeros(0), *(t / eta * NEAR for t in escapes)]))
    if len(close) > RECORDS // 2:
        close = close[np.round(np.linspace(0, len(close) - 1, RECORDS // 2)).astype(int)]
    close = np.round(close[close < steps])
    records = np.unique([*even(steps, RECORDS - len(close)), *close]).astype(np.int64)
    wanted = np.linspace(0, steps, min(SNAPSHOTS, len(records)))
    nearest = np.argmin(np.abs(records[:, None] - wanted[None, :]), axis=0)
    return Schedule(records, np.unique(nearest), eta)


def partial_products(weights: tuple[Array, ...]) -> list[Array]:
    """W_1, W_2 W_1, ..., W_L ... W_1."""
    products = [weights[0]]
    for w in weights[1:]:
        products.append(w @ products[-1])
    return products


def init(params: Params, task: Tensors) -> State:
    """The factors of the task."""
    return State(tuple(task[f"W{i + 1}"] for i in range(params.depth)))


def step(params: Params, task: Tensors, state: State) -> State:
    """W_l <- W_l + η W_{>l}ᵀ R W_{<l}ᵀ, R = M - W on observed entries and 0 elsewhere."""
    products = partial_products(state.weights)
    pull = jnp.where(task["mask"], task["target"] - products[-1], 0.0)
    new = []
    for l in reversed(range(params.depth)):
        force = pull @ products[l - 1].T if l else pull
        new.append(state.weights[l] + filled(params.eta) * force)
        pull = state.weights[l].T @ pull
    return State(tuple(reversed(new)))


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss ½ Σ (W - M)² over observed entries, held-out error, top r + 1 singular values of W.

    The held-out error is |W - M|/|M| over what is not observed; NaN if all is.
    """
    del params
    W, M, mask = partial_products(state.weights)[-1], task["target"], task["mask"]
    gap, shown = W - M, task["spectrum"].shape[0] + 1
    unseen = jnp.sum(jnp.where(mask, 0.0, gap) ** 2) / jnp.sum(jnp.where(mask, 0.0, M) ** 2)
    finite = jnp.where(jnp.isfinite(W), W, 0.0)  # LAPACK prints complaints about a diverged W
    sigma = jnp.linalg.svd(finite, compute_uv=False)[:shown]
    return {
        "loss": 0.5 * jnp.sum(jnp.where(mask, gap, 0.0) ** 2),
        "heldout_error": jnp.sqrt(unseen),
        "singular_values": jnp.pad(sigma, (0, shown - sigma.shape[0])),
    }


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """The product W, the matrix as completed so far."""
    del params, task
    return {"product": partial_products(state.weights)[-1]}


def simulation(params: Params) -> Simulation[State]:
    """The four functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot)
