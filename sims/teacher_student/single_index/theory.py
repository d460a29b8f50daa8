"""When a single neuron finds the hidden direction: the whole distribution, from its first overlap.

With fields λ = w·x and ν = u·x of overlap m = w·u, the k-th normalised Hermite polynomial h as link
and steps δ/d, one example changes m by 1/d times its mean, and by chance (derived here; exponents:
arXiv:2003.10409):

    dm = [δ k m^(k-1) (1-m²) - δ² V(m) m/2] dt + δ √(S(m)/d) dB,    t = step/d.

V is what lengthens the neuron before its length is made 1 again, S the variance of a step along u.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr
from numpy.polynomial import hermite_e

from sims.core.experiment import Task
from sims.core.schedule import Schedule

if TYPE_CHECKING:
    from sims.teacher_student.single_index.params import Params

HALF = 0.5
"""Size of the overlap at which the direction counts as found."""
LIVES = 4000
LIVES_EACH = 1000
"""Lives of each run where every one has an overlap of its own."""
SHOWN = 400
"""Lives whose way is kept, for where most of them are."""
GRAIN = 0.02
MOST_STEPS = 1500
CLIMBS = 5.0
"""Lives are followed for so many times what the climb alone would take."""
CELLS = 400


def link(k: int) -> np.ndarray:
    """Coefficients of h_k = He_k/√(k!), highest power first."""
    one = np.zeros(k + 1)
    one[k] = 1 / math.sqrt(math.factorial(k))
    return hermite_e.herme2poly(one)[::-1]


class Coefficients(NamedTuple):
    """Drift k m^(k-1) (1-m²), V and S on a grid of m, (place,) each."""

    m: np.ndarray
    drift: np.ndarray
    V: np.ndarray
    S: np.ndarray


@lru_cache(maxsize=64)
def coefficients(k: int, noise: float, places: int = 401) -> Coefficients:
    """With r² = (h(λ) - h(ν))² + σ²: V = E r² h'², S = E r² h'² (ν - λm)² less the drift's square.

    By Gauss-Hermite points, exact for polynomials, on m = sin of an even grid.
    """
    z, weights = hermite_e.hermegauss(6 * k + 4)
    weights = weights / weights.sum()
    both = weights[:, None] * weights
    m = np.sin(np.linspace(-np.pi / 2, np.pi / 2, places))
    nu = m[:, None, None] * z[:, None] + np.sqrt(1 - m**2)[:, None, None] * z
    h, slope = link(k), np.polyder(link(k))
    square = (np.polyval(h, z)[:, None] - np.polyval(h, nu)) ** 2 + noise**2
    f = both * square * (np.polyval(slope, z) ** 2)[:, None]
    drift = k * m ** (k - 1) * (1 - m**2)
    across = (nu - m[:, None, None] * z[:, None]) ** 2
    S = np.maximum((f * across).sum(axis=(1, 2)) - drift**2, 0.0)
    return Coefficients(m, drift, f.sum(axis=(1, 2)), S)


class Tables(NamedTuple):
    """What moves a life by its overlap, on an even grid over [-1/2, 1/2]: (place, 3).

    The three are the bracket f of the equation, its chance b, and how long a step lasts.
    """

    values: np.ndarray

    def at(self, m: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """f, b and the length of a step at these overlaps; at the ends beyond them."""
        place = np.clip((m + HALF) * CELLS, 0.0, CELLS - 1e-9)
        below = place.astype(np.int64)
        part = (place - below)[:, None]
        found = (1 - part) * self.values[below] + part * self.values[below + 1]
        return found[:, 0], found[:, 1], found[:, 2]


def tables(k: int, noise: float, delta: float, d: int) -> Tables:
    """The tables of an exponent, label noise, step and dimension."""
    on = coefficients(k, noise)
    x = np.linspace(-HALF, HALF, CELLS + 1)
    drift, V, S = (np.interp(x, on.m, one) for one in (on.drift, on.V, on.S))
    f = delta * drift - delta**2 / 2 * V * x
    b = delta * np.sqrt(S / d)
    size = np.abs(x) + 0.5 / math.sqrt(d)
    step = GRAIN * np.minimum(size / (np.abs(f) + 1e-300), size**2 / b**2)
    return Tables(np.stack([f, b, step], axis=1))


def climb(k: int, m: float, delta: float, d: int) -> float:
    """Time that the drift δ k m^(k-1) alone takes from m, or from nearly nothing, to 1/2."""
    m = max(abs(m), 0.05 / math.sqrt(d))
    bare = (HALF - m, math.log(HALF / m), 1 / m - 1 / HALF, (m**-2 - HALF**-2) / 2)[k - 1]
    return bare / (delta * k)


class Lives(NamedTuple):
    """Escape times (start, life), infinite if never within what was followed, (start,).

    `noiseless` (start,) are those without chance; `path` (knot, 2, shown + 1) times and overlaps of
    the first start's noiseless life and some others.
    """

    escapes: np.ndarray
    noiseless: np.ndarray
    followed: np.ndarray
    path: np.ndarray


def lives(k: int, noise: float, delta: float, d: int, starts: np.ndarray, each: int) -> Lives:
    """Lives of the scalar equation from each start: Heun in the drift, Euler in the noise.

    Each has its own clock: a step moves m by a few per cent of its size, or of chance.
    """
    on = tables(k, noise, delta, d)
    many, rng = each + 1, np.random.default_rng(0)
    m, alive = np.repeat(starts, many), np.arange(len(starts) * many)
    end = np.repeat([CLIMBS * climb(k, float(one), delta, d) for one in starts], many)
    t, found = np.zeros(len(m)), np.full(len(m), np.inf)
    last = np.zeros(len(m))
    shown = min(SHOWN, each) + 1
    path = np.full((MOST_STEPS + 1, 2, shown), np.nan)
    path[0] = [np.zeros(shown), np.full(shown, starts[0])]
    knots = 0
    while len(alive) and knots < MOST_STEPS:
        knots += 1
        z = rng.standard_normal(len(alive))
        z[alive % many == 0] = 0.0
        f, b, h = on.at(m)
        after = m + h / 2 * (f + on.at(m + h * f)[0]) + b * np.sqrt(h) * z
        hit = np.abs(after) >= HALF
        part = (HALF - np.abs(m[hit])) / np.maximum(np.abs(after[hit]) - np.abs(m[hit]), 1e-12)
        found[alive[hit]] = t[hit] + h[hit] * part
        t = t + h
        last[alive] = t
        drawn = np.flatnonzero(alive < shown)
        path[knots, 0, alive[drawn]] = t[drawn]
        path[knots, 1, alive[drawn]] = after[drawn]
        on_way = ~hit & (t < end)
        m, t, end, alive = after[on_way], t[on_way], end[on_way], alive[on_way]
    found, last = found.reshape(len(starts), many), last.reshape(len(starts), many)
    open_ = np.isinf(found)
    followed = np.where(open_, last, np.inf).min(axis=1)
    return Lives(np.sort(found[:, 1:], axis=1), found[:, 0], followed, path[: knots + 1])


def deviate(lives: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Normal deviates of the ranks of times (...) among sorted lives (life,).

    A rank outside all of them counts as half a life.
    """
    from scipy.special import ndtri

    n = len(lives)
    return ndtri(np.clip(np.searchsorted(lives, times) / n, 0.5 / n, 1 - 0.5 / n))


