"""Losses and accuracies of gradient descent on a linear teacher, from the spectrum of its inputs.

Each eigenvalue ν of Σ = XᵀX/N decays alone; what is left is an average over the Marchenko-Pastur
law, or over the eigenvalues of the very sample. Source: Levi, Beck and Bar-Sinai, arXiv:2310.16441;
the accuracy per output, the finite step, decay and the spread of the replicas are derived here.
Nothing here calls the training or sees its records.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sims.core.experiment import Task

if TYPE_CHECKING:
    from sims.grokking.linear_estimator.params import Params

NODES = 2000
LATEST = 2.0**60
"""Steps beyond which a level counts as never reached."""


class Settings(NamedTuple):
    """What the theory needs: ratio λ = d/N, η, wd, both variances, ε and the accuracy A*."""

    ratio: float
    eta: float
    weight_decay: float
    student_variance: float
    teacher_variance: float
    eps: float
    level: float


class Nodes(NamedTuple):
    """Eigenvalues ν (node,) and their weights (node,), which sum to 1."""

    nu: np.ndarray
    weights: np.ndarray


ALIKE = Nodes(np.ones(1), np.ones(1))
"""Every direction as fast as the mean one: what one would say who knows no spectrum."""


def samples(params: Params) -> int:
    """N, the number of train samples nearest to d/ratio."""
    return round(params.d / params.ratio)


def settings_of(params: Params) -> Settings:
    """What the theory reads of the knobs, at the ratio d/N of the data drawn."""
    return Settings(
        params.d / samples(params),
        float(params.eta),
        float(params.weight_decay),
        float(params.student_variance),
        float(params.teacher_variance),
        float(params.eps),
        float(params.level),
    )


def largest_rate(found: Settings) -> float:
    """2/(ν₊ + wd), the learning rate beyond which the largest eigenvalue diverges."""
    return 2 / (edges(found.ratio)[1] + found.weight_decay)


def edges(ratio: float) -> tuple[float, float]:
    """ν± = (1 ± √λ)², the ends of the continuous spectrum."""
    root = math.sqrt(ratio)
    return (1 - root) ** 2, (1 + root) ** 2


def density(ratio: float, nu: Any) -> Any:
    """Marchenko-Pastur ρ(ν) = √((ν₊ - ν)(ν - ν₋))/(2πλν), without the atom at 0."""
    lo, hi = edges(ratio)
    inside = np.clip((hi - nu) * (nu - lo), 0, None)
    return np.sqrt(inside) / (2 * math.pi * ratio * np.where(nu > 0, nu, 1.0))


@lru_cache(maxsize=64)
def marchenko_pastur(ratio: float, n: int = NODES) -> Nodes:
    """Quadrature of ρ with the atom max(0, 1 - 1/λ) at 0 as its first node.

    ν_j = (ν₊ + ν₋)/2 + h cos θ_j, θ_j = πj/(n+1), weight π/(n+1) sin²θ_j h²/(2πλν_j),
    h = (ν₊ - ν₋)/2.
    """
    lo, hi = edges(ratio)
    theta = math.pi * np.arange(1, n + 1) / (n + 1)
    h = (hi - lo) / 2
    nu = (hi + lo) / 2 + h * np.cos(theta)
    weights = math.pi / (n + 1) * np.sin(theta) ** 2 * h**2 / (2 * math.pi * ratio * nu)
    atom = max(0.0, 1 - 1 / ratio)
    return Nodes(np.concatenate([[0.0], nu]), np.concatenate([[atom], weights]))


@lru_cache(maxsize=16)
def _spectrum(shape: tuple[int, int], covariance: bytes, dtype: str) -> np.ndarray:
    matrix = np.frombuffer(covariance, dtype).reshape(shape).astype(np.float64)
    return np.linalg.eigvalsh(matrix)[::-1]


def sample(task: Task) -> Nodes:
    """The eigenvalues of the task's Σ, largest first, each of weight 1/d; those of no sample are 0.

    X is (N, d): the last d - N vanish.
    """
    matrix = task["input_covariance"]
    found = np.clip(_spectrum(matrix.shape, matrix.tobytes(), matrix.dtype.str), 0, None)
    nu = np.where(np.arange(len(found)) < len(task["X"]), found, 0.0)
    return Nodes(nu, np.full(len(nu), 1 / len(nu)))


def errors(found: Settings, nu: np.ndarray, t: Any) -> np.ndarray:
    """Squared error e(ν, t) of every mode, (..., node), for times t (...).

    With a = ν + wd, q = (1 - ηa)^t and s = wd/a (0 if a = 0), S tends to (1 - s)T and
    e = σ²q² + τ²((1 - s)q + s)². Between whole steps |1 - ηa|^t is taken.
    """
    q, stays = _decay(found, nu, t)
    left = (1 - stays) * q + stays
    return found.student_variance * q**2 + found.teacher_variance * left**2


def _decay(found: Settings, nu: np.ndarray, t: Any) -> tuple[np.ndarray, np.ndarray]:
    a = nu + found.weight_decay
    stays = np.where(a > 0, found.weight_decay / np.where(a > 0, a, 1.0), 0.0)
    base, steps = 1 - found.eta * a, np.asarray(t, float)[..., None]
    odd = (np.round(steps) % 2 == 1) & (base < 0)
    return np.where(odd, -1.0, 1.0) * np.abs(base) ** steps, stays


def losses(found: Settings, nodes: Nodes, t: Any) -> tuple[Any, Any]:
    """Train and test loss per output at times t: Σ w ν e(ν, t) and Σ w e(ν, t)."""
    e = errors(found, nodes.nu, t)
    return e @ (nodes.weights * nodes.nu), e @ nodes.weights


def accuracy(eps: float, loss: Any) -> np.ndarray:
    """Share of outputs whose squared error is at most ε: erf √(ε/2L), for Gaussian residuals."""
    from scipy.special import erf

    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(erf(np.sqrt(eps / (2 * np.asarray(loss, float)))))


def threshold(eps: float, level: float) -> float:
    """L* = ε/(2 erfinv(A*)²), the loss at which the accuracy is A*."""
    from scipy.special import erfinv

    return float(eps / (2 * erfinv(level) ** 2))


def slope(found: Settings, nodes: Nodes, t: float, *, train: bool = False) -> float:
    """-d ln L/d ln t at time t."""
    q, stays = _decay(found, nodes.nu, t)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.log(np.abs(1 - found.eta * (nodes.nu + found.weight_decay)))
        dq = np.where(q == 0, 0.0, q * rate)
    left = (1 - stays) * q + stays
    change = 2 * found.student_variance * q * dq
    change = change + 2 * found.teacher_variance * left * (1 - stays) * dq
    weights = nodes.weights * nodes.nu if train else nodes.weights
    whole = float(errors(found, nodes.nu, t) @ weights)
    return float(-t * (change @ weights) / whole) if whole > 0 else math.nan


def effective(found: Settings, nodes: Nodes, t: Any, d: int, *, train: bool = False) -> np.ndarray:
    """n_eff = d (Σ w e)²/Σ w e²: how many of the d modes carry the loss at times t."""
    e = errors(found, nodes.nu, t)
    if train:
        e = e * nodes.nu
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(d * (e @ nodes.weights) ** 2 / (e**2 @ nodes.weights))


def spread(
    found: Settings, nodes: Nodes, t: float, d: int, replicas: int, *, train: bool = False
) -> float:
    """Sd of ln t from the replicas: √(2/(k n_eff)) over the slope; infinite where L rests."""
    if not (math.isfinite(t) and t > 0):
        return math.nan
    n_eff = float(effective(found, nodes, t, d, train=train))
    steep = abs(slope(found, nodes, t, train=train))
    return math.sqrt(2 / (replicas * n_eff)) / steep if steep != 0 else math.inf


def passage(found: Settings, nodes: Nodes, level: float, *, train: bool) -> float:
    """First step at which the train or test loss is at most `level`, ln-linear; inf if never."""

    def loss(t: float) -> float:
        return float(losses(found, nodes, t)[0 if train else 1])

    if loss(0.0) <= level:
        return 0.0
    _, stays = _decay(found, nodes.nu, 0)
    left = found.teacher_variance * stays**2
    left = left + np.where(nodes.nu + found.weight_decay > 0, 0.0, errors(found, nodes.nu, 0.0))
    if float(left @ (nodes.weights * nodes.nu if train else nodes.weights)) >= level:
        return math.inf
    hi = 1.0
    while loss(hi) > level:
        hi *= 2
        if hi > LATEST:
            return math.inf
    lo = hi / 2 if hi > 1 else 0.0
    while hi - lo > 1:
        middle = float((lo + hi) // 2)
        lo, hi = (lo, middle) if loss(middle) <= level else (middle, hi)
    above, below = math.log(loss(lo)), math.log(max(loss(hi), 1e-300))
    return lo + (above - math.log(level)) / (above - below) * (hi - lo)


def train_time(found: Settings, nodes: Nodes | None = None) -> float:
    """Step at which the train loss reaches L*."""
    nodes = marchenko_pastur(found.ratio) if nodes is None else nodes
    return passage(found, nodes, threshold(found.eps, found.level), train=True)


def grok_time(found: Settings, nodes: Nodes | None = None) -> float:
    """Step at which the test loss reaches L*."""
    nodes = marchenko_pastur(found.ratio) if nodes is None else nodes
    return passage(found, nodes, threshold(found.eps, found.level), train=False)


def asymptotic_delay(ratio: float, eta: float) -> float:
    """Δt = ln(1/ν₋)/(2ην₋) for λ < 1 and wd = 0, the limit of small thresholds.

    From L_gen ≈ (σ²+τ²) λ^{-3/4}/(2√π ν₋) (2ηt)^{-3/2} e^{-2ην₋t} and L_tr ≈ ν₋ L_gen.
    """
    lowest = edges(ratio)[0]
    return math.log(1 / lowest) / (2 * eta * lowest)
