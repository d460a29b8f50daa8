"""A ring of inputs through a random net, layer by layer, and a gradient back; to be read aloud.

Step k < L takes all inputs from layer k to layer k + 1. Behind the last layer a gradient goes back
through the same matrices, one a step. No matrix is kept: each is drawn again from its key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.signal_propagation.order_chaos.params import Params
from sims.signal_propagation.order_chaos.ring import DRAWN, EVERY, POINTS, angles, circle

ACTIVATIONS = {"tanh": jnp.tanh, "erf": lax.erf, "relu": jax.nn.relu}


class State(NamedTuple):
    """What a pass through the net carries; layers are numbered from 0, the inputs, to L.

    Attributes:
        z: activities of all inputs in the deepest layer so far, (n, input).
        dz: d/dθ of those that are judged, (n, point).
        kept: their activities in every layer, (layer, n, point); 0 where they have not been.
        delta: gradients on the way back, each of length 1, (n, point).
        grown: ln of their squared length over that in the last layer, (point,).
        k: steps so far.
    """

    z: Array
    dz: Array
    kept: Array
    delta: Array
    grown: Array
    k: Array


def prepare(params: Params, seed: int) -> Task:
    """A circle of inputs u cos θ + w sin θ, and the key of all weights."""
    rng = np.random.default_rng(seed)
    u, w = circle(rng, params.width, float(params.q0))
    return {"u": u, "w": w, "key": rng.integers(0, 2**32, 2, dtype=np.uint32)}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Every layer on the way down, and again on the way back."""
    del tasks
    steps = np.arange(2 * params.depth + 1)
    return Schedule(steps, steps, 1.0)


def matrix(params: Params, key: Array, l: Array, dtype: jnp.dtype) -> tuple[Array, Array]:
    """W (n, n) and b (n, 1) from layer l to l + 1: drawn when needed, the same ones every time."""
    n, kind = params.width, params.weights
    of_w, of_b = jax.random.split(jax.random.fold_in(key, 0 * l if kind == "tied" else l))
    if kind == "orthogonal":
        W = jnp.linalg.qr(jax.random.normal(of_w, (n, n), dtype))[0]
    elif kind == "signs":
        W = jax.random.rademacher(of_w, (n, n), dtype) / np.sqrt(n).astype(dtype)
    elif kind == "sparse":
        which, sizes = jax.random.split(of_w)
        inputs = jax.random.randint(which, (n, 2), 0, n)
        drawn = jax.random.normal(sizes, (n, 2), dtype) / np.sqrt(2).astype(dtype)
        W = jnp.zeros((n, n), dtype).at[jnp.arange(n)[:, None], inputs].add(drawn)
    else:
        W = jax.random.normal(of_w, (n, n), dtype) / np.sqrt(n).astype(dtype)
    return params.sigma_w * W, params.sigma_b * jax.random.normal(of_b, (n, 1), dtype)


