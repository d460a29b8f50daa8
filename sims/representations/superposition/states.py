"""Arrangements of features in a line or a plane, each at its own least loss.

In the plane features stand alone on an axis, in opposite pairs, or evenly around a circle; on a
line, alone or as a pair. Features that are left over are not written at all. That such polygons are
critical points: arXiv:2310.06301. Which of them is lowest is worked out here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from sims.representations.superposition.energy import ignored, one_output

ROUNDS = 60
STEP = 1e-4
"""Of the differences that stand for derivatives."""
CLOSE = 1e-7
HALVINGS = 14
LET_GO = 0.05
"""Squared length below which the weaker of a pair is gone, and the stronger alone."""
NOTHING = 1e-6
"""Losses per density below this are none."""
WORDS = {
    (1,): "one alone", (2,): "a pair", (1, 1): "two alone", (2, 1): "a pair and one alone",
    (2, 2): "two pairs", (3,): "a triangle", (5,): "a pentagon", (6,): "a hexagon",
    (7,): "a heptagon", (8,): "an octagon",
}  # fmt: skip
DENSITIES = np.geomspace(0.02, 1.0, 28)
"""Densities at which all levels are drawn."""
Rings = tuple[int, ...]
"""An arrangement: how many features each ring has; 2 is an opposite pair, 1 one on its own axis."""


@dataclass(frozen=True)
class State:
    """An arrangement at its least loss.

    Attributes:
        rings: which one it is.
        energy: its loss, that of the features left over included.
        norms: |w|² of the features that are written, (kept,), the most important ones first.
        places: where they stand, turned so that the first ring points along the first axis,
            (kept, 2).
    """

    rings: Rings
    energy: float
    norms: np.ndarray
    places: np.ndarray

    @property
    def overlaps(self) -> np.ndarray:
        """Cosines between all pairs that are written, smallest first, (pair,)."""
        return cosines(self.places)

    @property
    def fold(self) -> int:
        """Turns of the full circle by which it comes back to itself; 1 where only a full one does.

        With one alone on an axis the sum of all arrows says how it is turned.
        """
        if self.rings == (2, 2):
            return 4
        return self.rings[0] if len(self.rings) == 1 else 1


def cosines(places: np.ndarray) -> np.ndarray:
    """Cosines between all pairs of vectors (point, axis), smallest first, (pair,)."""
    units = places / np.linalg.norm(places, axis=1, keepdims=True)
    return np.sort((units @ units.T)[np.triu_indices(len(units), 1)])


def importances(features: int, importance: float) -> np.ndarray:
    """I_i from 1 to that of the last feature, in equal ratios, (feature,)."""
    return importance ** (np.arange(features) / max(1, features - 1))


def minimised(f: Callable[[np.ndarray], np.ndarray], start: np.ndarray) -> np.ndarray:
    """Places (point, d) of a minimum of f: (point, d) -> (point,), near a start, all at once.

    Newton's steps with differences for derivatives, against the gradient along every axis of the
    Hessian, and shorter where they do not help.
    """
    x, d = np.array(start, float), start.shape[1]
    value, damping = f(x), np.full(len(x), 1e-3)
    ones = np.eye(d) * STEP
    pairs = [(i, j) for i in range(d) for j in range(i)]
    moves = [*ones, *-ones]
    moves += [s * ones[i] + t * ones[j] for i, j in pairs for s in (1, -1) for t in (1, -1)]
    for _ in range(ROUNDS):
        around = f((x[None] + np.array(moves)[:, None]).reshape(-1, d)).reshape(len(moves), -1)
        up, down = around[:d], around[d : 2 * d]
        slope = ((up - down) / (2 * STEP)).T
        H = np.zeros((len(x), d, d))
        H[:, range(d), range(d)] = ((up + down - 2 * value[None]) / STEP**2).T
        for n, (i, j) in enumerate(pairs):
            a, b, c, e = around[2 * d + 4 * n : 2 * d + 4 * n + 4]
            H[:, i, j] = H[:, j, i] = (a - b - c + e) / (4 * STEP**2)
        size, axes = np.linalg.eigh(H)
        along = np.einsum("pij,pi->pj", axes, slope) / (np.abs(size) + damping[:, None])
        change = -np.einsum("pij,pj->pi", axes, along)
        change /= np.maximum(1.0, np.linalg.norm(change, axis=1) / 0.3)[:, None]
        tried = f(x + change)
        better = tried < value
        x, value = np.where(better[:, None], x + change, x), np.where(better, tried, value)
        damping = np.where(better, damping / 5, damping * 8)
        if np.max(np.abs(change)) < CLOSE:
            break
    return x


def _lowest(f: Callable[[np.ndarray], np.ndarray], starts: list[np.ndarray]) -> np.ndarray:
    """Of the minima near several starts (point, d) the lowest at every point."""
    found = [minimised(f, start) for start in starts]
    values = np.stack([f(x) for x in found])
    return np.stack(found)[np.argmin(values, axis=0), np.arange(values.shape[1])]


def ring(k: int, p: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Loss of each of k equal features around a circle, |w|² and bias, at densities p (point,).

    Overlaps are |w|² cos(2πj/k); for k = 1 there are none, and nothing is lost.
    """
    if k == 1:
        return np.zeros(len(p)), np.ones(len(p)), np.zeros(len(p))
    overlaps = np.array([-1.0]) if k == 2 else np.cos(2 * np.pi * np.arange(1, k) / k)

    def loss(x: np.ndarray) -> np.ndarray:
        size = np.abs(x[:, 0])
        density = np.resize(p, len(x))
        return one_output(size, size[:, None] * overlaps[None], x[:, 1], density)

    wide = np.stack([np.full(len(p), 1.2), np.full(len(p), -0.2)], axis=1)
    near = np.stack([np.full(len(p), 0.5), 0.4 * p + 0.05], axis=1)
    x = _lowest(loss, [wide, near])
    return loss(x), np.abs(x[:, 0]), x[:, 1]


