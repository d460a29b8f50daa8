"""What weight decay and momentum do to a length, and to an angle; plain numbers in.

Steady turn: Wan, Zhu, Zhang & Sun, arXiv:2006.08419; Kosson, Messmer & Jaggi, arXiv:2305.17212.
"""

from __future__ import annotations

import math

import numpy as np


def steady_turn(eta: float, lam: float, beta: float) -> float:
    """The turn a step φ, rad: cos φ = 1 - ηλ/(1+β)."""
    return math.acos(max(-1.0, 1 - eta * lam / (1 + beta)))


def decays(eta: float, lam: float, beta: float) -> float:
    """E-folds a step of a weight without gradient, ηλ/(1-β)."""
    return eta * lam / (1 - beta)


def quickness(eta: float, lam: float, beta: float) -> float:
    """The order that the balance leaves out, Y = ηλ (1+β)/(1-β)²."""
    return eta * lam * (1 + beta) / (1 - beta) ** 2


def fading(eta: float, lam: float, beta: float, steps: np.ndarray) -> np.ndarray:
    """What is left of a weight without gradient, (record,), from rest.

    c' = c + u', u' = βu - ηλc: a pendulum, damped beyond ηλ > (1 - √β)².
    """
    once = np.array([[1 - eta * lam, beta], [-eta * lam, beta]])
    at, found = np.array([1.0, 0.0]), []
    for wait in np.diff(steps, prepend=0).tolist():
        at = np.linalg.matrix_power(once, wait) @ at
        found.append(at[0])
    return np.array(found)