def readings(params: Params, z: Array, dz: Array) -> dict[str, Array]:
    """What is read in a layer: means over the ring, and what two neurons see of it.

    `length` is the mean of ln q, `difference` that of 1 - c at 1..5 steps of the eleven points,
    `stretch` that of ln |dz|² over the inputs' own; `apart` is 1 - c at 0..49 steps of the drawn
    ones, `ring` what two neurons say of them, less its mean and over the layer's √q, (input, axis).
    A difference is half the square of the gap of unit vectors: nothing cancels.
    """
    q = jnp.mean(z**2, axis=0)
    unit = z / jnp.sqrt(len(z) * q)[None]
    apart = jnp.clip(1 - unit.T @ unit, 0, 2)
    few = unit[:, ::EVERY]
    gaps = [few - jnp.roll(few, -k, axis=1) for k in range(1, POINTS // 2 + 1)]
    two = z[:2].T
    return {
        "length": jnp.mean(jnp.log(q[::EVERY])),
        "difference": jnp.stack([jnp.mean(jnp.sum(gap**2, axis=0)) / 2 for gap in gaps]),
        "stretch": jnp.mean(jnp.log(jnp.mean(dz**2, axis=0))) - jnp.log(params.q0),
        "apart": _around(apart),
        "ring": (two - jnp.mean(two, axis=0)[None]) / jnp.sqrt(jnp.mean(q)),
    }


def _around(apart: Array) -> Array:
    """Means over the ring at 0, 1, ... steps along it, up to half of it."""
    m = len(apart)
    i, steps = np.arange(m)[None], np.arange(m // 2 + 1)[:, None]
    return jnp.mean(apart[np.broadcast_to(i, (len(steps), m)), (i + steps) % m], axis=1)


def init(params: Params, task: Tensors) -> State:
    """The ring itself, and a readout whose gradient will go back."""
    n, L = params.width, params.depth
    u, w = task["u"][:, None], task["w"][:, None]
    c, s = (jnp.asarray(f(angles(DRAWN)), u.dtype)[None] for f in (np.cos, np.sin))
    z, dz = u * c + w * s, (w * c - u * s)[:, ::EVERY]
    readout = jax.random.normal(jax.random.fold_in(task["key"], L), (n, 1), z.dtype)
    readout = jnp.broadcast_to(readout / jnp.linalg.norm(readout), (n, POINTS))
    kept = jnp.zeros((L + 1, n, POINTS), z.dtype).at[0].set(z[:, ::EVERY])
    return State(z, dz, kept, readout, jnp.zeros(POINTS, z.dtype), jnp.zeros((), jnp.int32))


def step(params: Params, task: Tensors, state: State) -> State:
    """Down: z <- W φ(z) + b and dz <- W φ'(z) dz. Back: δ <- φ'(z) Wᵀ δ, rescaled to length 1.

    Both are computed at every step and one is taken: next to drawing the matrix they cost little.
    """
    phi, L, k = ACTIVATIONS[params.activation], params.depth, state.k
    is_down = k < L
    l = jnp.where(is_down, k, 2 * L - 1 - k)
    W, b = matrix(params, task["key"], l, state.z.dtype)
    h, dh = jax.jvp(phi, (state.z[:, ::EVERY],), (state.dz,))
    del h
    both = W @ jnp.concatenate([phi(state.z), dh], axis=1)
    z, dz = both[:, :DRAWN] + b, both[:, DRAWN:]
    (delta,) = jax.vjp(phi, state.kept[l])[1](W.T @ state.delta)
    squares = jnp.sum(delta**2, axis=0)
    deeper, kept = jnp.where(is_down, k + 1, L), state.kept
    kept = kept.at[deeper].set(jnp.where(is_down, z[:, ::EVERY], kept[L]))
    return State(
        jnp.where(is_down, z, state.z),
        jnp.where(is_down, dz, state.dz),
        kept,
        jnp.where(is_down, state.delta, delta / jnp.sqrt(squares)[None]),
        jnp.where(is_down, 0.0, state.grown + jnp.log(squares)),
        k + 1,
    )


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """What is read in the layer that the signal has reached, down or on its way back."""
    del task
    L, k = params.depth, state.k
    read = readings(params, state.z, state.dz)
    on_the_way_down, on_the_way_back = (
        jnp.where(is_on, 0.0, jnp.nan) for is_on in (k <= L, k >= L)
    )
    return {
        "layer_here": jnp.where(k <= L, k, 2 * L - k).astype(state.z.dtype),
        "length_here": read["length"] + on_the_way_down,
        "difference_here": read["difference"],
        "stretch_here": read["stretch"] + on_the_way_down,
        "gradient_here": jnp.mean(state.grown) + on_the_way_back,
    }


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """The ring in the deepest layer so far, as two neurons see it, and 1 - c along it."""
    del task
    read = readings(params, state.z, state.dz)
    return {name: read[name] for name in ("ring", "apart")}


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot)
