"""What is known of matrix completion before its first step: the first escape, and depth one.

While the product W is small the observed entries are all residual, so the flow is that of a deep
linear network whose target is the zero-filled matrix. After the escape no closed theory is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.saddle_to_saddle import mode_laws as laws

if TYPE_CHECKING:
    from sims.saddle_to_saddle.matrix_completion.params import Params

ESCAPED = 0.1
"""Share of σ_1 at which the top singular value counts as escaped."""


def zero_filled(task: Task) -> np.ndarray:
    """The matrix with zeros for what is not observed: the target of the flow near zero."""
    return np.where(task["mask"], task["target"], 0.0)


def observed_top(task: Task) -> float:
    """σ_1 of the zero-filled matrix."""
    return float(np.linalg.norm(zero_filled(task), 2))


def starting_strength(task: Task) -> float:
    """a0_1 = |W_1 v_1 + W_2ᵀ u_1|²/4 of two factors, with u_1, v_1 of the zero-filled matrix.

    The first mode of the Gram-Schmidt rule, `mode_laws.starting_strengths`.
    """
    W1, W2 = laws.layers(task)
    U, _, Vt = np.linalg.svd(zero_filled(task))
    return float(laws.starting_strengths(W1, W2, U[:, :1], Vt[:1].T)[0])


def blow_up_time(params: Params, task: Task) -> float:
    """T* of three or more factors, from the same random numbers at unit scale."""
    alpha = filled(params.alpha)
    return laws.blow_up_time([w / alpha for w in laws.layers(task)], zero_filled(task))


def first_escape_time(params: Params, task: Task) -> float:
    """Time at which the top singular value of W reaches σ_1/10; 0 if it starts beyond.

    Two factors: ln[(0.1/0.9) σ_1/a0_1]/(2σ_1) times the clock factor ησ_1/ln(1 + ησ_1) of Euler
    steps. Three or more: T* α^{2-L} + T(0.1 σ_1), the blow-up of the homogeneous flow and the
    clock of a single deep mode, and what Euler steps lag behind it, `step_lag`. Derived here; the
    model is that of Arora et al., arXiv:1905.13655.
    Holds for: small starts.
    """
    top = observed_top(task)
    if params.depth == 2:
        with np.errstate(divide="ignore"):
            odds = np.log(ESCAPED / (1 - ESCAPED) * top / starting_strength(task))
        time = odds / (2 * top) * laws.clock_factor(filled(params.eta), np.array([top]))[0]
    else:
        clock = float(laws.depth_clock(np.asarray(ESCAPED * top), top, params.depth))
        wait = blow_up_time(params, task) * filled(params.alpha) ** (2 - params.depth)
        time = wait + clock + step_lag(params, task, wait)
    return max(0.0, float(time))


def deep_start(params: Params, task: Task, wait: float) -> float:
    """w_0 = [(L-2) σ_1 wait]^{-1/(L-2)} of the single deep mode that blows up after this wait."""
    power = params.depth - 2
    return (power * observed_top(task) * wait) ** (-1 / power)


def step_lag(params: Params, task: Task, wait: float) -> float:
    """(η/2) ln(f(w)/f(w_0)) at w = (σ_1/10)^{1/L}: the time Euler steps lose on dw/dt = f(w).

    f = σ_1 w^{L-1} is the speed of the single deep mode; what it loses is first order in η.
    """
    end = (ESCAPED * observed_top(task)) ** (1 / params.depth)
    grown = max(end / deep_start(params, task, wait), 1.0)
    return float(filled(params.eta) / 2 * (params.depth - 1) * np.log(grown))


def overlap(params: Params, task: Task) -> float:
    """Strength of the strongest later mode over that of mode 1 when mode 1 escapes; two factors.

    Each grows as |p_j|²/4 e^{2σ_j t}. Where they are alike, the top singular value of W is not that
    of mode 1 alone. The blow-up time of three or more factors is integrated with all modes: 0.
    """
    if params.depth != 2:
        return 0.0
    W1, W2 = laws.layers(task)
    U, sigma, Vt = np.linalg.svd(zero_filled(task))
    p = laws.alignments(W1, W2, U, Vt.T)
    logs = np.log(np.sum(p**2, axis=0)) + 2 * sigma * first_escape_time(params, task)
    return float(np.exp(np.max(logs[1:]) - logs[0]))


def escape_curve(params: Params, task: Task, times: np.ndarray) -> np.ndarray:
    """Top singular value of W up to the escape, NaN behind it, (record,).

    Two factors: the sigmoid of mode 1. More: the single deep mode that blows up at the same time.
    """
    top, end = observed_top(task), first_escape_time(params, task)
    if params.depth == 2:
        clock = laws.clock_factor(filled(params.eta), np.array([top]))[0]
        curve = laws.sigmoid(top, starting_strength(task), times / clock)
    else:
        wait = blow_up_time(params, task) * filled(params.alpha) ** (2 - params.depth)
        start = deep_start(params, task, wait)
        late = step_lag(params, task, wait) / end if end > 0 else 0.0
        curve = laws.deep_sigmoid(top, start**params.depth, times * (1 - late), params.depth)
    return np.where(times <= end, curve, np.nan)


def single_factor(params: Params, task: Task, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loss (record,) and W (record, size, size) of depth one, exact.

    Every observed entry closes its gap as (1 - η)^n, the others stay where they started.
    """
    (W,) = laws.layers(task)
    left = (1 - filled(params.eta)) ** np.asarray(steps, float)
    gap = np.where(task["mask"], W - task["target"], 0.0)
    return 0.5 * np.sum(gap**2) * left**2, W - (1 - left)[:, None, None] * gap


def loss(task: Task) -> float:
    """½ Σ over observed entries of (W - M)² at the start."""
    W = np.linalg.multi_dot([np.eye(len(task["target"])), *laws.layers(task)[::-1]])
    return 0.5 * float(np.sum(np.where(task["mask"], W - task["target"], 0.0) ** 2))


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """All that theory says about this run: the way to the first escape, or all of depth one."""
    times, s = schedule.record_times, np.asarray(task["spectrum"], float)
    shown = len(s) + 1
    curves = np.full((len(times), shown), np.nan)
    found: dict[str, Any] = {
        "spectrum": ("target_mode", s, {"shared": 1}),
        "observed_top": ((), observed_top(task)),
        "loss_initial": ((), loss(task)),
        "target": (("output", "input"), task["target"]),
        "mask": (("output", "input"), np.asarray(task["mask"], bool)),
    }
    if params.depth == 1:
        found["loss"] = ("record", single_factor(params, task, schedule.record_steps)[0])
        product = single_factor(params, task, schedule.snapshot_steps)[1]
        found["product"] = (("snapshot", "output", "input"), product)
    else:
        curves[:, 0] = escape_curve(params, task, times)
        found["singular_values"] = (("record", "mode"), curves)
        found["overlap"] = ((), overlap(params, task))
        found["first_escape_time"] = ((), first_escape_time(params, task), {"units": "time"})
    coords = {"mode": np.arange(1, shown + 1)}
    return xr.Dataset(found, coords=coords, attrs={"horizon": float(times[-1])})
