"""Training nets of every width, and how far their features have moved, to be read aloud.

The output is centred: the loss is that of f - f_0 against y, so that a large start, which differs
from net to net, does not hide what is learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.width_transfer import families, gradients
from sims.width_transfer.coordinate_check.params import Params, nets, powers
from sims.width_transfer.coordinate_check.scales import of_layers
from sims.width_transfer.nets import forward, loss
from sims.width_transfer.scales import gain, widths

EPSILON = 1e-12
"""Adam's, far below every gradient."""
ROUNDING = 1e-14
"""Changes up to this size are none."""
UNIT = 32
"""Normal numbers are drawn to one in 32, and kept as small whole numbers."""
Family = list[Array]
"""The w_1..w_(L+1) of all nets of a width, each (net, ...)."""


class State(NamedTuple):
    """Weights of every width, Adam's memory, and what the nets began with.

    Attributes:
        weights: a Family for each width.
        memory: moments of the gradients; nothing for gradient descent.
        hidden: for each width the h^1..h^L of the start, each (net, n, m).
        output: for each width f_0, (net, m).
    """

    weights: list[Family]
    memory: Any
    hidden: list[list[Array]]
    output: list[Array]


def _adam() -> Any:
    import optax

    return optax.scale_by_adam(eps=EPSILON)


def prepare(params: Params, seed: int) -> Task:
    """Digits of the data seed, even or odd, nets of the seed, and what each width does with them.

    `multipliers`, `sizes` and `rates` (width, layer) are n^-a, n^-b and eta n^-c; eta is c0 times
    the best rate of the first step at the narrowest width, the geometric mean over its nets.
    """
    X, y = families.data("digits", params.samples, families.PIXELS, 0.0, int(params.data_seed))
    task: Task = {"X": X / np.sqrt(X.shape[1]), "y": y}
    ns = widths(params.width_min, params.width_max)
    kinds = (of_layers(three, params.depth) for three in powers(params))
    a, b, c = (np.array(ns, float)[:, None] ** -np.array(kind) for kind in kinds)
    task |= {"multipliers": a, "sizes": b, "rates": c}
    task["sizes"][:, :-1] *= np.sqrt(gain(params.activation))
    rng = np.random.default_rng(seed)
    for n in ns:
        drawn = families.normals(rng, nets(params.neurons, n), X.shape[1], n, params.depth)
        whole = ([np.clip(np.rint(UNIT * z), -127, 127).astype(np.int8) for z in W] for W in drawn)
        task |= families.named([np.stack(layer) for layer in zip(*whole, strict=True)], n)
    best = [first_rate(params, task, net) for net in started(params, task, 0)]
    task["rates"] = float(params.c0) * np.exp(np.mean(np.log(best))) * c
    return task


def started(params: Params, task: Task, i: int, most: int | None = None) -> list[list[np.ndarray]]:
    """The w_l of the nets of the i-th width, or the first ones, in float64."""
    n = widths(params.width_min, params.width_max)[i]
    family = [W[:most] for W in families.of_width(task, n, params.depth)]
    return [
        [W * (size / UNIT) for W, size in zip(net, task["sizes"][i], strict=True)]
        for net in families.each(family)
    ]


def first_rate(params: Params, task: Task, net: Sequence[np.ndarray]) -> float:
    """The best rate of the first step of a net of the narrowest width; the output is centred."""
    X, y, k = task["X"], task["y"], task["multipliers"][0]
    f0 = gradients.forward(net, X, params.activation, k)[1]
    how = (params.optimizer, params.activation, k)
    phi = gradients.first_changes(net, X, y + f0, task["rates"][0], *how)
    return gradients.best_rate(y, phi.sum(axis=0))


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Every step."""
    del tasks
    steps = np.arange(int(params.steps) + 1)
    return Schedule(steps, steps, 1.0)


def matrices(weights: Family, multipliers: Array) -> Family:
    """The W_l = n^-a_l w_l, of one net or of all of a width."""
    return [k * w for k, w in zip(multipliers, weights, strict=True)]


def init(params: Params, task: Tensors) -> State:
    """The nets as they are drawn, and what they say."""
    X, size = task["X"], task["sizes"] / UNIT
    weights = [
        [s * w for s, w in zip(size[i], families.of_width(task, n, params.depth), strict=True)]
        for i, n in enumerate(widths(params.width_min, params.width_max))
    ]
    said = [
        lax.map(lambda w, k=k: forward(matrices(w, k), X, params.activation), family)
        for family, k in zip(weights, task["multipliers"], strict=True)
    ]
    memory = _adam().init(weights) if params.optimizer == "adam" else ()
    return State(weights, memory, [hidden for hidden, _ in said], [f for _, f in said])


def step(params: Params, task: Tensors, state: State) -> State:
    """W_l <- W_l - rate_l u_l, u_l the gradient, or what Adam makes of it."""
    X, y = task["X"], task["y"]

    def centred(w: Family, k: Array, f0: Array) -> Array:
        return loss(forward(matrices(w, k), X, params.activation)[1] - f0, y)

    # one net after another: products of many small matrices at once are slow on a CPU
    found: Any = [
        lax.map(lambda net, k=k: jax.grad(centred)(net[0], k, net[1]), (family, f0))
        for family, f0, k in zip(state.weights, state.output, task["multipliers"], strict=True)
    ]
    memory = state.memory
    if params.optimizer == "adam":
        found, memory = _adam().update(found, memory)
    weights = [
        [w - rate * u for w, u, rate in zip(family, change, rates, strict=True)]
        for family, change, rates in zip(state.weights, found, task["rates"], strict=True)
    ]
    return state._replace(weights=weights, memory=memory)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """How far h^1..h^L and f moved, the geometric mean over the nets of a width; the mean loss.

    A change is the root mean square over neurons and examples.
    """

    def moved(net: Any, k: Array) -> tuple[Array, Array]:
        w, before, f0 = net
        hidden, f = forward(matrices(w, k), task["X"], params.activation)
        pairs = zip([*hidden, f], [*before, f0], strict=True)
        squares = jnp.stack([jnp.mean((now - then) ** 2) for now, then in pairs])
        squares = jnp.where(squares > ROUNDING**2, squares, 0.0)
        return 0.5 * jnp.log(squares), loss(f - f0, task["y"])

    widths_ = zip(state.weights, state.hidden, state.output, strict=True)
    found = [
        lax.map(partial(moved, k=k), family)
        for family, k in zip(widths_, task["multipliers"], strict=True)
    ]
    change = jnp.stack([jnp.mean(one, axis=0) for one, _ in found])
    left = jnp.stack([jnp.mean(one) for _, one in found])
    return {"change": jnp.exp(change), "loss": left}


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe)
