"""Three groups of networks that look at the same digits, to be read aloud.

Narrow ones; wide ones, asked the same; and others, as narrow as the first, asked something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.schedule import Schedule
from sims.representations.universality import images, theory
from sims.representations.universality.params import Params

GROUPS = {"narrow": "", "wide": "", "other": "_other"}
"""Names of the groups, and what the name of their target ends with."""
Weights = tuple[Array, Array]
"""W1 (net, neuron, input) and W2 (net, output, neuron) of a group."""
State = Mapping[str, Weights]


def prepare(params: Params, seed: int) -> Task:
    """Images, what each group is asked of them, and weights of every network."""
    n, d, sigma = params.images, params.components, float(params.init_scale)
    X, y = images.images(int(params.data_seed), n, d, bool(params.white))
    Y, Y_other = images.targets(y, "digits"), images.targets(y, params.other)
    task = {
        "X": X, "y": y, "Y": Y, "Y_other": Y_other,
        **moments(X, Y, Y_other),
        "eta": np.array(float(params.rate) / (1 + 2 * sigma**2)),
    }  # fmt: skip
    task["axes"] = images.dial(task["target"])
    rng = np.random.default_rng(seed)
    for group, end in GROUPS.items():
        N = params.width * (theory.WIDER if group == "wide" else 1)
        outputs = task[f"Y{end}"].shape[1]
        task[f"W1_{group}"] = sigma * rng.standard_normal((params.replicas, N, d))
        task[f"W2_{group}"] = sigma * rng.standard_normal((params.replicas, outputs, N))
    return task


def moments(X: np.ndarray, Y: np.ndarray, Y_other: np.ndarray) -> Task:
    """All that linear units see of images and targets: Z'Z/n, Y'Z/n and that of the others."""
    n = len(X)
    return {"covariance": X.T @ X / n, "target": Y.T @ X / n, "target_other": Y_other.T @ X / n}


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """61 even records until the weakest mode is fitted; places are kept at each of them."""
    last = max(theory.of_task(params, task) for task in tasks)
    steps = np.unique(np.linspace(0, last, theory.LOOKS).astype(np.int64))
    return Schedule(steps, np.arange(len(steps)), 1.0)


def init(params: Params, task: Tensors) -> State:
    """The weights of the task."""
    del params
    return {group: (task[f"W1_{group}"], task[f"W2_{group}"]) for group in GROUPS}


def hidden(params: Params, task: Tensors, W1: Array) -> Array:
    """φ(W1 z) of every image, (net, image, neuron): z itself, or √2 relu."""
    z = jnp.einsum("id,rnd->rin", task["X"], W1)
    return z if params.activation == "linear" else np.sqrt(2).astype(z.dtype) * jax.nn.relu(z)


def losses(params: Params, task: Tensors, weights: Weights, end: str) -> Array:
    """Mean over images of |y - W2 φ(W1 z)/N|²/2, (net,)."""
    W1, W2 = weights
    if params.activation == "linear":  # Y'Z/n and Z'Z/n say all of it
        P = jnp.einsum("rcn,rnd->rcd", W2, W1) / W1.shape[1]
        met = jnp.einsum("rcd,cd->r", P, task[f"target{end}"])
        return (W2.shape[1] - 2 * met + jnp.einsum("rcd,de,rce->r", P, task["covariance"], P)) / 2
    f = jnp.einsum("rin,rcn->ric", hidden(params, task, W1), W2) / W1.shape[1]
    return jnp.sum((task[f"Y{end}"][None] - f) ** 2, axis=(1, 2)) / (2 * len(task["X"]))


def descended(params: Params, task: Tensors, weights: Weights, end: str) -> Weights:
    """W <- W - η N dL/dW of a group."""
    pulls = jax.grad(lambda w: jnp.sum(losses(params, task, w, end)))(weights)
    rate = task["eta"] * weights[0].shape[1]
    W1, W2 = (w - rate * pull for w, pull in zip(weights, pulls, strict=True))
    return W1, W2


def step(params: Params, task: Tensors, state: State) -> State:
    """One step of every network, on all images."""
    return {g: descended(params, task, state[g], end) for g, end in GROUPS.items()}


def features(params: Params, task: Tensors, W1: Array) -> Array:
    """F (net, row, neuron) with K = F F'/N; less their means over images.

    Of linear units a row is an input: their kernel on the images is Z A Z'/n, and CKA that of A.
    """
    if params.activation == "linear":
        return jnp.sqrt(jnp.diag(task["covariance"]))[None, :, None] * jnp.swapaxes(W1, 1, 2)
    F = hidden(params, task, W1)
    return (F - jnp.mean(F, axis=1, keepdims=True)) / np.sqrt(F.shape[1]).astype(F.dtype)


def kernels(F: Array) -> Array:
    """K = F F'/N, (net, row, row)."""
    return jnp.einsum("rin,rjn->rij", F, F) / F.shape[2]


