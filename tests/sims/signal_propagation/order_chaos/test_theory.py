import numpy as np
import pytest
from numpy.testing import assert_allclose

from sims.core.study import Study
from sims.signal_propagation.order_chaos import EXPERIMENT, averages, finite_width, ring, theory
from sims.signal_propagation.order_chaos.infinite_width import (
    Net,
    edge,
    fixed_difference,
    fixed_length,
    propagated,
)

FIXED = [
    ("tanh", 0.9, 0.3, 0.216525, 0.600371, 1.95999, 1.0),
    ("tanh", 1.39, 0.3, 0.753686, 0.996618, 295.16, 1.0),
    ("tanh", 2.0, 0.3, 2.253753, 1.327070, 6.64826, 0.26389),
    ("tanh", 2.5, 0.3, 4.079124, 1.585225, 5.10892, 0.12210),
    ("erf", 1.5, 0.1, 1.093175, 1.235937, 9.57664, 0.09117),
]


@pytest.mark.parametrize(("activation", "w", "b", "length", "chi", "scale", "correlation"), FIXED)
def test_fixed_points_are_as_published(activation, w, b, length, chi, scale, correlation):
    net = Net(activation, w, b)
    q = fixed_length(net)
    end, xi = fixed_difference(net, q)
    assert_allclose([q, float(net.chi(q))], [length, chi], atol=1e-6)
    assert_allclose(xi, scale, rtol=1e-4)
    assert_allclose(1 - end, correlation, atol=1e-4)


def test_differences_and_stretches_are_as_published():
    def lines(activation, w, b, q0):
        e0 = ring.distances(11)[1:2]
        found = propagated(Net(activation, w, b), q0, e0, 30)
        return found.difference[:, 0], found.stretch

    e, s = lines("tanh", 2.0, 0.3, 2.253753)
    assert_allclose(e[[1, 5, 10, 30]], [0.190329, 0.336414, 0.506276, 0.722794], atol=1e-4)
    assert_allclose(s[[1, 10, 30]], [0.2830, 2.8297, 8.4892], atol=1e-4)
    e, s = lines("tanh", 0.9, 0.3, 0.216525)
    assert_allclose(e[[1, 5, 10]], [0.094704, 0.012199, 0.000950], atol=1e-4)
    assert_allclose(s[[1, 10, 30]], [-0.5102, -5.1021, -15.3062], atol=1e-4)
    e, s = lines("relu", np.sqrt(2), 0.0, 1.0)
    assert_allclose(e[[1, 5, 10, 30]], [0.13961, 0.090092, 0.058485, 0.018915], atol=1e-4)
    assert_allclose(s, 0, atol=1e-12)


def test_averages_are_exact_where_gauss_hermite_is_not():
    assert float(averages.power("tanh", 10.0)) == pytest.approx(0.757266, abs=1e-6)


def test_what_two_neurons_differ_by_does_not_cancel_however_near_they_are():
    found = averages.square_gap("erf", 1.3, np.array([1e-6]))
    assert float(found[0]) == pytest.approx(1.3294971e-6, rel=1e-6)
    tiny = averages.square_gap("tanh", 1.0, np.array([1e-12, 2e-12]))
    assert tiny[1] / tiny[0] == pytest.approx(2, rel=1e-9)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_what_two_neurons_differ_by_is_that_of_a_million_gaussian_pairs(activation):
    rng, q, e = np.random.default_rng(0), 1.7, 0.6
    one, other = rng.standard_normal((2, 10**6)) * np.sqrt(q)
    u, v = one, (1 - e) * one + np.sqrt(1 - (1 - e) ** 2) * other
    gap = np.mean((averages.phi(activation, u) - averages.phi(activation, v)) ** 2)
    assert float(averages.square_gap(activation, q, np.array([e]))[0]) == pytest.approx(
        gap, rel=0.01
    )


def test_on_its_line_relu_brings_inputs_together_by_a_power():
    net, e = Net("relu", np.sqrt(2.0), 0.0), np.array([0.1])
    seen = {}
    for l in range(1, 1001):
        e = net.difference(1.0, e)
        seen[l] = float(e[0]) * l**2
    assert seen[100] == pytest.approx(28.95, abs=0.01)
    assert seen[1000] == pytest.approx(42.10, abs=0.01)  # its limit is 9 π²/2 = 44.4


def test_the_line_between_order_and_chaos_is_where_chi_is_one():
    w, b = edge("tanh")
    for k in (20, 80, 120):
        net = Net("tanh", float(w[k]), float(b[k]))
        assert float(net.chi(fixed_length(net))) == pytest.approx(1, abs=2e-3)
    assert w[0] == pytest.approx(1, abs=1e-4)
    assert float(np.interp(0.3, b, w)) == pytest.approx(1.395, abs=0.01)


def test_the_ring_is_exact_and_two_neurons_see_a_circle():
    u, w = ring.circle(np.random.default_rng(0), 300, 0.5)
    assert_allclose([u @ u, w @ w, u @ w], [150, 150, 0], atol=1e-9)
    two = ring.on_the_circle(u, w, 99)[0][:2]
    assert_allclose(np.linalg.norm(two, axis=0), 1.0, rtol=0.15)


def test_tangents_that_outgrow_the_inputs_do_not_drown_them():
    K = np.diag([1e9, 1.0])
    assert_allclose(finite_width.root(K) @ finite_width.root(K).T, K, rtol=1e-8)


def test_a_net_without_weights_scatters_as_it_is_said_of_nets_of_that_width():
    net, q0 = Net("tanh", 2.0, 0.3), 2.253753
    found = finite_width.chain(net, q0, 30, 1000, 11)
    assert 0.11 <= found.stretch[:, -1].std(ddof=1) <= 0.2
    assert 0.15 <= found.gradient[:, 0].std(ddof=1) <= 0.32
    lines = propagated(net, q0, ring.distances(11)[1:], 30)
    bands = finite_width.bands(lines, found)
    assert not found.length[:, 0].any() or np.ptp(found.length[:, 0]) < 1e-12
    assert bands.stretch.min() > finite_width.FLOOR
    assert bands.stretch.max() == pytest.approx(0.82, abs=0.2)


def test_lines_come_before_the_bands():
    setup = Study(EXPERIMENT, {"width": 300, "depth": 5}).setup
    first, whole = theory.predict(setup.params, setup.tasks[0], setup.schedule)
    assert "stretch_band" not in first
    assert set(first) < set(whole)
    assert all(one.attrs["shared"] for one in whole.data_vars.values())


def test_the_circle_is_as_large_as_two_neurons_see_the_ring():
    apart = np.stack([ring.distances(99), np.zeros(50)])
    assert_allclose(np.linalg.norm(theory.circle(apart)[0], axis=-1), np.sqrt(2), rtol=1e-12)
    assert_allclose(theory.circle(apart)[1], 0)
