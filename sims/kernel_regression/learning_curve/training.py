"""Kernel regression, one more example a step, on many training sets at once; to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Task, Tensors
from sims.core.schedule import Schedule
from sims.kernel_regression.learning_curve.data import FLOOR, kernel_matrix, world
from sims.kernel_regression.learning_curve.params import Params

RECORDS = 36


class State(NamedTuple):
    """The kernel and its modes, and what T training sets of k examples have taught.

    K, U (N, N) and Nλ (N,); directions V (T, n, N) of which the posterior covariance is
    K - Σ V Vᵀ; answers f, learnabilities L, posterior variances (T, N); which points were seen.
    """

    K: Array
    U: Array
    scale: Array
    V: Array
    f: Array
    learnability: Array
    variance: Array
    seen: Array
    k: Array


def prepare(params: Params, seed: int) -> Task:
    """The world, the same for every seed, and T training sets of it with their noisy labels."""
    X, y = world(params.data, int(params.points), int(params.target))
    rng, n, T = np.random.default_rng(seed), int(params.examples), int(params.trials)
    order = np.stack([rng.permutation(len(y))[:n] for _ in range(T)]).astype(np.int32)
    noise = float(params.noise) * rng.standard_normal((T, n))
    return {"X": X, "y": y, "order": order, "y_noisy": y[order] + noise}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """A step is one more example; log-spaced records, each of them a snapshot."""
    del tasks
    n = np.round(np.geomspace(1, int(params.examples), RECORDS)).astype(np.int64)
    steps = np.unique(np.append(0, n))
    return Schedule(steps, np.arange(len(steps)), 1.0)


def init(params: Params, task: Tensors) -> State:
    """No example yet: f = 0, and the variance is that of the kernel itself."""
    K = kernel_matrix(task["X"], params.kernel, params.bandwidth, jnp)
    values, vectors = jnp.linalg.eigh(K)
    T, n = task["order"].shape
    N = len(K)
    none = jnp.zeros((T, N), K.dtype)
    return State(
        K,
        vectors[:, ::-1],
        jnp.maximum(values[::-1], FLOOR * N),
        jnp.zeros((T, n, N), K.dtype),
        none,
        none,
        jnp.broadcast_to(jnp.diag(K)[None], (T, N)),
        none,
        jnp.zeros((), jnp.int32),
    )


def step(params: Params, task: Tensors, state: State) -> State:
    """Condition on one more example s of each set, with C = K_s - VᵀV_s.

    V_k = C/√(C_s + δ),   f <- f + (y_s - f_s) C/(C_s + δ),   L_i <- L_i + (u_i·V_k)²/(Nλ_i).
    """
    k, s = state.k, task["order"][:, state.k]
    rows = jnp.arange(len(s))
    C = state.K[s] - jnp.einsum("tki,tk->ti", state.V, state.V[rows, :, s])
    spread = C[rows, s] + params.ridge
    V = C / jnp.sqrt(spread)[:, None]
    gap = (task["y_noisy"][:, k] - state.f[rows, s]) / spread
    return state._replace(
        V=state.V.at[:, k].set(V),
        f=state.f + gap[:, None] * C,
        learnability=state.learnability + (V @ state.U) ** 2 / state.scale[None],
        variance=state.variance - V**2,
        seen=state.seen.at[rows, s].set(1.0),
        k=k + 1,
    )


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Means over the training sets, and how far these are apart."""
    del params
    unseen = 1 - state.seen
    squares = unseen * (state.f - task["y"][None]) ** 2
    E = jnp.sum(squares, axis=1) / jnp.sum(unseen, axis=1)
    L = state.learnability
    return {
        "test_error": jnp.mean(E),
        "spread": jnp.std(E) / jnp.mean(E),
        "uncertainty": jnp.mean(state.variance),
        "learnability": jnp.mean(L, axis=0),
        "budget": jnp.mean(jnp.sum(L, axis=1)),
        "scatter": jnp.sum(jnp.var(L, axis=0, ddof=1)),
    }
