"""One step of every net, at one rate after another, to be read aloud.

A record is a rate: every net steps from its own start, and the loss behind the step is read. The
run's time is u, the rate over the one that the net is predicted to be best at; a step of the loop
raises it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.width_transfer import families, scales
from sims.width_transfer.nets import loss, output
from sims.width_transfer.one_step import theory
from sims.width_transfer.one_step.params import Params

OCTAVES = 3
"""Rates are tried from 2^-3 to 2^3 of the predicted one."""
PER_OCTAVE = 6
FINEST = 64
"""Steps up to the lowest rate: rates are on the grid to one in 128 there, and finer above."""


class State(NamedTuple):
    """How often the rate was raised, the start's loss of each net, and each width's step at u = 1.

    Of linear nets `step` holds f(u), the coefficients (net, L + 2, m) of a polynomial; else what
    each matrix changes by.
    """

    raised: Array
    start: Array
    step: Any


def _octaves(params: Params, X: np.ndarray, y: np.ndarray) -> tuple[int, int]:
    """Sixths of an octave below and above u = 1; a carried rate has further to go."""
    low = high = OCTAVES * PER_OCTAVE
    if params.rule == "carry":
        law = theory.wide_laws(params, X, y)
        over = PER_OCTAVE * np.log2(law[0] / law)
        low += max(0, math.ceil(over.max()))
        high += max(0, math.ceil(-over.min()))
    return low, high


def prepare(params: Params, seed: int) -> Task:
    """Data of the data seed, nets of the seed, what they say at the start, and their rates."""
    noise, data_seed = float(params.noise), int(params.data_seed)
    X, y = families.data(params.data, params.samples, params.d, noise, data_seed)
    rng = np.random.default_rng(seed)
    task, f0 = {"X": X, "y": y}, []
    for n in scales.widths(params.width_min, params.width_max):
        count = scales.nets(params.neurons, n)
        how = (params.depth, params.parameterisation, params.activation)
        W = families.drawn(rng, count, X.shape[1], n, *how)
        task |= families.named(W, n)
        f0.append(families.outputs(W, X, params.activation))
    task["f0"] = np.concatenate(f0)
    found = theory.of_families(params, X, y, task["f0"])
    task["best_rate"] = np.concatenate(theory.rates(params, found))
    low, _ = _octaves(params, X, y)
    task["raise"] = np.array(2.0 ** (-low / PER_OCTAVE) / FINEST)
    return task


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """No rate, then six an octave around the predicted one."""
    low, high = _octaves(params, tasks[0]["X"], tasks[0]["y"])
    grid = FINEST * 2.0 ** (np.arange(low + high + 1) / PER_OCTAVE)
    steps = np.concatenate([[0], np.round(grid)]).astype(np.int64)
    return Schedule(steps, np.arange(len(steps)), float(tasks[0]["raise"]))


def direction(params: Params, W: list[Array], X: Array, y: Array, rate: Array) -> list[Array]:
    """What W_l loses at u = 1: rate mu_l u_l, u_l the gradient g, or g/(|g| + epsilon) for adam."""
    gradients = jax.grad(lambda W: loss(output(W, X, params.activation), y))(W)
    if params.optimizer == "adam":  # where a gradient is exactly 0, so is its sign
        gradients = [jnp.where(g == 0, 0.0, g / (jnp.abs(g) + params.epsilon)) for g in gradients]
    how = (params.parameterisation, params.optimizer, X.shape[1], len(W[-1]), params.depth)
    return [float(mu) * rate * g for mu, g in zip(scales.multipliers(*how), gradients, strict=True)]


def along(W: list[Array], S: list[Array], X: Array) -> Array:
    """Coefficients (L + 2, m) in u of f with W - u S, for a linear net: it is a polynomial."""
    h = X.T[None]
    for one, change in zip(W, S, strict=True):
        up, down = one @ h, change @ h
        none = jnp.zeros_like(up[:1])
        h = jnp.concatenate([up, none]) - jnp.concatenate([none, down])
    return h


def _families(params: Params, task: Tensors) -> list[tuple[list[Array], Array]]:
    """Weights and rates of all nets, width by width."""
    ns = scales.widths(params.width_min, params.width_max)
    rates = jnp.split(task["best_rate"], _cuts(params))
    found: list[Any] = [families.of_width(task, n, params.depth) for n in ns]
    return list(zip(found, rates, strict=True))


def _cuts(params: Params) -> list[int]:
    """Where one width's nets end and the next one's begin."""
    ns = scales.widths(params.width_min, params.width_max)
    return np.cumsum([scales.nets(params.neurons, n) for n in ns])[:-1].tolist()


def init(params: Params, task: Tensors) -> State:
    """The step of every net at its predicted best rate, not yet taken."""
    X, y = task["X"], task["y"]

    def one(net: tuple[list[Array], Array]) -> tuple[Array, Any]:
        W, rate = net
        S = direction(params, W, X, y, rate)
        start = loss(output(W, X, params.activation), y)
        return start, along(W, S, X) if params.activation == "linear" else S

    # one net after another: products of many small matrices at once are slow on a CPU
    found = [lax.map(one, family) for family in _families(params, task)]
    start, step = zip(*found, strict=True)
    return State(jnp.zeros((), jnp.int32), jnp.concatenate(start), step)


def raise_rate(params: Params, task: Tensors, state: State) -> State:
    """The next rate; every rate is tried from the same start."""
    del params, task
    return state._replace(raised=state.raised + 1)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss behind the step over the start's, of every net and on average, and the rates."""
    X, y = task["X"], task["y"]
    u = state.raised * task["raise"]

    def behind(net: tuple[list[Array], Any]) -> Array:
        W, step = net
        if params.activation == "linear":
            return loss(u ** jnp.arange(len(step)) @ step, y)
        moved = [one - u * change for one, change in zip(W, step, strict=True)]
        return loss(output(moved, X, params.activation), y)

    nets = zip(_families(params, task), state.step, strict=True)
    many = jax.vmap if params.activation == "linear" else partial(partial, lax.map)
    ratio = jnp.concatenate([many(behind)((W, step)) for (W, _), step in nets]) / state.start
    rates = jnp.split(jnp.log(task["best_rate"]), _cuts(params))
    return {
        "loss_ratio": jnp.stack([jnp.mean(one) for one in jnp.split(ratio, _cuts(params))]),
        "net_loss_ratio": ratio,
        "rate": u * jnp.exp(jnp.stack([jnp.mean(one) for one in rates])),
    }


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, raise_rate, observe)
