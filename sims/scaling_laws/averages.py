"""Exact averages of SGD with fresh Gaussian samples, over all the samples it may draw.

With c_j = E(w_j - w*_j)^2, m_j = E(w_j) - w*_j and u = sum lam_j c_j, one step of rate eta and
batch B gives, by Isserlis' theorem,

    c_j <- ((1 - eta lam_j)^2 + eta^2 lam_j^2/B) c_j + (eta^2/B) lam_j (u + s2),
    m_j <- (1 - eta lam_j) m_j

(for Gaussian features the same as arXiv:2106.02713). Nothing here sees a run.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sims.scaling_laws.problem import Problem


class Averages(NamedTuple):
    """Parts of the mean loss, arrays of one shape, and how far a single run is from it.

    Attributes:
        signal: what the mean weights have still to learn, sum lam m^2.
        noise: scatter of the weights around their mean, sum lam (c - m^2).
        tail: out of reach.
        spread: standard deviation of the loss of one run, with modes taken as independent and
            Gaussian: within a quarter of the exact one up to a fifth of the edge.
    """

    signal: np.ndarray
    noise: np.ndarray
    tail: float
    spread: np.ndarray

    @property
    def excess(self) -> np.ndarray:
        """What can still be learned, E = sum lam c."""
        return self.signal + self.noise

    @property
    def loss(self) -> np.ndarray:
        """The mean loss L, 1 at the start."""
        return self.excess + self.tail


def _averages(lam: np.ndarray, c: np.ndarray, m: np.ndarray, tail: float) -> Averages:
    """From c and m, (..., mode)."""
    m2 = m * m
    v = np.maximum(c - m2, 0)  # rounding can leave it below 0 while nothing scatters
    spread = np.sqrt((2 * v * v + 4 * m2 * v) @ (lam * lam))
    return Averages(m2 @ lam, (c - m2) @ lam, tail, spread)


def scheduled(
    problem: Problem, rates: np.ndarray, batch_size: float, record_steps: np.ndarray
) -> Averages:
    """Any schedules, step by step.

    Args:
        problem: inputs, target and noise.
        rates: rate of every step, (learner, step).
        batch_size: samples of a step; may be infinite.
        record_steps: increasing, at most as many steps as there are rates, (record,).

    Returns:
        Arrays (record, learner).
    """
    lam, target, tail, s2 = problem
    c = np.repeat((target * target)[None], len(rates), axis=0)
    m = np.repeat(-target[None], len(rates), axis=0)
    x, kept, fed = (np.empty_like(c) for _ in range(3))
    seen_c, seen_m = (np.empty((len(record_steps), *c.shape)) for _ in range(2))
    t = 0
    for i, stop in enumerate(record_steps):
        for eta in rates.T[t:stop, :, None]:
            np.multiply(eta, lam, out=x)
            np.subtract(1, x, out=kept)
            m *= kept
            np.multiply(eta / batch_size, x, out=fed)
            fed *= (c @ lam + s2)[:, None]
            kept *= kept
            x *= x
            x /= batch_size
            kept += x
            c *= kept
            c += fed
        t = int(stop)
        seen_c[i], seen_m[i] = c, m
    return _averages(lam, seen_c, seen_m, tail)


class ConstantRate:
    """The same at constant rates, in closed form: c(t) = Q [mu^t (Q'c_0 - h) + h].

    Q mu Q' = diag((1 - eta lam)^2 + eta^2 lam^2/B) + (eta^2/B) lam lam' is symmetric and positive,
    and h = Q'(eta^2/B) s2 lam/(1 - mu) is what c comes to below the edge. Of several rates, or
    batch sizes, at once every array has these in front, as `...` says below.
    """

    def __init__(
        self, problem: Problem, eta: float | np.ndarray, batch_size: float | np.ndarray
    ) -> None:
        """One eigendecomposition (mode, mode) for each rate and batch size, (...)."""
        lam = problem.lam
        x, B = np.broadcast_arrays(
            np.asarray(eta, float)[..., None] * lam, np.asarray(batch_size, float)[..., None]
        )
        mixed = x[..., :, None] * x[..., None, :] / B[..., None]
        mixed[..., range(len(lam)), range(len(lam))] += (1 - x) ** 2 + x * x / B
        mu, self._Q = np.linalg.eigh(mixed)
        self.problem = problem
        self._mu = np.maximum(mu, 0)  # positive but for rounding
        noise = x * x / lam * problem.s2 / B
        self._end = (noise[..., None, :] @ self._Q)[..., 0, :] / (1 - self._mu)
        self._start = problem.target**2 @ self._Q
        self._slow = 1 - x

    def moments(self, t: np.ndarray) -> np.ndarray:
        """The c_j after t steps, (..., time, mode); t (time,) or (..., time), whole or not."""
        t = np.asarray(t, float)[..., None]
        mu, end = self._mu[..., None, :], self._end[..., None, :]
        c = (mu**t * (self._start[..., None, :] - end) + end) @ np.swapaxes(self._Q, -1, -2)
        return np.where(t == 0, self.problem.target**2, c)  # not even rounding has scattered yet

    def at(self, t: np.ndarray) -> Averages:
        """After t steps each, in any order, (..., time)."""
        steps, slow = np.asarray(t, float)[..., None], self._slow[..., None, :]
        m = -self.problem.target * np.sign(slow) ** np.round(steps) * np.abs(slow) ** steps
        return _averages(self.problem.lam, self.moments(t), m, self.problem.tail)

    def excess(self, t: np.ndarray) -> np.ndarray:
        """Their E alone, at a small part of the cost, (..., time)."""
        lam, mu = self.problem.lam, self._mu[..., None, :]
        weight, end = lam @ self._Q, self._end
        decaying = mu ** np.asarray(t, float)[..., None] @ (weight * (self._start - end))[..., None]
        return decaying[..., 0] + np.sum(weight * end, axis=-1)[..., None]

    @property
    def loss_at_last(self) -> np.ndarray:
        """The mean loss that training comes to, below the edge, (...)."""
        weight = self.problem.lam @ self._Q
        return np.asarray(np.sum(weight * self._end, axis=-1) + self.problem.tail)
