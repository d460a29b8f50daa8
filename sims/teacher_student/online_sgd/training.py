"""One pass of SGD: a student of erf units learns a teacher's answers, one example at a step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.teacher_student import draws
from sims.teacher_student.online_sgd.params import Params

RECORDS = 101


class State(NamedTuple):
    """Weights W (unit, input) and examples seen, t."""

    W: Array
    t: Array


def prepare(params: Params, seed: int) -> Task:
    """Teacher units B, orthogonal and of length √d; the student's W; the key of the examples."""
    d, K, M = int(params.d), int(params.student), int(params.teacher)
    rng = np.random.default_rng(seed)
    B = np.linalg.qr(rng.standard_normal((d, M)))[0].T * math.sqrt(d)
    W = float(params.init_scale) * rng.standard_normal((K, d))
    if params.start == "symmetric":  # across the teacher, and across each other
        across = W - (W @ B.T) @ B / d
        W = float(params.init_scale) * math.sqrt(d) * np.linalg.qr(across.T)[0].T
    W = W + float(params.head_start) * B[np.arange(K) % M]
    variances = 1.0 / np.arange(1, d + 1) if params.inputs == "correlated" else np.ones(d)
    return {
        "W": W,
        "B": B,
        "deviations": np.sqrt(variances / variances.mean()),
        "key": rng.integers(0, 2**32, 2, dtype=np.uint32),
    }


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """101 even records; time counts examples per dimension."""
    del tasks
    every = Schedule.until(params.horizon, 1 / int(params.d), records=RECORDS)
    return Schedule(every.record_steps, np.arange(len(every.record_steps)), every.time_per_step)


def init(params: Params, task: Tensors) -> State:
    """Before the first example."""
    del params
    return State(task["W"], jnp.zeros((), jnp.int32))


def example(params: Params, task: Tensors, t: Array) -> tuple[Array, Array]:
    """Inputs x (input,) of step t, and the label's noise, of deviation 1."""
    key, dtype, d = jax.random.wrap_key_data(task["key"]), task["W"].dtype, params.d
    size = draws.set_size(params.samples_per_dimension, d)
    own = jax.random.fold_in(key, draws.number(key, t, size))
    if params.inputs == "binary":
        return draws.coins(own, d, dtype), draws.normal(jax.random.fold_in(own, 0), 1, dtype)[0]
    drawn = draws.normal(own, d + 1, dtype)
    return drawn[:-1] * task["deviations"], drawn[-1]


def step(params: Params, task: Tensors, state: State) -> State:
    """W_k <- W_k - η/√d g'(λ_k) (f - y) x, with f = Σ g(λ_k) and y = Σ g(ν_m) + σ ξ."""
    x, xi = example(params, task, state.t)
    root = math.sqrt(params.d)
    student, teacher = state.W @ x / root, task["B"] @ x / root
    gap = jnp.sum(g(student)) - jnp.sum(g(teacher)) - params.noise * xi
    pull = jnp.sqrt(2 / jnp.pi) * jnp.exp(-(student**2) / 2) * gap
    return State(state.W - params.eta / root * pull[:, None] * x[None], state.t + 1)


def g(u: Array) -> Array:
    """erf(u/√2)."""
    return jax.scipy.special.erf(u / math.sqrt(2))


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """All overlaps, and the error that follows from them: no test set is needed."""
    K = params.student
    C = covariance(params, task, state)
    v = 1 + jnp.diagonal(C)
    signs = jnp.asarray([1.0] * K + [-1.0] * params.teacher, C.dtype)
    angles = jnp.arcsin(C / jnp.sqrt(v[:, None] * v[None]))
    pairs = C[np.triu_indices(K)]
    return {
        "eps": signs @ angles @ signs / jnp.pi,
        "overlaps": jnp.concatenate([pairs, C[:K, K:].ravel()]),
    }


def covariance(params: Params, task: Tensors, state: State) -> Array:
    """C of all fields, (K+M, K+M), in double precision: the error is a small difference."""
    V = jnp.concatenate([state.W, task["B"]]).astype(jnp.float64)
    return V @ V.T / params.d


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """R: who learns whom."""
    return {"R": covariance(params, task, state)[: params.student, params.student :]}


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot)
