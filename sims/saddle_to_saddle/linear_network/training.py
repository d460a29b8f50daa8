"""Training of a deep linear (or two-layer tanh, ReLU) network, to be read aloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import RECORDS, SNAPSHOTS, Schedule, even, steps_until
from sims.saddle_to_saddle.linear_network import theory
from sims.saddle_to_saddle.linear_network.params import Params, sizes, spectrum_of
from sims.saddle_to_saddle.target_maps import fixed_target

DIP_SEEDS = 8
DIP_SNAPSHOTS = 32
COARSE = 0.5
"""Spacing of the records, in units of 1/s_k, from which a jump is looked at more closely."""
NEAR = (-1.5, -0.75, -0.25, 0.25, 0.75)
"""Where, in the same units before and behind it; the first is near the first escape."""
NEAR_FIRST = np.linspace(-0.03, 0.03, 9)
"""The same for the first jump of a deep random start, in units of its wait."""
WIDE = 8_000
"""Weights of two layers from which a program that takes longer to compile runs faster."""


class State(NamedTuple):
    """Weights W_1..W_L, the gradient there, and what the optimiser remembers."""

    weights: tuple[Array, ...]
    gradient: tuple[Array, ...]
    memory: Any


def prepare(params: Params, seed: int) -> Task:
    """Draw data and initial weights of one seed, in the order U, V, O, weights, inputs."""
    rng = np.random.default_rng(seed)
    d_in, d_out = sizes(params)
    s = spectrum_of(params)
    task: Task = {}
    if params.data == "spectrum":
        U = np.linalg.qr(rng.standard_normal((d_out, len(s))))[0]
        V = np.linalg.qr(rng.standard_normal((d_in, len(s))))[0]
        task["target"] = (U * s) @ V.T
    else:
        fixed = fixed_target(params.data)
        U, V = fixed.U, fixed.V
        task["target"] = fixed.matrix
        task["irreducible"] = np.array(fixed.irreducible)
    task |= {"U": U, "V": V, "spectrum": s}
    if params.input_condition > 1:
        task["input_covariance"] = input_covariance(d_in, float(params.input_condition), rng)
    weights = initial_weights(params, U, V, rng)
    task |= {f"W{i + 1}": w for i, w in enumerate(weights)}
    if params.activation != "linear":
        task["X"] = mirrored_inputs(params.samples, d_in, rng)
    return task


def input_covariance(d_in: int, condition: float, rng: np.random.Generator) -> np.ndarray:
    """S = O diag(e) Oᵀ with e_i = cond^{-(i-1)/(d_in-1)} rescaled to sum d_in, O Haar."""
    if d_in == 1:
        return np.ones((1, 1))
    O = np.linalg.qr(rng.standard_normal((d_in, d_in)))[0]
    e = condition ** -(np.arange(d_in) / (d_in - 1))
    return (O * (e * d_in / e.sum())) @ O.T


def initial_weights(
    params: Params, U: np.ndarray, V: np.ndarray, rng: np.random.Generator
) -> list[np.ndarray]:
    """W_1 (h x d_in), W_2..W_{L-1} (h x h), W_L (d_out x h) of the chosen start."""
    alpha, h, depth = filled(params.alpha), filled(params.width), params.depth
    d_out, d_in, r = U.shape[0], V.shape[0], U.shape[1]

    def frame(rows: int, columns: int) -> np.ndarray:
        return np.linalg.qr(rng.standard_normal((rows, columns)))[0]

    if params.init == "aligned":
        frames = [V, *(frame(h, r) for _ in range(depth - 1)), U]
        return [alpha * new @ old.T for old, new in pairwise(frames)]
    if params.init == "lambda_balanced":
        R, A, B = frame(h, h), frame(d_out, h), frame(d_in, h)
        sig = alpha * np.abs(rng.standard_normal(h))
        lam = float(params.layer_imbalance)
        W1 = (R * np.sqrt(sig**2 + max(-lam, 0.0))) @ B.T
        return [W1, (A * np.sqrt(sig**2 + max(lam, 0.0))) @ R.T]
    shapes = [(h, d_in), *[(h, h)] * (depth - 2), (d_out, h)]
    return [alpha / np.sqrt(h) * rng.standard_normal(shape) for shape in shapes]


def mirrored_inputs(samples: int, d_in: int, rng: np.random.Generator) -> np.ndarray:
    """N/2 Gaussian inputs and their mirror images, whitened exactly, (N, d_in)."""
    half = rng.standard_normal((samples // 2, d_in))
    X = np.concatenate([half, -half])
    e, O = np.linalg.eigh(X.T @ X / samples)
    return X @ (O / np.sqrt(e)) @ O.T


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """240 even records, and more around predicted jumps that they would miss.

    60 even snapshots and those nearest the predicted dips.
    """
    eta = filled(params.eta)
    usual = even(steps_until(filled(params.horizon), eta), RECORDS)
    close = [n for task in tasks[:DIP_SEEDS] for n in around_jumps(params, task, usual)]
    records = np.unique([*usual, *np.round(close)]).astype(np.int64)
    shots = np.searchsorted(records, usual[even(len(usual) - 1, SNAPSHOTS)])
    extra: list[int] = []
    for task in tasks[:DIP_SEEDS]:
        extra += theory.predicted_dips(params, task, records).values()
    more = sorted(set(extra) - set(shots.tolist()))[:DIP_SNAPSHOTS]
    return Schedule(records, np.unique([*shots, *more]), eta)


def around_jumps(params: Params, task: Task, usual: np.ndarray) -> np.ndarray:
    """Steps around the predicted jumps, where even records would be further apart than a jump.

    A mode takes 2.2/s_k from a tenth to nine tenths of its strength; behind that a logarithm can no
    longer say when it passed one half.
    """
    eta, s = filled(params.eta), task["spectrum"]
    spacing = eta * float(np.max(np.diff(usual)))
    if theory.has_mode_map(params):
        times = eta * theory.jump_steps(params, task)
        wide = np.isfinite(times) & (spacing > COARSE / s)
        close = (times[wide, None] + np.array(NEAR) / s[wide, None]).ravel()
    elif params.depth > 2:
        first = theory.first_jump(params, task)
        close = first * (1 + NEAR_FIRST) if spacing > 0.005 * first else np.zeros(0)
    else:
        return np.zeros(0)
    steps = close / eta
    return steps[(steps > 0) & (steps < usual[-1])]


def product(weights: tuple[Array, ...]) -> Array:
    """W = W_L ... W_1."""
    total = weights[0]
    for w in weights[1:]:
        total = w @ total
    return total


def network_map(params: Params, task: Tensors, weights: tuple[Array, ...]) -> Array:
    """The linear map the net acts as, (d_out, d_in): W, or (1/N) Σ f(x) xᵀ of a nonlinear net."""
    if params.activation == "linear":
        return product(weights)
    X = task["X"]
    return outputs(params, weights, X).T @ X / X.shape[0]


def outputs(params: Params, weights: tuple[Array, ...], X: Array) -> Array:
    """f(x) = W_2 act(W_1 x) for every row of X, (N, d_out)."""
    act = jnp.tanh if params.activation == "tanh" else jax.nn.relu
    return act(X @ weights[0].T) @ weights[1].T


def loss(params: Params, task: Tensors, weights: tuple[Array, ...]) -> Array:
    """½ tr[(W - M) S (W - M)ᵀ], or the mean over samples of ½|f(x) - M x|²."""
    M = task["target"]
    if params.activation != "linear":
        X = task["X"]
        return 0.5 * jnp.sum((outputs(params, weights, X) - X @ M.T) ** 2) / X.shape[0]
    gap = product(weights) - M
    if "input_covariance" in task:
        return 0.5 * jnp.sum(gap * (gap @ task["input_covariance"]))
    return 0.5 * jnp.sum(gap**2)


def init(params: Params, task: Tensors) -> State:
    """Weights of the task; velocities at rest."""
    import optax

    weights = tuple(task[f"W{i + 1}"] for i in range(params.depth))
    memory: Any = ()
    if params.optimizer == "adam":
        memory = optax.scale_by_adam().init(weights)
    elif params.optimizer == "polyak":
        memory = jax.tree.map(jnp.zeros_like, weights)
    return State(weights, gradient(params, task, weights), memory)


def gradient(params: Params, task: Tensors, weights: tuple[Array, ...]) -> tuple[Array, ...]:
    """∇L, layer by layer."""
    return jax.grad(loss, argnums=2)(params, task, weights)


def step(params: Params, task: Tensors, state: State) -> State:
    """W <- W - η g; heavy ball v <- βv + g, W <- W - ηv; Adam as in optax. Then g <- ∇L(W)."""
    import optax

    g, memory = state.gradient, state.memory
    if params.optimizer == "polyak":
        g = memory = jax.tree.map(lambda v, g: params.beta * v + g, memory, g)
    elif params.optimizer == "adam":
        g, memory = optax.scale_by_adam().update(g, memory)
    weights = jax.tree.map(lambda w, g: w - params.eta * g, state.weights, g)
    return State(weights, gradient(params, task, weights), memory)


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss, mode strengths a_k = u_kᵀ W v_k, size of the gradient."""
    import optax

    W = network_map(params, task, state.weights)
    seen = {
        "loss": loss(params, task, state.weights),
        "mode_strengths": jnp.sum(task["U"] * (W @ task["V"]), axis=0),
        "gradient_norm": optax.tree.norm(state.gradient),
    }
    if params.depth > 2:
        seen["top_singular_value"] = jnp.linalg.svd(W, compute_uv=False)[0]
    return seen


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """W, its distance to every saddle, and all weights, from which more is derived."""
    W = network_map(params, task, state.weights)
    weights = "weights" if keeps_weights(params, sum(w.size for w in state.weights)) else "_weights"
    return {
        "product": W,
        "distance_to_saddle": distance_to_saddles(task, W),
        weights: jnp.concatenate([w.ravel() for w in state.weights]),
    }


