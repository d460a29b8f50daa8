"""What is known of a diagonal network's training before its first step: the jump algorithm.

As α -> 0 and in log time τ = t/ln(1/α), gradient flow on β = uv jumps between saddles. Source:
Pesme & Flammarion, arXiv:2304.00488. Nothing here calls the training or sees its records.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule

if TYPE_CHECKING:
    from sims.saddle_to_saddle.diagonal_network.params import Params

ZERO = 1e-10
"""Below this share of its scale a gradient, a weight or a gap to the boundary counts as zero."""
LEARNED = 0.01
"""Share of the initial loss below which the regression counts as learned."""


@dataclass(frozen=True)
class Path:
    """The jumps of the limit α -> 0.

    Attributes:
        tau: log times of the jumps, (jump,).
        weights: β after each jump, (jump, feature).
        losses: loss after each jump, (jump,); `start` is the loss before the first.
        duals: s at each jump, (jump, feature): 1 or -1 where a feature may be on.
        start: loss at β = 0.
    """

    tau: np.ndarray
    weights: np.ndarray
    losses: np.ndarray
    duals: np.ndarray
    start: float

    @property
    def learned(self) -> int:
        """Number of jumps after which the loss is below 1 % of its start."""
        below = np.flatnonzero(self.losses < LEARNED * self.start)
        return int(below[0]) + 1 if len(below) else len(self.tau)

    @property
    def learned_at(self) -> float:
        """Log time τ_e of the jump that brings the loss below 1 % of its start."""
        return float(self.tau[self.learned - 1]) if len(self.tau) else 0.0

    @property
    def margins(self) -> np.ndarray:
        """Smallest 1 - |s_i| of inactive features at each jump, (jump,); 1 if none is inactive."""
        gaps = 1 - np.abs(self.duals)
        return np.min(np.where(gaps > 0, gaps, 1.0), axis=1, initial=1.0)

    @property
    def supports(self) -> np.ndarray:
        """Which weights are not zero after each jump, (jump, feature)."""
        size = np.abs(self.weights)
        return size > ZERO * np.max(size, axis=1, keepdims=True, initial=0.0)


def gradient(X: np.ndarray, y: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Xᵀ(Xβ - y)/n of the loss |Xβ - y|²/2n, (feature,)."""
    return X.T @ (X @ beta - y) / len(y)


def loss(X: np.ndarray, y: np.ndarray, beta: np.ndarray) -> float:
    """|Xβ - y|²/2n."""
    return float(np.sum((X @ beta - y) ** 2)) / (2 * len(y))


def jump_path(X: np.ndarray, y: np.ndarray) -> Path:
    """All jumps of the limit α -> 0, until the gradient vanishes.

    From β = 0, s = 0, τ = 0: with g = ∇L(β) the next jump comes after
    Δ = min over g_i ≠ 0 of (1 - sign(-g_i) s_i)/|g_i|; then s <- s - Δ g and β <- argmin L subject
    to β_i >= 0 where s_i = 1, β_i <= 0 where s_i = -1, β_i = 0 elsewhere. A feature may leave. The
    last β interpolates with the least l1 norm.

    Source: Pesme & Flammarion, arXiv:2304.00488. Holds for: gradient flow from u = √2 α, v = 0 as
    α -> 0, with errors of order 1/ln(1/α); no inactive feature close to its boundary.
    """
    beta, s = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    g = first = gradient(X, y, beta)
    still = ZERO * float(np.max(np.abs(first)))
    tau, jumps = 0.0, []
    while np.max(np.abs(g)) > still and len(jumps) < 20 * X.shape[1]:
        moving = np.abs(g) > still
        waits = np.full(len(g), np.inf)
        waits[moving] = (1 + np.sign(g[moving]) * s[moving]) / np.abs(g[moving])
        wait = float(np.min(waits))
        tau += wait
        s = np.where(moving, s - wait * g, s)
        s = np.where(1 - np.abs(s) < ZERO, np.sign(s), s)
        beta = constrained_least_squares(X, y, s)
        g = gradient(X, y, beta)
        jumps.append((tau, beta, loss(X, y, beta), s))
    columns = [np.array(c) for c in zip(*jumps, strict=True)] if jumps else [np.zeros(0)] * 4
    tau_k, weights, losses, duals = columns
    wide = (len(jumps), X.shape[1])
    start = loss(X, y, np.zeros(X.shape[1]))
    return Path(tau_k, weights.reshape(wide), losses, duals.reshape(wide), start)


