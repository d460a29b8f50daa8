import math

import numpy as np
import pytest

from sims.edge_of_stability.self_stabilisation import cycle

CONSTANTS = cycle.Constants(0.2689, 359.7, 0.0168)


def energy(x, y):
    return y**2 / 2 + CONSTANTS.b * x**2 / 4 - CONSTANTS.alpha * np.log(x)


def test_the_map_stands_still_at_delta():
    d = cycle.delta(CONSTANTS.alpha, CONSTANTS.b)
    assert d == pytest.approx(0.03867, rel=1e-3)
    x, y = cycle.cycle_map(cycle.Constants(0.2689, 359.7, 0.0), 0.1, d, 10)
    np.testing.assert_allclose(np.abs(x), d)
    np.testing.assert_allclose(y, 0, atol=1e-12)


@pytest.mark.parametrize(
    ("kick", "overshoot", "formula", "at", "back"),
    [
        (1e-5, 2.137, 2.043, 82, 92),
        (1e-4, 1.788, 1.713, 69, 80),
        (1e-3, 1.357, 1.303, 54, 66),
        (1e-2, 0.721, 0.690, 35, 50),
    ],
)
def test_overshoot_of_map_and_formula(kick, overshoot, formula, at, back):
    _, y = cycle.cycle_map(CONSTANTS, 0.1, kick, 400)
    found = cycle.events(y, cycle.period(CONSTANTS.alpha, 0.1))
    assert found.overshoot == pytest.approx(overshoot, abs=1e-3)
    assert (found.overshoot_step, found.return_step) == (at, back)
    closed = cycle.overshoot_formula(CONSTANTS.alpha, CONSTANTS.b, kick)
    assert closed == pytest.approx(formula, abs=1e-3)


@pytest.mark.parametrize("kick", [1e-5, 1e-3])
def test_the_map_follows_its_formula_as_the_steps_shrink(kick):
    start = cycle.Constants(CONSTANTS.alpha, CONSTANTS.b, 0.0)
    closed = cycle.overshoot_formula(start.alpha, start.b, kick)
    gaps = []
    for eta in (0.02, 0.01):
        _, y = cycle.cycle_map(start, eta, kick, 2000)
        gaps.append(cycle.events(y, cycle.period(start.alpha, eta)).overshoot / closed - 1)
    assert 0 < gaps[1] < 0.6 * gaps[0] < 0.02


def test_small_cycles_last_one_period():
    d = cycle.delta(CONSTANTS.alpha, CONSTANTS.b)
    _, y = cycle.cycle_map(cycle.Constants(*CONSTANTS[:2], 0.0), 0.01, 1.02 * d, 2000)
    ups = np.flatnonzero((y[1:] > 0) & (y[:-1] <= 0))
    period = cycle.period(CONSTANTS.alpha, 0.01)
    assert np.diff(ups)[0] == pytest.approx(period, rel=0.01)


def test_the_level_curve_conserves_the_energy_of_the_start():
    x, y = cycle.level_curve(CONSTANTS, 1e-4)
    np.testing.assert_allclose(energy(x, y), energy(1e-4, CONSTANTS.gap), atol=1e-9)
    assert x.min() == pytest.approx(1e-4, rel=0.01)
    assert y.max() == pytest.approx(cycle.overshoot_formula(*CONSTANTS[:2], 1e-4), rel=1e-3)


def test_events_take_the_first_maximum_and_the_return_behind_it():
    y = np.array([5, 0, -1, 1, 2, 3, 2, 1, -1, 4, 9, 3, -2], float)
    assert cycle.events(y, 10) == (3, 5, 8)
    assert cycle.one_cycle(y, cycle.events(y, 10)) == 9
    assert all(math.isnan(v) for v in cycle.events(y, 2))
    assert all(math.isnan(v) for v in cycle.events(-np.abs(y), 10))
    assert math.isnan(cycle.events(y[:8], 10).return_step)


def test_no_sharpening_has_no_cycle():
    assert math.isnan(cycle.delta(-1.0, 2.0))
    assert math.isnan(cycle.period(-1.0, 0.1))
    assert math.isnan(cycle.overshoot_formula(0.2, 300, 0.0))
    assert np.isnan(cycle.level_curve(cycle.Constants(-1, 2, 0), 1e-4)[0]).all()
