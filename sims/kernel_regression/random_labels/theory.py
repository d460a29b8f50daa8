"""How long true and random labels take, from the kernel that the network was born with.

Sources: arXiv:1806.07572 for the kernel, 1901.08584 for labels in its eigenvectors. Of labels not
yet drawn mean and scatter are derived here. Nothing here sees a run.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from sims.core import tangent_kernel
from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.core.tangent_kernel import Lazy

if TYPE_CHECKING:
    from sims.kernel_regression.random_labels.params import Params

TESTS = 500
"""Images that test."""
FAR = 20_000
"""Steps over which the movement is looked at that slows the rate down, and beyond the run."""
BETWEEN = 400
"""Log-spaced steps at which a passage is looked for before a run has its length."""
BLOCK = 512
"""Steps looked at together for the first at which all labels are right."""
LABELS = ("true", "random")


def linear_models(params: Params, task: Task) -> tuple[Lazy, Lazy]:
    """The linear model around the start, with true and with random labels."""
    one, other = (
        tangent_kernel.linear_model(task["W"], task["a"], task["X"], y, params.activation)
        for y in task["labels"]
    )
    return one, other


def learning_rate(params: Params, task: Task) -> float:
    """η = c (2n/λ_1)/(1 + α*/α), α* of the net whose features move more."""
    models = linear_models(params, task)
    return min(model.rate(float(params.c), float(params.alpha), FAR) for model in models)


def passage(steps: np.ndarray, errors: np.ndarray, level: float) -> float:
    """First step, log-linear between records, at which the error is below a level; inf if never.

    Args:
        steps: of the records, (record,).
        errors: there, (record,).
        level: looked for.
    """
    below = np.flatnonzero(errors < level)
    if not len(below) or below[0] == 0:
        return float(steps[0]) if len(below) else math.inf
    i = int(below[0])
    before, after = np.log(errors[i - 1 : i + 1])
    part = (before - math.log(level)) / (before - after)
    return float(steps[i - 1] + part * (steps[i] - steps[i - 1]))


def mean_square(model: Lazy, eta: float, k: np.ndarray, energy: np.ndarray) -> np.ndarray:
    """MSE(k) = (1/n) Σ (1 - ηλ_j/n)^2k (u_j·y)², (k,), of energies (u_j·y)²."""
    return model.remaining(eta, k) ** 2 @ energy / len(energy)


def slower_passage(params: Params, task: Task, most: int) -> float:
    """Steps, up to `most`, that the slower of both nets needs for the level; inf if more."""
    k = np.unique(np.round(np.geomspace(1, most, BETWEEN)).astype(int))
    eta, level = float(task["eta"]), float(params.level)
    models = linear_models(params, task)
    return max(passage(k, mean_square(m, eta, k, m.c**2), level) for m in models)


def memorised(model: Lazy, eta: float, most: int) -> float:
    """First step at which the linear model has the sign of every label right; inf if beyond."""
    for start in range(1, most + 1, BLOCK):
        k = np.arange(start, min(start + BLOCK, most + 1))
        f = ((1 - model.remaining(eta, k)) * model.c) @ model.modes.T
        right = np.all(f * model.y > 0, axis=1)
        if right.any():
            return float(k[int(np.argmax(right))])
    return math.inf


class Blind(NamedTuple):
    """Of labels not yet drawn: expected error (k,), when it passes the level, deviation of ln."""

    errors: np.ndarray
    steps: float
    deviation: float


def blind(model: Lazy, eta: float, k: np.ndarray, share: float, level: float) -> Blind:
    """What is known of a share of random labels from the true ones alone.

    With s² = 1 - (1 - q)², E c_j² = (1 - q)² c_j² + s² = w_j. With t the passage, d = (1 - ηλ/n)^t
    and M = U d² Uᵀ without its diagonal, as every label squared is 1,

        sd(ln t) = √(4 s² |M (1-q) y|² + 2 s⁴ |M|²) / (Σ d² w |d ln MSE/d ln t|).
    """
    s2 = 1 - (1 - share) ** 2
    w = (1 - share) ** 2 * model.c**2 + s2
    errors = mean_square(model, eta, k, w)
    t = passage(k, errors, level)
    if not math.isfinite(t):
        return Blind(errors, t, math.inf)
    left = 1 - eta * model.eigenvalues / len(model.y)
    d2 = left ** (2 * round(t))
    M = (model.modes * d2) @ model.modes.T
    np.fill_diagonal(M, 0)
    logs = np.log(np.maximum(np.abs(left), np.finfo(float).tiny))
    falls = -2 * t * np.sum(logs * d2 * w)  # Σ d² w times |d ln MSE/d ln t|
    pulled = M @ ((1 - share) * model.y)
    variance = 4 * s2 * np.sum(pulled**2) + 2 * s2**2 * np.sum(M**2)
    return Blind(errors, t, math.sqrt(variance) / float(falls))


def one_rate(model: Lazy, eta: float, level: float) -> float:
    """Steps to the level, did all modes learn at the mean rate η tr K/n²."""
    mean = eta * float(np.mean(model.eigenvalues)) / len(model.y)
    return math.log(level) / (2 * math.log1p(-mean))


def one_rate_travel(model: Lazy, eta: float, alpha: float, k: int) -> float:
    """How far the weights go by then, did all modes learn at the mean rate."""
    mean = float(np.mean(model.eigenvalues))
    learned = 1 - (1 - eta * mean / len(model.y)) ** k
    return learned * math.sqrt(float(np.sum(model.c**2)) / mean) / alpha


def size(model: Lazy) -> float:
    """|θ_0|."""
    return math.sqrt(float(np.sum(model.W**2) + np.sum(model.a**2)))


def curves(params: Params, task: Task, model: Lazy, k: np.ndarray) -> dict[str, np.ndarray]:
    """What is observed of one net, at every record, (record,)."""
    eta, alpha = float(task["eta"]), float(params.alpha)
    f = ((1 - model.remaining(eta, k)) * model.c) @ model.modes.T
    new = model.function(task["X_test"], eta, k)
    return {
        "train_loss": mean_square(model, eta, k, model.c**2),
        "train_accuracy": np.mean(f * model.y > 0, axis=1),
        "test_accuracy": np.mean(new * task["y_test"] > 0, axis=1),
        "travel": size(model) * model.weight_change(alpha, eta, k),
    }


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Curves of both nets, when they pass the level and have all labels right, and how far they go.

    `memorised` is the first step with every label right; `steps_blind` the passage for random
    labels not yet drawn, with the deviation `blind_deviation` of its logarithm; `label_energy`
    (label, mode) the share of the labels along each eigenvector; `feature_change` R at the end.
    """
    models = linear_models(params, task)
    eta, alpha, level = float(task["eta"]), float(params.alpha), float(params.level)
    k, last = schedule.record_steps, schedule.steps
    far = np.append(k, np.unique(np.round(np.geomspace(last + 1, 10 * FAR, BETWEEN)).astype(int)))
    rows = [curves(params, task, model, k) for model in models]
    passed = [passage(far, mean_square(m, eta, far, m.c**2), level) for m in models]
    unseen = blind(models[0], eta, far, float(params.label_noise), level)
    steps = {"units": "steps"}
    return xr.Dataset(
        {name: (("record", "label"), np.stack([row[name] for row in rows], 1)) for name in rows[0]}
        | {
            "steps_needed": ("label", passed, steps),
            "memorised": ("label", [memorised(m, eta, last) for m in models], steps),
            "steps_blind": ((), unseen.steps, steps),
            "blind_deviation": ((), unseen.deviation),
            "blind_loss": ("record", unseen.errors[: len(k)]),
            "slow_down": ((), passed[1] / passed[0]),
            "travel_final": ("label", [row["travel"][-1] for row in rows]),
            "test_accuracy_final": ((), rows[0]["test_accuracy"][-1]),
            "feature_change": ("label", [m.feature_change(alpha, eta, last) for m in models]),
            "label_energy": (
                ("label", "mode"),
                np.stack([model.c**2 / np.sum(model.c**2) for model in models]),
            ),
            "spectrum": ("mode", models[0].eigenvalues),
            "learned_at": ((), level),
            "tests": ((), float(len(task["y_test"]))),
            "learning_rate": ((), eta),
        },
        coords={"label": list(LABELS), "mode": np.arange(1, len(models[0].y) + 1)},
    )
