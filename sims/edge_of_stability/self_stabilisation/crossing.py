"""Gradient descent up to the moment the sharpness crosses 2/η, where the experiment begins."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from sims.core import compilation, curvature, nets
from sims.core.arithmetic import theory_arithmetic
from sims.core.experiment import Task, Tensors
from sims.edge_of_stability.objective import objective, sizes

if TYPE_CHECKING:
    from sims.edge_of_stability.self_stabilisation.params import Params

LONGEST = 20_000
"""Steps after which a crossing that did not come is given up."""
SLOW_START = 64
"""First steps, in which the sharpness is looked at after every one of them."""
STRIDE = 8
"""Steps between two looks later on; the stretch that holds the crossing is walked again."""
PRODUCTS = 20
"""Lanczos steps of a look, which starts from the vector before."""


class _Place(NamedTuple):
    """w_{t+1}, w_t and w_{t-1}, (P,) each, and t."""

    ahead: Array
    w: Array
    before: Array
    t: Array


class _Walk(NamedTuple):
    """Where gradient descent is and the top eigenvector (P, 1) there.

    A stretch of steps that ends above the edge is walked again from its start, step by step.
    """

    here: _Place
    closely_until: Array
    vector: Array
    crossed: Array


def chebyshev(degree: int, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (n, 1), even on [-1, 1], and targets T_d(x) = cos(d arccos x), (n, 1)."""
    x = np.linspace(-1, 1, samples)
    return x[:, None], np.cos(degree * np.arccos(x))[:, None]


@partial(jax.jit, static_argnums=0)
def _walked(params: Params, task: Tensors, eta: Array) -> tuple[nets.Layers, Array, Array]:
    """Layers and top eigenvector (P,) at the crossing, and its step (-1: none).

    The first step whose midpoint (w_{t-1} + 2w_t + w_{t+1})/4 has λ_1 >= 2/η; w_0 at t = 0.
    """
    compilation.count_trace()
    loss = objective(params, task)
    slope, w = jax.grad(loss), nets.flattened(nets.layers(task))

    def advance(_: Any, place: _Place) -> _Place:
        ahead, w, _before, t = place
        return _Place(ahead - eta * slope(ahead), ahead, w, t + 1)

    def look(walk: _Walk) -> _Walk:
        t = walk.here.t
        n = jnp.where((t < SLOW_START) | (t < walk.closely_until), 1, STRIDE)
        here = lax.fori_loop(0, n, advance, walk.here)
        middle = 0.25 * (here.before + 2 * here.w + here.ahead)
        middle = jnp.where(here.t == 0, here.w, middle)
        product = curvature.hessian_product(loss, middle)
        fresh = curvature.warm_start(walk.vector)
        values, vector = curvature.top_eigenpairs(product, fresh, k=1, m=PRODUCTS)
        over = values[0] >= 2 / eta
        again = over & (n > 1)
        until = jnp.where(again, here.t, walk.closely_until)
        here = jax.tree.map(partial(jnp.where, again), walk.here, here)
        return _Walk(here, until, vector, over & ~again)

    def going(walk: _Walk) -> Array:
        return ~walk.crossed & (walk.here.t < LONGEST) & jnp.all(jnp.isfinite(walk.here.w))

    start = _Place(w, w, w, jnp.full((), -1, jnp.int32))
    blank = jnp.zeros_like(w)[:, None]
    begin = _Walk(start, jnp.zeros((), jnp.int32), blank, jnp.zeros((), bool))
    end = lax.while_loop(going, look, begin)
    t, u = end.here.t, end.vector[:, 0]
    u = jnp.nan_to_num(u * jnp.sign(u[jnp.argmax(jnp.abs(u))]))
    layers = nets.unflattened(end.here.w, sizes(params))
    return layers, u, jnp.where(end.crossed, t, -1)


def crossing(params: Params, seed: int) -> Task:
    """What gradient descent from one seed's weights finds where its sharpness crosses 2/η.

    The data, the weights there, their top eigenvector `u` and the step, -1 if it never comes.
    """
    return dict(
        _crossing(
            params.width,
            params.depth,
            int(params.degree),
            params.samples,
            params.dtype,
            float(params.eta),
            seed,
        )
    )


@lru_cache(maxsize=64)
def _crossing(
    width: int, depth: int, degree: int, samples: int, dtype: str, eta: float, seed: int
) -> Task:
    from sims.edge_of_stability.self_stabilisation.params import Params

    shape = Params(width=width, depth=depth, samples=samples, dtype=dtype)
    X, y = chebyshev(degree, samples)
    drawn = nets.mlp_weights(np.random.default_rng(seed), sizes(shape))
    task = {name: values.astype(dtype) for name, values in {"X": X, "y": y, **drawn}.items()}
    with compilation.persistent_cache(), theory_arithmetic():
        layers, u, step = _walked(shape, task, np.asarray(eta, dtype))
    found: Task = {"X": X, "y": y}
    for i, (W, b) in enumerate(layers, start=1):
        found[f"W{i}"], found[f"b{i}"] = np.asarray(W, float), np.asarray(b, float)
    found["u"] = np.asarray(u, float)
    found["crossing_step"] = np.array(int(step), np.int64)
    return found
