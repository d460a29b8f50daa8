"""Training of a small net by one of six rules, to be read aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from sims.core import curvature, own_data
from sims.core.datasets import digits
from sims.core.experiment import Simulation, Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import Schedule, even
from sims.edge_of_stability.neural_network.params import ADAPTIVE, Params
from sims.edge_of_stability.objective import (
    batch_objective,
    drawn,
    flat,
    is_cross_entropy,
    is_digits,
    is_polynomial,
    network_function,
    objective,
)

WINDOW = 200
"""Steps over which losses and oscillations are averaged."""
SNAPSHOTS = 120
EPSILON = 1e-8
"""Added to the root of the squared gradients by rmsprop and adam."""
RUNAWAY = 1e4
"""A loss this many times the first one has left: the weights stay where they are."""
KICK_PRODUCTS = 20
ROUNDS = 16
"""Rounds of Lanczos steps at a record, at most."""
JUMP, AGREED = 2e-2, 2e-5
"""Change of the midpoint's spectrum since the last record, over its top, beyond which one round is
not enough (the first record has no vectors to start from); change at which further rounds end."""
FRESH_BATCHES = 64
OBSERVED_BATCHES = 2**31 - 1
"""Sets the keys of batches that are only looked at apart from those of the steps."""


_Round = tuple[Array, Array, Array, Array]
"""Eigenvalues (point, k), starts (point, P), the change over the top, the number of rounds."""


class Seen(NamedTuple):
    """What one record shows; renewed at records, never read by the update."""

    loss: Array
    mean_loss: Array
    oscillation: Array
    sharpness: Array
    sharpness_midpoint: Array
    batch_sharpness: Array
    midpoint: Array
    starts: Array


class State(NamedTuple):
    """Flat weights w_t and w_{t-1} (P,), what the rule remembers, rings of the last 200 steps."""

    w: Array
    previous: Array
    memory: tuple[Array, ...]
    t: Array
    losses: Array
    oscillations: Array
    limit: Array
    seen: Seen


def prepare(params: Params, seed: int) -> Task:
    """Draw weights and key of one seed, in that order; samples have a generator of their own."""
    rng = np.random.default_rng(seed)
    weights = drawn(params, rng)
    X, y = samples(params, np.random.default_rng(seed))
    task: Task = {"X": X, "y": y, **weights}
    if params.optimizer == "sgd":
        task["key"] = rng.integers(0, 2**32, 2, dtype=np.uint32)
    return task | {"kick_step": np.array(-1, np.int64), "kick_size": np.array(0.0)}


def samples(params: Params, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Inputs X (n, d_in) and targets y (n, d_out); classes are one-hot.

    Chebyshev: T_d(x) = cos(d arccos x) at n even points of [-1, 1], or its sign (0 counts as +).
    Digits: n of the first C classes, pixels in [0, 1] minus their mean over those n. One's own: n
    at random, minus their mean, of unit mean square length; y one-hot for classes, else of zero
    mean and unit variance.
    """
    n = filled(params.samples)
    if own_data.is_own(params.data):
        return own_samples(own_data.of(filled(params.data)), rng, n)
    if is_digits(params):
        pixels, labels = digits()
        kept = np.flatnonzero(labels < params.classes)
        rows = rng.permutation(kept)[:n]
        return pixels[rows] - pixels[rows].mean(axis=0), np.eye(params.classes)[labels[rows]]
    x = np.linspace(-1, 1, n)
    y = np.cos(params.degree * np.arccos(x))
    targets = np.eye(2)[(y >= 0).astype(int)] if is_cross_entropy(params) else y[:, None]
    return x[:, None], targets


