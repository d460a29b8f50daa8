"""What is known of the solvable models before their first step.

Gradient descent on f = u·v/√m closes on two numbers, the residual r = f - y and the curvature
λ = (|u|² + |v|²)/m. The balanced product x^D is a map of one number, with a two-cycle in closed
form for D = 2. Nothing here calls the training or sees its records.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.edge_of_stability.scalar_models import balanced, diagrams

if TYPE_CHECKING:
    from sims.edge_of_stability.scalar_models.params import Params

LIMIT = 1e4
"""A run has diverged where its loss is beyond LIMIT max(L_0, 1, m)."""
EARLY = 50
"""Steps over which loss and curvature are compared."""
NUDGE = 1e-7
"""Relative change of λ_0 whose growth says how fast rounding spreads."""


def width_and_target(params: Params) -> tuple[int, float]:
    """(m, y): two scalars are the net with m = 1, y = 1."""
    return (params.m, float(params.target)) if params.model == "uv_network" else (1, 1.0)


def two_numbers(params: Params, task: Task) -> tuple[float, float]:
    """(r, λ) at the start."""
    m, y = width_and_target(params)
    u, v = (task["u"], task["v"]) if params.model == "uv_network" else (task["a"], task["b"])
    return float(np.sum(u * v)) / math.sqrt(m) - y, float(np.sum(u**2 + v**2)) / m


def loss_limit(params: Params, r: float) -> float:
    """10⁴ max(L_0, 1, m)."""
    return LIMIT * max(0.5 * r * r, 1, width_and_target(params)[0])


def two_number_map(
    r: float, lam: float, eta: float, m: int, y: float, steps: int, limit: float
) -> tuple[np.ndarray, np.ndarray]:
    """Residual and λ at steps 0, 1, ..., both (t,), up to the first loss beyond the limit.

    r' = r(1 - ηλ) + η²r²(r + y)/m,   λ' = λ - (4η/m) r(r + y) + (η²/m) r²λ. Exact for gradient
    descent on L = (u·v/√m - y)²/2. Source: Lewkowycz et al., arXiv:2003.02218, for y = 0.
    """
    rs, lams = [r], [lam]
    for _ in range(steps):
        if not 0.5 * r * r <= limit:
            break
        pull = r * (r + y) / m
        r, lam = (
            r * (1 - eta * lam) + eta * eta * r * pull,
            lam - 4 * eta * pull + eta * eta * r * r / m * lam,
        )
        rs.append(r)
        lams.append(lam)
    return np.array(rs), np.array(lams)


def _path(params: Params, task: Task, factor: float = 1.0) -> tuple[np.ndarray, np.ndarray, float]:
    """The map from this start, λ_0 times `factor`; and the limit of its loss."""
    m, y = width_and_target(params)
    r, lam = two_numbers(params, task)
    return _mapped(
        r, lam, factor, float(task["rate"]), m, y, int(filled(params.steps)), loss_limit(params, r)
    )


@lru_cache(maxsize=64)
def _mapped(
    r: float, lam: float, factor: float, eta: float, m: int, y: float, steps: int, limit: float
) -> tuple[np.ndarray, np.ndarray, float]:
    return *two_number_map(r, lam * factor, eta, m, y, steps, limit), limit


def divergence(params: Params, task: Task) -> float:
    """First step of the map with a loss beyond 10⁴ max(L_0, 1, m), or not finite; +inf: none."""
    r, _, limit = _path(params, task)
    return math.inf if 0.5 * r[-1] * r[-1] <= limit else float(len(r) - 1)


def growth(params: Params, task: Task, steps: int) -> float:
    """G: how much a relative change of λ_0 by 1e-7 is amplified within so many steps of the map.

    max_t max(|Δr_t|/max|r|, |Δλ_t|/max|λ|)/1e-7. What it does to 1e-7 it does to rounding.
    """
    found = 0.0
    for one, other in zip(_path(params, task)[:2], _path(params, task, 1 + NUDGE)[:2], strict=True):
        n = min(len(one), len(other), steps + 1)
        gap = np.abs(one[:n] - other[:n])
        found = max(found, float(np.max(gap) / np.max(np.abs(one[:n]))) / NUDGE)
    return found


def curvatures_of_gradient_flow(task: Task, r: np.ndarray) -> np.ndarray:
    """√(Q² + 4), (t,): the curvature gradient flow would end at from step t of two scalars.

    Q = a² - b² is constant in gradient flow; a step multiplies it by 1 - η²r². Source: Kreisler et
    al., arXiv:2305.13064 (GFS sharpness).
    """
    return np.sqrt(differences(task, r) ** 2 + 4)


def differences(task: Task, r: np.ndarray) -> np.ndarray:
    """Q = a² - b² at every step of two scalars, (t,)."""
    Q0, eta = float(task["a"] ** 2 - task["b"] ** 2), float(task["rate"])
    return Q0 * np.concatenate([[1.0], np.cumprod(1 - (eta * r[:-1]) ** 2)])


def tied_curvature_of_gradient_flow(task: Task) -> float:
    """2√(Q² + 4), Q = x² - y²: the curvature of the minimum x²y² = 1 that gradient flow reaches."""
    Q = float(task["a"] ** 2 - task["b"] ** 2)
    return 2 * math.sqrt(Q * Q + 4)


def tied_curvature(task: Task) -> float:
    """Largest eigenvalue of the Hessian of (x1 x2 y1 y2 - 1)²/2 at the start, (x, x, y, y)."""
    w = np.array([task["a"], task["a"], task["b"], task["b"]], float)
    p = float(np.prod(w))
    slope = p / w
    H = np.outer(slope, slope) + (p - 1) * (p / np.outer(w, w))
    np.fill_diagonal(H, slope**2)
    return float(np.linalg.eigvalsh(H)[-1])


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """All that is known of this run."""
    eta = float(task["rate"])
    found: dict[str, Any] = {"edge": ((), 2 / eta)}
    coords: dict[str, Any] = {}
    if params.model == "balanced_product":
        more, coords = _balanced(params, eta)
    elif params.model == "tied_depth_four":
        more = _tied(task, eta)
    else:
        more, coords = _two_numbers(params, task, schedule)
    start = {name: float(task[name]) for name in ("a", "b") if name in task}
    return xr.Dataset({**found, **more}, coords=coords, attrs=start)


def _two_numbers(
    params: Params, task: Task, schedule: Schedule
) -> tuple[dict[str, Any], dict[str, Any]]:
    r, lam, limit = _path(params, task)
    diverges = divergence(params, task)
    steps, last = schedule.record_steps, len(r) - 1

    def recorded(values: np.ndarray) -> tuple[str, np.ndarray]:
        return "record", np.where(steps <= last, values[np.minimum(steps, last)], np.nan)

    found: dict[str, Any] = {
        "loss": recorded(0.5 * r**2),
        "curvature": recorded(lam),
        "divergence_step": ((), diverges, {"units": "steps"}),
        "curvature_final": ((), float(lam[-1]) if math.isinf(diverges) else math.nan),
        "growth": ((), growth(params, task, schedule.steps)),
        "growth_early": ((), growth(params, task, EARLY)),
    }
    if params.model == "uv_network":
        m, y = width_and_target(params)
        start, final, highest = diagrams.catapult(
            float(r[0]), float(lam[0]), m, y, schedule.steps, limit
        )
        found["curvature_final_curve"] = ("start", final)
        found["loss_max_curve"] = ("start", highest)
        return found, {"start": start}
    ends = curvatures_of_gradient_flow(task, r)
    found["curvature_gradient_flow"] = recorded(ends)
    found["curvature_final_gradient_flow"] = ((), float(ends[0]))
    Q = differences(task, r)
    far_a, far_b = (math.sqrt(0.5 * float(np.max(np.abs(lam + s * Q)))) for s in (1, -1))
    return found | diagrams.landscape(far_a, far_b, 1), {}


def first_loss_of_difference(task: Task) -> float:
    """η²r²x²y², the share of x² - y² that the first step of the tied product takes away."""
    p = float(task["a"] * task["b"]) ** 2
    return (float(task["rate"]) * (p - 1)) ** 2 * p


def _tied(task: Task, eta: float) -> dict[str, Any]:
    ends = tied_curvature_of_gradient_flow(task)
    final = min(ends, 2 / eta)
    return {
        "curvature_final": ((), final),
        "curvature_final_gradient_flow": ((), ends),
        "curvature_initial": ((), tied_curvature(task)),
        **diagrams.landscape(*_reach(task, final), 2),
    }


def _reach(task: Task, final: float) -> tuple[float, float]:
    """The larger of |x|, |y| at the start and at the minimum of that curvature, 2(x² + 1/x²)."""
    half = max(final / 2, 2.0)
    far = math.sqrt(0.5 * (half + math.sqrt(half * half - 4)))
    x, y = abs(float(task["a"])), abs(float(task["b"]))
    ends = (far, 1 / far) if x >= y else (1 / far, far)
    return max(x, ends[0]), max(y, ends[1])


def _balanced(params: Params, eta: float) -> tuple[dict[str, Any], dict[str, Any]]:
    D, a0 = params.depth, float(filled(params.a0))
    points = balanced.orbit(eta, D)
    found: dict[str, Any] = {
        "orbit": ("point", points, {"shared": 1}),
        "loss_orbit": ((), float(np.mean((points**D - 1) ** 2) / 2), {"shared": 1}),
        "multiplier": ((), balanced.multiplier(eta, D), {"shared": 1}),
        "flip_eta": ((), balanced.flip(D), {"shared": 1}),
        "escape_steps": ((), balanced.escape_steps(a0, eta, D), {"shared": 1, "units": "steps"}),
    }
    branch, products = balanced.branches(D)
    visits = balanced.attractor(D, a0)
    found |= {
        "attractor": (("rate", "visit"), visits, {"shared": 1}),
        "branch": (("rate", "end"), branch, {"shared": 1}),
        "branch_multiplier": ("rate", products, {"shared": 1}),
    }
    if D == 2:
        marks = np.array([1, math.sqrt(5) - 1, 1.5 * math.sqrt(3) - 1, 2])
        found["landmarks"] = ("landmark", marks, {"shared": 1})
    names = ["flip", "period four", "signs merge", "divergence"]
    coords = {"point": np.arange(1, len(points) + 1), "rate": balanced.RATES * balanced.flip(D)}
    return found, coords | ({"landmark": np.array(names, object)} if D == 2 else {})
