"""Training and test data of a real network, and its weights at the start."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sims.core import nets, own_data
from sims.core.datasets import digits
from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.neural_collapse import picture
from sims.neural_collapse.classes import is_minority, labels_of
from sims.neural_collapse.real_network.params import (
    Params,
    layer_sizes,
    pool_of,
    sizes_of,
)
from sims.neural_collapse.real_network.scales import inputs
from sims.neural_collapse.real_network.theory import optimum_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MIXTURE_TESTS = 100
"""Test samples of each class of the mixture."""
OWN_TESTS = 200
"""The same of data of one's own, at most."""


def drawn_digits(rng: np.random.Generator, sizes: Sequence[int], pool: int) -> Task:
    """The first n_k digits of each class of a shuffled pool; the rest are the test set.

    Pixels have the training mean subtracted and are divided by their one standard deviation.
    """
    pixels, labels = digits()
    train, test = _split(rng, labels, sizes, pool)
    X, X_test = pixels[train], pixels[test]
    mean = X.mean(axis=0)
    scale = np.std(X - mean)
    return {
        "X": (X - mean) / scale,
        "labels": labels[train].astype(np.int32),
        "X_test": (X_test - mean) / scale,
        "labels_test": labels[test].astype(np.int32),
    }


def drawn_own(
    rng: np.random.Generator, data: own_data.OwnData, sizes: Sequence[int], pool: int
) -> Task:
    """The same of data of one's own, with at most 200 test samples of a class."""
    labels = data.labels()
    train, test = _split(rng, labels, sizes, pool, OWN_TESTS)
    X = data.scaled(train)
    return {
        "X": X[train],
        "labels": labels[train].astype(np.int32),
        "X_test": X[test],
        "labels_test": labels[test].astype(np.int32),
    }


def apart(X: np.ndarray, labels: np.ndarray) -> float:
    """Smallest distance between samples of different labels, over the rms length of all."""
    squares = np.sum(X**2, axis=1)
    gaps = squares[:, None] + squares[None, :] - 2 * X @ X.T
    other = labels[:, None] != labels[None, :]
    return math.sqrt(max(0.0, float(np.min(gaps[other]))) / float(np.mean(squares)))


def _split(
    rng: np.random.Generator,
    labels: np.ndarray,
    sizes: Sequence[int],
    pool: int,
    most: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train on, the first n_k of each class shuffled, and rows behind each pool to test."""
    order = rng.permutation(len(labels))
    rows = [order[labels[order] == k] for k in range(len(sizes))]
    train = np.concatenate([of_class[:n] for of_class, n in zip(rows, sizes, strict=True)])
    test = np.concatenate([of_class[pool:][:most] for of_class in rows])
    return train, test


def drawn_mixture(
    rng: np.random.Generator, sizes: Sequence[int], dim: int, separation: float
) -> Task:
    """Centres N(0, separation² I), unit noise around them, scaled to unit standard deviation."""
    centres = separation * rng.standard_normal((len(sizes), dim))
    labels = labels_of(np.asarray(sizes))
    labels_test = labels_of(np.full(len(sizes), MIXTURE_TESTS))
    X = centres[labels] + rng.standard_normal((len(labels), dim))
    X_test = centres[labels_test] + rng.standard_normal((len(labels_test), dim))
    scale = np.std(X)
    return {
        "X": X / scale,
        "labels": labels.astype(np.int32),
        "X_test": X_test / scale,
        "labels_test": labels_test.astype(np.int32),
    }


def shuffled(rng: np.random.Generator, labels: np.ndarray, share: float) -> np.ndarray:
    """Labels with a random share of them permuted among themselves: class sizes stay."""
    chosen = rng.permutation(len(labels))[: round(share * len(labels))]
    mixed = labels.copy()
    mixed[chosen] = labels[rng.permutation(chosen)]
    return mixed


def drawn_weights(params: Params, rng: np.random.Generator) -> Task:
    """ReLU layers are He-normal, all others LeCun-normal; biases are 0."""
    if params.architecture != "mlp":
        from sims.neural_collapse.real_network.network import network

        return nets.drawn(
            network(params),
            inputs(params.data, params.dim),
            rng,
            gain=lambda name: math.sqrt(2.0) if name.startswith("conv") else 1.0,
        )
    task: Task = {}
    layers = layer_sizes(params)
    for i, (fan_in, fan_out) in enumerate(pairwise(layers), start=1):
        gain = math.sqrt(2.0) if i <= filled(params.depth) else 1.0
        task[f"W{i}"] = gain / math.sqrt(fan_in) * rng.standard_normal((fan_in, fan_out))
        if params.bias or i < len(layers) - 1:
            task[f"b{i}"] = np.zeros(fan_out)
    return task


def prepare(params: Params, seed: int) -> Task:
    """Draw data, random labels, weights, and the seed of the batches, in that order."""
    rng = np.random.default_rng(seed)
    sizes = sizes_of(params)
    pool = pool_of(params)
    if pool is not None and own_data.is_own(params.data):
        task = drawn_own(rng, own_data.of(params.data), sizes.tolist(), pool)
    elif pool is not None:
        task = drawn_digits(rng, sizes.tolist(), pool)
    else:
        task = drawn_mixture(rng, sizes.tolist(), params.dim, float(params.separation))
    if float(params.label_noise) > 0:
        task["labels"] = shuffled(rng, task["labels"], float(params.label_noise))
    if own_data.is_own(params.data):
        task["apart"] = np.array(apart(task["X"], task["labels"]))
    task |= drawn_weights(params, rng)
    task["key"] = rng.integers(0, 2**32, 2, dtype=np.uint32)
    K, found = filled(params.classes), optimum_of(params)
    gram = np.eye(K)
    if found is not None and found.survives and np.isfinite(found.features).all():
        gram = found.features
    return task | {
        "minority": is_minority(sizes).astype(float),
        "ideal": picture.ideal(gram),
        "axes": np.zeros((filled(params.width), max(2, K - 1))),
        "oriented": np.array(False),
    }
