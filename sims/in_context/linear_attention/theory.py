"""Averaged training of one attention layer: no sequence is ever drawn.

Inputs have variances lam (D,), tasks variance 1, contexts N examples, labels noise of variance s2.
A layer whose heads keep to their roles says beta^T U x, with beta = sum_n y_n x_n / N and U (D, D)
the sum of its heads (arXiv:2501.16265); label noise, finite steps and their noise are derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

HALF = 0.5
"""Strength at which a component counts as learned."""
COPIES = 32
"""Noisy copies of the map, from which the scatter of the times is known."""
CAP = 8000
"""Steps of an automatic run, at most, and of the map that looks for its end."""
NOISE_SEED = 12345
BLOCK = 256
"""Steps whose noise is drawn at once."""
BEYOND = 1.3
"""An automatic run goes so many times as far as the last fall."""
LARGEST = 1e3
"""Size of an entry of U beyond which the map counts as diverged."""
UNLEARNED_TIME = 500
"""Steps of an automatic run in which nothing is learned."""
MARGIN = 50


class Problem(NamedTuple):
    """Variances lam (D,), examples N, variance of label noise s2; whether keys are merged."""

    lam: np.ndarray
    n: int
    s2: float
    merged: bool

    @property
    def trace(self) -> float:
        """The variance of an answer: the loss of silence."""
        return float(self.lam.sum())

    @property
    def shrinkage(self) -> np.ndarray:
        """a_d = 1 + (1 + (tr + s2)/lam_d)/N, (D,)."""
        return self.at(self.n)

    def at(self, n: int) -> np.ndarray:
        """The same at context length n."""
        return 1 + (1 + (self.trace + self.s2) / self.lam) / n

    @property
    def moments(self) -> np.ndarray:
        """M_d = E beta_d^2 = lam_d^2 a_d, (D,)."""
        return self.lam**2 * self.shrinkage

    @property
    def best(self) -> np.ndarray:
        """The diagonal of the best U, 1/(lam_d a_d), (D,)."""
        return 1 / (self.lam * self.shrinkage)

    @property
    def best_size(self) -> float:
        """Its Euclidean length, what one merged head has to grow to."""
        return float(np.linalg.norm(self.best))

    @property
    def fourth(self) -> float:
        """E (sum of x_i^2)^2 = tr^2 + 2 sum lam^2, of Gaussian inputs."""
        return self.trace**2 + 2 * float(np.sum(self.lam**2))

    def levels(self, order: np.ndarray) -> np.ndarray:
        """Loss with the first m components of this order learned, m = 0..len(order)."""
        return self.trace - np.append(0.0, np.cumsum((self.lam / self.shrinkage)[order]))

    def learned(self, components: np.ndarray) -> np.ndarray:
        """The best U with these components alone, (D, D)."""
        return np.diag(np.where(np.isin(np.arange(len(self.lam)), components), self.best, 0.0))

    def loss(self, U: np.ndarray, n: int | None = None) -> np.ndarray:
        """The loss: tr - 2 sum lam_d^2 U_dd + sum_ij M_i U_ij^2 lam_j; U (..., D, D)."""
        lam, M = self.lam, self.lam**2 * self.at(self.n if n is None else n)
        return np.asarray(self.trace - 2 * diagonal(U) @ lam**2 + (U**2 @ lam) @ M)

    def size(self, U: np.ndarray) -> np.ndarray:
        """How much beta^T U x is, root mean square: (sum_ij M_i U_ij^2 lam_j)^(1/2)."""
        return np.asarray(np.sqrt((U**2 @ self.lam) @ self.moments))

    @property
    def label_curvature(self) -> float:
        """Curvature of the loss along entries that ought to stay silent, the keys' on labels."""
        yy = (1 + 2 / self.n) * ((self.trace + self.s2) ** 2 + 2 * np.sum(self.lam**2))
        if self.merged:
            return float(self.best_size * self.lam.max() * yy)
        return float(np.max(self.best ** (4 / 3) * self.lam) * yy)

    def noise_floor(self, learned: np.ndarray) -> float:
        """Trace of the Hessian where these components are learned: eta/2B of it is what noise adds.

        Relative to the level it rests on.
        """
        lam, M, tr, n = self.lam, self.moments, self.trace, self.n
        if self.merged:
            return float(self.best_size * self.along_labels)
        each = lam * M.sum() + M * tr + M * lam + lam**3 + lam**2 * tr / n
        each = each + lam * self.fourth * (1 + 2 / n)
        return float(np.sum((self.best ** (4 / 3) * each)[learned]))

    @property
    def along_labels(self) -> float:
        """What merged heads' entries feel together: tr (sum lam^2 + 2 sum M + E |x|^4)."""
        squares = float(np.sum(self.lam**2))
        return self.trace * (squares + 2 * float(self.moments.sum()) + self.fourth)

    @property
    def relaxation(self) -> np.ndarray:
        """Times tau_d in which a learned component's error falls by e, (D,)."""
        M, lam = self.moments, self.lam
        if self.merged:
            return 1 / (self.best_size * lam * M)
        return 1 / (3 * self.best ** (4 / 3) * lam * M)

    def waits(self, learned: np.ndarray) -> np.ndarray:
        """Times for which a run goes on behind the fall of each component, (D,).

        Where some are never learned, what a head still reads along them fades more slowly.
        """
        waits = (6 if self.merged else 12) * self.relaxation
        others = np.setdiff1d(np.arange(len(self.lam)), learned)
        if self.merged or not len(others):
            return waits
        M, lam = self.moments, self.lam
        sides = np.minimum(M[others, None] * lam, M * lam[others, None]).min(axis=0)
        return np.maximum(waits, 5 / (self.best ** (4 / 3) * sides))


