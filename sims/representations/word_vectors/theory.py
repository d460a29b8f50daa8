"""How embeddings learn one meaning after another, in closed form for finite steps.

Sources: arXiv:2502.09863 for the target, the flow and its modes. The growth of a finite step, the
half step, and what stronger modes leave of a start are derived here. Nothing here sees a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.representations.word_vectors import corpora

if TYPE_CHECKING:
    from sims.representations.word_vectors.params import Params

HALF_STEP = 0.5
"""A step's growth is that of a flow read half a step later, which halves the error of each."""
LEAP = 8.0
"""Largest logarithm of growth at one leap: beyond it D² would swallow the start."""
FLAT = 1e-9
"""Eigenvalues below which a mode grows by the limit of its law."""


def target(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """M = 2 (P - Q)/(P + Q) of a corpus, and how often a pair is seen, (P + Q)/mean; (V, V) each.

    P is the share of every pair among all, Q what it would be if words met by chance. M is 2 tanh
    of half the pointwise mutual information ln(P/Q), so that it lies between -2 and 2.
    """
    P = counts / counts.sum()
    Q = np.outer(P.sum(axis=1), P.sum(axis=1))
    return 2 * (P - Q) / (P + Q), (P + Q) / np.mean(P + Q)


def modes(M: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues of M, largest first (V,), and their vectors (V, V), largest entry positive."""
    lam, U = np.linalg.eigh(M)
    lam, U = lam[::-1], U[:, ::-1]
    largest = np.take_along_axis(U, np.argmax(np.abs(U), axis=0)[None], axis=0)
    return lam, U * np.sign(largest)


def solution(lam: np.ndarray, X: np.ndarray, eta: float, steps: np.ndarray) -> Iterator[np.ndarray]:
    """X = UᵀW, (V, d), at each of these steps.

    X(t) = D X₀ (1 + X₀ᵀ S X₀)^(-1/2), D = |1 + ηλ|^t, S = (D² - 1)/λ, up to a turn of the axes of
    the embedding, which no observable sees. From record to record it leaps as
    X <- D X L⁻ᵀ, L Lᵀ = 1 + Xᵀ S X: all of it at once would overflow.
    """
    rate = np.log(np.abs(1 + eta * lam))
    longest = max(1.0, LEAP / max(float(np.abs(rate).max()), 1e-12))
    flat = np.abs(lam) < FLAT
    safe = np.where(flat, 1.0, lam)
    at = 0.0
    for step in steps:
        goal = step + HALF_STEP if step > 0 else 0.0
        while goal - at > 1e-9:
            t = min(goal - at, longest)
            D = np.exp(t * rate)[:, None]
            S = np.where(flat, 2 * t * eta, (D[:, 0] ** 2 - 1) / safe)
            L = np.linalg.cholesky(np.eye(X.shape[1]) + (X * S[:, None]).T @ X)
            X = np.linalg.solve(L, (D * X).T).T
            at += t
        yield X


def left_over(X: np.ndarray, count: int) -> np.ndarray:
    """R_kk², what the stronger modes leave of each mode's start, (mode,): Gram-Schmidt in order."""
    return np.diag(np.linalg.qr(X[:count].T)[1]) ** 2


def waits(lam: np.ndarray, start: np.ndarray, eta: float) -> np.ndarray:
    """ln(λ/s₀ - 1)/(2 ln(1 + ηλ)) - ½: steps to λ/2 of modes that start at s₀; NaN from above it.

    Args:
        lam: eigenvalues, (mode,).
        start: strengths at the start, (mode,).
        eta: learning rate.
    """
    left = np.where(start < lam / 2, lam / start - 1, np.nan)
    return np.log(left) / (2 * np.log1p(eta * lam)) - HALF_STEP


def half_times(strengths: np.ndarray, lam: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Steps, linear between records, at which each strength first passes λ/2, (mode,).

    Infinite where it never does, NaN where it begins above.
    """
    found = np.full(len(lam), np.inf)
    for k, (s, half) in enumerate(zip(strengths.T, lam / 2, strict=True)):
        above = np.flatnonzero(s > half)
        if not above.size:
            continue
        i = int(above[0])
        part = (half - s[i - 1]) / (s[i] - s[i - 1]) if i else np.nan
        found[k] = steps[i - 1] + part * (steps[i] - steps[i - 1]) if i else np.nan
    return found


def steps_needed(lam: np.ndarray, W: np.ndarray, U: np.ndarray, eta: float) -> float:
    """Steps until the slowest of the modes U, (V, mode), is learned, and a quarter more."""
    start = left_over(U.T @ W, U.shape[1])
    kept = lam[: U.shape[1]]
    needed = np.log(np.maximum(kept / start, 1.0)) / (2 * np.log1p(eta * kept))
    return float(np.floor(1.25 * needed.max()) + 5)


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Strengths, half-way times, places and loss of the run, from the start it has."""
    lam, U = modes(task["target"])
    W, eta, count = task["W"], float(task["eta"]), task["modes"].shape[1]
    X, kept = U.T @ W, lam[:count]
    shots = set(schedule.snapshot_records.tolist())
    strengths, losses, places = [], [], []
    for i, at in enumerate(solution(lam, X, eta, schedule.record_steps)):
        s = np.sum(at[:count] ** 2, axis=1)
        strengths.append(s)
        overlap = np.sum((at.T @ at) ** 2) - 2 * np.sum(lam[:, None] * at**2)
        losses.append((overlap + np.sum(lam**2)) / 4)
        if i in shots:
            places.append(U @ (at @ at[:count].T) / np.sqrt(s))
    strengths = np.array(strengths)
    mean = np.full(count, float(params.alpha) ** 2 * lam[0] / len(lam))
    alone = np.linalg.svd(W, compute_uv=False)[:count] ** 2
    step = {"units": "steps"}
    passed = half_times(strengths, kept, schedule.record_steps)
    return xr.Dataset(
        {
            "strengths": (("record", "mode"), strengths),
            "half_times": ("mode", passed, step),
            "one_line": ("mode", waits(kept, left_over(X, count), eta), step),
            "alike": ("mode", waits(kept, mean, eta), step),
            "vanishing": ("mode", waits(kept, alone, eta), step),
            "loss": ("record", np.array(losses)),
            "places": (("snapshot", "word", "mode"), np.reshape(places, (-1, len(lam), count))),
            "eigenvalues": ("mode", kept),
            "kind": ("word", task["kind"].astype(np.int64)),
        },
        coords={"mode": np.arange(1, count + 1), "word": np.array(corpora.of(params).words)},
    )


def of_task(task: Task) -> float:
    """Steps of a run from this start; see `steps_needed`."""
    lam = np.linalg.eigvalsh(task["target"])[::-1]
    return steps_needed(lam, task["W"], task["modes"], float(task["eta"]))
