"""What is known of the cycle before it runs: the map with constants read off at the crossing.

In float64 and on the CPU. Nothing here calls the training or sees its records.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jax import Array, lax

from sims.core import compilation, curvature, nets
from sims.core.experiment import Task, Tensors
from sims.core.schedule import Schedule
from sims.edge_of_stability.objective import objective
from sims.edge_of_stability.self_stabilisation import cycle

if TYPE_CHECKING:
    from sims.edge_of_stability.self_stabilisation.params import Params

PRODUCTS = 30
SUBSTEPS = 2
"""Runge-Kutta steps of the flow in one step of descent: η λ_2/2 < 1 each."""
LONGEST = 2000
"""Steps of the map at most; a longer cycle is not looked for."""


class Local(NamedTuple):
    """What the net looks like where the map begins: λ_1, λ_2, α, b, and u (P,)."""

    sharpness: float
    second: float
    alpha: float
    b: float
    u: Array


def _without(v: Array, u: Array) -> Array:
    return v - u * (u @ v)


@partial(jax.jit, static_argnums=0)
def _top(shape: Any, task: Tensors, w: Array, near: Array) -> tuple[Array, Array]:
    """The two largest eigenvalues of the Hessian and the first eigenvector, starting near one."""
    compilation.count_trace()
    product = curvature.hessian_product(objective(shape, task), w)
    start = curvature.warm_start(near[:, None])
    values, vectors = curvature.top_eigenpairs(product, start, k=2, m=PRODUCTS)
    return values, vectors[:, 0]


@partial(jax.jit, static_argnums=0)
def _constants(shape: Any, task: Tensors, w: Array, u: Array) -> tuple[Array, Array]:
    """α = -∇L·∇S and b = |∇S|², ∇S = ∇_w(uᵀH(w)u) with u held; u-components removed."""
    compilation.count_trace()
    loss = objective(shape, task)

    def along(f: Any) -> Any:
        return lambda w: jax.jvp(f, (w,), (u,))[1]

    g = _without(jax.grad(loss)(w), u)
    dS = _without(jax.grad(along(along(loss)))(w), u)
    return -jnp.vdot(g, dS), jnp.vdot(dS, dS)


@partial(jax.jit, static_argnums=0)
def _flowed(
    shape: Any, task: Tensors, w: Array, u: Array, eta: Array, sizes: Array, steps: Array
) -> Array:
    """Weights after so many steps of η along dw/dt = -∇L - x²∇S/2 without u-components.

    x are the `sizes` (step,) of an oscillation along u, whose average pushes so. Runge-Kutta.
    """
    compilation.count_trace()
    loss = objective(shape, task)
    h = eta / SUBSTEPS
    reach, weight = jnp.array([0, 0.5, 0.5, 1]), jnp.array([1, 2, 2, 1.0]) / 6

    def along(f: Any) -> Any:
        return lambda w: jax.jvp(f, (w,), (u,))[1]

    def stage(i: Any, carry: tuple[Array, Array, Array, Array]) -> tuple[Array, ...]:
        w, slope, moved, push = carry
        at = w + h * reach[i] * slope
        pushed = jax.grad(loss)(at) + push * jax.grad(along(along(loss)))(at)
        slope = -_without(pushed, u)
        return w, slope, moved + h * weight[i] * slope, push

    def step(j: Any, w: Array) -> Array:
        push, zero = 0.5 * sizes[j] ** 2, jnp.zeros_like(w)

        def runge_kutta(_: Any, w: Array) -> Array:
            return w + lax.fori_loop(0, 4, stage, (w, zero, zero, push))[2]

        return lax.fori_loop(0, SUBSTEPS, runge_kutta, w)

    return lax.fori_loop(0, steps, step, w)


def _shape(params: Params) -> Any:
    """The knobs that shape the net alone, so that no other compiles anything."""
    return type(params)(width=params.width, depth=params.depth, samples=params.samples)


def _tensors(task: Task) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Data, and flat weights (P,) in the order of `nets.flattened`, in float64."""
    data = {n: np.asarray(task[n], float) for n in ("X", "y")}
    return data, np.concatenate([np.ravel(part) for layer in nets.layers(task) for part in layer])


