"""Training of the two-layer network by full-batch gradient descent, to be read aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core import own_data, two_layer
from sims.core.experiment import Simulation, Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.lazy_rich import records, teacher
from sims.lazy_rich.two_layer_network.params import Params, on_circle

SHOWN_MODES = 5
EARLY = 60
"""First steps of which every one is recorded beyond the edge."""
NEAR_RAY = math.cos(math.radians(15))
RUNAWAY = 1e12
"""A loss this many times the first one counts as diverged."""


class State(NamedTuple):
    """The network, and what it said of the test points at the start, (n',)."""

    net: two_layer.State
    test0: Array


def prepare(params: Params, seed: int) -> Task:
    """Data of the data seed, weights of the seed, its learning rate, and its largest modes.

    `modes` (n, 5): eigenvectors of K_0 by falling eigenvalue, signed so that Uᵀy >= 0. `teacher`
    (5, 2): its rays on the circle, those it does not have NaN.

    Raises:
        ValueError: the teacher is zero on the train points, or one's own data are all alike there.
    """
    found = samples(params)
    task, model = teacher.born(
        found,
        seed,
        width=params.width,
        activation=params.activation,
        alpha=float(params.alpha),
        c=float(params.c),
        steps=int(params.steps),
    )
    task["modes"] = np.ascontiguousarray(model.modes[:, :SHOWN_MODES])
    if on_circle(params):
        task["teacher"] = np.full((len(teacher.RAYS), 2), np.nan)
        task["teacher"][: len(found.teacher)] = found.teacher
    return task


def samples(params: Params) -> teacher.Data:
    """Points and targets of the data seed.

    Of one's own data n train and at most 400 others test. X has no train mean and rms length √d,
    as on the sphere; y has no train mean and unit train rms, classes too.
    """
    n = filled(params.n)
    if not own_data.is_own(params.data):
        return teacher.data(
            int(params.data_seed),
            d=params.d,
            n=n,
            neurons=int(params.teacher_neurons),
            noise=float(params.noise),
            activation=params.activation,
        )
    own = own_data.of(params.data)
    order = np.random.default_rng(int(params.data_seed)).permutation(len(own.y))
    train, test = order[:n], order[n:][: teacher.SPHERE_TEST]
    X, y = own.scaled(train), own.y - own.y[train].mean()
    size = math.sqrt(np.mean(y[train] ** 2))
    if not size > 0:
        raise ValueError(
            f"The {n} samples to train on have all the same y: give more train points, or another "
            "data_seed."
        )
    y = y / size
    return teacher.Data(X[train], y[train], X[test], y[test], np.zeros((0, own.features)))


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """That of `records.schedule`; beyond the edge with each of the first 60 steps."""
    del tasks
    return records.schedule(int(params.steps), first=EARLY if float(params.c) > 1 else 0)


def function(params: Params, net: two_layer.State, X: Array, h0: Array) -> Array:
    """F = α (h - h_0) at the points X."""
    return params.alpha * (two_layer.output(net.W, net.a, X, params.activation) - h0)


def half_mean_square(gap: Array) -> Array:
    """|gap|²/(2n)."""
    return jnp.sum(gap**2) / (2 * gap.shape[0])


def aligned(A: Array, B: Array) -> Array:
    """⟨A, B⟩_F/(|A| |B|)."""
    return jnp.vdot(A, B) / (jnp.linalg.norm(A) * jnp.linalg.norm(B))


def centred(K: Array) -> Array:
    """The kernel of features without their mean."""
    rows = K - jnp.mean(K, axis=0)[None, :]
    return rows - jnp.mean(rows, axis=1)[:, None]


def eigenvalues(K: Array) -> Array:
    """Falling, (n,); those of a kernel that overflowed are taken for 0."""
    finite = jnp.where(jnp.isfinite(K), K, 0.0)  # LAPACK prints complaints otherwise
    return jnp.linalg.eigvalsh(finite)[::-1]


def init(params: Params, task: Tensors) -> State:
    """The weights of the task."""
    W, a = task["W"], task["a"]
    test0 = two_layer.output(W, a, task["X_test"], params.activation)
    return State(two_layer.start(W, a, task["X"], params.activation), test0)


def step(params: Params, task: Tensors, state: State) -> State:
    """One full-batch step of size η on |f - y|²/(2nα²)."""
    X, y, eta, activation = task["X"], task["y"], task["eta"], params.activation
    return state._replace(net=two_layer.step(state.net, X, y, params.alpha, eta, activation))


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Losses, how far weights and features have moved, and the kernel against K_0 and y yᵀ."""
    X, y, net, W0, a0 = task["X"], task["y"], state.net, task["W"], task["a"]
    features = partial(two_layer.features, X=X, activation=params.activation)
    now, then = features(net.W, net.a), features(W0, a0)
    K, K0, target = two_layer.kernel(now, X), two_layer.kernel(then, X), y[:, None] * y[None, :]
    loss = half_mean_square(function(params, net, X, net.h0) - y)
    tested = function(params, net, task["X_test"], state.test0)
    seen = {
        "train_loss": loss,
        "test_loss": half_mean_square(tested - task["y_test"]),
        "weight_change": two_layer.weight_change(net.W, net.a, W0, a0),
        "feature_change": two_layer.feature_change(now, then, X),
        "kernel_change": jnp.linalg.norm(K - K0) / jnp.linalg.norm(K0),
        "kernel_distance": 1 - aligned(K, K0),
        "alignment": aligned(K, target),
        "alignment_centred": aligned(centred(K), centred(target)),
        "rate_over_edge": task["eta"] * eigenvalues(K)[0] / (2 * X.shape[0]),
    }
    gone = ~(loss <= RUNAWAY * half_mean_square(y))
    return {name: jnp.where(gone, jnp.inf, value) for name, value in seen.items()}


def mass_near_teacher(params: Params, task: Tensors, net: two_layer.State) -> Array:
    """Share of Σ |a_i| |w_i| within 15 degrees of a teacher ray; of a line where φ is odd."""
    length = jnp.linalg.norm(net.W, axis=1)
    mass = jnp.abs(net.a) * length
    along = net.W @ task["teacher"].T / length[:, None]
    if params.activation != "relu":
        along = jnp.abs(along)
    return jnp.sum(jnp.where(jnp.any(along > NEAR_RAY, axis=1), mass, 0.0)) / jnp.sum(mass)


def neurons(W: Array, a: Array) -> Array:
    """|a_i| w_i and a_i, (N, 3)."""
    return jnp.concatenate([jnp.abs(a)[:, None] * W, a[:, None]], axis=1)


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Test function, residuals of the largest modes, the kernel; on the circle the neurons."""
    X, net = task["X"], state.net
    kernel = two_layer.kernel(two_layer.features(net.W, net.a, X, params.activation), X)
    seen = {
        "test_function": function(params, net, task["X_test"], state.test0),
        "mode_residuals": task["modes"].T @ (task["y"] - function(params, net, X, net.h0)),
        "kernel": kernel,
        "kernel_eigenvalues": eigenvalues(kernel),
    }
    if on_circle(params):
        seen["neurons"] = neurons(net.W, net.a)
        seen["mass_near_teacher"] = mass_near_teacher(params, task, net)
    return seen


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot, fused=True)
