"""Families of nets of every width: their data, their weights, what they say at the start.

x^0 = x, h^l = W_l x^(l-1), x^l = phi(h^l) for l = 1..L, f = W_(L+1) x^L; no biases, one output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sims.core import own_data
from sims.core.datasets import digits
from sims.width_transfer.gradients import forward
from sims.width_transfer.scales import gain, output_exponent

PIXELS = 64
Weights = Sequence[np.ndarray]
"""W_1 (net, n, d), W_2..W_L (net, n, n), W_(L+1) (net, n)."""


def inputs(kind: str, d: int) -> int:
    """Dimension of the inputs: pixels, columns of one's own data, or what is asked for."""
    if own_data.is_own(kind):
        return own_data.of(kind).features
    return PIXELS if kind == "digits" else int(d)


def data(kind: str, m: int, d: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """X (m, d) with mean |x|² = d, and y (m,) of mean 0 and variance 1.

    `digits`: 8 x 8 pixels less their mean, even or odd; `gaussian`: normal inputs, y = X w/√d;
    or one's own data, less the mean of those that are taken.
    """
    rng = np.random.default_rng(seed)
    if kind == "gaussian":
        X = rng.standard_normal((m, d))
        y = X @ rng.standard_normal(d) / np.sqrt(d)
    elif kind == "digits":
        pixels, labels = digits()
        chosen = rng.permutation(len(pixels))[:m]
        X, y = pixels[chosen] - pixels.mean(0), np.where(labels[chosen] % 2 == 0, 1.0, -1.0)
    else:
        own = own_data.of(kind)
        chosen = rng.permutation(len(own.X))[:m]
        X, y = own.scaled(chosen)[chosen], own.y[chosen]
    X = X / np.sqrt(np.mean(np.sum(X**2, 1)) / X.shape[1])
    y = (y - y.mean()) / y.std()
    if noise > 0:
        y = y + noise * rng.standard_normal(m)
        y = (y - y.mean()) / y.std()
    return X, y


def shapes(d: int, n: int, depth: int) -> list[tuple[int, ...]]:
    """Shapes of the layers W_1..W_(L+1) of a net of width n."""
    return [(n, d)] + [(n, n)] * (depth - 1) + [(n,)]


def normals(
    rng: np.random.Generator, count: int, d: int, n: int, depth: int
) -> Iterator[list[np.ndarray]]:
    """Standard normal numbers for so many nets of width n, net by net and layer by layer."""
    for _ in range(count):
        yield [rng.standard_normal(shape) for shape in shapes(d, n, depth)]


def drawn(
    rng: np.random.Generator, count: int, d: int, n: int, depth: int, parameterisation: str,
    activation: str,
) -> list[np.ndarray]:  # fmt: skip
    """The weights of so many nets of width n, one net after another, in float32.

    W_1 ~ N(0, g/d), W_2..W_L ~ N(0, g/n), W_(L+1) ~ N(0, n^-2s). float32 holds what is drawn: run
    and theory start from these very numbers, in float64.
    """
    g = gain(activation)
    stds = [np.sqrt(g / d)] + [np.sqrt(g / n)] * (depth - 1)
    stds.append(n ** -output_exponent(parameterisation))
    found = [np.empty((count, *shape), np.float32) for shape in shapes(d, n, depth)]
    for i, net in enumerate(normals(rng, count, d, n, depth)):
        for W, z, std in zip(found, net, stds, strict=True):
            W[i] = z * std
    return found


def named(weights: Weights, n: int) -> dict[str, np.ndarray]:
    """A family's weights by their names in a Task and in files: W1_64, W2_64, ..."""
    return {f"W{l}_{n}": W for l, W in enumerate(weights, start=1)}


def of_width(task: Mapping[str, Any], n: int, depth: int) -> list[Any]:
    """The weights of all nets of a width, layer by layer, of a Task or inside the run."""
    return [task[f"W{l}_{n}"] for l in range(1, depth + 2)]


def outputs(weights: Weights, X: np.ndarray, activation: str) -> np.ndarray:
    """f(X) of every net, (net, m), in float64; a linear net is multiplied from the end."""
    found = []
    for net in each(weights):
        if activation == "linear":
            row = net[-1]
            for W in net[-2::-1]:
                row = row @ W
            found.append(X @ row)
            continue
        found.append(forward(net, X, activation)[1])
    return np.array(found)


def each(weights: Weights) -> Iterator[list[np.ndarray]]:
    """One net after another in float64: a whole family of wide ones would take twice its room."""
    for i in range(len(weights[0])):
        yield [W[i].astype(float) for W in weights]