def pair(p: np.ndarray, strong: float, weak: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loss of an opposite pair of these importances, and |w|² of both, (point,) and (point, 2).

    `weak` is one number, or one for each density p (point,).
    """

    def loss(x: np.ndarray) -> np.ndarray:
        w, v = np.abs(x[:, 0]), np.abs(x[:, 1])
        density, across = np.resize(p, len(x)), -(w * v)[:, None]
        first, second = (one_output(s**2, across, x[:, i], density) for s, i in ((w, 2), (v, 3)))
        return strong * first + np.resize(weak, len(x)) * second

    _, size, b = ring(2, p)
    both = np.stack([np.sqrt(size), np.sqrt(size), b, b], axis=1)
    zero = np.zeros(len(p))
    one = np.stack([zero + 1, zero + 0.4, zero, p / 3], axis=1)
    x = _lowest(loss, [both, one])
    return loss(x), x[:, :2] ** 2


def arrangements(features: int, neurons: int) -> list[Rings]:
    """All that are compared, in a line (1) or a plane (2)."""
    if neurons == 1:
        return [(1,), (2,)]
    pairs = [rings for rings in ((1, 1), (2, 1), (2, 2)) if sum(rings) <= features]
    return [*pairs, *((k,) for k in (3, *range(5, 9)) if k <= features)]


def named(rings: Rings) -> str:
    """An arrangement in words."""
    return WORDS[rings]


def energies(rings: Rings, neurons: int, p: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Loss of an arrangement at densities p (point,); NaN where it lets go of a feature.

    `weight` are the importances, largest first.
    """
    kept = sum(rings)
    left = ignored(p) * weight[kept:].sum()
    if neurons == 1 and rings == (2,):
        energy, norms = pair(p, weight[0], weight[1])
        return np.where(norms.min(axis=1) < LET_GO, np.nan, energy + left)
    at = 0
    for k in rings:
        left = left + weight[at : at + k].sum() * ring(k, p)[0]
        at += k
    return left


def state(rings: Rings, neurons: int, p: float, weight: np.ndarray) -> State:
    """An arrangement at one density, with its arrows."""
    here = np.array([p])
    energy = float(energies(rings, neurons, here, weight)[0])
    places, norms = [], []
    for turn, k in enumerate(rings):
        unequal = neurons == 1 and k == 2
        sizes = (
            pair(here, weight[0], weight[1])[1][0] if unequal else np.full(k, ring(k, here)[1][0])
        )
        angle = 2 * np.pi * np.arange(k) / k + turn * np.pi / 2
        places.append(np.sqrt(sizes)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1))
        norms.append(sizes)
    return State(rings, energy, np.concatenate(norms), np.concatenate(places))


@cache
def levels(features: int, neurons: int, density: float, importance: float) -> tuple[State, ...]:
    """Every arrangement there is at these settings, the lowest first.

    `importance` is that of the last feature against the first.
    """
    weight = np.sort(importances(features, importance))[::-1]
    found = [state(r, neurons, density, weight) for r in arrangements(features, neurons)]
    there = [one for one in found if not math.isnan(one.energy)]
    return tuple(sorted(there, key=lambda one: one.energy))


@cache
def curves(features: int, neurons: int, importance: float) -> np.ndarray:
    """Loss over density of every arrangement at `DENSITIES`, (density, arrangement)."""
    weight = np.sort(importances(features, importance))[::-1]
    found = [energies(r, neurons, DENSITIES, weight) for r in arrangements(features, neurons)]
    made = np.stack(found, axis=1) / DENSITIES[:, None]
    made.flags.writeable = False
    return made


@cache
def _let_go(densities: tuple[float, ...]) -> np.ndarray:
    p = np.array(densities)
    low, high = np.full(len(p), math.log(1e-3)), np.zeros(len(p))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        energy, norms = pair(p, 1.0, np.exp(middle))
        is_pair = (norms.min(axis=1) >= LET_GO) & (energy < np.exp(middle) * ignored(p))
        low, high = np.where(is_pair, low, middle), np.where(is_pair, middle, high)
    return np.exp((low + high) / 2)


def let_go(densities: np.ndarray) -> np.ndarray:
    """Importance of the weaker of two features below which one neuron drops it, (density,)."""
    return _let_go(tuple(densities.tolist()))