def distance_to_saddles(task: Tensors, W: Array) -> Array:
    """|W - W_k|, (saddle,): Σ_{i<=k} (a_i - s_i)² + Σ_{i>k} a_i² + what lies outside the modes."""
    s, a = task["spectrum"], jnp.sum(task["U"] * (W @ task["V"]), axis=0)
    outside = jnp.sum((W - (task["U"] * a[None]) @ task["V"].T) ** 2)
    learned = jnp.concatenate([jnp.zeros_like(s[:1]), jnp.cumsum((a - s) ** 2)])
    waiting = jnp.concatenate([jnp.cumsum(a[::-1] ** 2)[::-1], jnp.zeros_like(s[:1])])
    return jnp.sqrt(learned + waiting + outside)


def singular_values(task: Task, shots: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The r largest singular values of each W, (shot, mode); NaN where W diverged."""
    W = shots["product"]
    finite = np.asarray(np.isfinite(W).all(axis=(-2, -1)))
    sigma = np.linalg.svd(np.where(finite[:, None, None], W, 0.0), compute_uv=False)
    kept = sigma[:, : task["spectrum"].shape[-1]]
    return {"singular_values": np.where(finite[:, None], kept, np.nan).astype(W.dtype)}


def keeps_weights(params: Params, count: int) -> bool:
    """Whether snapshots hold the weights themselves, for the Hessian of two-layer linear nets."""
    return (
        params.depth == 2
        and params.activation == "linear"
        and count <= theory.MOST_CURVATURE_WEIGHTS
    )


def balances(layers: Sequence[np.ndarray]) -> list[np.ndarray]:
    """D_l = W_{l+1}ᵀ W_{l+1} - W_l W_lᵀ, which gradient flow conserves, (..., h, h), l = 1..L-1."""
    return [
        new.swapaxes(-2, -1) @ new - old @ old.swapaxes(-2, -1) for old, new in pairwise(layers)
    ]


class Derived:
    """What follows from the snapshots of a task, on the host; it remembers where tasks started."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self._starts: dict[int, tuple[Task, list[np.ndarray]]] = {}

    def __call__(self, task: Task, shots: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Singular values of W, and the drift of what gradient flow conserves."""
        weights = shots["weights" if "weights" in shots else "_weights"]
        with np.errstate(over="ignore", invalid="ignore"):
            return {**singular_values(task, shots), "conserved_drift": self.drift(task, weights)}

    def drift(self, task: Task, weights: np.ndarray) -> np.ndarray:
        """max_l |D_l(t) - D_l(0)| / max(|D_l(0)|, α²), (shot,), from all weights (shot, P)."""
        start = [task[f"W{i + 1}"] for i in range(self.params.depth)]
        if id(task) not in self._starts:
            self._starts[id(task)] = task, balances([w.astype(weights.dtype) for w in start])
        parts = np.split(weights, np.cumsum([w.size for w in start])[:-1], axis=1)
        layers = [part.reshape(-1, *w.shape) for part, w in zip(parts, start, strict=True)]
        _, then = self._starts[id(task)]
        drifts = []
        for D, D_0 in zip(balances(layers), then, strict=True):
            size = max(float(np.linalg.norm(D_0)), filled(self.params.alpha) ** 2)
            drifts.append(np.linalg.norm(D - D_0, axis=(1, 2)) / size)
        return np.max(drifts, axis=0).astype(weights.dtype)


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    wide = filled(params.width) * sum(sizes(params)) >= WIDE
    return Simulation(init, step, observe, snapshot, derive=Derived(params), fused=wide)