@lru_cache(maxsize=16)
def _lives(
    k: int, noise: float, delta: float, d: int, starts: tuple[float, ...], each: int
) -> Lives:
    return lives(k, noise, delta, d, np.array(starts), each)


def lives_of(params: Params, task: Task) -> Lives:
    """Lives from the first overlaps of these runs: one set for all where they are alike."""
    d, overlap = int(params.d), float(params.overlap)
    starts = tuple(np.asarray(task["first"], float).tolist())
    if overlap:
        starts = (overlap / math.sqrt(d),)
    each = LIVES if len(starts) == 1 else LIVES_EACH
    step, noise = float(params.delta), float(params.noise)
    return _lives(int(params.exponent), noise, step, d, starts, each)


def median_of(escapes: np.ndarray) -> float:
    """The middle life, one of them, that it may be infinite."""
    return float(np.quantile(escapes, 0.5, method="nearest"))


def horizon(every: list[Lives]) -> float:
    """A tenth beyond the last predicted life, at most three medians, nor what was followed."""
    last = max(float(one.escapes[:, -1].max()) for one in every)
    middle = max(median_of(row) for one in every for row in one.escapes)
    followed = min(float(one.followed.min()) for one in every)
    return min(1.1 * last, 3 * middle, followed)


def leeway(escapes: np.ndarray, d: int) -> float:
    """How far the mean deviate of predicted lives moves if their times change by 2/d.

    The equation leaves out what is of order 1/d.
    """
    rows = [one for one in escapes if np.isfinite(one).any()]
    moved = [
        np.mean(np.abs(deviate(one, one * (1 + 2 / d)) - deviate(one, one)), where=np.isfinite(one))
        for one in rows
    ]
    return float(np.mean(moved)) if moved else 0.0


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """All lives, their median and range, the way without chance, and where both terms are even."""
    k, d, delta = int(params.exponent), int(params.d), float(params.delta)
    found, t = lives_of(params, task), schedule.record_times
    times, ways = found.path[:, 0], found.path[:, 1]
    drawn = np.stack([_held(t, times[:, j], ways[:, j]) for j in range(times.shape[1])], axis=1)
    pooled = np.sort(found.escapes.ravel())
    low, middle, high = (float(np.quantile(pooled, q, method="nearest")) for q in (0.05, 0.5, 0.95))
    on = coefficients(k, float(params.noise))
    chosen = on.m >= 0
    units = {"units": "time"}
    replicas = len(task["first"])
    return xr.Dataset(
        {
            "escape_lives": (("start", "life"), found.escapes, units),
            "escaped": ("record", np.searchsorted(pooled, t, side="right") / len(pooled)),
            "size": (("record", "replica"), np.repeat(np.abs(drawn[:, :1]), replicas, axis=1)),
            "size_low": ("record", np.quantile(np.abs(drawn[:, 1:]), 0.05, axis=1)),
            "size_high": ("record", np.quantile(np.abs(drawn[:, 1:]), 0.95, axis=1)),
            "escape_median": ((), middle, units),
            "escape_low": ((), low, units),
            "escape_high": ((), high, units),
            "escape_noiseless": ((), float(found.noiseless[0]), units),
            "leeway": ((), leeway(found.escapes, d)),
            "climb": ("place", delta * on.drift[chosen]),
            "pull": ("place", 0.5 * delta**2 * (on.V * on.m)[chosen]),
            "first_overlap": ((), float(abs(found.path[0, 1, 0]))),
        },
        coords={
            "replica": np.arange(1, replicas + 1),
            "place": on.m[chosen],
            "start": np.arange(1, len(found.escapes) + 1),
            "life": np.arange(1, found.escapes.shape[1] + 1),
        },
    )


def _held(t: np.ndarray, times: np.ndarray, way: np.ndarray) -> np.ndarray:
    """A life at the record times, on its own clock; held where it ends."""
    known = np.isfinite(times)
    return np.interp(t, times[known], way[known])
