"""One line in place of the exact averages: its height, one curve for all widths, the best width."""

import numpy as np
import pytest

from sims.scaling_laws.averages import ConstantRate
from sims.scaling_laws.pen_and_paper import best_width, best_x, one_curve, one_line
from sims.scaling_laws.problem import edge, feedback, power_law


def test_the_line_has_its_constant():
    eta = 0.1 * edge(power_law(1.5, 2.0, 128).lam, 8)
    at_hundred = one_line(1.5, 2.0, 128, 0.5, eta, 8, np.array([100]))
    assert at_hundred == pytest.approx([0.061806], rel=1e-5)


@pytest.mark.parametrize(("a", "b", "noise"), [(1.5, 2.0, 0.5), (1.2, 1.6, 0.0), (2.0, 3.0, 1.0)])
def test_it_stays_with_the_exact_average(a, b, noise):
    problem = power_law(a, b, 256, noise)
    eta, t = 0.1 * edge(problem.lam, 4), np.geomspace(100, 20000, 20).round()
    exact = ConstantRate(problem, eta, 4).at(t).loss
    assert one_line(a, b, 256, noise, eta, 4, t) == pytest.approx(exact, rel=0.054)


def test_where_noise_is_forgotten_slowly_it_is_too_low():
    problem = power_law(1.2, 3.0, 256)
    eta, t = 0.2 * edge(problem.lam, 4), np.array([2000.0])
    exact = ConstantRate(problem, eta, 4).at(t).loss
    assert one_line(1.2, 3.0, 256, 0.0, eta, 4, t) < 0.9 * exact


def test_all_widths_are_on_one_curve():
    a, b, batch = 1.5, 1.75, 1
    eta = 0.1 * edge(power_law(a, b, 256).lam, batch)
    for width in (16, 64, 256):
        problem = power_law(a, b, width)
        t = np.geomspace(1000, 20000, 5)
        g = one_curve(eta * t * (width + 0.5) ** -a, (b - 1) / a)
        told = problem.tail * g / (1 - feedback(eta, problem.lam, batch))
        assert told == pytest.approx(ConstantRate(problem, eta, batch).at(t).loss, rel=0.02)


def test_what_a_compute_is_best_spent_on():
    assert best_x(1.5, 1.75) == pytest.approx(0.347814, rel=1e-5)
    assert best_x(1.5, 2.5) == pytest.approx(0.442038, rel=1e-5)
    assert best_x(2.0, 2.0) == pytest.approx(0.291, abs=5e-4)
    floor = one_curve(np.array([best_x(1.5, 1.75)]), 0.5)
    assert floor == pytest.approx([1.253096], rel=1e-5)
    C = np.array([2560, 28621.7, 320000])
    found = best_width(C, 1.5, 1.75, 0.0532755, 1)
    assert found == pytest.approx([10.90, 28.63, 75.19], rel=2e-4)
