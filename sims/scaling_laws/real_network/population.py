"""A few digits as the whole population, and the problem a network's tangent kernel makes of it.

With K_0 the tangent kernel at birth over n points, eigenvalues k_j and modes u_j of K_0/n, SGD on
the linearised network is that on inputs of variances lam_j = k_j/k_1 and a target lam_j w*_j^2 =
(u_j.y)^2/n, at rates k_1 times as large. Source: arXiv:2106.02713. Nothing here sees a run.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sims.core import own_data
from sims.core.datasets import digits
from sims.core.experiment import Task
from sims.core.tangent_kernel import tangent_kernel, value_and_slope
from sims.scaling_laws.problem import Problem

if TYPE_CHECKING:
    from sims.scaling_laws.real_network.params import Params

SMALLEST = 1e-8
"""Eigenvalues over the largest that count."""


class Population(NamedTuple):
    """The problem in the modes of the kernel.

    Attributes:
        problem: lam (mode,), largest 1; target; what no mode holds; and with it the label noise.
        top: the largest eigenvalue k_1 of K_0/n.
        modes: u_j as columns, (n, mode).
        flat: mean K_ii^2 over (tr K/n)^2 + 2 sum k^2, which is 1 for Gaussian inputs.
    """

    problem: Problem
    top: float
    modes: np.ndarray
    flat: float


def points(params: Params) -> tuple[np.ndarray, np.ndarray]:
    """X (n, d) of mean square length d, and y (n,) of mean 0 and variance 1."""
    rng = np.random.default_rng(int(params.data_seed))
    if own_data.is_own(params.data):
        given = own_data.of(params.data)
        chosen = rng.permutation(len(given.y))[: params.n]
        X, y = given.scaled(chosen)[chosen], given.y[chosen].astype(float)
    else:
        pixels, labels = digits()
        chosen = rng.permutation(len(labels))[: params.n]
        X, y = pixels[chosen], labels[chosen].astype(float)
        if params.task != "value":
            y = np.where(labels[chosen] % 2, 1.0, -1.0)
    if params.task == "shuffled":
        y = np.random.default_rng([int(params.data_seed), 1]).permutation(y)
    X = X - X.mean(axis=0)
    X = X * math.sqrt(X.shape[1] / np.mean(np.sum(X**2, axis=1)))
    y = y - y.mean()
    return X, y / max(float(y.std()), 1e-300)


def of(task: Task, train: str, noise: float) -> Population:
    """What the network born with these weights makes of these points."""
    X, y, W, a = (np.asarray(task[name], float) for name in ("X", "y", "W", "a"))
    if train == "last":
        hidden, _ = value_and_slope(X @ W.T / math.sqrt(X.shape[1]), "relu")
        K = hidden @ hidden.T / len(a)
    else:
        K = tangent_kernel(W, a, X, X, "relu")
    n = len(y)
    k, U = np.linalg.eigh(K / n)
    k, U = k[::-1], U[:, ::-1]
    flat = np.mean(np.diag(K) ** 2) / ((np.trace(K) / n) ** 2 + 2 * np.sum(k**2))
    is_kept = k > SMALLEST * k[0]
    k, U = k[is_kept], U[:, is_kept]
    shares = (U.T @ y) ** 2 / n
    tail = max(float(np.mean(y**2) - shares.sum()), 0.0)
    lam = k / k[0]
    problem = Problem(lam, np.sqrt(shares / lam), tail, noise**2 + tail)
    return Population(problem, float(k[0]), U, float(flat))


def feature_change(task: Task, found: Population, alpha: float, rates: np.ndarray) -> float:
    """The |J(theta) - J_0|/|J_0| where the frozen kernel leads, with both layers trained.

    `rates` (step,) are in units of 1/k_1. The weights move by J_0' beta/alpha with beta = U
    (learned/(n k) * U'y), learned = 1 - prod_t (1 - eta_t lam).
    """
    X, y, W, a = (np.asarray(task[name], float) for name in ("X", "y", "W", "a"))
    (n, d), N, lam = X.shape, len(a), found.problem.lam
    learned = 1 - np.prod(1 - np.outer(rates, lam), axis=0)
    beta = found.modes @ (learned / (n * lam * found.top) * (found.modes.T @ y))
    born, slope = value_and_slope(X @ W.T / math.sqrt(d), "relu")
    back = slope * a
    da = born.T @ beta / math.sqrt(N)
    dW = (back * beta[:, None]).T @ X / math.sqrt(N * d)
    moved, slope = value_and_slope(X @ (W + dW / alpha).T / math.sqrt(d), "relu")
    squares = np.sum(X**2, axis=1, keepdims=True) / d

    def size(hidden: np.ndarray, back: np.ndarray) -> float:
        return float(np.sum(hidden**2) + np.sum(back**2 * squares))

    change = size(moved - born, slope * (a + da / alpha) - back)
    return math.sqrt(change / size(born, back))
