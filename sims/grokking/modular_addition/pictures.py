"""Pictures of the weights of a, from its snapshots: spectra, columns, and the clock."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sims.core.experiment import Task
from sims.grokking.modular_addition.measure import waves
from sims.grokking.modular_addition.theory import frequencies

COLUMNS = 3
TINY = 1e-30


def size(p: int, width: int, itemsize: int = 4) -> int:
    """Bytes of one snapshot, at so many a number."""
    return p * p + itemsize * (p * width + width * (p // 2) + (2 * COLUMNS + 2) * p)


def derived(task: Task, shots: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The pictures of each snapshot, behind each other."""
    del task
    drawn = [picture(A) for A in shots["embedding"]]
    return {name: np.stack([one[name] for one in drawn]) for name in drawn[0]}


def picture(A: np.ndarray) -> dict[str, np.ndarray]:
    """Spectra, columns and clock of A (p, m).

    spectrum (m, K): share of each frequency in each column, columns sorted by their dominant
    frequency, strongest first. columns (3, p): the strongest column of each of the three strongest
    frequencies, column_frequencies, over the amplitude of their least-squares cosines,
    column_cosines. clock (2, p):
    A_n read out for cos and sin of 2πkn/p, k the strongest frequency, ordered by kn mod p; p/2,
    which sees only odd and even, is passed over.
    """
    dtype, A = A.dtype, A.astype(float)
    p = len(A)
    re, im = waves(p) @ A
    power = re**2 + im**2
    shares = power / (power.sum(axis=0) + TINY)
    dominant, norms = shares.argmax(axis=0), np.linalg.norm(A, axis=0)
    own = dominant[None, :] == np.arange(len(shares))[:, None]
    strongest = np.argsort(-(own @ norms**3), kind="stable")[:COLUMNS]
    chosen = np.where(own, norms, -1.0).argmax(axis=1)[strongest]
    k = frequencies(p)[strongest]
    angle = 2 * np.pi * k[:, None] * np.arange(p) / p
    a, b = re[strongest, chosen][:, None], im[strongest, chosen][:, None]
    lone = (2 * k == p)[:, None]
    wide = np.where(lone, np.sqrt(2), 1.0)
    size = np.hypot(a, b) + TINY
    hand = int(np.flatnonzero(2 * k != p)[0])
    numbers = {
        "spectrum": shares[:, np.lexsort((-norms, dominant))].T,
        "columns": _padded(p / 2 * wide * A[:, chosen].T / size),
        "column_cosines": _padded((a * np.cos(angle) - b * np.sin(angle)) / size),
        "column_frequencies": _padded(k),
        "clock": _clock(A[:, own[strongest[hand]]], int(k[hand])),
        "clock_frequency": k[hand],
    }
    return {name: np.asarray(value, dtype) for name, value in numbers.items()}


def _padded(values: np.ndarray) -> np.ndarray:
    """As many rows as there are curves, NaN where there are fewer frequencies."""
    short = COLUMNS - len(values)
    return np.concatenate([values, np.full((short, *values.shape[1:]), np.nan)])


def _clock(A: np.ndarray, k: int) -> np.ndarray:
    """Least-squares readout of a frequency from its own neurons, (2, p).

    With A = cos u + sin v + rest, A (u v) ((u v)ᵀ(u v))⁻¹ is (cos, sin) up to what is left of the
    rest: a circle if a neuron has one frequency alone.
    """
    p = len(A)
    angle = 2 * np.pi * k * np.arange(p) / p
    wave = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    plane = 2 / p * A.T @ wave
    at = A @ plane @ np.linalg.pinv(plane.T @ plane)
    return at[np.argsort(k * np.arange(p) % p, kind="stable")].T
