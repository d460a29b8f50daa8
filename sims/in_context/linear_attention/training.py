"""Training one attention layer on linear tasks it has never seen, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Simulation, Task, Tensors
from sims.core.knobs import filled
from sims.core.schedule import Schedule
from sims.in_context.linear_attention import sequences
from sims.in_context.linear_attention.params import Params, spectrum_of

RECORDS, SNAPSHOTS = 200, 50
AVERAGED = 7 / 8
"""Part of a run behind which the mean of the weights is taken (Polyak's)."""


class State(NamedTuple):
    """The weights by name, their mean over the last eighth of the run, and the step."""

    weights: dict[str, Array]
    mean: dict[str, Array]
    t: Array


def squares(tokens: Any) -> Any:
    """Mean square matrices of sequences, sum of z z^T over all tokens, over their examples."""
    return tokens.swapaxes(1, 2) @ tokens / (tokens.shape[1] - 1)


def prepare(params: Params, seed: int) -> Task:
    """Initial weights, in the order v, k, q (or v, W), then what starts everywhere; test sequences.

    `longer_` are the sequences at other lengths, of which nothing depends on the seed.
    """
    lam, H = spectrum_of(params), params.heads
    D, alpha, rng = len(lam), filled(params.alpha), np.random.default_rng(seed)
    merged = params.attention == "merged"
    task: Task = {"lam": lam, "values": np.zeros((H, D + 1))}
    task["values"][:, D] = alpha * rng.standard_normal(H)
    if merged:
        task["key_query"] = np.zeros((H, D + 1, D + 1))
        task["key_query"][:, :D, :D] = alpha * rng.standard_normal((H, D, D))
    else:
        for name in ("keys", "queries"):
            task[name] = np.zeros((H, D + 1))
            task[name][:, :D] = alpha * rng.standard_normal((H, D))
    if params.start == "everything":
        task["values"][:, :D] = alpha * rng.standard_normal((H, D))
        labels = alpha * rng.standard_normal(H)
        if merged:
            task["key_query"][:, D, D] = labels
        else:
            task["keys"][:, D] = labels
    told = tested(params, seed)
    task |= {"test_x": told.x, "test_labels": told.labels, "test_w": told.w}
    task["strangers"] = np.array(0, np.int32)
    for n in sequences.LENGTHS:
        other = longer(params, n)
        tokens = other.tokens
        softmax = params.attention == "softmax"
        task[f"longer_{n}"] = (tokens if softmax else squares(tokens)).astype(np.float32)
        task[f"longer_asked_{n}"] = tokens[:, -1].astype(np.float32)
        task[f"longer_answers_{n}"] = other.answers.astype(np.float32)
    task["key"] = np.array([0, seed], np.uint32)
    return task


def tested(params: Params, seed: int) -> sequences.Sequences:
    """The sequences on which the loss of a run is taken."""
    lam, noise = spectrum_of(params), float(params.noise)
    return sequences.drawn((10_000, seed), params.context, lam, noise, params.inputs)


def longer(params: Params, n: int) -> sequences.Sequences:
    """Those with n examples, the same for every seed."""
    count = sequences.FEW if params.attention == "softmax" else sequences.COUNT
    lam, noise = spectrum_of(params), float(params.noise)
    return sequences.drawn((777, n), n, lam, noise, params.inputs, count)


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """Records until the last step."""
    del tasks
    eta, steps = filled(params.eta), int(filled(params.steps))
    return Schedule.until(steps * eta, eta, records=RECORDS, snapshots=SNAPSHOTS)


def init(params: Params, task: Tensors) -> State:
    """The weights of the task."""
    del params
    names = ("values", "key_query") if "key_query" in task else ("values", "keys", "queries")
    weights = {name: task[name] for name in names}
    return State(weights, weights, jnp.zeros((), jnp.int32))


def batch(params: Params, task: Tensors, t: Array) -> tuple[Array, Array]:
    """Tokens (B, N + 1, S) and clean answers (B,) of step t; no sequence comes twice.

    `strangers` gives every sequence the answer of another one.
    """
    B, N, lam = params.batch_size, params.context, task["lam"]
    D = len(lam)
    now = jax.random.fold_in(jax.random.wrap_key_data(task["key"]), t)
    drawn = jax.random.normal(now, (B, (N + 2) * D + N), lam.dtype)
    g, w, xi = jnp.split(drawn, ((N + 1) * D, (N + 2) * D), axis=1)
    g = jnp.sign(g) if params.inputs == "signs" else g
    x = g.reshape(B, N + 1, D) * jnp.sqrt(lam)[None, None]
    y = jnp.sum(x * w[:, None], axis=2)
    labels = jnp.pad(y[:, :-1] + params.noise * xi, ((0, 0), (0, 1)))
    return jnp.concatenate([x, labels[..., None]], axis=2), jnp.roll(y[:, -1], task["strangers"])


def answers(params: Params, weights: dict[str, Array], tokens: Array) -> Array:
    """What the layer says to each sequence of tokens, (sequence,)."""
    seen = tokens if params.attention == "softmax" else squares(tokens)
    return said(params, weights, seen, tokens[:, -1])


def said(params: Params, weights: dict[str, Array], seen: Array, asked: Array) -> Array:
    """The answers (sequence,) of the layer with these weights; see `layer.Attention`."""
    from sims.in_context.linear_attention.layer import Attention  # flax, for runs alone

    found = Attention(params.heads, params.attention).apply({"params": weights}, seen, asked)
    return jnp.asarray(found)


def step(params: Params, task: Tensors, state: State) -> State:
    """W <- W - eta grad of half the mean square error over a fresh batch."""
    tokens, asked = batch(params, task, state.t)

    def loss(weights: dict[str, Array]) -> Array:
        return 0.5 * jnp.mean((answers(params, weights, tokens) - asked) ** 2)

    slope = jax.grad(loss)(state.weights)
    weights = jax.tree.map(lambda w, g: w - filled(params.eta) * g, state.weights, slope)
    t = state.t + 1
    taken = jnp.maximum(t - jnp.floor(AVERAGED * filled(params.steps)), 1.0)
    mean = jax.tree.map(lambda m, w: m + (w - m) / taken, state.mean, weights)
    return State(weights, mean, t)


def matrix(weights: dict[str, Array]) -> Array:
    """U (D, D), what the layer would be if every head kept to its role."""
    v = weights["values"][:, -1]
    if "key_query" in weights:
        return jnp.einsum("h,hij->ij", v, weights["key_query"][:, :-1, :-1])
    return jnp.einsum("h,hi,hj->ij", v, weights["keys"][:, :-1], weights["queries"][:, :-1])


def observe(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """Loss on the test sequences; what of the answers no U explains; strengths U_dd lam_d a_d."""
    x, lam = task["test_x"], task["lam"]
    U, seen = matrix(state.weights), jnp.pad(task["test_labels"], ((0, 0), (0, 1)))
    tokens = jnp.concatenate([x, seen[..., None]], axis=2)
    told = answers(params, state.weights, tokens)
    beta = jnp.sum(x * seen[..., None], axis=1) / params.context
    gap = told - jnp.sum((beta @ U) * x[:, -1], axis=1)
    right = jnp.sum(x[:, -1] * task["test_w"], axis=1)
    a = 1 + (1 + (jnp.sum(lam) + params.noise**2) / lam) / params.context
    return {
        "loss": jnp.mean((told - jnp.roll(right, task["strangers"])) ** 2),
        "strengths": jnp.diagonal(U) * lam * a,
        "unexplained": jnp.sqrt(jnp.mean(gap**2) / jnp.mean(right**2)),
    }


def snapshot(params: Params, task: Tensors, state: State) -> dict[str, Array]:
    """U, and the loss at other context lengths, both of the mean weights of the end."""
    losses = []
    for n in sequences.LENGTHS:
        seen, asked = task[f"longer_{n}"], task[f"longer_asked_{n}"]
        gap = said(params, state.mean, seen, asked) - task[f"longer_answers_{n}"]
        losses.append(jnp.mean(gap**2))
    return {"matrix": matrix(state.mean), "losses_at_lengths": jnp.stack(losses)}


def simulation(params: Params) -> Simulation[State]:
    """The functions of a run; only static knobs choose code."""
    del params
    return Simulation(init, step, observe, snapshot)
