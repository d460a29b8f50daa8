"""The ring of inputs: a circle in the space of all neurons, and the points on it."""

from __future__ import annotations

import numpy as np

POINTS = 11
"""Inputs that are judged. Odd: of an even number some are opposite, 1 - c = 2 exactly, which an odd
nonlinearity without biases keeps until rounding breaks it."""
EVERY = 9
DRAWN = EVERY * POINTS
"""Inputs of the picture; every ninth is judged."""


def circle(rng: np.random.Generator, n: int, q0: float) -> tuple[np.ndarray, np.ndarray]:
    """Two orthogonal vectors u, w of length √(n q_0), (n,) each; inputs are u cos θ + w sin θ.

    The first two neurons are √(2 q_0) times cos θ and sin θ, to order 1/√n: they see a circle.
    """
    drawn = rng.standard_normal((n, 2))
    drawn[:2] = np.sqrt(2) * np.eye(2)
    q, r = np.linalg.qr(drawn)
    u, w = (q * np.sign(np.diag(r))).T * np.sqrt(n * q0)
    return u, w


def angles(points: int) -> np.ndarray:
    """Evenly spaced angles θ, (point,)."""
    return 2 * np.pi * np.arange(points) / points


def on_the_circle(u: np.ndarray, w: np.ndarray, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and their tangents d/dθ at evenly spaced angles, (n, point) both."""
    c, s = np.cos(angles(points)), np.sin(angles(points))
    return np.outer(u, c) + np.outer(w, s), np.outer(w, c) - np.outer(u, s)


def distances(points: int) -> np.ndarray:
    """1 - cosine at 0, 1, ... steps along a ring of that many points, up to half of it."""
    return 1 - np.cos(angles(points)[: points // 2 + 1])


def degrees(points: int) -> np.ndarray:
    """The angles of these steps."""
    return 360 * np.arange(points // 2 + 1) / points
