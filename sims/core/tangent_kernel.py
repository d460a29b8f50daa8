"""What a network would do if its tangent features stayed put: curves, weights, and its limit.

Everything follows from the initial weights and the data. With J_0 the Jacobian of h at the start,
K_0 = J_0 J_0ᵀ = U diag(λ) Uᵀ and c = Uᵀy, all of it is exact at a finite step; nothing is fitted.
NumPy and float64 throughout; shapes: X (n, d), W (N, d), a (N,).

Sources: Jacot, Gabriel & Hongler, arXiv:1806.07572; Lee et al., arXiv:1902.06720; Chizat, Oyallon
& Bach, arXiv:1812.07956.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
PER_FEATURE = 1.5e-8
"""Seconds a feature of a net that has moved takes, roughly."""
BLOCK = 2**15
"""Features that are looked at together: few enough to stay in a processor's cache."""

Frozen = tuple[bytes, tuple[int, ...]]
"""An array that can be a key."""


NODES = 200
"""Of a Gauss-Hermite sum."""
TERMS = 150
"""Of a sum over Hermite polynomials; for |x|² = d and tanh the next is below rounding."""


def value_and_slope(z: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """φ and φ' at z, two new arrays; the kink of relu counts as flat on both sides."""
    if activation == "tanh":
        from scipy.special import expit

        t = expit(2 * z)  # to rounding the same as numpy's tanh, which takes three times as long
        t *= 2
        t -= 1
        return t, 1 - t * t
    if activation == "erf":
        from scipy.special import erf

        return erf(z), 2 / math.sqrt(math.pi) * np.exp(-(z**2))
    slope = (z > 0).astype(float)
    return z * slope, slope


def activation_jet(z: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """φ, φ', φ'' at z."""
    value, slope = value_and_slope(z, activation)
    if activation == "relu":
        return value, slope, np.zeros_like(z)
    return value, slope, -2 * (value if activation == "tanh" else z) * slope


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

    Sources: Cho & Saul (2009) for relu, Williams (1997) for erf. tanh has no closed form: by
    Mehler's formula E[φ(u)φ(v)] = Σ_m a_m(s) a_m(t) r^m for normal u, v of correlation r, with a_m
    the coefficients of φ in Hermite polynomials; of φ' alike.
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
    left = hermite_coefficients(np.sqrt(s[:, 0]), activation)
    right = hermite_coefficients(np.sqrt(t[0]), activation)
    values, slopes = (_power_sum(*both, r) for both in zip(left, right, strict=True))
    return values + q * slopes


@lru_cache(maxsize=1)
def _hermite() -> tuple[np.ndarray, np.ndarray]:
    """Nodes of the standard normal, (NODES,), and weighed He_m/√m! there, (TERMS, NODES)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    found = np.empty((TERMS, NODES))
    found[0], found[1] = 1.0, nodes
    for m in range(1, TERMS - 1):
        found[m + 1] = (nodes * found[m] - math.sqrt(m) * found[m - 1]) / math.sqrt(m + 1)
    return nodes, found * (weights / weights.sum())


def hermite_coefficients(s: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """E[φ(sg) He_m(g)]/√m! of φ and of φ' for standard normal g and deviations s, (TERMS, n)."""
    nodes, weighed = _hermite()
    value, slope = value_and_slope(nodes[:, None] * s[None, :], activation)
    return weighed @ value, weighed @ slope


def _power_sum(left: np.ndarray, right: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Σ_m left_m right_m r^m by Horner's rule, (n, n')."""
    total = np.zeros_like(r)
    for a, b in zip(left[::-1], right[::-1], strict=True):
        total *= r
        total += a[:, None] * b[None, :]
    return total


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
        return self._inputs(self.W)

    def _inputs(self, W: np.ndarray, rows: slice = slice(None)) -> np.ndarray:
        """w_i·x/√d of these weights and some of the points."""
        return self.X[rows] @ W.T / math.sqrt(W.shape[1])

    @cached_property
    def _jet(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return activation_jet(self.z, self.activation)

    @cached_property
    def _slopes(self) -> np.ndarray:
        """a_i φ', (n, N)."""
        return self._jet[1] * self.a

    @cached_property
    def overlaps(self) -> np.ndarray:
        """x·z/d over the data, (n, n)."""
        return self.X @ self.X.T / self.X.shape[1]

    @cached_property
    def kernel(self) -> np.ndarray:
        """K_0, (n, n)."""
        value, slopes = self._jet[0], self._slopes
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
        return np.sqrt(np.sum(self._pulls(eta, k), axis=1)) / (alpha * size)

    def _pulls(self, eta: float, k: np.ndarray) -> np.ndarray:
        """g²/λ c², |v|² along each mode, (k, n)."""
        return np.maximum(self.eigenvalues, 0.0) * (self.gains(eta, k) * self.c) ** 2

    def half_learned(self, eta: float, k: float) -> float:
        """Share of |v(k)|² along modes of which from 2 % to 95 % is still to be learned."""
        at = np.array([k])
        left, squares = self.remaining(eta, at)[0], self._pulls(eta, at)[0]
        return float(np.sum(squares[(left > 0.02) & (left < 0.95)]) / np.sum(squares))

    def _pull(self, eta: float, k: float) -> np.ndarray:
        """U (g/λ c), (n,): v(k) = J_0ᵀ of it."""
        return self.modes @ (self.gains(eta, np.array([k]))[0] * self.c)

    def direction(self, eta: float, k: float) -> tuple[np.ndarray, np.ndarray]:
        """v(k) = J_0ᵀ U (g/λ c) as (W part (N, d), a part (N,)); θ_lin - θ_0 = v/α."""
        N, d = self.W.shape
        pull = self._pull(eta, k)
        vW = self._slopes.T @ (pull[:, None] * self.X) / math.sqrt(N * d)
        return vW, self._jet[0].T @ pull / math.sqrt(N)

    def _squares(self, hidden: np.ndarray, slopes: np.ndarray, rows: slice) -> float:
        """|(φ, a φ')|²_F of some points as a Jacobian, times N."""
        each = np.einsum("ni,ni->n", slopes, slopes)
        return float(np.vdot(hidden, hidden) + each @ np.diag(self.overlaps)[rows])

    @cached_property
    def _size_born(self) -> float:
        return math.sqrt(self._squares(self._jet[0], self._slopes, slice(None)))

    @cached_property
    def _known_stars(self) -> dict[tuple[float, float], float]:
        return {}

    def smooth_alpha(self, c: float, k: float) -> float:
        """α* = |D J(θ_0)[v]|_F/|J_0|_F, v at η = c 2n/λ_max (c = 1/2 beyond the edge); kept."""
        calm = c if c <= 1 else CALM
        if (calm, k) not in self._known_stars:
            vW, da = self.direction(calm * self.edge, k)
            dz = self.X @ vW.T / math.sqrt(self.W.shape[1])
            _, slope, bend = self._jet
            change = self._squares(slope * dz, slope * da + self.a * bend * dz, slice(None))
            self._known_stars[calm, k] = math.sqrt(change) / self._size_born
        return self._known_stars[calm, k]

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
        W, a = self.moved(alpha, eta, k)
        born, before = self._jet[0], self._slopes

        def squares(rows: slice) -> float:
            value, slopes = value_and_slope(self._inputs(W, rows), self.activation)
            slopes *= a
            slopes -= before[rows]
            value -= born[rows]
            return self._squares(value, slopes, rows)

        n, N = born.shape
        many = max(1, BLOCK // N)
        if n <= many:
            total = squares(slice(None))
        else:  # summed in their order, so that the number of threads changes no digit
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                total = sum(pool.map(squares, [slice(i, i + many) for i in range(0, n, many)]))
        return math.sqrt(total) / self._size_born

    def kinks_crossed(self, alpha: float, eta: float, k: float) -> int:
        """How many signs of w_i·x differ between θ_0 and θ_0 + v(k)/α."""
        W, _ = self.moved(alpha, eta, k)
        return int(np.count_nonzero((self.z > 0) != (self._inputs(W) > 0)))

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
            pause = max(1, int(PAUSE / (PER_FEATURE * n * N)))
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