def diagonal(U: np.ndarray) -> np.ndarray:
    """The diagonals of matrices (..., D, D)."""
    return np.diagonal(U, axis1=-2, axis2=-1)


def matrix(weights: Sequence[np.ndarray]) -> np.ndarray:
    """U (..., D, D) = sum_h v_h k_h q_h^T, or sum_h v_h W_h of merged heads."""
    if len(weights) == 2:
        v, W = weights
        flat = W.reshape(*W.shape[:-2], -1)
        return (v[..., None, :] @ flat).reshape(*W.shape[:-3], *W.shape[-2:])
    v, k, q = weights
    return np.swapaxes(v[..., None] * k, -1, -2) @ q


def _stepped(weights: Sequence[np.ndarray], G: np.ndarray, eta: float) -> list[np.ndarray]:
    """All weights after one step up the averaged gradient G (..., D, D) of U."""
    if len(weights) == 2:
        v, W = weights
        flat = W.reshape(*W.shape[:-2], -1)
        toward = (flat @ G.reshape(*G.shape[:-2], -1, 1))[..., 0]
        return [v + eta * toward, W + eta * v[..., None, None] * G[..., None, :, :]]
    v, k, q = weights
    Gq, Gk = q @ np.swapaxes(G, -1, -2), k @ G
    up = eta * v[..., None]
    return [v + eta * np.sum(k * Gq, axis=-1), k + up * Gq, q + up * Gk]


def averaged(
    problem: Problem,
    weights: Sequence[np.ndarray],
    eta: float,
    steps: int,
    *,
    settled: bool = False,
) -> np.ndarray:
    """U at every step, (step, D, D): v += eta k.Gq, k += eta v Gq, q += eta v G^T k at once.

    G = Lambda^2 - diag(M) U Lambda; merged: v += eta <W, G>, W += eta v G. With `settled` it ends
    once all components are learned and have rested. Of a map that diverges the rest is NaN.
    """
    lam, M, a = problem.lam, problem.moments, problem.shrinkage
    drive, hold = np.diag(lam**2), M[:, None] * lam
    found = np.full((steps + 1, len(lam), len(lam)), np.nan)
    w, end = [np.asarray(x, float) for x in weights], steps
    for t in range(steps + 1):
        U = found[t] = matrix(w)
        if t == end:
            return found[: end + 1]
        if t % BLOCK == 0:
            if not np.abs(U).max() < LARGEST:
                break
            if settled and end == steps and (np.diag(U) * lam * a > HALF).all():
                rest = (BEYOND - 1) * t + float(problem.waits(np.arange(len(lam))).max()) / eta
                end = min(steps, t + int(rest) + BLOCK)
        w = _stepped(w, drive - hold * U, eta)
    return found


