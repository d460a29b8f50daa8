from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import compilation, nets
from sims.core.nets.modules import MLP
from sims.edge_of_stability.neural_network import gradient_flow as flow

SIZES = (1, 6, 1)
RATE = 0.3


@dataclass(frozen=True)
class Regression:
    """½ mean square error of a small tanh net."""

    def __call__(self, data: Any, w: jax.Array) -> jax.Array:
        out = nets.apply(MLP(SIZES[1:], "tanh"), SIZES[0], w, data[0])
        return jnp.mean((out - data[1]) ** 2) / 2


LOSS = Regression()
value = jax.jit(LOSS)
gradient = jax.jit(jax.grad(LOSS, argnums=1))
hessian = jax.jit(jax.hessian(LOSS, argnums=1))


@pytest.fixture(scope="module")
def data():
    x = np.linspace(-1, 1, 12)[:, None]
    return jnp.asarray(x), jnp.asarray(np.cos(3 * np.arccos(x)))


@pytest.fixture(scope="module")
def w():
    drawn = nets.mlp_weights(np.random.default_rng(0), SIZES)
    return np.concatenate([1.5 * v.ravel() for v in drawn.values()])


def after(data, w, due, rate=RATE, **options):
    return flow.advanced(LOSS, data, flow.beginning(w, 2), rate=rate, due=due, m=8, **options)


def test_runge_kutta_lands_on_an_adaptive_solver(data, w):
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(lambda _, y, args: -RATE * gradient(args, y)),
        diffrax.Tsit5(),
        0.0,
        40.0,
        0.1,
        jnp.asarray(w),
        args=data,
        stepsize_controller=diffrax.PIDController(rtol=1e-10, atol=1e-12),
        max_steps=100_000,
    )
    assert solution.ys is not None
    found = after(data, w, np.arange(40) % 5 == 0)
    np.testing.assert_allclose(found.w, solution.ys[0], atol=2e-5)  # RK4 at the default step


def test_spectrum_is_that_of_the_dense_hessian(data, w):
    found = after(data, w, np.ones(3, bool))
    for i in range(3):
        at = jnp.asarray(found.weights[i])
        exact = np.linalg.eigvalsh(hessian(data, at))[::-1][:2]
        np.testing.assert_allclose(found.records[i], exact, rtol=1e-6)


def test_descent_is_the_plain_update(data, w):
    found = after(data, w, np.zeros(10, bool), rule=flow.DESCENT)
    at = jnp.asarray(w)
    for i in range(10):
        np.testing.assert_allclose(found.weights[i], at, atol=1e-14)
        np.testing.assert_allclose(found.losses[i], value(data, at), rtol=1e-12)
        at = at - RATE * gradient(data, at)
    np.testing.assert_allclose(found.w, at, atol=1e-14)


def test_a_rate_far_beyond_the_edge_does_not_blow_up(data, w):
    found = after(data, w, np.arange(30) % 10 == 0, rate=50.0)
    losses = np.asarray(found.losses)[:30]
    assert np.isfinite(losses).all()
    assert np.all(np.diff(losses) <= 1e-9 * losses[:-1])
    fine = flow.beginning(w, 2)
    for _ in range(30):  # the same flow in fifty times as many steps
        fine = flow.advanced(LOSS, data, fine, rate=1.0, due=np.ones(50, bool), m=8)
    np.testing.assert_allclose(value(data, found.w), value(data, fine.w), rtol=1e-3)


def test_a_spectrum_seen_too_late_is_caught_by_the_climbing_loss(data, w):
    """Without any record the step is a single one however stiff: the guard refines it."""
    found = after(data, w, np.zeros(20, bool), rate=8.0)
    losses = np.asarray(found.losses)[:20]
    assert np.isfinite(losses).all()
    assert np.all(np.diff(losses) <= 1e-9 * losses[:-1])


@pytest.mark.parametrize("sizes", [(20,), (4,) * 5, (8, 4, 8), (16, 4)])
@pytest.mark.parametrize("rate", [0.1, 8.0, 50.0, 2000.0])
def test_pieces_of_any_length_are_the_same_flow(data, w, sizes, rate):
    due = np.arange(20) % 4 == 0
    whole = after(data, w, due, rate=rate)
    piece, seen, at = flow.beginning(w, 2), [], 0
    for size in sizes:
        piece = flow.advanced(LOSS, data, piece, rate=rate, due=due[at : at + size], m=8)
        seen.append(piece)
        at += size
    np.testing.assert_array_equal(piece.w, whole.w)
    for name in flow.SEEN:
        parts = np.concatenate([np.asarray(getattr(p, name)) for p in seen])
        np.testing.assert_array_equal(parts, getattr(whole, name))


def test_what_cannot_be_helped_is_nan_from_there_on(data, w, monkeypatch):
    monkeypatch.setattr(flow, "REFINEMENTS", 1)
    found = after(data, w, np.zeros(20, bool), rate=100.0)
    losses = np.asarray(found.losses)
    assert losses.shape == (20,)
    good = int(np.isfinite(losses).sum())
    assert 1 <= good < 20
    assert np.isfinite(losses[:good]).all()
    assert np.isnan(np.asarray(found.w)).all()
    then = flow.advanced(LOSS, data, found, rate=100.0, due=np.zeros(3, bool), m=8)
    assert np.isnan(np.asarray(then.losses)).all()


def test_sharpening_is_the_rate_of_the_top_eigenvalue(data, w):
    """α without the u-component of the force is how fast λ_1 moves along the rest of it."""
    found = after(data, w, np.ones(1, bool))
    u = found.vectors[:, 0]
    alpha, b = flow.sharpening(LOSS, data, jnp.asarray(w), u)

    def top(at):
        return np.linalg.eigvalsh(hessian(data, jnp.asarray(at)))[-1]

    h = 1e-5
    slope = np.array([(top(w + h * e) - top(w - h * e)) / (2 * h) for e in np.eye(len(w))])
    g = np.asarray(gradient(data, jnp.asarray(w)))
    along = np.asarray(u)
    slope, g = (x - along * (along @ x) for x in (slope, g))
    np.testing.assert_allclose(alpha, -(g @ slope), rtol=1e-5)
    np.testing.assert_allclose(b, slope @ slope, rtol=1e-5)


def test_another_rate_or_length_compiles_nothing(data, w):
    after(data, w, np.ones(3, bool))
    known = compilation.traces()
    after(data, 2 * w, np.zeros(7, bool), rate=0.01)
    after(data, w, np.zeros(2, bool), rate=0.2, rule=flow.DESCENT)
    assert compilation.traces() == known
