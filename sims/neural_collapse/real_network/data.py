"""Training and test data of a real network, and its weights at the start."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sims.core import nets
from sims.core.datasets import digits
from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.neural_collapse import picture
from sims.neural_collapse.classes import is_minority, labels_of
from sims.neural_collapse.real_network.params import POOL, Params, layer_sizes, sizes_of
from sims.neural_collapse.real_network.scales import inputs
from sims.neural_collapse.real_network.theory import optimum_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MIXTURE_TESTS = 100
"""Test samples of each class of the mixture."""


def drawn_digits(rng: np.random.Generator, sizes: Sequence[int]) -> Task:
    """The first n_k digits of each class of a shuffled pool of 130; the rest are the test set.

    Pixels have the training mean subtracted and are divided by their one standard deviation.
    """
    pixels, labels = digits()
    order = rng.permutation(len(labels))
    pools = [order[labels[order] == k] for k in range(len(sizes))]
    train = np.concatenate([pool[:n] for pool, n in zip(pools, sizes, strict=True)])
    test = np.concatenate([pool[POOL:] for pool in pools])
    X, X_test = pixels[train], pixels[test]
    mean = X.mean(axis=0)
    scale = np.std(X - mean)
    return {
        "X": (X - mean) / scale,
        "labels": labels[train].astype(np.int32),
        "X_test": (X_test - mean) / scale,
        "labels_test": labels[test].astype(np.int32),
    }


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
    if params.data == "digits":
        task = drawn_digits(rng, sizes.tolist())
    else:
        task = drawn_mixture(rng, sizes.tolist(), params.dim, float(params.separation))
    if float(params.label_noise) > 0:
        task["labels"] = shuffled(rng, task["labels"], float(params.label_noise))
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
