"""The whole trajectory of one hidden neuron f(x) = a w·x, in closed form.

Gradient flow on L = |a w - b|²/2 at the rates η_a, η_w conserves δ = η_w a² - η_a |w|². Source:
Kunin et al., arXiv:2406.06158. Nothing here calls the training or sees its records.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.lazy_rich import scales

if TYPE_CHECKING:
    from sims.lazy_rich.one_neuron.params import Params


class Path(NamedTuple):
    """a (t,) and w (t, d)."""

    a: np.ndarray
    w: np.ndarray


def decayed(D: float, kappa: float, rest: float, s: np.ndarray) -> np.ndarray:
    """e^{-2κs} (1 - e^{-Ds})/D, its limit s e^{-2κs} at D = 0; `rest` is 2κ + D, not negative.

    Neither sign of D overflows: 1 - e^{-x} = e^{-x} (e^x - 1).
    """
    if D == 0:
        return s * np.exp(-2 * kappa * s)
    if D > 0:
        return -np.exp(-2 * kappa * s) * np.expm1(-D * s) / D
    return np.exp(-rest * s) * np.expm1(D * s) / D


def trajectory(
    a0: float, w0: np.ndarray, b: np.ndarray, eta_a: float, eta_w: float, t: np.ndarray
) -> Path:
    """The a and w of gradient flow at times t: see `flow`."""
    return flow(a0, w0, b, eta_a, eta_w)(t)


def flow(
    a0: float, w0: np.ndarray, b: np.ndarray, eta_a: float, eta_w: float
) -> Callable[[np.ndarray], Path]:
    """The a and w of gradient flow as a function of times t.

    With g = √(η_a η_w), A = a/√η_a, W = w/√η_w, B = |b|/g, s = g²t, D = A_0² - |W_0|²,
    p = W·b/|b|, κ = √(D²/4 + B²), F = [[-D/2, B], [B, D/2]], q = (p_0, A_0), q± = (q ± Fq/κ)/2,

        (p, A)(s) = C [e^{κs} q₊ + e^{-κs} q₋],   W_⊥(s) = C e^{-Ds/2} W_⊥(0),
        C⁻² = 1 + |W_⊥|² (1 - e^{-Ds})/D + |q₊|² (e^{2κs} - 1)/2κ + |q₋|² (1 - e^{-2κs})/2κ,

    from Q' = GQ - Q|Q|²/2 for Q = (W, A): Q(s) = e^{Gs} Q_0/√(1 + ∫|e^{Gr} Q_0|² dr). q₊ and q₋ are
    orthogonal, so no two terms cancel; all is multiplied by e^{-κs} here, or it would overflow.
    """
    g = math.sqrt(eta_a * eta_w)
    size = float(np.linalg.norm(b))
    A, W, B = a0 / math.sqrt(eta_a), w0 / math.sqrt(eta_w), size / g
    toward = b / size
    p = float(W @ toward)
    across = W - p * toward
    D = float(A**2 - W @ W)
    kappa = math.hypot(D / 2, B)
    slow = 2 * B**2 / (2 * kappa + abs(D))
    rest = 2 * slow if D < 0 else 2 * kappa + D
    q = np.array([p, A])
    Fq = np.array([-D / 2 * p + B * A, B * p + D / 2 * A])
    growing, shrinking = (q + Fq / kappa) / 2, (q - Fq / kappa) / 2
    sides, up, down = across @ across, growing @ growing, shrinking @ shrinking

    def at(t: np.ndarray) -> Path:
        s = g * g * t
        once = np.exp(-2 * kappa * s)
        norm = (
            once
            + sides * decayed(D, kappa, rest, s)
            + (up + down * once) * (1 - once) / (2 * kappa)
        )
        C = 1 / np.sqrt(np.maximum(norm, np.finfo(float).tiny))
        pair = C[:, None] * (growing[None, :] + once[:, None] * shrinking[None, :])
        left = C * np.exp(-rest / 2 * s)
        w = pair[:, :1] * toward[None, :] + left[:, None] * across[None, :]
        return Path(math.sqrt(eta_a) * pair[:, 1], math.sqrt(eta_w) * w)

    return at


def step_errors(
    a0: float, w0: np.ndarray, b: np.ndarray, eta_a: float, eta_w: float, t: np.ndarray
) -> dict[str, float]:
    """Largest distances of gradient descent from the flow at times t, over dt, to first order.

    Of z = (a, w) with ż = F(z), F = (η_a w·(b - a w), η_w a (b - a w)), a step of dt leaves

        ė = F'(z) e - F'(z) F(z)/2,   e(0) = 0,   z_k = z(k dt) + dt e(k dt) + O(dt²),

    along the closed form: the global error of Euler's method (Hairer, Nørsett and Wanner, Solving
    Ordinary Differential Equations I, II.3). On a plateau it grows as the loss falls, so it is not
    of the size of one step. Of β = a w the error is a e_w + e_a w, of the loss (β - b)·e_β.
    """
    from scipy.integrate import solve_ivp

    along_the_flow = flow(a0, w0, b, eta_a, eta_w)

    def slope(at: float, e: np.ndarray) -> np.ndarray:
        path = along_the_flow(np.array([at]))
        a, w = float(path.a[0]), path.w[0]
        gap = b - a * w
        F = np.append(eta_a * (w @ gap), eta_w * a * gap)
        d = e - F / 2
        along = gap - a * w
        return np.append(
            -eta_a * (w @ w) * d[0] + eta_a * (along @ d[1:]),
            eta_w * (along * d[0] - a * a * d[1:]),
        )

    start = np.zeros(1 + len(w0))
    found = solve_ivp(slope, (0, t[-1]), start, "LSODA", t_eval=t, rtol=1e-3, atol=1e-5).y
    a, w = along_the_flow(t)
    off_a, off_w = found[0], found[1:].T
    off = a[:, None] * off_w + off_a[:, None] * w
    return {
        "step_error_beta": float(np.max(np.linalg.norm(off, axis=1))),
        "step_error_a": float(np.max(np.abs(off_a))),
        "step_error_loss": float(np.max(np.abs(np.sum((a[:, None] * w - b) * off, axis=1)))),
    }


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Loss, a, w, β = a w and δ at every record, and the fastest rate η_w a² + η_a |w|² met.

    `balance` is D/2κ = δ/√(δ² + 4 η_a η_w |b|²): 1 upstream, 0 balanced, -1 downstream;
    `step_error_...` are those of `step_errors`, in units of the quantity per unit of dt.
    """
    b = task["target"]
    eta_a, eta_w = float(params.eta_a), float(params.eta_w)
    times = schedule.record_times
    a, w = trajectory(float(task["a"]), task["w"], b, eta_a, eta_w, times)
    errors = step_errors(float(task["a"]), task["w"], b, eta_a, eta_w, times)
    beta = a[:, None] * w
    delta = eta_w * float(task["a"]) ** 2 - eta_a * float(task["w"] @ task["w"])
    size = float(np.linalg.norm(b))
    speed = eta_w * a**2 + eta_a * np.sum(w**2, axis=1)
    return xr.Dataset(
        {
            "loss": ("record", 0.5 * np.sum((beta - b) ** 2, axis=1)),
            "a": ("record", a),
            "w": (("record", "coordinate"), w),
            "beta": (("record", "coordinate"), beta),
            "conserved": ("record", np.full(len(a), delta)),
            "rate_max": ((), float(np.max(speed))),
            **{name: ((), value) for name, value in errors.items()},
            "balance": ((), scales.balance(delta, eta_a, eta_w, size)),
        },
        coords={"coordinate": np.arange(1, len(b) + 1)},
    )
