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
    """The same at a constant rate, in closed form: c(t) = Q [mu^t (Q'c_0 - h) + h].

    Q mu Q' = diag((1 - eta lam)^2 + eta^2 lam^2/B) + (eta^2/B) lam lam' is symmetric and positive,
    and h = Q'(eta^2/B) s2 lam/(1 - mu) is what c comes to below the edge.

    Attributes:
        mu: factors of one step, (q,).
        Q: their directions, (mode, q).
        start: Q'c_0, (q,).
        end: h, (q,).
    """

    def __init__(self, problem: Problem, eta: float, batch_size: float) -> None:
        """One eigendecomposition, (mode, mode)."""
        lam = problem.lam
        x, self.problem = eta * lam, problem
        kept = np.diag((1 - x) ** 2 + x * x / batch_size)
        mu, self.Q = np.linalg.eigh(kept + np.outer(x, x) / batch_size)
        self.mu = np.maximum(mu, 0)  # positive but for rounding
        self.end = self.Q.T @ (eta * x) * problem.s2 / batch_size / (1 - self.mu)
        self.start = self.Q.T @ problem.target**2
        self._slow = 1 - x

    def at(self, t: np.ndarray) -> Averages:
        """After t steps each, whole numbers or not, in any order: arrays of the shape of t."""
        t = np.asarray(t, float)[..., None]
        c = (self.mu**t * (self.start - self.end) + self.end) @ self.Q.T
        c = np.where(t == 0, self.problem.target**2, c)  # nothing has scattered, nor been rounded
        m = -self.problem.target * np.sign(self._slow) ** np.round(t) * np.abs(self._slow) ** t
        return _averages(self.problem.lam, c, m, self.problem.tail)

    @property
    def loss_at_last(self) -> float:
        """The mean loss that training comes to, below the edge."""
        return float(self.problem.lam @ (self.Q @ self.end)) + self.problem.tail