def alike(K: Array, L: Array, size: Array, size_too: Array) -> Array:
    """CKA of every network of one group with every one of another, (net, net)."""
    return jnp.einsum("rij,sij->rs", K, L) / jnp.sqrt(size[:, None] * size_too[None])


def over_pairs(found: Array) -> Array:
    """Mean over pairs of different networks."""
    R = found.shape[0]
    return (jnp.sum(found) - jnp.trace(found)) / (R * (R - 1))


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """CKA between networks, dimensions of their kernels, and the loss of the wide ones."""
    F = {group: features(params, task, weights[0]) for group, weights in state.items()}
    K = {group: kernels(one) for group, one in F.items()}
    size = {group: jnp.sum(one**2, axis=(1, 2)) for group, one in K.items()}
    N = F["narrow"].shape[2]
    own = jnp.sum(jnp.sum(F["narrow"] ** 2, axis=1) ** 2, axis=1) / N**2
    apart = (size["narrow"] - own) * N / (N - 1)  # |K|² from pairs of different neurons
    of_narrow, of_wide, of_other = (K[group] for group in GROUPS)

    def dimension(group: str) -> Array:
        return jnp.mean(jnp.trace(K[group], axis1=1, axis2=2) ** 2 / size[group])

    return {
        "cka_narrow": over_pairs(alike(of_narrow, of_narrow, size["narrow"], size["narrow"])),
        "cka_wide": over_pairs(alike(of_wide, of_wide, size["wide"], size["wide"])),
        "cka_other": jnp.mean(alike(of_narrow, of_other, size["narrow"], size["other"])),
        "debiased": over_pairs(alike(of_narrow, of_narrow, apart, apart)),
        "dimension_narrow": dimension("narrow"),
        "dimension_wide": dimension("wide"),
        "loss": jnp.mean(losses(params, task, state["wide"], "")),
    }


def places(params: Params, task: Tensors, W1: Array) -> Array:
    """√n times the mean over the images of each digit of K q_j, (net x digit, 2).

    q_j = Z v_j/√n with the two axes v_j of the task; turns of the neurons leave K as it is.
    """
    X = task["X"]
    own = task["y"][None] == jnp.arange(images.CLASSES)[:, None]
    share = own / jnp.maximum(jnp.sum(own, axis=1, keepdims=True), 1).astype(X.dtype)
    root = np.sqrt(len(X)).astype(X.dtype)
    F = hidden(params, task, W1)
    F = (F - jnp.mean(F, axis=1, keepdims=True)) / root
    along = jnp.einsum("rin,ia,aj->rnj", F, X, task["axes"]) / root
    found = root * jnp.einsum("ci,rin,rnj->rcj", share, F, along) / F.shape[2]
    return found.reshape(-1, 2)


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Where each narrow network, and each of the others, puts every digit."""
    return {
        "places": places(params, task, state["narrow"][0]),
        "places_other": places(params, task, state["other"][0]),
    }


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot)
