"""Training a two-layer linear network, then heating copies of it, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import Schedule, even
from sims.singular_learning.local_learning_coefficient import scales
from sims.singular_learning.local_learning_coefficient.params import Params

TRAINING_RECORDS, HEATING_RECORDS = 60, 100


class State(NamedTuple):
    """Weights of all chains, and what is heated up from.

    Attributes:
        A, B: (H, M, chain) and (N, H, chain); chains are one until they are heated.
        A0, B0: where training ended, with one chain.
        floor: K there.
        total: sum over heating steps of the mean over chains of t (K - floor).
        n: steps so far.
        before: total and n at the last record.
        mean: mean of t (K - floor) over the heating steps since then.
    """

    A: Array
    B: Array
    A0: Array
    B0: Array
    floor: Array
    total: Array
    n: Array
    before: tuple[Array, Array]
    mean: Array


def orthogonal(rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    """The first k columns of a random rotation, (n, k)."""
    return np.linalg.qr(rng.standard_normal((n, n)))[0][:, :k]


def prepare(params: Params, seed: int) -> Task:
    """The map C and the initial weights, rotated at random; rates and the key of the noise."""
    rng = np.random.default_rng(seed)
    M, N, H = params.d_in, params.d_out, params.width
    r, s, large = int(params.rank), float(params.strength), int(params.large)
    C = s * orthogonal(rng, N, r) @ orthogonal(rng, M, r).T
    A = float(params.alpha) * rng.standard_normal((H, M))
    B = float(params.alpha) * rng.standard_normal((N, H))
    if large:
        A += np.sqrt(s) * orthogonal(rng, H, large) @ orthogonal(rng, M, large).T
    stiff = float(filled(params.nbeta)) * scales.stiffest(M, N, r, s, large)
    return {
        "A": A,
        "B": B,
        "C": C,
        "eta": np.array(scales.RATE / s),
        "epsilon": np.array(float(params.c) / stiff),
        "key": np.array([0, seed], np.uint32),
    }


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Training, then heating, each with even records."""
    del tasks
    trained = even(int(params.train_steps), TRAINING_RECORDS)
    heated = trained[-1] + even(int(filled(params.steps)), HEATING_RECORDS + 1)
    steps = np.append(trained, heated[1:])
    return Schedule(steps, np.arange(len(steps)), 1.0)


def product(X: Array, Y: Array) -> Array:
    """X Y of every chain, (i, k, chain) (k, j, chain) -> (i, j, chain)."""
    # a sum over the short axis: batched products of small matrices are slow on a CPU
    return sum(
        (X[:, k, None] * Y[None, k] for k in range(1, X.shape[1])), X[:, 0, None] * Y[None, 0]
    )


def transposed(X: Array) -> Array:
    """Of every chain."""
    return jnp.swapaxes(X, 0, 1)


def loss(A: Array, B: Array, C: Array) -> Array:
    """K = |BA - C|^2/2, (chain,)."""
    return 0.5 * jnp.sum((product(B, A) - C[:, :, None]) ** 2, axis=(0, 1))


def init(params: Params, task: Tensors) -> State:
    """All chains at the initial weights."""
    A0, B0 = task["A"][:, :, None], task["B"][:, :, None]
    A, B = (jnp.repeat(x, params.chains, axis=2) for x in (A0, B0))
    zero, none = jnp.zeros((), A.dtype), jnp.zeros((), jnp.int32)
    return State(A, B, A0, B0, zero, zero, none, (zero, none), zero * jnp.nan)


def step(params: Params, task: Tensors, state: State) -> State:
    """Training: w <- w - eta grad K. Heating: Langevin steps at inverse temperature t.

    w <- w - (epsilon/2)(t grad K + gamma (w - w_0)) + sqrt(epsilon) xi.
    """
    A, B, n = state.A, state.B, state.n
    t, gamma, epsilon = filled(params.nbeta), filled(params.gamma), task["epsilon"]
    heats, begins = n >= params.train_steps, n <= params.train_steps
    gap = product(B, A) - task["C"][:, :, None]
    K = 0.5 * jnp.mean(jnp.sum(gap**2, axis=(0, 1)))
    A0, B0 = jnp.where(begins, A[:, :, :1], state.A0), jnp.where(begins, B[:, :, :1], state.B0)
    floor = jnp.where(begins, K, state.floor)
    rate = jnp.where(heats, 0.5 * epsilon * t, task["eta"])
    pull = jnp.where(heats, 0.5 * epsilon * gamma, 0.0)
    now = jax.random.fold_in(jax.random.wrap_key_data(task["key"]), n)
    H, M, chains = A.shape
    shape = (H, M + len(B), chains)
    xi = lax.cond(
        heats,
        lambda: jnp.sqrt(epsilon) * jax.random.normal(now, shape, A.dtype),
        lambda: jnp.zeros(shape, A.dtype),
    )
    return state._replace(
        A=A - rate * product(transposed(B), gap) - pull * (A - A0) + xi[:, :M],
        B=B - rate * product(gap, transposed(A)) - pull * (B - B0) + transposed(xi[:, M:]),
        A0=A0,
        B0=B0,
        floor=floor,
        total=state.total + jnp.where(heats, t * (K - floor), 0.0),
        n=n + 1,
    )


def refresh(params: Params, task: Tensors, state: State) -> State:
    """The mean over the steps since the last record."""
    del task
    total, n = state.before
    heated, last = (jnp.maximum(at - params.train_steps, 0) for at in (state.n, n))
    mean = (state.total - total) / (heated - last)  # 0/0 is no number: nothing was heated
    return state._replace(before=(state.total, state.n), mean=mean.astype(state.mean.dtype))


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """The loss; of heated chains t (K - K_0), as a mean and of each."""
    K = loss(state.A, state.B, task["C"])
    heat = filled(params.nbeta) * (K - state.floor)
    return {
        "loss": jnp.mean(K),
        "heated_loss": state.mean,
        "heated_loss_now": jnp.where(state.n > params.train_steps, heat, jnp.nan),
    }


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, refresh=refresh)