class Copies(NamedTuple):
    """Of every noisy copy of the map: strengths (step, copy, D), and the mean U of the end."""

    strengths: np.ndarray
    end: np.ndarray


def noisy(
    problem: Problem, weights: Sequence[np.ndarray], eta: float, steps: int, batch: int
) -> Copies:
    """Copies of the averaged map with the noise that a batch has, the first one without.

    Entry ij of a gradient has the variance M_i lam_j (L + 2(l_i + l_j) + 4 l_i delta_ij)/B, with L
    the loss and l_d = lam_d (1 - s_d)^2 what is left of it: so far as times go. Along directions
    that are learned it is two to three times as large, which moves no fall. `end` is over the last
    eighth.
    """
    lam, M, a, D = problem.lam, problem.moments, problem.shrinkage, len(problem.lam)
    drive, hold, eye = np.diag(lam**2), M[:, None] * lam, 4 * np.eye(D)
    w = [np.repeat(np.asarray(x, float)[None], 1 + COPIES, 0) for x in weights]
    rng = np.random.default_rng(NOISE_SEED)
    root = np.sqrt(hold / batch)
    s = np.full((steps + 1, 1 + COPIES, D), np.nan)
    tr = problem.trace
    first, end = steps + 1 - max(1, (steps + 1) // 8), np.zeros((1 + COPIES, D, D))
    noise = np.empty(0)
    for t in range(steps + 1):
        U = matrix(w)
        s[t] = U[:, range(D), range(D)] * (lam * a)
        if t >= first:
            end += U
        if t == steps:
            break
        if t % BLOCK == 0:
            if not np.abs(U).max() < LARGEST:
                end[:] = np.nan
                break
            noise = rng.standard_normal((min(BLOCK, steps - t), 1 + COPIES, D, D)) * root
            noise[:, 0] = 0.0
        held, left = hold * U, lam * (1 - s[t]) ** 2
        # the loss, from what is at hand: its sum over ij is that of M_i U_ij^2 lam_j
        L = tr + np.sum((held - 2 * drive) * U, axis=(-2, -1))
        spread = L[:, None, None] + 2 * (left[:, :, None] + left[:, None, :])
        spread += left[:, :, None] * eye
        w = _stepped(w, drive - held + np.sqrt(spread) * noise[t % BLOCK], eta)
    return Copies(s, end / (steps + 1 - first))


def crossings(strengths: np.ndarray, times: np.ndarray) -> np.ndarray:
    """First time at which each of (time, ...) passes one half, between records; inf if never."""
    up = strengths > HALF
    i = np.argmax(up, axis=0)
    before = np.maximum(i - 1, 0)
    low, high = (np.take_along_axis(strengths, j[None], 0)[0] for j in (before, i))
    part = np.where(i > 0, (HALF - low) / np.where(high == low, 1.0, high - low), 0.0)
    return np.where(up.any(axis=0), times[before] + part * (times[i] - times[before]), np.inf)


def automatic_steps(problem: Problem, weights: Sequence[np.ndarray], eta: float) -> int:
    """Steps that go past the last fall and let it come to rest, at most 8000."""
    with np.errstate(all="ignore"):
        U = averaged(problem, weights, eta, CAP, settled=True)
    s = diagonal(U) * problem.lam * problem.shrinkage
    t = crossings(s, eta * np.arange(len(s)))
    here = np.isfinite(t)
    if not here.any():
        return UNLEARNED_TIME + MARGIN
    waits = problem.waits(np.flatnonzero(here))
    return int(min(CAP, np.max((BEYOND * t + waits)[here]) / eta + MARGIN))
