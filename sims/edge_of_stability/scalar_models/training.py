"""Gradient descent on the exactly solvable models, to be read aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.edge_of_stability.scalar_models import theory
from sims.edge_of_stability.scalar_models.params import Params, has_two_numbers

EVERY_STEP = 2000
"""Steps up to which a run is recorded at every step."""
FILL = 1000
"""Records of a longer run between its first steps and its last."""
FIRST, LAST = 51, 64
"""Records at every step at either end of a longer run."""


class State(NamedTuple):
    """u, v (m,) of uv_network; the numbers a, b, (), of the others (b stays as it is with one).

    `limit` is the loss beyond which the run has diverged and stands still.
    """

    a: Array
    b: Array
    limit: Array


def prepare(params: Params, seed: int) -> Task:
    """u, then v ~ N(0, 1)^m of one seed, or the numbers a, b; and the learning rate."""
    if params.model != "uv_network":
        return {
            "a": np.array(float(filled(params.a0))),
            "b": np.array(float(filled(params.b0))),
            "rate": np.array(float(filled(params.eta))),
        }
    rng = np.random.default_rng(seed)
    u, v = rng.standard_normal(params.m), rng.standard_normal(params.m)
    eta = float(params.eta_lambda0) * params.m / float(u @ u + v @ v)
    return {"u": u, "v": v, "rate": np.array(eta)}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Every step of a short run; of a long one its ends, predicted divergences and 1000 between.

    Those between are a fraction of a step from even, so that no cycle is always met in one phase.
    Time counts steps in uv_network, whose seeds have each their own learning rate.
    """
    steps = int(filled(params.steps))
    per_step = 1.0 if params.model == "uv_network" else float(filled(params.eta))
    if steps <= EVERY_STEP:
        return Schedule(np.arange(steps + 1), np.zeros(0, np.int64), per_step)
    stride = math.ceil(steps / FILL) - 1 + 0.5 * (math.sqrt(5) - 1)
    between = np.floor(np.arange(0, steps, stride)).astype(np.int64)
    hits = [theory.divergence(params, t) for t in tasks] if has_two_numbers(params) else []
    close = [d + k for d in hits if math.isfinite(d) for k in (-1, 0, 1)]
    ends = [np.arange(FIRST), np.arange(steps - LAST, steps + 1)]
    records = np.unique(np.concatenate([*ends, between, np.array(close, np.int64)]))
    return Schedule(records[records <= steps], np.zeros(0, np.int64), per_step)


def residual(params: Params, state: State) -> Array:
    """Residual f - y: f = u·v/√m, ab, a^D or (ab)²."""
    a, b = state.a, state.b
    if params.model == "uv_network":
        return jnp.dot(a, b) / math.sqrt(params.m) - params.target
    if params.model == "two_scalars":
        return a * b - 1
    if params.model == "balanced_product":
        return a**params.depth - 1
    return (a * b) ** 2 - 1


def loss(params: Params, state: State) -> Array:
    """L = r²/2."""
    return 0.5 * residual(params, state) ** 2


def init(params: Params, task: Tensors) -> State:
    """The numbers of the task, and the limit 10⁴ max(L_0, 1, m)."""
    a, b = (task["u"], task["v"]) if params.model == "uv_network" else (task["a"], task["b"])
    start = State(jnp.copy(a), jnp.copy(b), jnp.zeros_like(task["rate"]))
    size = max(1, params.m) if params.model == "uv_network" else 1
    return start._replace(limit=theory.LIMIT * jnp.maximum(loss(params, start), size))


def step(params: Params, task: Tensors, state: State) -> State:
    """One step of gradient descent; a diverged state is left as it is.

    u <- u - ηr v/√m, v <- v - ηr u/√m; a <- a - ηrb, b <- b - ηra; x <- x - ηrx^{D-1};
    x <- x - ηrxy², y <- y - ηrx²y.
    """
    a, b, eta = state.a, state.b, task["rate"]
    r = residual(params, state)
    if params.model == "uv_network":
        pull = eta * r / math.sqrt(params.m)
        new = a - pull * b, b - pull * a
    elif params.model == "two_scalars":
        new = a - eta * r * b, b - eta * r * a
    elif params.model == "balanced_product":
        new = a - eta * r * a ** (params.depth - 1), b
    else:
        new = a - eta * r * a * b**2, b - eta * r * a**2 * b
    going = 0.5 * r**2 <= state.limit
    return State(jnp.where(going, new[0], a), jnp.where(going, new[1], b), state.limit)


def curvature(params: Params, state: State) -> Array:
    """λ of `loss`: Gauss-Newton (u, v; two scalars), along the balanced line, or λ_max of 4 x 4.

    (|u|² + |v|²)/m; a² + b²; D x^{2D-2} + (D-1) r x^{D-2}; for the tied product the largest of
    -rx², -ry² and the larger eigenvalue of [[2x²y⁴ + ry², c], [c, 2x⁴y² + rx²]],
    c = 2xy(x²y² + r).
    """
    a, b = state.a, state.b
    if params.model == "uv_network":
        return (jnp.dot(a, a) + jnp.dot(b, b)) / params.m
    if params.model == "two_scalars":
        return a**2 + b**2
    r, D = residual(params, state), params.depth
    if params.model == "balanced_product":
        return D * a ** (2 * D - 2) + (D - 1) * r * a ** (D - 2)
    p = (a * b) ** 2
    xx, yy = 2 * p * b**2 + r * b**2, 2 * p * a**2 + r * a**2
    xy = 2 * a * b * (p + r)
    top = 0.5 * (xx + yy) + jnp.sqrt(0.25 * (xx - yy) ** 2 + xy**2)
    return jnp.maximum(top, jnp.maximum(-r * a**2, -r * b**2))


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss (infinite once diverged), curvature, f or the numbers; where gradient flow would end.

    From (a, b) gradient flow keeps Q = a² - b² and ends at curvature √(Q² + 4), twice that for
    the tied product.
    """
    del task
    L = loss(params, state)
    L = jnp.where(state.limit >= L, L, jnp.inf)
    seen = {"loss": L, "curvature": curvature(params, state)}
    if params.model == "uv_network":
        return {**seen, "iterate": (residual(params, state) + params.target)[None]}
    if params.model == "balanced_product":
        return {**seen, "iterate": state.a[None]}
    Q = state.a**2 - state.b**2
    tied = 2 if params.model == "tied_depth_four" else 1
    return {
        **seen,
        "iterate": jnp.stack([state.a, state.b]),
        "curvature_gradient_flow": tied * jnp.sqrt(Q**2 + 4),
    }
