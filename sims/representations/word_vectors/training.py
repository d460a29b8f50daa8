"""Training of word embeddings on the co-occurrence of words, to be read aloud."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jax import Array

from sims.core.experiment import Task, Tensors
from sims.core.schedule import Schedule
from sims.representations.word_vectors import corpora, theory
from sims.representations.word_vectors.params import Params, how_many


def prepare(params: Params, seed: int) -> Task:
    """What words mean by their company, M, its modes to be watched, and small random vectors."""
    corpus = corpora.of(params)
    M, seen = theory.target(corpus.counts)
    lam, U = theory.modes(M)
    scale = float(params.alpha) * np.sqrt(lam[0] / (len(M) * params.dim))
    return {
        "target": M,
        "pair_weights": seen if params.weights == "frequency" else np.ones_like(M),
        "modes": U[:, : how_many(params, lam)],
        "kind": corpus.kind,
        "W": scale * np.random.default_rng(seed).standard_normal((len(M), params.dim)),
        "eta": np.array(float(params.eta_lambda1) / lam[0]),
    }


def schedule(params: Params, tasks: Sequence[Task]) -> Schedule:
    """240 even records, until the slowest mode of all seeds is predicted to be learned."""
    del params
    return Schedule.until(max(theory.of_task(task) for task in tasks))


def init(params: Params, task: Tensors) -> Array:
    """The vectors of all words, W (word, dim)."""
    del params
    return task["W"]


def step(params: Params, task: Tensors, W: Array) -> Array:
    """W <- W - η (Z - M) W, Z = W Wᵀ; word2vec's own loss has 2 tanh(Z/2) in place of Z."""
    Z = W @ W.T
    said = Z if params.loss_kind == "quadratic" else 2 * jnp.tanh(Z / 2)
    return W - task["eta"] * (task["pair_weights"] * (said - task["target"])) @ W


def observe(params: Params, task: Tensors, W: Array) -> dict[str, Array]:
    """Strength |Wᵀu_k|² of every mode, and the quadratic loss |W Wᵀ - M|²/4."""
    del params
    return {
        "loss": jnp.sum((W @ W.T - task["target"]) ** 2) / 4,
        "strengths": jnp.sum((task["modes"].T @ W) ** 2, axis=1),
    }


def snapshot(params: Params, task: Tensors, W: Array) -> dict[str, Array]:
    """Where every word stands along every mode, W Wᵀu_k/√s_k, (word, mode)."""
    del params
    along = task["modes"].T @ W
    size = jnp.sqrt(jnp.sum(along**2, axis=1))
    return {"places": W @ (along / size[:, None]).T}
