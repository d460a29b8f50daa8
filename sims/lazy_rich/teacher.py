"""The task of the lazy/rich pages: a few teacher neurons on a circle or a sphere."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sims.core import tangent_kernel, two_layer
from sims.core.experiment import Task
from sims.core.tangent_kernel import Lazy, value_and_slope

RAYS = (0.5, 2.4, 4.2, 1.4, 5.3)
"""Angles of the teacher neurons on the circle."""
SIGNS = np.array([1.0, -1.0, 1.0, -1.0, 1.0])
CIRCLE_TEST = 360
SPHERE_TEST = 400


class Data(NamedTuple):
    """X (n, d), y (n,), X_test (n', d), y_test (n',), teacher (m, d) unit rays."""

    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    teacher: np.ndarray


def data(data_seed: int, *, d: int, n: int, neurons: int, noise: float, activation: str) -> Data:
    """Y = φ(X Tᵀ) s at unit train rms; X on the circle of radius √2 (d = 2) or the sphere of √d.

    The sphere's targets lose their train mean first. The noise is drawn last; the test targets
    stay clean.

    Raises:
        ValueError: the teacher is zero on the train points.
    """
    rng = np.random.default_rng(data_seed)
    if d == 2:
        drawn = rng.uniform(0, 2 * np.pi, n)
        angles = np.concatenate([drawn, 2 * np.pi * np.arange(CIRCLE_TEST) / CIRCLE_TEST])
        points = math.sqrt(2) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        rays = np.array(RAYS[:neurons])
        teacher = np.stack([np.cos(rays), np.sin(rays)], axis=1)
    else:
        points = rng.standard_normal((n + SPHERE_TEST, d))
        points *= math.sqrt(d) / np.linalg.norm(points, axis=1, keepdims=True)
        teacher = rng.standard_normal((neurons, d))
        teacher /= np.linalg.norm(teacher, axis=1, keepdims=True)
    y = value_and_slope(points @ teacher.T, activation)[0] @ SIGNS[:neurons]
    if d > 2:
        y = y - y[:n].mean()
    size = math.sqrt(np.mean(y[:n] ** 2))
    if size == 0:
        raise ValueError(
            "The teacher is zero on the data: give more train points, another data_seed or more "
            "teacher neurons (1 to 5)."
        )
    y = y / size
    train = y[:n] + noise * rng.standard_normal(n) if noise > 0 else y[:n]
    return Data(points[:n], train, points[n:], y[n:], teacher)


def born(
    found: Data, seed: int, *, width: int, activation: str, alpha: float, c: float, steps: int
) -> tuple[Task, Lazy]:
    """The task of one seed with its own learning rate `eta`, and the linear model it comes from."""
    W, a = two_layer.initial(np.random.default_rng(seed), width, found.X.shape[1])
    model = tangent_kernel.linear_model(W, a, found.X, found.y, activation)
    task: Task = {
        "X": found.X,
        "y": found.y,
        "X_test": found.X_test,
        "y_test": found.y_test,
        "W": W,
        "a": a,
        "eta": np.asarray(model.rate(c, alpha, steps)),
    }
    return task, model


def linear_model(task: Task, activation: str) -> Lazy:
    """The linear model around the start of a task."""
    W, a, X, y = (task[name] for name in ("W", "a", "X", "y"))
    return tangent_kernel.linear_model(W, a, X, y, activation)
