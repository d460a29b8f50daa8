"""The test error at every width, from the spectrum of the very neurons, before any is trained.

Source of the law: arXiv:2110.03922, for a finite world as in `eigenlearning`. Nothing here sees a
run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.kernel_regression.double_descent import spectra
from sims.kernel_regression.questions import dimensions

if TYPE_CHECKING:
    from sims.kernel_regression.double_descent.params import Params

NEAR = (0.75, 1.3)
"""Neurons for each example between which the peak's height is taken."""


def near_peak(widths: np.ndarray, n: int) -> np.ndarray:
    """Whether each width is so near n that the peak is looked for there, (record,)."""
    return (widths >= NEAR[0] * n) & (widths <= NEAR[1] * n)


def height(errors: np.ndarray, widths: np.ndarray, n: int) -> float:
    """The largest error near k = n, over that of the widest network."""
    return float(errors[near_peak(widths, n)].max() / errors[-1])


def rarest(answers: np.ndarray, n: int) -> float:
    """Examples, of n, on which the rarest neuron answers: min over neurons of n(E φ²)²/E φ⁴."""
    second, fourth = np.mean(answers**2, axis=1), np.mean(answers**4, axis=1)
    return float(n * np.min(second**2 / np.maximum(fourth, np.finfo(float).tiny)))


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Of every record the typical and the mean error, bias, inflation and spread, and the peak.

    Over training sets ln E is taken as normal, so that its typical value is E/√(1 + spread²).
    `test_error_tuned` is that of the best ridge at every width, where the run has another;
    `test_error_fixed` that of the given ridge, where the run has the best. Before the first neuron
    f = 0, and E is the mean square of the labels. `test_error_final` is that of the widest network,
    `peak_height` the largest near k = n over it, at `peak_place`. `spectrum` is on (snapshot,
    mode), NaN beyond k.
    """
    n, noise = int(params.examples), float(params.noise) ** 2
    k = schedule.record_steps
    known = spectra.of(task, params.activation, k[1:])
    best = spectra.best_ridges(known, task["y"], n, noise)
    fixed = np.full(len(best), float(params.ridge))
    used, other = (best, fixed) if params.tune else (fixed, best)
    start = float(np.mean(task["y"] ** 2))
    rows = {"typical": [start], "mean": [start], "bias": [start], "inflation": [1.0],
            "spread": [0.0], "uneven": [0.0], "other": [start], "kappa": [np.nan]}  # fmt: skip
    spectrum = np.full((len(k), int(k[-1])), np.nan)
    energies = spectra.energies(known, task["y"])
    for i, (values, energy) in enumerate(zip(known.eigenvalues, energies, strict=True)):
        both = np.array([used[i], other[i]])
        law = spectra.law(values, energy, known.points, n, both, noise)
        typical = law.error / np.sqrt(1 + law.spread**2)
        rows["typical"].append(typical[0])
        rows["other"].append(typical[1])
        rows["mean"].append(law.error[0])
        rows["bias"].append(law.bias[0])
        rows["inflation"].append(law.inflation[0])
        rows["spread"].append(law.spread[0])
        rows["kappa"].append(law.kappa[0])
        rows["uneven"].append(spectra.unevenness(known, i, law.learnability[0][:-1]))
        spectrum[i + 1, : len(values)] = values[::-1]
    found = {name: np.array(values) for name, values in rows.items()}
    near = np.flatnonzero(near_peak(k, n))
    top = near[int(np.argmax(found["typical"][near]))]
    return xr.Dataset(
        {
            "test_error": ("record", found["typical"]),
            f"test_error_{'fixed' if params.tune else 'tuned'}": ("record", found["other"]),
            "mean_error": ("record", found["mean"]),
            "bias": ("record", found["bias"]),
            "inflation": ("record", found["inflation"]),
            "spread": ("record", found["spread"]),
            "unevenness": ("record", found["uneven"]),
            "ridge_used": ("record", np.append(used[0], used)),
            "kappa": ("record", found["kappa"]),
            "spectrum": (("snapshot", "mode"), spectrum[schedule.snapshot_records]),
            "peak_height": ((), height(found["typical"], k, n)),
            "test_error_final": ((), float(found["typical"][-1])),
            "peak_place": ((), float(k[top]), {"units": "steps"}),
            "rarest": ((), rarest(known.answers, n)),
            "dimensions": ((), dimensions(task["X"])),
        },
        coords={"mode": np.arange(1, int(k[-1]) + 1)},
    )
