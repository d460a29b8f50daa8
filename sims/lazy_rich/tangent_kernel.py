"""What a network would do if its tangent features stayed put: curves, weights, and its limit.

Everything follows from the initial weights and the data. With J_0 the Jacobian of h at the start,
K_0 = J_0 J_0ᵀ = U diag(λ) Uᵀ and c = Uᵀy, all of it is exact at a finite step; nothing is fitted.
NumPy and float64 throughout; shapes: X (n, d), W (N, d), a (N,).

Sources: Jacot, Gabriel & Hongler, arXiv:1806.07572; Lee et al., arXiv:1902.06720; Chizat, Oyallon
& Bach, arXiv:1812.07956.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

GUARD = 1e-12
"""Share of the largest eigenvalue below which a mode counts as null: g/λ becomes its limit."""
ALPHAS = np.geomspace(1e-3, 1e3, 61)
"""Output scales on which the boundary is looked for."""
CALM = 0.5
"""Rate over the edge at which the end point is read where the linear model itself has none."""
PAUSE = 0.02
"""Seconds of work after which a growing curve lets others speak."""
PER_PRODUCT = 6e-10
"""Seconds a product of the curve takes, roughly."""

Frozen = tuple[bytes, tuple[int, ...]]
"""An array that can be a key."""


NODES = 40
"""Of each axis of a Gauss-Hermite sum."""


def activation_jet(z: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """φ, φ', φ'' at z; the kink of relu counts as flat on both sides."""
    if activation == "tanh":
        t = np.tanh(z)
        slope = 1 - t**2
        return t, slope, -2 * t * slope
    if activation == "erf":
        from scipy.special import erf

        slope = 2 / math.sqrt(math.pi) * np.exp(-(z**2))
        return erf(z), slope, -2 * z * slope
    slope = (z > 0).astype(float)
    return z * slope, slope, np.zeros_like(z)


