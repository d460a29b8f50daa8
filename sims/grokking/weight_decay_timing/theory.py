"""The whole test-error curve of a diagonal network with weight decay, and when it groks.

w = u² - v² from u = v = α under J = |Xw - y|²/2n + (wd/2)(|u|² + |v|²). Gradient flow gives
u_i v_i = β² with β = α e^{-wd t} exactly, and asinh(w_i/2β²) = (Xᵀν)_i for some ν. While the
residual is small, w(t) is therefore the interpolator of least hyperbolic entropy at the scale β(t):
that of least l2 norm at first (the kernel's), of least l1 norm at last. Decay keeps pulling w off
it, and to first order in wd that is known, too (`lagging`). The law is that of Lyu et al.,
arXiv:2311.18817; curve and correction are derived here with the bias of Woodworth et al.,
arXiv:2002.09277. Nothing here calls the training or sees its records.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.hyperbolic_entropy import End, newton
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.grokking.passage import falls_to

if TYPE_CHECKING:
    from sims.grokking.weight_decay_timing.params import Params

SLOW = 0.02
"""Weight decay up to which the curve is mostly quasi-static; how far it is, `lagging` tells."""
FITTED, SETTLED = 0.1, 0.3
"""Decay times after which the error is watched for halving, and compared."""
EVERY = 10
"""Records between two at which the sharpness of the path is taken."""

SMALLEST = 1e-4
"""Scale β down to which the error is watched for halving."""
FINER = 1.25
"""Ratio of neighbouring scales on the way down."""
TOGETHER = 8
"""Records between two moments at which others may compute: some milliseconds."""
FLOOR_STEPS, CONVERGED = 4000, 1e-13
FLOOR_STEPS_TOGETHER = 200
SCALES = np.geomspace(8, 0.1, 25)
"""Initial scales at which the grokking time is drawn."""


class Start(NamedTuple):
    """X (n, d), y (n,) = X w*, and w* (d,)."""

    X: np.ndarray
    y: np.ndarray
    truth: np.ndarray


def drawn(seed: int, n: int, d: int, k: int) -> Start:
    """X ~ N(0, 1); w* has k entries ±1/√k at random places."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    truth = np.zeros(d)
    truth[rng.choice(d, k, replace=False)] = rng.choice([-1.0, 1.0], k) / math.sqrt(k)
    return Start(X, X @ truth, truth)


def top_eigenvalue(X: np.ndarray) -> float:
    """λ_max of XXᵀ/n."""
    return float(np.linalg.norm(X, 2) ** 2 / len(X))


def scale(alpha: float, weight_decay: float, t: Any) -> Any:
    """β(t) = α e^{-wd t}, the square root of u_i v_i."""
    return alpha * np.exp(-weight_decay * t)


def interpolator(X: np.ndarray, y: np.ndarray, beta: float, before: End | None = None) -> End:
    """The w = 2β² sinh(Xᵀν) with Xw = y; Newton starts from that at a larger β if there is one."""
    nu = np.zeros(len(y))
    if before is not None:
        nu = np.linalg.solve(X @ X.T, X @ np.arcsinh(before.weights / (2 * beta**2)))
    return newton(X, y, beta**2, nu)


def error(end: End, truth: np.ndarray) -> float:
    """|w - w*|²."""
    return float(np.sum((end.weights - truth) ** 2))


def widths(end: End, beta: float) -> np.ndarray:
    """S_i = √(w_i² + 4β⁴) = u_i² + v_i² on the path, (feature,)."""
    return np.sqrt(end.weights**2 + 4 * beta**4)


def lagging(X: np.ndarray, y: np.ndarray, end: End, beta: float, weight_decay: float) -> np.ndarray:
    """The weights to first order in the decay, (feature,): the interpolator of y + r.

    From ln(u/v) = Xᵀν follows ν' = -4r/n with the residual r = Xw - y, and on the path
    ν' = 2wd K⁻¹y with K = X diag(S) Xᵀ. So r = -(n wd/2) K⁻¹y, and w moves by diag(S) Xᵀ K⁻¹ r.
    """
    spread = X * widths(end, beta)
    K = spread @ X.T
    residual = -len(y) * weight_decay / 2 * np.linalg.solve(K, y)
    return end.weights + spread.T @ np.linalg.solve(K, residual)


def sharpness(X: np.ndarray, end: End, beta: float) -> float:
    """4 λ_max(X diag(S) Xᵀ)/n, the curvature of a fitted loss; its edge is 2/η."""
    return 4 * float(np.linalg.norm(X * np.sqrt(widths(end, beta)), 2)) ** 2 / len(X)


class Halving:
    """The scale β_c at which the error of one problem has halved; None until it is found."""

    def __init__(self, points: np.ndarray, weights: np.ndarray, alpha: float) -> None:
        self.points, self.weights, self.alpha = points, weights, alpha
        self.found: float | None = None

    def search(self) -> Iterator[None]:
        """Find it, an interpolator at a time; nothing to do if it is known."""
        if self.found is not None:
            return
        points, weights = self.points, self.weights
        y = points @ weights
        above, high = interpolator(points, y, self.alpha), self.alpha
        half, low = error(above, weights) / 2, self.alpha / FINER
        while error(end := interpolator(points, y, low, above), weights) > half:
            above, high, low = end, low, low / FINER
            if low < SMALLEST:
                self.found = math.nan
                return
            yield
        while math.log(high / low) > 1e-9:
            middle = math.sqrt(high * low)
            between = interpolator(points, y, middle, above)
            if error(between, weights) > half:
                high, above = middle, between
            else:
                low = middle
            yield
        self.found = math.sqrt(high * low)


