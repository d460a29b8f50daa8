"""Where gradient flow on a diagonal linear network ends, at every initial scale.

For w = u² - v² from u = v = α_0, gradient flow on |Xw - y|²/2n with fewer points than features
ends at argmin α_0² Σ q(w_i/α_0²) subject to Xw = y, q(z) = 2 - √(4 + z²) + z asinh(z/2): least l1
norm as α_0 -> 0, least l2 norm as α_0 -> ∞. Sources: Woodworth et al., arXiv:2002.09277; Azulay et
al., arXiv:2102.09769. Nothing here calls the training or sees its records.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.hyperbolic_entropy import End, newton, path, warm
from sims.core.schedule import Schedule

if TYPE_CHECKING:
    from sims.lazy_rich.diagonal_network.params import Params

SCALES = 3 * 1.5 ** -np.arange(26.0)
"""Initial scales of the curves, and the way down to any smaller one."""
MAP_SCALES = np.geomspace(3, 1e-3, 9)
MAP_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
"""Initial scales, and points over features, of the map of test errors."""
MAP_SEEDS = 5


class Start(NamedTuple):
    """X (n, d), y (n,) of y = X w* + noise, and w* (d,)."""

    X: np.ndarray
    y: np.ndarray
    truth: np.ndarray


def drawn(seed: int, n: int, d: int, k: int, noise: float) -> Start:
    """X ~ N(0, 1), w* = 1/√k on the first k features, then noise N(0, noise²) if there is any."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    truth = np.where(np.arange(d) < k, 1 / math.sqrt(k), 0.0)
    y = X @ truth
    if noise > 0:
        y = y + noise * rng.standard_normal(n)
    return Start(X, y, truth)


@lru_cache(maxsize=64)
def _ends(shape: tuple[int, int], X: bytes, y: bytes) -> tuple[End, ...]:
    return tuple(path(np.frombuffer(X).reshape(shape), np.frombuffer(y), SCALES))


def ends(X: np.ndarray, y: np.ndarray) -> tuple[End, ...]:
    """The end at every scale of `SCALES`, computed once for these data."""
    return _ends(X.shape, X.tobytes(), y.tobytes())


@lru_cache(maxsize=256)
def _end(shape: tuple[int, int], X: bytes, y: bytes, scale: float) -> End:
    above = int(np.flatnonzero(scale <= SCALES)[-1])
    known = _ends(shape, X, y)[above]
    if SCALES[above] == scale:
        return known
    points = np.frombuffer(X).reshape(shape)
    nu = warm(points, known.weights, scale**2)
    return newton(points, np.frombuffer(y), scale**2, nu)


def end_point(X: np.ndarray, y: np.ndarray, scale: float) -> End:
    """Where gradient flow from u = v = scale ends; scale at most 3."""
    return _end(X.shape, X.tobytes(), y.tobytes(), float(scale))


def edge(X: np.ndarray, w: np.ndarray, scale: float) -> float:
    """2/λ_max of the Hessian at the end: (1/n) X diag(4 √(w² + 4α_0⁴)) Xᵀ."""
    lam = np.linalg.eigvalsh((X * (4 * np.sqrt(w**2 + 4 * scale**4))) @ X.T / len(X))[-1]
    return 2 / float(lam)


def time_needed(y: np.ndarray, end: End) -> float:
    """T_0 = n|ν|/(4|y|), which the flow needs at least.

    u_i = α_0 exp(-(2/n)(Xᵀ∫r dt)_i) with |r| <= |y|, and |∫r dt| = n|ν|/4 at the end.
    """
    return len(y) * float(np.linalg.norm(end.nu) / (4 * np.linalg.norm(y)))


class Map:
    """Mean test error over five data sets, (samples, map_scale), as it fills; NaN until then."""

    def __init__(self, d: int, k: int, noise: float) -> None:
        self.d, self.k, self.noise = d, k, noise
        self._errors = np.full((len(MAP_SHARES), MAP_SEEDS, len(MAP_SCALES)), np.nan)

    @property
    def means(self) -> np.ndarray:
        """Its values as far as all data sets are known."""
        return self._errors.sum(axis=1) / MAP_SEEDS

    @property
    def rows(self) -> int:
        """How many numbers of points are done."""
        return int(np.isfinite(self.means[:, -1]).sum())

    @property
    def share(self) -> float:
        """How much of it is known."""
        return float(np.isfinite(self._errors).mean())

    def fill(self) -> Iterator[None]:
        """What is missing, an interpolator at a time."""
        for row, n in enumerate(map_samples(self.d)):
            for seed in range(MAP_SEEDS):
                if np.isfinite(self._errors[row, seed, -1]):
                    continue
                X, y, truth = drawn(seed, int(n), self.d, self.k, self.noise)
                for i, end in enumerate(path(X, y, MAP_SCALES)):
                    self._errors[row, seed, i] = np.sum((end.weights - truth) ** 2)
                    yield


@lru_cache(maxsize=64)
def error_map(d: int, k: int, noise: float) -> Map:
    """The map of these data; what was computed once is known."""
    return Map(d, k, noise)


def map_samples(d: int) -> np.ndarray:
    """Numbers of train points of the map of test errors."""
    return np.round(np.array(MAP_SHARES) * d).astype(np.int64)


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset | float]:
    """The end of gradient flow here; then at other scales; then the map of test errors."""
    del schedule
    X, y, truth = task["X"], task["y"], task["target"]
    scale = float(params.alpha_0)
    end = end_point(X, y, scale)
    curve = np.stack([e.weights for e in ends(X, y)])
    found: dict[str, Any] = {
        "weights_final": ("feature", end.weights),
        "weights_true": ("feature", truth, {"shared": 1}),
        "test_error_final": ((), float(np.sum((end.weights - truth) ** 2))),
        "l1_norm_final": ((), float(np.sum(np.abs(end.weights)))),
        "l2_norm_final": ((), float(np.linalg.norm(end.weights))),
        "time_needed": ((), time_needed(y, end), {"units": "time"}),
        "rate": ((), float(task["rate"])),
        "test_error_curve": ("scale", np.sum((curve - truth) ** 2, axis=1)),
        "l1_norm_curve": ("scale", np.sum(np.abs(curve), axis=1)),
    }
    coords = {
        "feature": np.arange(1, params.d + 1),
        "scale": SCALES,
        "map_scale": MAP_SCALES,
        "samples": map_samples(params.d),
    }
    attrs = {"alpha_0": scale, "n": params.n, "c": float(params.c)}
    errors = error_map(params.d, int(params.k), float(params.noise))

    def part() -> xr.Dataset:
        found["test_error_map"] = (("samples", "map_scale"), errors.means, {"shared": 1})
        return xr.Dataset(found, coords=coords, attrs={**attrs, "progress": errors.share})

    rows = -1
    for _ in errors.fill():
        if rows < errors.rows < len(MAP_SHARES):
            rows = errors.rows
            yield part()
        else:
            yield errors.share
    yield part()
