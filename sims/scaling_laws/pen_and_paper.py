"""What is left of the exact averages on one line: constant rate, large t; nothing is fitted.

With s = (b - 1)/a, the sum over coefficients turned into an integral gives

    L(t) = tail + (S(t) + F_t s2)/(1 - F_t),
    S(t) = (2 eta t)^-s Gamma(s, 2 eta t (M + 1/2)^-a)/(a zeta(b)),

Gamma(s, .) the upper incomplete gamma function, M the width. Exponents as in arXiv:2405.15074,
where alpha = a/2 and 2 alpha + 2 beta = b. It fails for b near or above 2a, where noise is
forgotten more slowly, like t^-(2 - 1/a). Nothing here sees a run.
"""

from __future__ import annotations

import math

import numpy as np

from sims.scaling_laws.bisection import root
from sims.scaling_laws.problem import power_law


def _upper_gamma(s: float, x: np.ndarray) -> np.ndarray:
    from scipy.special import gamma, gammaincc

    return gamma(s) * gammaincc(s, x)


def one_line(
    a: float, b: float, width: int, noise: float, eta: float, batch_size: float, t: np.ndarray
) -> np.ndarray:
    """The mean loss after t >= 1 steps each, (record,).

    F_t = (eta^2/B) sum_j lam_j^2 (1 - rho_j^t)/(1 - rho_j), where
    rho_j = (1 - eta lam_j)^2 + eta^2 lam_j^2/B.
    """
    from scipy.special import zeta

    lam, _, tail, s2 = power_law(a, b, width, noise)
    s, t = (b - 1) / a, np.asarray(t, float)
    z = 2 * eta * t
    signal = z**-s * _upper_gamma(s, z * (width + 0.5) ** -a) / (a * zeta(b))
    x = eta * lam
    rho = (1 - x) ** 2 + x * x / batch_size
    F = (1 - rho ** t[:, None]) @ (x * x / batch_size / (1 - rho))
    return tail + (signal + F * s2) / (1 - F)


def one_curve(x: np.ndarray, s: float) -> np.ndarray:
    """Loss over its own tail of a student of any width, g(x) = 1 + s (2x)^-s Gamma(s, 2x).

    x = eta t (M + 1/2)^-a; without label noise, and but for the factor 1/(1 - F).
    """
    x = np.asarray(x, float)
    return 1 + s * (2 * x) ** -s * _upper_gamma(s, 2 * x)


def best_x(a: float, b: float) -> float:
    """Where a given compute M B t is spent best: g(x) = (1 + a)(1 - e^(-2x))."""
    s = (b - 1) / a

    def over(u: float) -> float:
        x = np.exp(np.array([u]))
        return float(((1 + a) * (1 - np.exp(-2 * x)) - one_curve(x, s))[0])

    return math.exp(root(over, -15, 10))


def best_width(
    compute: np.ndarray, a: float, b: float, eta: float, batch_size: float
) -> np.ndarray:
    """The width M* = (eta C/(B x*))^(1/(1 + a)) to which a compute C = M B t belongs."""
    C = np.asarray(compute, float)
    return (eta * C / (batch_size * best_x(a, b))) ** (1 / (1 + a))