def value_and_slope(z: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """φ and φ' at z."""
    if activation == "tanh":
        t = np.tanh(z)
        return t, 1 - t * t
    return activation_jet(z, activation)[:2]


def tangent_kernel(
    W: np.ndarray, a: np.ndarray, X: np.ndarray, Z: np.ndarray, activation: str
) -> np.ndarray:
    """K(x, z) = (1/N) Σ_i [a_i² φ'(w_i·x/√d) φ'(w_i·z/√d) x·z/d + φφ], (n, n')."""
    N, d = W.shape
    fx, sx = value_and_slope(X @ W.T / math.sqrt(d), activation)
    fz, sz = value_and_slope(Z @ W.T / math.sqrt(d), activation)
    return ((sx * a**2) @ sz.T * (X @ Z.T) / d + fx @ fz.T) / N


def infinite_width_kernel(X: np.ndarray, Z: np.ndarray, activation: str) -> np.ndarray:
    """K_∞ = E[φφ] + q E[φ'φ'], (n, n'), with s = |x|²/d, |z|²/d and q = x·z/d.

    Sources: Cho & Saul (2009) for relu, Williams (1997) for erf. tanh has no closed form: the
    expectations are Gauss-Hermite sums over NODES x NODES nodes.
    """
    d = X.shape[1]
    s, t = np.sum(X**2, axis=1)[:, None] / d, np.sum(Z**2, axis=1)[None, :] / d
    q = X @ Z.T / d
    if activation == "relu":
        angle = np.arccos(np.clip(q / np.sqrt(s * t), -1, 1))
        both = (np.pi - angle) / (2 * np.pi)
        return np.sqrt(s * t) * np.sin(angle) / (2 * np.pi) + 2 * q * both
    if activation == "erf":
        D = (1 + 2 * s) * (1 + 2 * t)
        values = 2 / np.pi * np.arcsin(2 * q / np.sqrt(D))
        return values + q * 4 / np.pi / np.sqrt(D - 4 * q**2)
    r = np.clip(q / np.sqrt(s * t), -1, 1)
    rows = zip(np.sqrt(s), np.broadcast_to(np.sqrt(t), r.shape), r, strict=True)
    means = [_gaussian_means(*row, activation) for row in rows]
    values, slopes = (np.stack(one) for one in zip(*means, strict=True))
    return values + q * slopes


def _gaussian_means(
    s: np.ndarray, t: np.ndarray, r: np.ndarray, activation: str
) -> tuple[np.ndarray, np.ndarray]:
    """E[φ(u)φ(v)] and E[φ'(u)φ'(v)] of normal u, v with deviations s, t and correlations r."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    v = r[:, None, None] * nodes[:, None] + np.sqrt(1 - r**2)[:, None, None] * nodes[None, :]
    pairs = zip(
        value_and_slope(s * nodes, activation),
        value_and_slope(t[:, None, None] * v, activation),
        strict=True,
    )
    first, second = (np.einsum("i,mij,i,j->m", a, b, weights, weights) for a, b in pairs)
    return first, second


def rate(c: float, edge: float, alpha: float, smooth_alpha: float) -> float:
    """η = c 2n/λ_max / (1 + α*/α) up to the edge c = 1, and c 2n/λ_max beyond it."""
    return c * edge / (1 + smooth_alpha / alpha) if c <= 1 else c * edge


@dataclass(frozen=True)
class Lazy:
    """The linear model around (W, a), for data X, y; methods take the rate η and steps k."""

    W: np.ndarray
    a: np.ndarray
    X: np.ndarray
    y: np.ndarray
    activation: str

    @cached_property
    def z(self) -> np.ndarray:
        """w_i·x/√d, (n, N)."""
        return self.X @ self.W.T / math.sqrt(self.W.shape[1])

    @cached_property
    def _jet(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return activation_jet(self.z, self.activation)

    @cached_property
    def overlaps(self) -> np.ndarray:
        """x·z/d over the data, (n, n)."""
        return self.X @ self.X.T / self.X.shape[1]

    @cached_property
    def kernel(self) -> np.ndarray:
        """K_0, (n, n)."""
        value, slope, _ = self._jet
        slopes = slope * self.a
        return (slopes @ slopes.T * self.overlaps + value @ value.T) / self.W.shape[0]

    @property
    def output(self) -> np.ndarray:
        """h_0 on the data, (n,)."""
        return self._jet[0] @ self.a / math.sqrt(self.W.shape[0])

    @property
    def output_initial(self) -> float:
        """Rms of h_0 over rms of y."""
        return math.sqrt(np.mean(self.output**2) / np.mean(self.y**2))

    @cached_property
    def _modes(self) -> tuple[np.ndarray, np.ndarray]:
        lam, U = np.linalg.eigh(self.kernel)
        lam, U = lam[::-1], U[:, ::-1]
        return lam, U * np.where(self.y @ U < 0, -1.0, 1.0)

    @property
    def eigenvalues(self) -> np.ndarray:
        """λ descending, (n,)."""
        return self._modes[0]

    @property
    def modes(self) -> np.ndarray:
        """U, (n, n), columns as λ, their signs such that c = Uᵀy >= 0."""
        return self._modes[1]

    @cached_property
    def c(self) -> np.ndarray:
        """The target in the modes of the kernel, (n,)."""
        return self.modes.T @ self.y

    @property
    def edge(self) -> float:
        """2n/λ_max, the rate beyond which the linear model diverges."""
        return 2 * len(self.y) / float(self.eigenvalues[0])

    def _null(self) -> np.ndarray:
        return self.eigenvalues <= GUARD * self.eigenvalues[0]

    def remaining(self, eta: float, k: np.ndarray) -> np.ndarray:
        """(1 - ηλ/n)^k, (k, n)."""
        return (1 - eta * self.eigenvalues / len(self.y)) ** np.asarray(k)[:, None]

    def gains(self, eta: float, k: np.ndarray) -> np.ndarray:
        """(1 - (1 - ηλ/n)^k)/λ, and ηk/n where λ is null, (k, n)."""
        null, lam = self._null(), self.eigenvalues
        learnt = (1 - self.remaining(eta, k)) / np.where(null, 1.0, lam)
        return np.where(null, eta * np.asarray(k)[:, None] / len(self.y), learnt)

    def residuals(self, eta: float, k: np.ndarray) -> np.ndarray:
        """u_j·(y - f_lin(k)) = (1 - ηλ_j/n)^k c_j, (k, n)."""
        return self.remaining(eta, k) * self.c

    def train_loss(self, eta: float, k: np.ndarray) -> np.ndarray:
        """|f_lin - y|²/(2n), (k,)."""
        return np.sum(self.residuals(eta, k) ** 2, axis=1) / (2 * len(self.y))

    def function(self, X: np.ndarray, eta: float, k: np.ndarray) -> np.ndarray:
        """f_lin at other points X: K_0(X, ·) U (g/λ c), (k, n')."""
        across = tangent_kernel(self.W, self.a, X, self.X, self.activation) @ self.modes
        return (self.gains(eta, k) * self.c) @ across.T

    def weight_change(self, alpha: float, eta: float, k: np.ndarray) -> np.ndarray:
        """|θ_lin(k) - θ_0|/|θ_0| = (1/α) √(Σ g²/λ c²)/|θ_0|, (k,)."""
        size = math.sqrt(np.sum(self.W**2) + np.sum(self.a**2))
        squares = np.maximum(self.eigenvalues, 0.0) * (self.gains(eta, k) * self.c) ** 2
        return np.sqrt(np.sum(squares, axis=1)) / (alpha * size)

    def _pull(self, eta: float, k: float) -> np.ndarray:
        """U (g/λ c), (n,): v(k) = J_0ᵀ of it."""
        return self.modes @ (self.gains(eta, np.array([k]))[0] * self.c)

    def direction(self, eta: float, k: float) -> tuple[np.ndarray, np.ndarray]:
        """v(k) = J_0ᵀ U (g/λ c) as (W part (N, d), a part (N,)); θ_lin - θ_0 = v/α."""
        N, d = self.W.shape
        value, slope, _ = self._jet
        pull = self._pull(eta, k)
        vW = (slope * self.a * pull[:, None]).T @ self.X / math.sqrt(N * d)
        return vW, value.T @ pull / math.sqrt(N)

    def _drift(self, eta: float, k: float) -> tuple[np.ndarray, np.ndarray]:
        """Dz (n, N) and da (N,) along v(k)."""
        N = self.W.shape[0]
        value, slope, _ = self._jet
        pull = self._pull(eta, k)
        dz = self.overlaps @ (slope * (pull[:, None] * self.a)) / math.sqrt(N)
        return dz, pull @ value / math.sqrt(N)

    def _size(self, hidden: np.ndarray, slopes: np.ndarray) -> float:
        """|(φ, a φ')|_F as a Jacobian, times √N."""
        each = np.einsum("ni,ni->n", slopes, slopes)
        return math.sqrt(np.vdot(hidden, hidden) + each @ np.diag(self.overlaps))

    @cached_property
    def _size_born(self) -> float:
        value, slope, _ = self._jet
        return self._size(value, slope * self.a)

    def smooth_alpha(self, c: float, k: float) -> float:
        """α* = |D J(θ_0)[v]|_F/|J_0|_F, v at η = c 2n/λ_max (c = 1/2 beyond the edge)."""
        dz, da = self._drift((c if c <= 1 else CALM) * self.edge, k)
        _, slope, bend = self._jet
        return self._size(slope * dz, slope * da + self.a * bend * dz) / self._size_born

    def rate(self, c: float, alpha: float, k: float) -> float:
        """The learning rate of a run; see `rate`."""
        return rate(c, self.edge, alpha, self.smooth_alpha(c, k))

    def calm_rate(self, c: float, alpha: float, k: float) -> float:
        """The rate of the end point looked at: the run's own, or c = 1/2 beyond the edge."""
        return self.rate(c if c <= 1 else CALM, alpha, k)

    def moved(self, alpha: float, eta: float, k: float) -> tuple[np.ndarray, np.ndarray]:
        """The weights θ_0 + v(k)/α."""
        vW, va = self.direction(eta, k)
        return self.W + vW / alpha, self.a + va / alpha

    def feature_change(self, alpha: float, eta: float, k: float) -> float:
        """R_pred = |J(θ_0 + v(k)/α) - J_0|_F/|J_0|_F; no derivative of J, so right for relu."""
        dz, da = self._drift(eta, k)
        born, slope, _ = self._jet
        value, moved = value_and_slope(self.z + dz / alpha, self.activation)
        moved = moved * (self.a + da / alpha)
        return self._size(value - born, moved - slope * self.a) / self._size_born

    def kinks_crossed(self, alpha: float, eta: float, k: float) -> int:
        """How many signs of w_i·x differ between θ_0 and θ_0 + v(k)/α."""
        dz, _ = self._drift(eta, k)
        return int(np.count_nonzero((self.z > 0) != (self.z + dz / alpha > 0)))

    @cached_property
    def _known_curves(self) -> dict[tuple[float, float], np.ndarray]:
        return {}

    def feature_change_curve(self, c: float, k: float) -> Iterator[np.ndarray]:
        """R_pred at every one of ALPHAS, each with its own rate, (alpha,).

        Growing, NaN where it is not known yet; kept, so that another α costs nothing.
        """
        known = self._known_curves
        if (c, k) not in known:
            calm = c if c <= 1 else CALM
            star, edge = self.smooth_alpha(calm, k), self.edge
            found = np.full(len(ALPHAS), math.nan)
            n, N = self.z.shape
            pause = max(1, int(PAUSE / (PER_PRODUCT * n * N * (n + 60))))
            for i, alpha in enumerate(ALPHAS):
                found[i] = self.feature_change(alpha, rate(calm, edge, alpha, star), k)
                if i % pause == pause - 1:
                    yield found.copy()
            known[c, k] = found
        yield known[c, k].copy()


def linear_model(
    W: np.ndarray, a: np.ndarray, X: np.ndarray, y: np.ndarray, activation: str
) -> Lazy:
    """The linear model around a start; the last few are kept with all that was computed of them."""

    def frozen(array: np.ndarray) -> Frozen:
        return np.asarray(array, float).tobytes(), np.shape(array)

    return _kept(frozen(W), frozen(a), frozen(X), frozen(y), activation)


@lru_cache(maxsize=16)
def _kept(W: Frozen, a: Frozen, X: Frozen, y: Frozen, activation: str) -> Lazy:
    arrays = [np.frombuffer(values).reshape(shape) for values, shape in (W, a, X, y)]
    return Lazy(arrays[0], arrays[1], arrays[2], arrays[3], activation)


def alignment(A: np.ndarray, B: np.ndarray) -> float:
    """⟨A, B⟩_F/(|A| |B|)."""
    return float(np.vdot(A, B) / (np.linalg.norm(A) * np.linalg.norm(B)))
