"""Training of a real network on digits or a mixture, to be read aloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import Schedule, even
from sims.neural_collapse import collapse, picture
from sims.neural_collapse.real_network.params import Params

EVEN, SPREAD = 70, 30
"""Records evenly spaced in steps, and as many more in their logarithm."""
SHOTS = 50
SHOT_NUMBERS = 500_000
"""Numbers that all snapshots of the features may have together."""
LAST_SHARE = 1e-3
"""Learning rate at the end of the cosine, over that at the start."""

Weights = Mapping[str, Mapping[str, Array]]


class State(NamedTuple):
    """Weights as the network names them, the optimiser's memory, and the steps done."""

    weights: Weights
    memory: Any
    step: Array


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Even records and log-spaced ones; up to 50 snapshots, half of them either way."""
    steps = int(filled(params.steps))
    records = np.unique(
        [*even(steps, EVEN), *np.round(np.geomspace(1, steps, SPREAD)).astype(np.int64)]
    )
    numbers = len(tasks[0]["labels"]) * tasks[0]["ideal"].shape[1]
    most = int(np.clip(SHOT_NUMBERS // numbers, 16, SHOTS))
    wanted = np.concatenate(
        [np.linspace(0, steps, most // 2), np.geomspace(max(1, steps / 300), steps, most // 2)]
    )
    nearest = np.argmin(np.abs(records[:, None] - wanted[None, :]), axis=0)
    return Schedule(records, np.unique(nearest), 1.0)


def init(params: Params, task: Tensors) -> State:
    """The weights of the task, the memory empty."""
    import optax

    from sims.neural_collapse.real_network.network import variables

    weights = jax.tree.map(jnp.copy, variables(params, task))
    empty = jax.tree.map(jnp.zeros_like, weights)
    memory = optax.scale_by_adam().init(weights) if params.optimizer == "adam" else empty
    return State(weights, memory, jnp.zeros((), jnp.int32))


def outputs(params: Params, weights: Weights, X: Array) -> tuple[list[Array], Array]:
    """Every layer from inputs to features, and the logits."""
    from sims.neural_collapse.real_network.network import network

    return network(params).apply({"params": weights}, X)  # pyright: ignore[reportReturnType]


def data_loss(params: Params, z: Array, labels: Array) -> Array:
    """Cross-entropy, or half the squared distance to the one-hot label; a mean over samples."""
    import optax

    if params.loss_kind == "ce":
        return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(z, labels))
    onehot = jax.nn.one_hot(labels, z.shape[1], dtype=z.dtype)
    return 0.5 * jnp.mean(jnp.sum((z - onehot) ** 2, axis=1))


def objective(params: Params, weights: Weights, X: Array, labels: Array) -> Array:
    """The loss and its decay: (λ_W/2)|W|² + (λ_H K/2) mean |h_i|², or λ/2 of all weights."""
    import optax

    layers, z = outputs(params, weights, X)
    loss = data_loss(params, z, labels)
    if params.decay == "weights":
        return loss + 0.5 * params.weight_decay * optax.tree.norm(weights, squared=True)
    features = jnp.mean(jnp.sum(layers[-1] ** 2, axis=1))
    classifier = jnp.sum(weights["classifier"]["kernel"] ** 2)
    decay = (
        params.lambda_w * classifier + filled(params.lambda_h) * filled(params.classes) * features
    )
    return loss + 0.5 * decay


def step(params: Params, task: Tensors, state: State) -> State:
    """One step of Adam, or of v <- βv + g, W <- W - ηv, on a fresh batch; η falls as a cosine."""
    import optax

    X, labels = task["X"], task["labels"]
    if params.batch_size < X.shape[0]:
        key = jax.random.fold_in(jax.random.wrap_key_data(task["key"]), state.step)
        batch = jax.random.randint(key, (params.batch_size,), 0, X.shape[0])
        X, labels = X[batch], labels[batch]
    g = jax.grad(objective, argnums=1)(params, state.weights, X, labels)
    if params.optimizer == "adam":
        g, memory = optax.scale_by_adam().update(g, state.memory)
    else:
        g = memory = jax.tree.map(lambda v, x: params.momentum * v + x, state.memory, g)
    done = state.step.astype(X.dtype) / jnp.asarray(filled(params.steps), X.dtype)
    share = LAST_SHARE + (1 - LAST_SHARE) * 0.5 * (1 + jnp.cos(jnp.pi * done))
    eta = filled(params.eta) * share
    weights = jax.tree.map(lambda w, x: w - eta * x, state.weights, g)
    return State(weights, memory, state.step + 1)


def classifier(params: Params, weights: Weights) -> tuple[Array, Array]:
    """W (class, d) and b (class,)."""
    head = weights["classifier"]
    W = head["kernel"].T
    return W, head["bias"] if params.bias else jnp.zeros(W.shape[0], W.dtype)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss, objective, accuracies, eigenvalues of W Wᵀ and the collapse metrics."""
    weights, labels = state.weights, task["labels"]
    layers, z = outputs(params, weights, task["X"])
    z_test = outputs(params, weights, task["X_test"])[1]
    W, b = classifier(params, weights)
    onehot = jax.nn.one_hot(labels, W.shape[0], dtype=W.dtype)
    return {
        "loss": data_loss(params, z, labels),
        "objective": objective(params, weights, task["X"], labels),
        "train_accuracy": jnp.mean((jnp.argmax(z, axis=1) == labels) * 1.0),
        "test_accuracy": jnp.mean((jnp.argmax(z_test, axis=1) == task["labels_test"]) * 1.0),
        "classifier_eigenvalues": jnp.linalg.svd(W, compute_uv=False)[: W.shape[0]] ** 2
        if W.shape[1] >= W.shape[0]
        else jnp.pad(jnp.linalg.svd(W, compute_uv=False) ** 2, (0, W.shape[0] - W.shape[1])),
        **collapse.measured(layers[-1], onehot, W, b, task["minority"]),
    }


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """The picture, classifier cosines, and the separation D of every layer."""
    layers, _ = outputs(params, state.weights, task["X"])
    W, _ = classifier(params, state.weights)
    onehot = jax.nn.one_hot(task["labels"], W.shape[0], dtype=W.dtype)
    H = layers[-1]
    seen = picture.seen(H, collapse.class_means(H, onehot), W, task)
    return seen | {
        "classifier_cosines": collapse.cosines_between(W),
        "layer_separation": jnp.stack([collapse.layer_separation(x, onehot) for x in layers]),
    }


def simulation(params: Params) -> Simulation[State]:
    """The four functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot)
