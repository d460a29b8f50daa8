"""Interpolators of least hyperbolic entropy: where a diagonal linear network is or ends.

w = 2p sinh(Xᵀν) with Xw = y minimises Σ p_i q(w_i/p_i), q(z) = 2 - √(4 + z²) + z asinh(z/2), for
products p_i = u_i v_i of w = u² - v²: least l1 norm as p -> 0, least l2 norm as p -> ∞. Source:
Woodworth et al., arXiv:2002.09277.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

FEASIBLE = 1e-12
"""|Xw - y|/|y| at which Newton's method stops."""
ROUNDED = 1e-10
"""|Xw - y|/|y| below which rounding may keep it from getting smaller."""
SHORTEST = 1e-9
"""Share of a Newton step below which none is taken."""


class End(NamedTuple):
    """Weights w (d,) = 2p sinh(Xᵀν) and their multipliers ν (n,)."""

    weights: np.ndarray
    nu: np.ndarray


def newton(X: np.ndarray, y: np.ndarray, product: Any, nu: np.ndarray) -> End:
    """Minimum of the dual G(ν) = 2 Σ_i p_i cosh((Xᵀν)_i) - y·ν, by damped Newton from ν.

    p is one number, or that of each feature. Gradient Xw - y, Hessian X diag(2p cosh) Xᵀ.
    """
    size = float(np.linalg.norm(y))

    def value(nu: np.ndarray) -> float:
        with np.errstate(over="ignore"):
            return float(np.sum(2 * product * np.cosh(nu @ X)) - y @ nu)

    at, last = value(nu), math.inf
    for _ in range(100):
        z = nu @ X
        gap = X @ (2 * product * np.sinh(z)) - y
        off = float(np.linalg.norm(gap)) / size
        if off <= FEASIBLE or last / 2 < off < ROUNDED:
            break
        last = off
        direction = -np.linalg.solve((X * (2 * product * np.cosh(z))) @ X.T, gap)
        slope, rounding, stride = float(gap @ direction), 1e-13 * abs(at), 1.0
        while not (new := value(nu + stride * direction)) <= at + 1e-4 * stride * slope + rounding:
            stride /= 2
            if stride < SHORTEST:
                return End(2 * product * np.sinh(z), nu)
        nu, at = nu + stride * direction, new
    return End(2 * product * np.sinh(nu @ X), nu)


def warm(X: np.ndarray, w: np.ndarray, product: Any) -> np.ndarray:
    """ν of other p nearest to these weights: lstsq(Xᵀ, asinh(w/2p))."""
    return np.linalg.lstsq(X.T, np.arcsinh(w / (2 * product)), rcond=None)[0]


def path(X: np.ndarray, y: np.ndarray, scales: np.ndarray) -> Iterator[End]:
    """The interpolator of p = scale² at each of these falling scales, each from the one before."""
    end = None
    for scale in scales:
        nu = np.zeros(len(y)) if end is None else warm(X, end.weights, scale**2)
        end = newton(X, y, scale**2, nu)
        yield end