def constrained_least_squares(X: np.ndarray, y: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Minimum β of |Xβ - y|² with β_i >= 0 where s_i = 1, <= 0 where s_i = -1, = 0 elsewhere."""
    from scipy.optimize import lsq_linear

    free = np.flatnonzero(np.abs(s) == 1)
    bounds = (np.where(s[free] > 0, 0, -np.inf), np.where(s[free] > 0, np.inf, 0))
    solved = lsq_linear(X[:, free], y, bounds, method="bvls", tol=1e-13).x
    beta = np.zeros(X.shape[1])
    on = np.abs(solved) > ZERO * np.max(np.abs(solved))
    beta[free[on]] = np.linalg.lstsq(X[:, free[on]], y, rcond=None)[0]
    return beta


@lru_cache(maxsize=512)
def _path(shape: tuple[int, int], X: bytes, y: bytes) -> Path:
    return jump_path(np.frombuffer(X).reshape(shape), np.frombuffer(y))


def path_of(task: Task) -> Path:
    """The jumps of a task's data, computed once."""
    X, y = np.asarray(task["X"], float), np.asarray(task["y"], float)
    return _path(X.shape, X.tobytes(), y.tobytes())


def staircase(path: Path, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loss (record,) and weights (record, feature) of the limit, constant between jumps."""
    after = np.searchsorted(path.tau, tau, side="right")
    losses = np.concatenate([[path.start], path.losses])
    weights = np.concatenate([np.zeros((1, path.weights.shape[1])), path.weights])
    return losses[after], weights[after]


def duals_at(path: Path, tau: np.ndarray) -> np.ndarray:
    """s(τ) = -∫∇L dτ, (record, feature): linear between jumps, at ±1 where a feature is on."""
    knots = np.concatenate([[0.0], path.tau])
    values = np.concatenate([np.zeros((1, path.duals.shape[1])), path.duals])
    return np.stack([np.interp(tau, knots, v) for v in values.T], axis=1)


def step_lag(eta: float, tau: np.ndarray) -> float:
    """Share by which steps of size η delay the first jump: η|g|/2 = η/(2 τ_1); 0 without a jump.

    A weight grows by ln(1 + η|g|) = η|g| - (η|g|)²/2 + ... a step, and the first jump comes where
    max|g| = 1/τ_1 is largest.
    """
    return eta / (2 * float(tau[0])) if len(tau) else 0.0


def middles(prediction: xr.Dataset) -> np.ndarray:
    """Losses half way between neighbouring plateaus, (jump,); NaN where the loss does not drop."""
    known = prediction.variables
    levels = np.concatenate([[float(known["loss_initial"])], known["plateau_losses"].values])
    drops = levels[:-1] - levels[1:]
    return np.where(drops > 1e-9 * levels[0], (levels[:-1] + levels[1:]) / 2, np.nan)


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """All that the limit α -> 0 says about this run."""
    del params
    path, scale = path_of(task), -float(task["log_alpha"])
    times = schedule.record_times
    losses, weights = staircase(path, times / scale)
    found: dict[str, Any] = {
        "loss": ("record", losses),
        "weights": (("record", "feature"), weights),
        "duals": (("record", "feature"), duals_at(path, times / scale)),
        "jump_times": ("jump", path.tau * scale, {"units": "time", "tau": path.tau.tolist()}),
        "plateau_losses": ("jump", path.losses),
        "supports": (("jump", "feature"), path.supports),
        "margins": ("jump", path.margins),
        "weights_final": ("feature", weights[-1]),
        "learned_jumps": ((), float(path.learned)),
        "loss_initial": ((), path.start),
        "log_scale": ((), scale, {"shared": 1}),
    }
    coords = {
        "jump": np.arange(1, len(path.tau) + 1),
        "feature": np.arange(1, path.weights.shape[1] + 1),
    }
    return xr.Dataset(found, coords=coords, attrs={"horizon": float(times[-1])})
