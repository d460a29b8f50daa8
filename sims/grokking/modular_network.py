"""The network that adds modulo p: drawn, evaluated and differentiated.

f(a, b) = φ(A_a + B_b) C, with A, B (p, m), C (m, p), no bias; φ(h) = h² or relu. Inside a run the
three tables are one array θ (3, p, m), the last of them the transpose of C, so that a neuron is
θ[:, :, i].
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Task, Tensors

PARTS = 5
"""Numbers of train pairs that have a program of their own."""


def born(seed: int, *, p: int, width: int, fraction: float, init_scale: float) -> Task:
    """A uniformly random choice of train pairs, then weights, every entry N(0, α²/2p).

    `mask` (p, p) marks the pairs that train; the others test. X (row, 2) and y (row,) list them in
    the table's order; the rows are filled up to a fifth of the table with y = -1, no pair, so that
    nearby fractions share a program.
    """
    rng = np.random.default_rng(seed)
    count, fifth = round(fraction * p * p), -(-p * p // PARTS)
    train = np.sort(rng.permutation(p * p)[:count])
    A, B, C = rng.standard_normal((3, p, width)) * init_scale / np.sqrt(2 * p)
    mask = np.zeros(p * p, bool)
    mask[train] = True
    X = np.zeros((-(-count // fifth) * fifth, 2), np.int32)
    y = np.full(len(X), -1, np.int32)
    X[:count] = np.stack([train // p, train % p], axis=1)
    y[:count] = X[:count].sum(axis=1) % p
    return {
        "X": X,
        "y": y,
        "mask": mask.reshape(p, p),
        "A": A,
        "B": B,
        "C": C.T,
    }


def tables(task: Tensors) -> Array:
    """θ (3, p, m) of a task's weights."""
    return jnp.stack([task["A"], task["B"], task["C"].T])


def activated(h: Array, activation: str) -> Array:
    """φ(h)."""
    return h * h if activation == "square" else jax.nn.relu(h)


def slope(h: Array, activation: str) -> Array:
    """φ'(h)."""
    return 2 * h if activation == "square" else (h > 0).astype(h.dtype)


def gradient(theta: Array, task: Tensors, activation: str, loss_kind: str) -> Array:
    """Gradient in θ of the mean loss over the train pairs; `ce` or `mse`, see `losses`.

    Rows with y = -1 count for nothing. With g = ∂L/∂f (n, p) and h = A_a + B_b (n, m): ∂L/∂C is
    φ(h)ᵀg, and g Cᵀ φ'(h) is summed over the pairs of each a, and of each b.
    """
    a, b, y = task["X"][:, 0], task["X"][:, 1], task["y"]
    A, B, C = theta
    h = A[a] + B[b]
    z = activated(h, activation)
    f = jnp.einsum("nm,cm->nc", z, C)
    target = (y[:, None] == jnp.arange(C.shape[0])[None, :]).astype(f.dtype)
    there = (y >= 0).astype(f.dtype)
    weight = (there / jnp.sum(there))[:, None]
    if loss_kind == "ce":
        e = jnp.exp(f - jnp.max(f, axis=1, keepdims=True))
        g = (e / jnp.sum(e, axis=1, keepdims=True) - target) * weight
    else:
        g = 2 * (f - target) * weight
    back = (g @ C) * slope(h, activation)
    of_a, of_b = jnp.zeros_like(A).at[a].add(back), jnp.zeros_like(B).at[b].add(back)
    return jnp.stack([of_a, of_b, jnp.einsum("nc,nm->cm", g, z)])


class Adam(NamedTuple):
    """θ (3, p, m), and what optax keeps of its gradients."""

    theta: Array
    memory: Any


def adam_start(theta: Array) -> Adam:
    """Nothing seen yet."""
    import optax

    return Adam(theta, optax.scale_by_adam().init(theta))


def adam(state: Adam, g: Array, eta: Array | float, beta2: float, decay: Array | float) -> Adam:
    """One step of Adam, β₁ = 0.9, with decoupled decay: θ ← θ - η (m̂/(√v̂ + 1e-8) + decay θ).

    Source: Loshchilov and Hutter, arXiv:1711.05101, algorithm 2.
    """
    import optax

    update: Any
    update, memory = optax.scale_by_adam(b2=beta2).update(g, state.memory)
    return Adam(state.theta - eta * (update + decay * state.theta), memory)


@lru_cache(maxsize=16)
def _by_distance(p: int) -> np.ndarray:
    """Output c = (a + b - d) mod p at row d and pair (a, b), (p, p²)."""
    d, a, b = np.ogrid[:p, :p, :p]
    return ((a + b - d) % p).reshape(p, p * p)


def logits(theta: Array, activation: str) -> Array:
    """F of every pair, (p, p²); row d has c = a + b - d, so that row 0 is the target.

    Rows of outputs, not of pairs: what follows are sums over outputs.
    """
    A, B, C = theta
    p, m = A.shape
    z = activated(A[:, None, :] + B[None, :, :], activation).reshape(p * p, m)
    return jnp.take_along_axis(jnp.einsum("cm,nm->cn", C, z), _by_distance(p), axis=0)


def losses(f: Array, loss_kind: str) -> Array:
    """Loss of every pair, from logits by distance: cross-entropy, or Σ_c (f_c - onehot_c)²."""
    if loss_kind == "ce":
        top = jnp.max(f, axis=0)
        return jnp.log(jnp.sum(jnp.exp(f - top[None, :]), axis=0)) + top - f[0]
    return jnp.sum(f * f, axis=0) - 2 * f[0] + 1


def margins(f: Array) -> Array:
    """Target's logit minus the largest other one, (p²,)."""
    return f[0] - jnp.max(f[1:], axis=0)


def over_sets(values: Array, mask: Array) -> Array:
    """Means over the train and over the test pairs, (2, quantity), of values (quantity, p²).

    `mask` (p, p) marks the train pairs; NaN where a set is empty.
    """
    train = mask.reshape(-1).astype(values.dtype)
    sets = jnp.stack([train, 1 - train])
    return (sets @ values.T) / jnp.sum(sets, axis=1, keepdims=True)


def curves(f: Array, mask: Array, loss_kind: str) -> dict[str, Array]:
    """Loss and accuracy on the train and on the test pairs."""
    right = (margins(f) > 0).astype(f.dtype)
    train, test = over_sets(jnp.stack([losses(f, loss_kind), right]), mask)
    return {
        "train_loss": train[0],
        "test_loss": test[0],
        "train_accuracy": train[1],
        "test_accuracy": test[1],
    }
