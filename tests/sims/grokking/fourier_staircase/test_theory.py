import math

import numpy as np
import pytest

from sims.core.study import Study
from sims.grokking.fourier_staircase import EXPERIMENT, theory, training

SIZES = np.array([10, 7.5, 5.5, 4, 3])
X = theory.template(11, SIZES, np.linspace(0, 2, 5))


def test_published_levels():
    expected = [1, 0.527245, 0.261325, 0.118315, 0.042671, 0]
    levels = theory.plateau_losses(X)
    np.testing.assert_allclose(levels, np.append(np.cumsum((SIZES**2)[::-1])[::-1], 0) / 211.5)
    np.testing.assert_allclose(levels, expected, atol=2e-4)


def test_the_template_is_real_of_mean_zero_and_of_loss_one():
    assert X.sum() == pytest.approx(0, abs=1e-12)
    assert pytest.approx(1) == X @ X / 2
    np.testing.assert_allclose(theory.strengths(X) / theory.strengths(X)[0], SIZES / 10)


def test_the_order_is_that_of_the_magnitudes():
    x = theory.template(11, np.array([3.0, 0, 7, 5]), np.zeros(4))
    np.testing.assert_array_equal(theory.present(x), [3, 4, 1])
    assert len(theory.plateau_losses(x)) == 4


def test_levels_are_the_losses_of_the_partial_templates():
    for level, part in zip(theory.plateau_losses(X), theory.partial_templates(X), strict=True):
        assert np.sum((X - part) ** 2) / 2 == pytest.approx(level, abs=1e-12)


def neuron(k, phases):
    n = np.arange(11)
    return [math.sqrt(2 / 33) * np.cos(2 * np.pi * k * n / 11 + f) for f in phases]


def utility(u, v, w):
    """Σ over pairs of x_{a+b}·w (u·x_a + v·x_b)²/p², the part of -dL that is cubic in a neuron."""
    rows = np.stack([np.roll(X, a) for a in range(11)])
    act = ((rows @ u)[:, None] + (rows @ v)[None, :]) ** 2
    a, b = np.meshgrid(np.arange(11), np.arange(11), indexing="ij")
    return float(np.sum(act * (rows @ w)[(a + b) % 11])) / 121


def test_no_unit_neuron_has_more_than_the_utility():
    """The best phases of a unit neuron of one frequency reach U_k; random neurons stay below."""
    turns = np.linspace(0, 2 * np.pi, 25)
    best = max(utility(*neuron(1, (f, g, h))) for f in turns[:7] for g in turns[:7] for h in turns)
    top = theory.utilities(X)[0]
    assert top * 0.95 < best <= top * (1 + 1e-9)
    rng = np.random.default_rng(0)
    for _ in range(200):
        theta = rng.standard_normal((3, 11))
        assert utility(*theta / np.linalg.norm(theta)) < top


def test_all_waiting_times_go_with_the_inverse_scale():
    waits = [
        theory.bounds(Study(EXPERIMENT, {"init_scale": s, "steps": 100}).setup.tasks[0])
        for s in (0.1, 0.02)
    ]
    np.testing.assert_allclose(waits[1], 5 * waits[0])
    assert np.all(np.diff(waits[0]) > 0)


def test_the_loss_of_a_silent_network_is_one():
    silent = training.State(*(np.zeros((6, 11)) for _ in range(3)))
    assert float(training.loss(silent, X)) == pytest.approx(1, abs=1e-6)


def test_the_learned_template_undoes_the_shifts():
    """A network of many phases of one frequency says its part of the template and nothing else."""
    rng = np.random.default_rng(1)
    state = training.State(*(rng.standard_normal((5, 11)) for _ in range(3)))
    f = np.asarray(training.output(state, X))
    expected = np.mean([np.roll(f[a, b], -(a + b)) for a in range(11) for b in range(11)], axis=0)
    np.testing.assert_allclose(training.learned_template(state, X), expected, rtol=1e-4, atol=1e-4)


def test_dormant_neurons_climb_their_utility():
    """The closed form is the gradient of U, by finite differences."""
    theta = np.random.default_rng(1).standard_normal((3, 1, 11))
    slope = theory.utility_gradient(theta, X)[:, 0]
    for part in range(3):
        for n in (0, 4):
            step = np.zeros_like(theta)
            step[part, 0, n] = 1e-5
            rise = utility(*(theta + step)[:, 0]) - utility(*(theta - step)[:, 0])
            assert rise / 2e-5 == pytest.approx(slope[part, n], rel=1e-6, abs=1e-10)


def test_an_aligned_neuron_escapes_at_the_bound():
    """d|θ|/dt = 3 U |θ|² from the best direction, so that it is infinite at 1/(3 U |θ|)."""
    turns = np.linspace(0, 2 * np.pi, 49)[:-1]
    best = max(turns, key=lambda h: utility(*neuron(1, (0, 0, h))))
    u, v, w = (1e-2 * part[None] for part in neuron(1, (0, 0, best)))
    task = {"template": X, "u": u, "v": v, "w": w}
    (at,) = theory.escapes(task)
    bound = float(theory.bounds(task)[0])
    assert bound * (1 - 1e-3) < at < 1.5 * bound


def test_escapes_go_with_the_inverse_of_the_scale():
    task = Study(EXPERIMENT, {}).setup.tasks[0]
    half = task | {name: task[name] / 2 for name in "uvw"}
    np.testing.assert_allclose(theory.escapes(half), 2 * theory.escapes(task), rtol=1e-9)
