"""The worlds that examples are drawn from, and the neurons that look at them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sims.core import own_data
from sims.core.datasets import digits
from sims.kernel_regression.questions import about_classes, about_digits, of_one_length

POINTS = {"digits": 1797, "hypercube": 1024, "circle": 1024}
BITS = 10
MOST_OWN = 2000
"""Points of data of one's own that make up the world: its spectra are all computed beforehand."""
BUMP = 4.0
"""Height of a neuron that sees the neighbours of one point."""


def points_of(data: str) -> int:
    """How many points N the world of that name has."""
    if own_data.is_own(data):
        return min(MOST_OWN, len(own_data.of(data).y))
    return POINTS[data]


def world(data: str, target: int) -> tuple[np.ndarray, np.ndarray]:
    """Points X (N, d), of mean square length d, and their labels y (N,), of mean square 1.

    digits: pixels less their mean, each of length √d. hypercube: all signs of 10 bits; y is the
    product of the first `target`. circle: even angles θ; y = sign cos(target θ).
    One's own: at most 2000 points; the upper half of the classes is +1, and targets that are no
    classes have their mean subtracted and are divided by their deviation.
    """
    if own_data.is_own(data):
        given = own_data.of(data)
        kept = np.random.default_rng(0).permutation(len(given.y))[:MOST_OWN]
        y = given.y[kept]
        y = about_classes(given)[kept] if given.is_classes else y - y.mean()
        return given.scaled(kept)[kept], y / math.sqrt(np.mean(y**2))
    if data == "digits":
        pixels, labels = digits()
        return of_one_length(pixels - pixels.mean(axis=0)), about_digits(labels, target)
    if data == "hypercube":
        X = 1.0 - 2 * ((np.arange(2**BITS)[:, None] >> np.arange(BITS)) & 1)
        return X, np.prod(X[:, :target], axis=1)
    angle = 2 * np.pi * np.arange(POINTS["circle"]) / POINTS["circle"]
    X = math.sqrt(2) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X, np.sign(np.cos(target * angle) + 1e-9)  # a zero is no label


def activity(X: Any, W: Any, b: Any, kind: str, xp: Any = np) -> Any:
    """What each neuron (k) answers to each point, (k, N); `xp` is numpy or jax.numpy.

    tanh and relu of z = W X/√d + b; or bumps 4 exp(-2|x - w|²/d) around points w.
    """
    d = X.shape[1]
    if kind == "bump":
        apart = xp.sum(W**2, axis=1)[:, None] + xp.sum(X**2, axis=1)[None, :] - 2 * (W @ X.T)
        return BUMP * xp.exp(-2 * apart / d)
    z = W @ X.T / math.sqrt(d) + b[:, None]
    return xp.tanh(z) if kind == "tanh" else xp.maximum(z, 0)
