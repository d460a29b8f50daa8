"""What n examples teach, from the spectrum of the kernel over the world, before any is drawn.

Sources: arXiv:2110.03922, for a finite world as in `eigenlearning`; 2510.14878 for the error from
the covariance of the data alone. Nothing here sees a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core import own_data
from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.kernel_regression.eigenlearning import error_in_an_infinite_world, learned
from sims.kernel_regression.learning_curve import raw_statistics
from sims.kernel_regression.learning_curve.data import modes
from sims.kernel_regression.questions import dimensions

if TYPE_CHECKING:
    from sims.kernel_regression.learning_curve.params import Params

FEWEST = 8
"""Examples from which on a record is judged."""


def judged(examples: np.ndarray) -> np.ndarray:
    """Whether there are so many examples that a record is judged, (record,)."""
    return examples >= FEWEST


def typical(errors: np.ndarray, examples: np.ndarray) -> float:
    """The geometric mean of an error over the records that are judged."""
    return float(np.exp(np.mean(np.log(errors[judged(examples)]))))


def edges(count: int) -> np.ndarray:
    """Where octaves of modes begin, and the end: 0, 1, 2, 4, 8, ..., count."""
    return np.append(0, np.unique(np.minimum(2 ** np.arange(12), count)))


def octaves(values: np.ndarray) -> np.ndarray:
    """Means over octaves of modes, the last axis, 1, 2, 3-4, 5-8, ...: (..., octave)."""
    cuts = edges(values.shape[-1])
    sums = np.add.reduceat(values, cuts[:-1], axis=-1)
    return sums / np.diff(cuts)


def has_raw(data: str) -> bool:
    """Whether something is said from the covariance alone: of real data."""
    return data == "digits" or own_data.is_own(data)


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Error, posterior variance and learnability of every mode after each number of examples.

    `test_error_infinite` is that of the paper's infinite world, `test_error_raw` that of modes
    which know the covariance alone. `typical_error` is the geometric mean from 8 examples on.
    `octaves` holds mean learnabilities of modes 1, 2, 3-4, 5-8, ..., `octave_error` their standard
    error over the training sets. With no example f = 0, and nothing is learned.
    """
    y, ridge, noise = task["y"], float(params.ridge), float(params.noise) ** 2
    N, k = len(y), schedule.record_steps
    n = k[1:]
    known = modes(task["X"], params.kernel, float(params.bandwidth))
    values, energy = known.eigenvalues, known.energy(y)
    ridges = np.full(len(n), ridge)
    law = learned(n, N, values, energy, ridges, noise)
    infinite = error_in_an_infinite_world(n, values, energy, ridge, noise)
    start = float(np.mean(y**2))

    def from_start(first: float, rest: np.ndarray) -> tuple[str, np.ndarray]:
        return "record", np.append(first, rest)

    none = np.zeros((1, len(values)))
    L = np.concatenate([none, law.learnability])
    scatter = np.concatenate([none, law.scatter])
    sizes = np.diff(edges(len(values)))
    leverage = N * (known.vectors**2 @ law.learnability[-1])
    falls = L[1:].sum(axis=1) / np.sum(L[1:] * (1 - L[1:]), axis=1)
    seen = judged(n)
    found = {
        "test_error": from_start(start, law.error),
        "test_error_infinite": from_start(start, infinite),
        "spread": from_start(0.0, law.spread),
        "uncertainty": from_start(float(values.sum()), law.uncertainty),
        "learnability": (("record", "mode"), L),
        "budget": ("record", L.sum(axis=1)),
        "scatter": ("record", scatter.sum(axis=1)),
        "kappa": from_start(np.nan, law.kappa),
        "octaves": (("record", "octave"), octaves(L)),
        "octave_error": (
            ("record", "octave"),
            np.sqrt(octaves(scatter) / sizes / int(params.trials)),
        ),
        "typical_error": ((), typical(law.error, n)),
        "test_error_final": ((), float(law.error[-1])),
        "test_error_infinite_final": ((), float(infinite[-1])),
        "luck": ((), 1.0),
        "spectrum": ("mode", values),
        "unevenness": ((), float(leverage.std() / leverage.mean())),
        "dimensions": ((), dimensions(task["X"])),
        "exponent": ((), float(falls[seen].max())),
        "world_size": ((), float(N)),
    }
    if has_raw(params.data):
        raw = raw_statistics.modes(task["X"], params.kernel, float(params.bandwidth))
        error = learned(n, N, raw.eigenvalues, raw.energy(y), ridges, noise).error
        found["test_error_raw"] = from_start(start, error)
        found["typical_error_raw"] = ((), typical(error, n))
    octave = [str(a + 1) if b == a + 1 else f"{a + 1}-{b}" for a, b in _pairs(len(values))]
    return xr.Dataset(found, coords={"mode": np.arange(1, len(values) + 1), "octave": octave})


def _pairs(count: int) -> list[tuple[int, int]]:
    cuts = edges(count)
    return list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))
