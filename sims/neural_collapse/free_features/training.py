"""Gradient descent on free features and a linear classifier, to be read aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import Schedule, even, steps_until
from sims.neural_collapse import collapse, picture
from sims.neural_collapse.classes import class_sizes, is_minority, labels_of
from sims.neural_collapse.free_features import theory
from sims.neural_collapse.free_features.params import Params

EVEN, SPREAD = 64, 22
"""Records evenly spaced in time, and as many more in its logarithm."""
SHOTS = 48
SHOT_NUMBERS = 400_000
"""Numbers that all snapshots of the features may have together."""


class State(NamedTuple):
    """Classifier W (class, d), features H (d, sample), bias b (class,)."""

    W: Array
    H: Array
    b: Array


def prepare(params: Params, seed: int) -> Task:
    """Draw W, then H, entries ε N(0, 1)/√d; b is 1/K for squared loss with bias, else 0.

    `target` is the predicted simplex of class means and `axes` the directions it is looked at
    along; without a prediction (`oriented` false) the run is turned onto `ideal` instead.
    """
    rng = np.random.default_rng(seed)
    K, d = params.classes, params.width
    sizes = class_sizes(K, int(params.per_class), float(params.imbalance))
    scale = float(params.init_scale) / math.sqrt(d)
    W = scale * rng.standard_normal((K, d))
    H = scale * rng.standard_normal((int(sizes.sum()), d))
    if params.nonnegative:
        H = np.maximum(H, 0.0)
    start = 1 / K if params.loss_kind == "mse" and params.bias else 0.0
    labels = labels_of(sizes)
    task: Task = {
        "W": W,
        "H": H,
        "b": np.full(K, start),
        "labels": labels.astype(np.int32),
        "minority": is_minority(sizes).astype(float),
    }
    return task | theory.place(params, task)


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Even records and log-spaced ones; up to 48 snapshots, half of them either way."""
    eta = filled(params.eta)
    steps = steps_until(filled(params.horizon), eta)
    spread = np.round(np.geomspace(1, steps, SPREAD)).astype(np.int64)
    records = np.unique([*even(steps, EVEN), *spread])
    numbers = tasks[0]["H"].shape[0] * tasks[0]["axes"].shape[1]
    most = int(np.clip(SHOT_NUMBERS // numbers, 16, SHOTS))
    wanted = np.concatenate(
        [np.linspace(0, steps, most // 2), np.geomspace(max(1, steps / 100), steps, most // 2)]
    )
    nearest = np.argmin(np.abs(records[:, None] - wanted[None, :]), axis=0)
    return Schedule(records, np.unique(nearest), eta)


def init(params: Params, task: Tensors) -> State:
    """The start of the task."""
    del params
    return State(jnp.copy(task["W"]), task["H"].T, jnp.copy(task["b"]))


def onehot(params: Params, task: Tensors) -> Array:
    """Labels as (class, sample)."""
    chosen = task["labels"][None, :] == jnp.arange(params.classes)[:, None]
    return chosen.astype(task["H"].dtype)


def step(params: Params, task: Tensors, state: State) -> State:
    """W <- W - η (R Hᵀ/N + λ_W W), H <- H - η (Wᵀ R/K + λ_H H), b <- b - η mean R.

    R = softmax(z) - onehot, or z - onehot for squared loss. The features move at n̄ ∂L/∂H, so that
    a class mean moves at a rate that does not depend on the number of samples.
    """
    W, H, b = state
    N, eta = H.shape[1], filled(params.eta)
    z = W @ H + b[:, None]
    if params.loss_kind == "ce":
        p = jnp.exp(z)
        z = p / jnp.sum(p, axis=0, keepdims=True)
    R = z - onehot(params, task)
    new_W = W - eta * (R @ H.T / N + params.lambda_w * W)
    new_H = H - eta * (W.T @ R / params.classes + filled(params.lambda_h) * H)
    if params.nonnegative:
        new_H = jnp.maximum(new_H, 0.0)
    new_b = b - eta * jnp.mean(R, axis=1) if params.bias else b
    return State(new_W, new_H, new_b)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """The objective with both decays, collapse metrics, margin, norms, and what is off the axes."""
    W, H, b = state
    K, N = params.classes, H.shape[1]
    labels = onehot(params, task)
    z = W @ H + b[:, None]
    if params.loss_kind == "ce":
        top = jnp.max(z, axis=0)
        loss = (
            top + jnp.log(jnp.sum(jnp.exp(z - top[None, :]), axis=0)) - jnp.sum(labels * z, axis=0)
        )
    else:
        loss = 0.5 * jnp.sum((z - labels) ** 2, axis=0)
    decay = params.lambda_w * jnp.sum(W**2) + filled(params.lambda_h) * K / N * jnp.sum(H**2)
    M = collapse.class_means(H.T, labels.T)
    Mc = M - jnp.mean(M, axis=0)[None, :]
    inside = Mc @ task["axes"]
    off = jnp.sqrt(jnp.maximum(jnp.sum(Mc**2) - jnp.sum(inside**2), 0.0))
    error = jnp.linalg.norm(Mc - task["target"]) / jnp.linalg.norm(task["target"])
    return {
        "loss": jnp.mean(loss) + 0.5 * decay,
        **collapse.measured(H.T, labels.T, W, b, task["minority"]),
        "orientation_error": jnp.where(task["oriented"], error, jnp.nan),
        "off_axes": jnp.where(task["oriented"], off, jnp.nan),
    }


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Features, class means and classifier along the axes; logits W Mᵀ and classifier cosines."""
    del params
    W, H = state.W, state.H.T
    M = collapse.class_means(H, onehot_of(task))
    seen = picture.seen(H, M, W, task)
    return seen | {
        "logits": W @ M.T,
        "classifier_cosines": collapse.cosines_between(W),
    }


def onehot_of(task: Tensors) -> Array:
    """Labels as (sample, class)."""
    K = task["W"].shape[0]
    return (task["labels"][:, None] == jnp.arange(K)[None, :]).astype(task["H"].dtype)


def simulation(params: Params) -> Simulation[State]:
    """The four functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot, fused=True)