@lru_cache(maxsize=64)
def _halving(shape: tuple[int, int], X: bytes, truth: bytes, alpha: float) -> Halving:
    return Halving(np.frombuffer(X).reshape(shape), np.frombuffer(truth), alpha)


def halving(X: np.ndarray, truth: np.ndarray, alpha: float) -> Halving:
    """That of these data; what was found once is known."""
    return _halving(X.shape, X.tobytes(), truth.tobytes(), float(alpha))


def critical_scale(X: np.ndarray, truth: np.ndarray, alpha: float) -> float:
    """β_c at which E_th has fallen to half of E_th at the scale α; NaN if it does not by 1e-4."""
    halved = halving(X, truth, alpha)
    for _ in halved.search():
        pass
    return filled(halved.found)


def grok_time(X: np.ndarray, truth: np.ndarray, alpha: float, weight_decay: float) -> float:
    """(1/wd) ln(α/β_c); +inf where the error never halves."""
    critical = critical_scale(X, truth, alpha)
    return math.inf if math.isnan(critical) else math.log(alpha / critical) / weight_decay


def lasso(X: np.ndarray, y: np.ndarray, strength: float) -> np.ndarray:
    """The argmin of |Xw - y|²/2n + (wd/2)|w|_1, the end of the run, by accelerated proximal steps.

    Least u² + v² at given u² - v² = w is |w|.
    """
    *_, w = _lasso(X, y, strength)
    return w


def _lasso(X: np.ndarray, y: np.ndarray, strength: float) -> Iterator[np.ndarray]:
    """Where the proximal steps are, after every 200 of them and at the end."""
    n, step = len(y), 1 / top_eigenvalue(X)
    w = ahead = np.zeros(X.shape[1])
    momentum = 1.0
    for i in range(FLOOR_STEPS):
        moved = ahead - step * (X.T @ (X @ ahead - y)) / n
        new = np.sign(moved) * np.maximum(np.abs(moved) - step * strength / 2, 0)
        if np.dot(ahead - new, new - w) > 0:
            momentum = 1.0
        if np.max(np.abs(new - ahead)) < CONVERGED:
            yield new
            return
        grown = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
        ahead = new + (momentum - 1) / grown * (new - w)
        w, momentum = new, grown
        if i % FLOOR_STEPS_TOGETHER == FLOOR_STEPS_TOGETHER - 1:
            yield w
    yield w


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset | float]:
    """Test error along the path of falling β, the grokking time, and the floor the run ends on."""
    X, y, truth = task["X"], task["y"], task["target"]
    alpha, decay = float(params.alpha), float(params.weight_decay)
    t = schedule.record_times
    beta = scale(alpha, decay, t)
    E, later, moved = np.full((3, len(t)), np.nan)
    weights = np.zeros((len(t), X.shape[1]))
    end, sharpest = None, 0.0
    for i, b in enumerate(np.maximum(beta, SMALLEST)):
        if end is None or b > SMALLEST:
            end = interpolator(X, y, float(b), end)
        E[i], weights[i] = error(end, truth), end.weights
        behind = lagging(X, y, end, float(b), decay)
        later[i], moved[i] = np.sum(([behind] - np.stack([truth, end.weights])) ** 2, axis=1)
        if i % EVERY == 0:
            sharpest = max(sharpest, sharpness(X, end, float(b)))
        if i % TOGETHER == TOGETHER - 1:
            yield 0.7 * i / len(t)
    descent = list[np.ndarray]()
    for floor in _lasso(X, y, decay):
        descent.append(floor)
        yield 0.7
    for _ in halving(X, truth, alpha).search():
        yield 0.8
    at = grok_time(X, truth, alpha, decay)
    critical = critical_scale(X, truth, alpha)
    times = np.log(SCALES / critical) / decay if math.isfinite(critical) else SCALES * np.nan
    settled, fitted = (decay * t >= times for times in (SETTLED, FITTED))
    half = falls_to(t[fitted], later[fitted], float(E[0]) / 2)
    data: dict[str, Any] = {
        "test_error": ("record", E),
        "test_error_first_order": ("record", later),
        "product": (("record", "extreme"), np.repeat(beta[:, None] ** 2, 2, axis=1)),
        "weights": (("snapshot", "feature"), weights[schedule.snapshot_records]),
        "weights_true": ("feature", truth),
        "grok_time": ((), at, {"units": "time"}),
        "grok_time_first_order": ((), math.inf if math.isnan(half) else half, {"units": "time"}),
        "first_order_shift": ((), float(np.max(np.abs(later - E)[settled], initial=0.0) / E[0])),
        "second_order": ((), float(np.max(moved[settled], initial=0.0) / E[0])),
        "path_sharpness": ((), sharpest),
        "grok_time_curve": ("scale", np.where(times > 0, times, np.nan), {"units": "time"}),
        "critical_scale": ((), critical),
        "test_error_floor": ((), float(np.sum((descent[-1] - truth) ** 2))),
        "kernel_error": ((), float(E[0])),
    }
    coords = {"feature": np.arange(1, X.shape[1] + 1), "extreme": [1, 2], "scale": SCALES}
    attrs = {"alpha": alpha, "weight_decay": decay, "eta": filled(params.eta), "n": params.n}
    yield xr.Dataset(data, coords=coords, attrs=attrs)
