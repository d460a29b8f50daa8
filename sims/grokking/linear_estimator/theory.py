"""Losses and accuracies of gradient descent on a linear teacher, from the spectrum of its inputs.

Each eigenvalue ν of Σ = XᵀX/N decays alone; what is left is an average over the Marchenko-Pastur
law, or over the eigenvalues of the very sample. Source: Levi, Beck and Bar-Sinai, arXiv:2310.16441;
the accuracy per output, the finite step, decay and the spread of the replicas are derived here.
Nothing here calls the training or sees its records.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule

if TYPE_CHECKING:
    from sims.grokking.linear_estimator.params import Params

NODES = 2000
LATEST = 2.0**60
"""Steps beyond which a level counts as never reached."""
CAP = 0.09
"""Largest tolerance of a time, so that a clock 10 % off never passes."""
CURVE = np.concatenate(
    [
        np.round(np.arange(0.2, 0.96, 0.05), 2),
        [0.97, 0.98, 0.99, 1.01, 1.03, 1.1],
        np.arange(1.25, 2.6, 0.25),
    ]
)
"""Ratios at which the delay of grokking is drawn."""
BINS = 48


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

    with np.errstate(divide="ignore"):
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
    """Sd of ln t from the replicas: √(2/(k n_eff)) over the slope."""
    if not (math.isfinite(t) and t > 0):
        return math.nan
    n_eff = float(effective(found, nodes, t, d, train=train))
    return math.sqrt(2 / (replicas * n_eff)) / slope(found, nodes, t, train=train)


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


def edge_width(ratio: float, d: int) -> float:
    """Relative width √λ (d(1 - √λ))^{-2/3} of the smallest eigenvalue; 0 for λ > 1, inf at 1."""
    if ratio > 1:
        return 0.0
    gap = 1 - math.sqrt(ratio)
    return math.sqrt(ratio) * (d * gap) ** (-2 / 3) if gap > 0 else math.inf


class Spreads(NamedTuple):
    """How far chance may move the two times: relative tolerances and what they are made of."""

    edge: float
    replicas: float
    train_time: float
    grok_time: float


def spreads(found: Settings, d: int, replicas: int, last: int) -> Spreads:
    """T_t = 0.005 + 3/d + 3.5 s(t_tr) and T_g = 0.005 + 0.7 s_e + 2.8 √(s_e² + s(t_g)²).

    s_e = edge min(0.76, 1.65/√n_eff(t_g)); a time that never comes is replaced by the one before.
    """
    nodes = marchenko_pastur(found.ratio)
    early, late = train_time(found), grok_time(found)
    early = early if math.isfinite(early) and early > 0 else float(last)
    late = late if math.isfinite(late) and late > 0 else early
    width = edge_width(found.ratio, d)
    n_eff = float(effective(found, nodes, late, d))
    s_edge = width * min(0.76, 1.65 / math.sqrt(n_eff)) if width else 0.0
    s_late = spread(found, nodes, late, d, replicas)
    s_early = spread(found, nodes, early, d, replicas, train=True)
    T_g = 0.005 + 0.7 * s_edge + 2.8 * math.hypot(s_edge, s_late)
    T_t = 0.005 + 3 / d + 3.5 * s_early
    return Spreads(width, s_late, min(CAP, T_t), min(CAP, T_g))


def steepest(found: Settings, nodes: Nodes, times: np.ndarray) -> float:
    """Largest |dA_gen/d ln t| over the times, (t,), all above 0."""
    L = losses(found, nodes, times)[1]
    x = np.sqrt(found.eps / (2 * L))
    by_loss = x * np.exp(-(x**2)) / math.sqrt(math.pi)  # -dA/d ln L
    by_time = np.array([slope(found, nodes, float(t)) for t in times])
    return float(np.max(np.abs(by_loss * by_time)))


@lru_cache(maxsize=64)
def delay_curve(found: Settings) -> np.ndarray:
    """t_gen/t_tr at every ratio of `CURVE`, (ratio,); NaN where one of them never comes."""
    delays = []
    for ratio in CURVE:
        here = found._replace(ratio=float(ratio))
        late = grok_time(here)
        early = train_time(here) if math.isfinite(late) else 0.0
        delays.append(late / early if early > 0 else math.nan)
    return np.array(delays)


def predict(params: Params, task: Task, schedule: Schedule) -> Iterator[xr.Dataset]:
    """Both losses, accuracies and times under Marchenko-Pastur; then under the sample's own Σ."""
    found, t = settings_of(params), schedule.record_steps.astype(float)
    nodes = marchenko_pastur(found.ratio)
    train, test = losses(found, nodes, t)
    t_tr, t_gen = train_time(found), grok_time(found)
    wide = spreads(found, params.d, params.replicas, schedule.steps)
    steps = {"units": "steps"}
    data: dict[str, Any] = {
        "train_loss": ("record", train),
        "test_loss": ("record", test),
        "train_accuracy": ("record", accuracy(found.eps, train)),
        "test_accuracy": ("record", accuracy(found.eps, test)),
        "train_time": ((), t_tr, steps),
        "grok_time": ((), t_gen, steps),
        "delay": ((), t_gen / t_tr if t_tr > 0 else math.nan),
        "loss_level": ((), threshold(found.eps, found.level)),
        "edge_width": ((), wide.edge),
        "replica_spread": ((), wide.replicas),
        "train_time_spread": ((), wide.train_time),
        "grok_time_spread": ((), wide.grok_time),
        "test_accuracy_slope": ((), steepest(found, nodes, t[t > 0])),
        "spectrum_density": ("bin", np.zeros(0)),
    }
    lo, hi = edges(found.ratio)
    bins = np.linspace(max(0.0, lo - 0.04 * (hi - lo)), hi + 0.04 * (hi - lo), 8 * BINS + 1)
    data["spectrum_density"] = ("bin", density(found.ratio, bins))
    if found.ratio < 1 and found.weight_decay == 0 and math.isfinite(t_tr):
        delay = asymptotic_delay(found.ratio, found.eta)
        data["grok_time_asymptotic"] = ((), t_tr + delay, steps)
    coords = {"bin": bins, "curve_ratio": CURVE}
    attrs = {
        "ratio": found.ratio,
        "samples": len(task["X"]),
        "d": params.d,
        "replicas": params.replicas,
        "eta": found.eta,
        "weight_decay": found.weight_decay,
        "eps": found.eps,
        "level": found.level,
        "lowest": lo,
        "tail": 2 * found.eta * lo * t_tr,
    }
    yield xr.Dataset(data, coords=coords, attrs={**attrs, "progress": 0.2})
    own = sample(task)
    exact = losses(found, own, t)
    n_eff = effective(found, own, t, params.d)
    late = grok_time(found, own)
    s_own = spread(found, own, late, params.d, params.replicas)
    data |= {
        "train_loss_sample_exact": ("record", exact[0]),
        "test_loss_sample_exact": ("record", exact[1]),
        "train_time_sample_exact": ((), train_time(found, own), steps),
        "grok_time_sample_exact": ((), late, steps),
        "test_loss_spread": ("record", np.sqrt(2 / (params.replicas * n_eff))),
        "grok_time_sample_exact_spread": ((), min(CAP, 0.005 + 3.5 * s_own)),
        "eigenvalues": ("mode", own.nu),
    }
    coords["mode"] = np.arange(1, params.d + 1)
    yield xr.Dataset(data, coords=coords, attrs={**attrs, "progress": 0.6})
    data["delay_curve"] = ("curve_ratio", delay_curve(found._replace(ratio=0.0)), {"shared": 1})
    yield xr.Dataset(data, coords=coords, attrs=attrs)
