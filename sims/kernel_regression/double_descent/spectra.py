"""The spectra of the first k neurons over all data, for every k that is looked at.

They depend neither on ridge nor on noise nor on the target, so that a knob that moves one of these
finds them where they are.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np

from sims.core.cache import Cache
from sims.core.experiment import Task
from sims.kernel_regression.double_descent.data import activity
from sims.kernel_regression.eigenlearning import Learned, learned

FLOOR = 1e-13
"""Eigenvalues below that share of the largest are what rounding left."""
REST = 1e-30
"""Eigenvalue of what no neuron answers to: one mode, never learned."""
RIDGES = np.geomspace(1e-8, 10, 37)
"""Among these the best ridge is chosen."""
MOST, MOST_BYTES = 8, 96 * 2**20


class Spectra(NamedTuple):
    """Of K_k = ΦΦᵀ/k over N points, for each number of neurons k, and what the neurons answer.

    answers: Φᵀ (4n, N). widths: k, (width,). eigenvalues: λ of each, (width, (mode,)), ascending.
    directions: eigenvectors of ΦᵀΦ/(kN), (width, (k, mode)).
    """

    answers: np.ndarray
    widths: np.ndarray
    eigenvalues: tuple[np.ndarray, ...]
    directions: tuple[np.ndarray, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.answers.nbytes + sum(a.nbytes for a in (*self.eigenvalues, *self.directions))

    @property
    def points(self) -> int:
        """How many points N there are."""
        return self.answers.shape[1]


_kept: Cache[Spectra] = Cache(MOST, MOST_BYTES, lambda spectra: spectra.nbytes)


def of(task: Task, activation: str, widths: np.ndarray) -> Spectra:
    """The spectra of a task's neurons, kept for whoever asks again; from any thread."""
    digest = hashlib.blake2b(activation.encode())
    for name in ("X", "W", "b"):
        digest.update(np.ascontiguousarray(task[name]).tobytes())
    return _kept.get(
        (digest.digest(), widths.tobytes()), lambda: _computed(task, activation, widths)
    )


def _computed(task: Task, activation: str, widths: np.ndarray) -> Spectra:
    answers = activity(task["X"], task["W"], task["b"], activation)
    G = answers @ answers.T / answers.shape[1]
    found = [np.linalg.eigh(G[:k, :k] / k) for k in widths]
    eigenvalues = tuple(np.maximum(values, FLOOR * values[-1]) for values, _ in found)
    return Spectra(answers, widths, eigenvalues, tuple(vectors for _, vectors in found))


def energies(spectra: Spectra, y: np.ndarray) -> list[np.ndarray]:
    """For each width v_i² = (u_i·y)²/N of every mode, and of what no neuron answers to, (mode+1,).

    With (λ, w) an eigenpair of ΦᵀΦ/(kN), the mode over the points is u = Φw/√(kNλ).
    """
    across = spectra.answers @ y / len(y)
    found = []
    for k, values, vectors in zip(
        spectra.widths, spectra.eigenvalues, spectra.directions, strict=True
    ):
        squares = (vectors.T @ across[:k]) ** 2 / (values * k)
        found.append(np.append(squares, max(0.0, np.mean(y**2) - squares.sum())))
    return found


def law(
    eigenvalues: np.ndarray,
    energy: np.ndarray,
    points: int,
    n: int,
    ridge: np.ndarray,
    noise: float,
) -> Learned:
    """The law of `learned` for one width and several ridges, (row,)."""
    values = np.append(eigenvalues, REST)
    return learned(np.full(len(ridge), n), points, values, energy, ridge, noise)


def best_ridges(spectra: Spectra, y: np.ndarray, n: int, noise: float) -> np.ndarray:
    """At each width the ridge, of 37, whose predicted error is the smallest, (width,)."""
    found = []
    for values, energy in zip(spectra.eigenvalues, energies(spectra, y), strict=True):
        errors = law(values, energy, spectra.points, n, RIDGES, noise).error
        found.append(RIDGES[int(np.argmin(errors))])
    return np.array(found)


def unevenness(spectra: Spectra, at: int, learnability: np.ndarray) -> float:
    """Deviation over mean, over the points, of what each weighs: ΣL_i u_i(s)²; 0 if all alike."""
    k, values = spectra.widths[at], spectra.eigenvalues[at]
    scaled = spectra.directions[at] * np.sqrt(learnability / (values * k))
    leverage = np.sum((spectra.answers[:k].T @ scaled) ** 2, axis=1)
    return float(leverage.std() / leverage.mean())
