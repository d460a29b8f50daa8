"""A setting's theory, and the optimiser itself, written out."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

from sims.core.arithmetic import theory_arithmetic
from sims.edge_of_stability.neural_network import growing, theory, training
from sims.edge_of_stability.neural_network.autos import resolve
from sims.edge_of_stability.neural_network.params import Params

RMSPROP_APART = 0.004
"""Most that the mean loss of RMSProp may be from its flow's at η = 2e-4: what is of first order."""


class Case:
    """Settled knobs of one seed, and what theory says of them."""

    def __init__(self, seed: int = 0, **knobs):
        params = resolve(Params(**knobs), ())
        self.task = training.prepare(params, seed)
        self.params = resolve(params, (self.task,))
        self.schedule = training.schedule(self.params, (self.task,))
        self.net = theory.net_of(self.params)
        self.records, self.shots = self.schedule.record_steps, self.schedule.snapshot_steps

    def parts(self):
        with theory_arithmetic(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(growing, "SHOWN_SECONDS", 0.0)
            grown = list(theory.predict(self.params, self.task, self.schedule))
            return [part for part in grown if isinstance(part, xr.Dataset)]


class Descent:
    """The optimiser itself, written out: every iterate, its loss, midpoints and trailing means."""

    def __init__(self, case: Case, *, dtype: str, kick: tuple[int, float] = (-1, 0.0)):
        data = {name: jnp.asarray(case.task[name], dtype) for name in ("X", "y")}
        w = jnp.asarray(theory.initial_weights(case.params, case.task), dtype)
        adaptive = case.params.optimizer == "rmsprop"
        beta2 = case.params.beta2 if adaptive else None
        go = partial(walk, case.net, data, eta=jnp.asarray(case.params.eta, dtype), beta2=beta2)
        begin, size = kick
        steps = case.schedule.steps + 1
        weights, losses, _ = go(w, count=steps + 1)
        if begin >= 0:
            at = np.asarray(weights[begin], np.float64)
            _, u = theory.spectrum_at(case.net, theory.data_of(case.task), at, k=3)
            after = go(jnp.asarray(at + size * u[:, 0], dtype), count=steps + 1)
            weights = jnp.concatenate([weights[:begin], after[0]])[: steps + 1]
            losses = jnp.concatenate([losses[:begin], after[1]])
        self.weights = np.asarray(weights, np.float64)
        bend = self.weights[:-2] - 2 * self.weights[1:-1] + self.weights[2:]
        size_of = np.concatenate([[0.0], np.sum(bend**2, axis=1) / 16])
        self.middle = np.concatenate([self.weights[:1], self.weights[1:-1] + bend / 4])
        self.mean_loss = growing.trailing_mean(np.asarray(losses, float)[:steps], case.records)
        self.oscillation = growing.trailing_mean(size_of[:steps], case.records)
        functions = [
            growing.network_function(case.net, data, self.middle[s].astype(dtype))
            for s in case.shots
        ]
        self.functions = np.stack([np.asarray(f, float) for f in functions])


@partial(jax.jit, static_argnames=("net", "count", "beta2"))
def walk(net, data, w, *, eta, beta2, count, nu=None, t=1.0):
    """Weights, loss and ν of `count` steps from w, and from ν after t - 1 steps."""

    def step(carry, _):
        w, nu, t = carry
        value, g = jax.value_and_grad(partial(net, data))(w)
        if beta2 is None:
            return (w - eta * g, nu, t + 1), (w, value, nu)
        after = beta2 * nu + (1 - beta2) * g**2
        new = w - eta * g / (jnp.sqrt(after / (1 - beta2**t)) + 1e-8)
        return (new, after, t + 1), (w, value, nu)

    start = (w, jnp.zeros_like(w) if nu is None else nu, jnp.asarray(t, w.dtype))
    return jax.lax.scan(step, start, None, length=count)[1]


def apart(a, b):
    return np.abs(a / b - 1)