def local(params: Params, task: Task) -> Local:
    """λ_1, λ_2, α, b and u of the task's weights, in float64."""
    shape, (data, w) = _shape(params), _tensors(task)
    values, u = _top(shape, data, w, np.asarray(task["u"], float))
    sharpness, second = np.asarray(values)
    alpha, b = _constants(shape, data, w, u)
    return Local(float(sharpness), float(second), float(alpha), float(b), u)


def drift(params: Params, task: Task, found: Local, steps: float) -> float:
    """ρ = [λ_1 after n steps of gradient flow - λ_1]/(ηαn) - 1, the u-component removed.

    How far the sharpening that the map freezes drifts up to its overshoot, n steps in.
    """
    if not (math.isfinite(steps) and found.alpha > 0):
        return math.nan
    later = _sharpness_after(params, task, found, np.zeros(LONGEST + 1), int(steps))
    return (later - found.sharpness) / (float(params.eta) * found.alpha * steps) - 1


def feedback_drift(
    params: Params, task: Task, found: Local, events: cycle.Events, sizes: np.ndarray
) -> float:
    """σ = (λ_1 - 2/η)/y_max - 1, λ_1 after n steps of the flow that the map's x_t pushes back.

    How far the overshoot would be off were neither ∇L nor ∇S frozen at the crossing.
    """
    if not (math.isfinite(events.overshoot_step) and found.alpha > 0):
        return math.nan
    later = _sharpness_after(params, task, found, sizes, int(events.overshoot_step))
    return (later - 2 / float(params.eta)) / events.overshoot - 1


def _sharpness_after(
    params: Params, task: Task, found: Local, sizes: np.ndarray, steps: int
) -> float:
    shape, (data, w) = _shape(params), _tensors(task)
    eta = np.asarray(float(params.eta))
    later = _flowed(shape, data, w, found.u, eta, sizes, np.asarray(steps))
    return float(np.asarray(_top(shape, data, later, found.u)[0])[0])


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """Map, formula and constants; NaN for what a crossing, α > 0 or a kick is missing for."""
    eta, kick = float(params.eta), float(params.kick)
    found = local(params, task)
    alpha, b = found.alpha, found.b
    crossed = int(task["crossing_step"]) > 0
    constants = cycle.Constants(alpha, b, found.sharpness - 2 / eta)
    n, per_cycle = schedule.steps, cycle.period(alpha, eta)
    x, y = np.full((2, n + 1), math.nan)
    events, formula = cycle.Events(math.nan, math.nan, math.nan), math.nan
    xs = np.zeros(LONGEST + 1)
    start = kick if crossed else 0.0
    if start > 0 and alpha > 0:
        xs, ys = cycle.cycle_map(constants, eta, kick, LONGEST)
        events = cycle.events(ys, per_cycle)
        drawn = 1 + min(n, cycle.one_cycle(ys, events))
        x[:drawn], y[:drawn] = xs[:drawn], ys[:drawn]
        formula = cycle.overshoot_formula(alpha, b, kick)
    level_x, level_y = cycle.level_curve(constants, start)
    data: dict[str, Any] = {
        "sharpness_gap": ("record", y),
        "displacement": ("record", x),
        "overshoot": ((), events.overshoot),
        "overshoot_formula": ((), formula),
        "overshoot_step": ((), events.overshoot_step, {"units": "steps"}),
        "return_step": ((), events.return_step, {"units": "steps"}),
        "period": ((), per_cycle, {"units": "steps"}),
        "alpha": ((), alpha),
        "b": ((), b),
        "delta": ((), cycle.delta(alpha, b)),
        "gap_initial": ((), constants.gap),
        "sharpness_second": ((), found.second),
        "edge": ((), 2 / eta, {"shared": 1}),
        "sharpening_drift": ((), drift(params, task, found, events.overshoot_step)),
        "feedback_drift": ((), feedback_drift(params, task, found, events, xs)),
        "level_displacement": ("level", level_x),
        "level_gap": ("level", level_y),
    }
    return xr.Dataset(data)
