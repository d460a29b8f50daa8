"""Two networks from one start, on true and on random labels, by full-batch gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core import own_data, two_layer
from sims.core.datasets import digits
from sims.core.experiment import Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.kernel_regression.questions import about_classes, about_digits, of_one_length
from sims.kernel_regression.random_labels import theory
from sims.kernel_regression.random_labels.params import Params, tests_of

EVEN, LOGARITHMIC = 121, 120


class State(NamedTuple):
    """Both nets, (label, ...), steps so far, and when each first had all labels right (label,).

    `fit` is -1 until then. What a net says of the training points is looked at before its step.
    """

    nets: two_layer.State
    k: Array
    fit: Array


def images(params: Params, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Training points and then test points X (n + n', d), and their true labels ±1.

    Pixels less their mean over the n, each image of length √d. Of one's own data the upper half of
    the classes is +1, or what lies above the median; they are standardised over the n.
    """
    n, n_test = params.examples, tests_of(params)
    rng = np.random.default_rng([seed, 0])
    if own_data.is_own(params.data):
        given = own_data.of(params.data)
        kept = rng.permutation(len(given.y))[: n + n_test]
        is_high = np.where(given.y > np.median(given.y), 1.0, -1.0)
        y = about_classes(given) if given.is_classes else is_high
        return given.scaled(kept[:n])[kept], y[kept]
    pixels, labels = digits()
    kept = rng.permutation(len(labels))[: n + n_test]
    X = pixels[kept]
    if params.data == "shuffled_pixels":
        X = np.stack([image[rng.permutation(X.shape[1])] for image in X])
    X = X - X[:n].mean(axis=0)
    if params.data == "gaussian":
        X = rng.standard_normal(X.shape)
    return of_one_length(X), about_digits(labels[kept], int(params.target))


def corrupted(y: np.ndarray, share: float, seed: int) -> np.ndarray:
    """The labels with a share of them drawn anew by a fair coin."""
    rng = np.random.default_rng([seed, 1])
    coin, which = np.where(rng.random(len(y)) < 0.5, 1.0, -1.0), rng.random(len(y))
    return np.where(which < share, coin, y)


def prepare(params: Params, seed: int) -> Task:
    """Images with both kinds of labels, the start of both nets, and their learning rate.

    `labels` (label, n) holds the true ones, then those the second net is trained on.
    """
    n = params.examples
    X, y = images(params, seed)
    labels = np.stack([y[:n], corrupted(y[:n], float(params.label_noise), seed)])
    W, a = two_layer.initial(np.random.default_rng([seed, 2]), params.width, X.shape[1])
    task: Task = {"X": X[:n], "labels": labels, "X_test": X[n:], "y_test": y[n:], "W": W, "a": a}
    return task | {"eta": np.asarray(theory.learning_rate(params, task))}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Even records and log-spaced ones; time counts steps, as seeds have their own rates."""
    del tasks
    steps = int(filled(params.steps))
    wanted = np.concatenate([np.linspace(0, steps, EVEN), np.geomspace(1, steps, LOGARITHMIC)])
    return Schedule(np.unique(np.round(wanted).astype(np.int64)), np.zeros(0, np.int64), 1.0)


def init(params: Params, task: Tensors) -> State:
    """The same start twice."""
    one = two_layer.start(task["W"], task["a"], task["X"], params.activation)
    both = jax.tree.map(lambda leaf: jnp.stack([leaf, leaf]), one)
    return State(both, jnp.zeros((), jnp.int32), jnp.full(2, -1, jnp.int32))


def said_of(params: Params, nets: two_layer.State, X: Array, born: Array) -> Array:
    """What both nets say of points, f = α (h - h_0), (label, n); `born` is h_0, (1 or label, n)."""
    output = partial(two_layer.output, activation=params.activation)
    return params.alpha * (jax.vmap(output, (0, 0, None))(nets.W, nets.a, X) - born)


def right(f: Array, labels: Array) -> Array:
    """1 where the sign of an answer is that of its label, else 0."""
    return jnp.where(f * labels > 0, 1.0, 0.0).astype(f.dtype)


def step(params: Params, task: Tensors, state: State) -> State:
    """Both nets take θ <- θ - η ∇ |f - y|²/(2nα²), each with its own labels y."""
    X, labels, nets = task["X"], task["labels"], state.nets
    is_fit = jnp.all(right(said_of(params, nets, X, nets.h0), labels) > 0, axis=1)
    fit = jnp.where((state.fit < 0) & is_fit, state.k, state.fit)

    def one(net: two_layer.State, y: Array) -> two_layer.State:
        return two_layer.step(net, X, y, params.alpha, task["eta"], params.activation)

    return State(jax.vmap(one)(nets, labels), state.k + 1, fit)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Of both nets mean squared error, right answers, and the way |θ - θ_0| come; (label,)."""
    nets, labels, W, a = state.nets, task["labels"], task["W"], task["a"]
    f = said_of(params, nets, task["X"], nets.h0)
    born = two_layer.output(W, a, task["X_test"], params.activation)
    new = said_of(params, nets, task["X_test"], born[None])
    dW, da = nets.W - W[None], nets.a - a[None]
    return {
        "train_loss": jnp.mean((f - labels) ** 2, axis=1),
        "train_accuracy": jnp.mean(right(f, labels), axis=1),
        "test_accuracy": jnp.mean(right(new, task["y_test"][None]), axis=1),
        "travel": jnp.sqrt(jnp.sum(dW**2, axis=(1, 2)) + jnp.sum(da**2, axis=1)),
        "fit": state.fit.astype(f.dtype),
    }
