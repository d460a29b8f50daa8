"""Exact averages: facts computed once, the closed form, and runs of numpy."""

import numpy as np
import pytest

from sims.scaling_laws.averages import ConstantRate, scheduled
from sims.scaling_laws.problem import edge, power_law
from sims.scaling_laws.schedules import NAMES, record_steps, shape

STEPS, BATCH = 2000, 8
RACE = power_law(1.5, 2.0, 128, 0.5)


def race(c: float):
    """Six schedules at c times the edge."""
    x = (np.arange(STEPS) + 0.5) / STEPS
    peak = c * edge(RACE.lam, BATCH)
    rates = np.array([peak * shape(name, x, 0.2, 2.0) for name in NAMES])
    return scheduled(RACE, rates, BATCH, record_steps(STEPS))


def test_the_end_of_every_schedule_is_known():
    found = race(0.1)
    assert found.loss[-1] == pytest.approx(
        [0.014709, 0.013261, 0.013189, 0.013188, 0.010592, 0.016544], rel=5e-5
    )
    assert found.loss[0] == pytest.approx(np.ones(6))
    assert found.noise[-1, NAMES.index("wsd")] == pytest.approx(0.001909, rel=2e-4)
    hot = race(0.3).loss[-1]
    assert hot[[0, 2]] == pytest.approx([0.028628, 0.008610], rel=5e-5)


def test_at_a_constant_rate_the_closed_form_is_the_recursion():
    found, steps = race(0.1), record_steps(STEPS)
    closed = ConstantRate(RACE, 0.1 * edge(RACE.lam, BATCH), BATCH)
    at = closed.at(steps)
    assert at.loss == pytest.approx(found.loss[:, 0], rel=1e-10)
    assert at.spread == pytest.approx(found.spread[:, 0], rel=1e-9)
    assert closed.at(np.array([100])).loss == pytest.approx([0.061935], rel=1e-5)
    assert closed.at(np.array([1e6])).loss == pytest.approx(float(closed.loss_at_last), rel=1e-9)


def test_many_rates_and_batch_sizes_at_once_are_each_alone():
    etas, batches, steps = np.array([0.05, 0.3]), np.array([1.0, np.inf]), np.array([0, 1, 40.5])
    many = ConstantRate(RACE, etas, batches)
    for i, (eta, B) in enumerate(zip(etas, batches, strict=True)):
        one = ConstantRate(RACE, eta, B)
        for name in ("signal", "noise", "spread"):
            found, alone = getattr(many.at(steps), name), getattr(one.at(steps), name)
            assert found[i] == pytest.approx(alone, rel=1e-12, abs=1e-15)
        assert many.moments(steps)[i] @ RACE.lam == pytest.approx(one.at(steps).excess, rel=1e-12)
        assert many.excess(steps)[i] == pytest.approx(one.at(steps).excess, rel=1e-12)
        assert many.loss_at_last[i] == pytest.approx(float(one.loss_at_last))


def test_a_batch_without_end_is_gradient_descent():
    eta, steps = 0.7, np.array([0, 3, 50])
    at = ConstantRate(RACE, eta, np.inf).at(steps)
    error = (1 - eta * RACE.lam) ** steps[:, None] * RACE.target
    assert at.signal == pytest.approx(error**2 @ RACE.lam)
    assert at.noise == pytest.approx(np.zeros(3), abs=1e-12)


def test_many_runs_are_their_average_and_scatter_as_told():
    problem, runs, steps = power_law(1.5, 2.0, 8, 0.5), 4000, 40
    eta = 0.15 * edge(problem.lam, 2)
    rng = np.random.default_rng(0)
    w = np.zeros((runs, 8))
    for _ in range(steps):
        x = rng.standard_normal((runs, 2, 8)) * np.sqrt(problem.lam)
        noise = np.sqrt(problem.s2) * rng.standard_normal((runs, 2))
        gap = np.einsum("rbm,rm->rb", x, w - problem.target) - noise
        w -= eta / 2 * np.einsum("rb,rbm->rm", gap, x)
    excess = (w - problem.target) ** 2 @ problem.lam
    told = ConstantRate(problem, eta, 2).at(np.array([steps]))
    assert excess.mean() == pytest.approx(told.excess[0], abs=4 * excess.std() / np.sqrt(runs))
    assert excess.std() == pytest.approx(told.spread[0], rel=0.25)
