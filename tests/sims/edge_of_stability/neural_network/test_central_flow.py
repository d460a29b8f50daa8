from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import compilation
from sims.edge_of_stability.neural_network import central_flow as flow

ETA = 0.1
FORCE = (0.3, 0.2)


@dataclass(frozen=True)
class Valleys:
    """½ Σ y_i x_i² - Σ c_i y_i: valleys whose curvatures y_i grow at the rates c_i.

    At x = 0 the eigenvalues are y_i, the rest of the Hessian is zero, and their gradients are the
    unit vectors of y: α_i = c_i, b_i = 1, so that the oscillation has variance 2c_i each.
    """

    def __call__(self, data: Any, w: Any) -> Any:
        z = data @ w
        n = w.shape[0] // 2
        return jnp.sum(z[n:] * z[:n] ** 2) / 2 - jnp.sum(jnp.asarray(FORCE)[:n] * z[n:])


def followed(start, *, critical, steps=60, turn=None, beta2=None, loss=None):
    """The flow from x = 0 and curvatures `start`, in turned coordinates."""
    n = len(start)
    turn = np.eye(2 * n) if turn is None else turn
    w = turn.T @ np.concatenate([np.zeros(n), start])
    state = flow.beginning(w, critical=critical, tracked=critical)
    paths = []
    for _ in range(steps // 20):
        state, path = flow.advanced(
            Valleys(), jnp.asarray(turn), state, eta=ETA, beta2=beta2, count=20, m=2 * n
        )
        paths.append(path)
    return flow.Path(*(np.concatenate(part) for part in zip(*paths, strict=True)))


def test_below_the_edge_it_is_gradient_flow():
    path = followed([5.0], critical=1)
    np.testing.assert_allclose(path.values[:, 0] / ETA, 5 + ETA * FORCE[0] * np.arange(60))
    assert np.all(path.variance == 0)
    np.testing.assert_allclose(path.loss, path.flow_loss)


def test_one_valley_stays_at_the_edge_and_oscillates_by_the_closed_form():
    """σ² = 2α/b and a mean loss L + σ²/η at λ_1 = 2/η."""
    path = followed([2 / ETA - 0.5], critical=1)
    there = slice(30, None)
    np.testing.assert_allclose(path.values[there, 0], 2.0, atol=1e-12)
    np.testing.assert_allclose(path.variance[there], 2 * FORCE[0], rtol=1e-9)
    np.testing.assert_allclose((path.loss - path.flow_loss)[there], 2 * FORCE[0] / ETA, rtol=1e-9)
    assert np.max(path.values) <= 2 + 1e-12


@dataclass(frozen=True)
class Once(Valleys):
    """Valleys of its own, which compile anew, for steps of one substep."""


@pytest.mark.parametrize("critical", [2, 3])
def test_two_valleys_are_put_back_on_the_edge_within_one_substep(critical, monkeypatch):
    """Σ_i = 2[c_i + (λ_i - 2)/(dt η²)] in units of P⁻¹H, whatever the coordinates."""
    monkeypatch.setattr(flow, "SUBSTEPS", 1)
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))
    start = np.array([2 / ETA + 0.005, 2 / ETA + 0.002])
    state = flow.beginning(turn.T @ [0, 0, *start], critical=critical, tracked=critical)
    after, path = flow.advanced(Once(), jnp.asarray(turn), state, eta=ETA, beta2=None, count=1, m=4)
    excess = (ETA * start - 2) / ETA**2
    np.testing.assert_allclose(path.variance[0], 2 * np.sum(FORCE + excess), rtol=1e-8)
    np.testing.assert_allclose((turn @ after.w)[2:], 2 / ETA, rtol=1e-12)


@pytest.mark.parametrize("start", [(20.0, 20.0), (20.0, 19.9), (20.01, 20.0)])
def test_two_valleys_of_which_one_may_oscillate_take_turns_and_are_seen_in_turn(start):
    """Each oscillates as widely as if both might: 2Σα/b is seen of a step, whoever began it."""
    path = followed(start, critical=1)
    there = slice(20, None)
    np.testing.assert_allclose(path.variance[there], 2 * np.sum(FORCE), rtol=1e-6)
    raised = (path.loss - path.flow_loss)[there]
    np.testing.assert_allclose(raised, 2 * np.sum(FORCE) / ETA, rtol=2e-3)
    assert np.all(np.ptp(path.weights[there, 2:], axis=0) < 0.04)  # both stay at the edge


def test_rmsprop_holds_the_preconditioned_sharpness_at_the_edge():
    """λ = y/P with P = sqrt(ν̂)/η moving: ν decays unless the oscillation renews it."""
    beta2, t = 0.9, 50.0
    edge = 2 / ETA / np.sqrt(1 - beta2**t)
    state = flow.beginning(np.array([0.0, edge]), critical=1, tracked=1)
    state = state._replace(nu=jnp.array([1.0, 1.0]), step=jnp.asarray(t))
    _, path = flow.advanced(Valleys(), jnp.eye(2), state, eta=ETA, beta2=beta2, count=20, m=2)
    np.testing.assert_allclose(path.values[:, 0], 2, atol=2e-3)  # second order in the substep
    y, steps = path.weights[:, 1], t + np.arange(20)
    nu = (ETA * y / 2) ** 2 * (1 - beta2**steps)
    renewed = nu + np.gradient(nu) * beta2 / (1 - beta2)  # = (yσ)²: all of g² is oscillation
    np.testing.assert_allclose(path.variance[2:-2], (renewed / y**2)[2:-2], rtol=0.01)


def test_another_rate_compiles_nothing():
    followed([5.0], critical=1, steps=20)
    known = compilation.traces()
    state = flow.beginning(np.array([0.0, 3.0]), critical=1, tracked=1)
    flow.advanced(Valleys(), jnp.eye(2), state, eta=0.02, beta2=None, count=7, m=2)
    assert compilation.traces() == known


@dataclass(frozen=True)
class Bend:
    """½ S x² - c y + ½ z² with S = y - z²: the edge S = 2/η is a bent line in (y, z)."""

    fineness: int

    def __call__(self, data: Any, w: Any) -> Any:
        del data
        x, y, z = w[0], w[1], w[2]
        return (y - z**2) * x**2 / 2 - FORCE[0] * y + z**2 / 2


def bent(start, fineness, monkeypatch):
    """32 steps on the bend from x = 0, with so many times as many substeps."""
    monkeypatch.setattr(flow, "SUBSTEPS", 2 * fineness)
    state = flow.beginning(np.array([0.0, *start]), critical=1, tracked=1)
    loss = Bend(fineness)
    return flow.advanced(loss, np.zeros(1), state, eta=ETA, beta2=None, count=32, m=3)[1]


@pytest.mark.parametrize(
    ("start", "oscillates"),
    [
        pytest.param((5.0, 1.0), False, id="below the edge"),
        pytest.param((21.0, 1.0), True, id="along the edge"),
    ],
)
def test_substeps_sixteen_times_as_fine_change_a_thousandth(start, oscillates, monkeypatch):
    """Euler's would change a hundredth."""
    one, fine = (bent(start, fineness, monkeypatch) for fineness in (1, 16))
    assert np.all((fine.variance > 0) == oscillates)
    for seen in (one, fine):
        np.testing.assert_allclose(seen.values[:, 0].max(), 2.0 if oscillates else 0.5, rtol=0.2)
    way = np.abs(fine.weights - fine.weights[0]).max(axis=0)
    assert np.all(np.abs(one.weights - fine.weights)[:, 1:].max(axis=0) < 1e-3 * way[1:])
