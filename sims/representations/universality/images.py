"""Handwritten digits as white inputs, and what three groups of networks are asked about them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sims.core import datasets

CLASSES = 10
SHUFFLING = 1
"""Seed of the shuffled labels."""
NONE = 1e-9
"""Singular values below which a target has no mode."""


@lru_cache(maxsize=8)
def images(data_seed: int, count: int, components: int, white: bool) -> tuple[np.ndarray, ...]:
    """The first components of so many digits, centred, (image, component), and labels (image,).

    White: every component has mean square 1 and none goes with another. Else each has its own
    variance, and their mean is 1.
    """
    pixels, labels = datasets.digits()
    kept = np.random.default_rng(data_seed).permutation(len(pixels))[:count]
    U, sizes, _ = np.linalg.svd(pixels[kept] - pixels[kept].mean(axis=0), full_matrices=False)
    X, sizes = np.sqrt(count) * U[:, :components], sizes[:components]
    return (X if white else X * sizes / np.sqrt(np.mean(sizes**2))), labels[kept]


def targets(labels: np.ndarray, task: str) -> np.ndarray:
    """One-hot labels less their means, over their root mean square, (image, output).

    `task`: the digits; whether they are even or odd (parity); or the digits of other images
    (shuffled).
    """
    if task == "shuffled":
        labels = np.random.default_rng(SHUFFLING).permutation(labels)
    Y = np.eye(2)[labels % 2] if task == "parity" else np.eye(CLASSES)[labels]
    Y = Y - Y.mean(axis=0)
    return Y / np.sqrt(np.mean(Y**2))


def modes(target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Singular values s of Y'Z/n = U S V', largest first (mode,), and all of V' (input, component).

    Rows of V' behind the last mode span the inputs that no output uses; the largest entry of each
    row is positive.
    """
    _, s, V = np.linalg.svd(target)
    largest = np.take_along_axis(V, np.argmax(np.abs(V), axis=1)[:, None], axis=1)
    return s[s > NONE], V * np.sign(largest)


def dial(target: np.ndarray) -> np.ndarray:
    """Where inputs of the digits 0 to 9 go around, as the hours of a clock: (component, 2).

    The sums over digits c of cos(2πc/10) and sin(2πc/10) times their rows of Y'Z/n, of length 1.
    """
    angle = 2 * np.pi * np.arange(CLASSES) / CLASSES
    axes = target.T @ np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return axes / np.linalg.norm(axes, axis=0)


def class_means(X: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean input of every digit, (digit, component); 0 of one that is not there."""
    own = np.eye(CLASSES)[labels]
    return own.T @ X / np.maximum(own.sum(axis=0), 1)[:, None]