def own_samples(
    data: own_data.OwnData, rng: np.random.Generator, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """The same of n samples of data of one's own.

    Raises:
        ValueError: they are all alike, in X or in y; one sentence.
    """
    rows = rng.permutation(len(data.y))[:n]
    X = data.scaled(rows)[rows] / math.sqrt(data.features)
    if data.is_classes:
        labels = data.labels()
        return X, np.eye(labels.max() + 1)[labels[rows]]
    y = data.y[rows] - data.y[rows].mean()
    size = y.std()
    if not size > 0:
        raise ValueError(f"The {n} samples to train on have all the same y: give more samples.")
    return X, (y / size)[:, None]


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """A record every `every` steps and after the last; at most 120 even snapshots."""
    del tasks
    steps = filled(params.steps)
    records = np.unique([*range(0, steps, params.every), steps]).astype(np.int64)
    return Schedule(records, even(len(records) - 1, SNAPSHOTS), float(filled(params.eta)))


def init(params: Params, task: Tensors) -> State:
    """The weights of the task, at rest."""
    w = flat(params, task)
    zero, k = jnp.zeros((), w.dtype), params.tracked
    memory = {"gd": 0, "sgd": 0, "adam": 2}.get(params.optimizer, 1)
    batch = (1,) if params.optimizer == "sgd" else (0,)
    return State(
        w,
        jnp.array(w),
        tuple(jnp.zeros_like(w) for _ in range(memory)),
        jnp.zeros((), jnp.int32),
        jnp.zeros(WINDOW, w.dtype),
        jnp.zeros(WINDOW, w.dtype),
        RUNAWAY * objective(params, task)(w),
        Seen(
            zero,
            jnp.array(zero),
            jnp.array(zero),
            jnp.zeros(k, w.dtype),
            jnp.zeros(k, w.dtype),
            jnp.zeros(batch, w.dtype),
            jnp.array(w),
            jnp.zeros((2, *w.shape), w.dtype),
        ),
    )


def batch(params: Params, key: Array) -> Array:
    """Indices (B,) of a batch drawn without replacement."""
    return jax.random.permutation(key, filled(params.samples))[: params.batch_size]


def update(params: Params, task: Tensors, state: State) -> tuple[Array, tuple[Array, ...], Array]:
    """w_{t+1}, the rule's memory, and the full loss L(w_t).

    gd, sgd   w' = w - η g
    polyak    v' = βv - η g(w),      w' = w + v'
    nesterov  v' = βv - η g(w + βv), w' = w + v'
    rmsprop   ν' = β₂ν + (1-β₂)g²,   w' = w - η g/(√(ν'/(1-β₂ᵗ)) + ε)
    adam      m' = βm + (1-β)g, ν' as above, w' = w - η [m'/(1-βᵗ)]/(√(ν'/(1-β₂ᵗ)) + ε)
    """
    w, eta, beta = state.w, filled(params.eta), filled(params.beta)
    whole = objective(params, task)
    if params.optimizer == "sgd":
        rows = batch(params, jax.random.fold_in(task["key"], state.t))
        return w - eta * jax.grad(batch_objective(params, task, rows))(w), (), whole(w)
    if params.optimizer == "nesterov":
        (v,) = state.memory
        v = beta * v - eta * jax.grad(whole)(w + beta * v)
        return w + v, (v,), whole(w)
    value, g = jax.value_and_grad(whole)(w)
    if params.optimizer == "polyak":
        v = beta * state.memory[0] - eta * g
        return w + v, (v,), value
    if params.optimizer in ADAPTIVE:
        *means, nu = state.memory
        nu = params.beta2 * nu + (1 - params.beta2) * g**2
        root = jnp.sqrt(nu / (1 - power(params.beta2, state.t + 1))) + EPSILON
        if not means:
            return w - eta * g / root, (nu,), value
        m = beta * means[0] + (1 - beta) * g
        return w - eta * m / (1 - power(beta, state.t + 1)) / root, (m, nu), value
    return w - eta * g, (), value


def power(base: Array | float, t: Array) -> Array:
    """base^t in the arithmetic of the base."""
    base = jnp.asarray(base)
    return base ** t.astype(base.dtype)


def step(params: Params, task: Tensors, state: State) -> State:
    """One update of the rule; a loss that ran away freezes the weights."""
    w, memory, value = update(params, task, state)
    w = jnp.where(value <= state.limit, w, state.w)
    bend = jnp.where(state.t > 0, w - 2 * state.w + state.previous, 0)
    place = state.t % WINDOW
    return state._replace(
        w=w,
        previous=state.w,
        memory=memory,
        t=state.t + 1,
        losses=state.losses.at[place].set(value),
        oscillations=state.oscillations.at[place].set(bend @ bend / 16),
    )


def preconditioner(params: Params, state: State) -> Array | None:
    """Diagonal (P,) of rmsprop and adam at w_t, (1-βᵗ)(√ν̂ + ε); None for the other rules."""
    if params.optimizer not in ADAPTIVE:
        return None
    t = jnp.maximum(state.t, 1)
    diagonal = jnp.sqrt(state.memory[-1] / (1 - power(params.beta2, t))) + EPSILON
    return (
        (1 - power(filled(params.beta), t)) * diagonal if params.optimizer == "adam" else diagonal
    )


def products(params: Params) -> int:
    """Lanczos steps of a recorded spectrum, which starts from the vectors of the record before."""
    crowded = not is_polynomial(params) or params.optimizer in ADAPTIVE
    return 2 * params.tracked + 8 if crowded else params.tracked + 3


def spectra(params: Params, task: Tensors, state: State, points: Array) -> tuple[Array, Array]:
    """Largest eigenvalues (point, k) of H, or of P⁻¹H, at weights (point, P).

    The second result, sums of vectors (point, P), is what to start from next time.
    """
    diagonal, dtype = preconditioner(params, state), points.dtype

    def one(pair: tuple[Array, Array]) -> tuple[Array, Array]:
        w, start = pair
        product = curvature.hessian_product(objective(params, task), w)
        if diagonal is not None:
            product = curvature.preconditioned(product, diagonal)
        values, vectors = curvature.top_eigenpairs(
            product, start, k=params.tracked, m=products(params)
        )
        return values, jnp.sum(vectors, axis=1)

    def going(carry: _Round) -> Array:
        _, _, change, n = carry
        return (change > jnp.where(n == 1, JUMP, AGREED)) & (n < ROUNDS)

    def again(carry: _Round) -> _Round:
        before, starts, _, n = carry
        fresh = jnp.where(n == 0, curvature.FRESH, 0.0) * curvature.probe(starts.shape[1], dtype)
        values, starts = lax.map(one, (points, starts + fresh[None]))
        moved = jnp.max(jnp.abs(values - before)[-1]) / jnp.abs(values[-1, 0])
        return values, starts, moved, n + 1

    known = jnp.stack([state.seen.sharpness, state.seen.sharpness_midpoint])
    first = (known, state.seen.starts, jnp.full((), jnp.inf, dtype), jnp.zeros((), jnp.int32))
    values, starts, _, _ = lax.while_loop(going, again, first)
    return values, starts


def refreshed(start: Array) -> Array:
    """A warm start (P,) with a share of a fixed random direction."""
    return start + curvature.FRESH * curvature.probe(start.shape[0], start.dtype)


def batch_sharpness(params: Params, task: Tensors, state: State) -> Array:
    """E[g_Bᵀ H_B g_B]/E|g_B|² over 64 fresh batches at w_t (arXiv:2412.20553)."""
    keys = jax.random.split(
        jax.random.fold_in(jax.random.fold_in(task["key"], OBSERVED_BATCHES), state.t),
        FRESH_BATCHES,
    )

    def both(key: Array) -> tuple[Array, Array]:
        loss = batch_objective(params, task, batch(params, key))
        g = jax.grad(loss)(state.w)
        return g @ curvature.hvp(loss, state.w, g), g @ g

    bent, size = jax.vmap(both)(keys)
    return jnp.mean(bent) / jnp.mean(size)


def refresh(params: Params, task: Tensors, state: State) -> State:
    """Measure w_t and the midpoint (w_{t-1} + 2w_t + w_{t+1})/4, one step looked ahead."""
    ahead, t = step(params, task, state), state.t
    midpoint = jnp.where(t > 0, (state.previous + 2 * state.w + ahead.w) / 4, state.w)
    points = jnp.stack([state.w, midpoint])
    points = jnp.where(jnp.isfinite(points), points, 0)  # LAPACK complains about a diverged w
    sharpness, starts = spectra(params, task, state, points)
    value = ahead.losses[t % WINDOW]
    full = t >= WINDOW - 1
    batches = state.seen.batch_sharpness
    if params.optimizer == "sgd":
        batches = batch_sharpness(params, task, state)[None]
    return state._replace(
        seen=Seen(
            jnp.where(value <= state.limit, value, jnp.inf),
            jnp.where(full, jnp.mean(ahead.losses), jnp.nan),
            jnp.where(full, jnp.mean(ahead.oscillations), jnp.nan),
            sharpness[0],
            sharpness[1],
            batches,
            points[1],
            starts,
        )
    )


def kick(params: Params, task: Tensors, state: State) -> State:
    """Add kick_size u to w_t, u the top eigenvector of H(w) there; its sign is arbitrary."""
    if params.optimizer != "gd":
        return state
    product = curvature.hessian_product(objective(params, task), state.w)
    start = refreshed(state.seen.starts[0])
    _, vectors = curvature.top_eigenpairs(product, start, k=1, m=KICK_PRODUCTS)
    return state._replace(w=state.w + task["kick_size"] * vectors[:, 0])


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """What `refresh` measured: loss and sharpness at w_t, sharpness at the midpoint, averages."""
    del task
    seen = state.seen
    shown = {
        "loss": seen.loss,
        "mean_loss": seen.mean_loss,
        "sharpness": seen.sharpness,
        "sharpness_midpoint": seen.sharpness_midpoint,
        "oscillation": seen.oscillation,
    }
    if params.optimizer == "sgd":
        shown["batch_sharpness"] = seen.batch_sharpness[0]
    return shown


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """The weights and what the net says of the training inputs, both at the midpoint."""
    midpoint = state.seen.midpoint
    return {"network_function": network_function(params, task, midpoint), "weights": midpoint}


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot, refresh, kick, fused=True)
