import numpy as np
import pytest
from scipy.integrate import solve_ivp

from sims.lazy_rich.one_neuron import theory

B = np.array([1.0, 0.0])


def towards(length, radians):
    return length * np.array([np.cos(radians), np.sin(radians)])


def integrated(a0, w0, eta_a, eta_w, t):
    def slope(_, z):
        gap = B - z[0] * z[1:]
        return np.concatenate([[eta_a * z[1:] @ gap], eta_w * z[0] * gap])

    start = np.concatenate([[a0], w0])
    return solve_ivp(slope, (0, t[-1]), start, t_eval=t, rtol=1e-11, atol=1e-12, method="DOP853").y


def test_the_published_point_of_the_upstream_neuron():
    path = theory.trajectory(2.0, towards(0.01, 2.0), B, 1.0, 1.0, np.array([0.5]))
    beta = path.a[0] * path.w[0]
    np.testing.assert_allclose(beta, [0.875751, 0.002402], atol=1e-6)
    assert 0.5 * np.sum((beta - B) ** 2) == pytest.approx(0.007722, abs=1e-6)


def test_the_closed_form_is_what_an_integrator_finds():
    rng, t = np.random.default_rng(0), np.linspace(0, 12, 40)
    for _ in range(40):
        a0, w0 = rng.uniform(-3, 3), towards(rng.uniform(0.001, 3), rng.uniform(0, np.pi))
        eta_a, eta_w = np.exp(rng.uniform(np.log(0.1), np.log(3), 2))
        path = theory.trajectory(a0, w0, B, eta_a, eta_w, t)
        found = integrated(a0, w0, eta_a, eta_w, t)
        np.testing.assert_allclose(path.a, found[0], atol=1e-7)
        np.testing.assert_allclose(path.w.T, found[1:], atol=1e-7)


@pytest.mark.parametrize("off", [0.0, 1e-12, -1e-12, 1e-7, -1e-7])
def test_it_is_smooth_through_balance(off):
    t, w0 = np.linspace(0, 12, 40), towards(0.1, 2.0)
    path = theory.trajectory(0.1 + off, w0, B, 1.0, 1.0, t)
    found = integrated(0.1, w0, 1.0, 1.0, t)
    np.testing.assert_allclose(path.a, found[0], atol=1e-6)


@pytest.mark.parametrize("a0", [-3.0, 0.0, 1e-3, 3.0])
@pytest.mark.parametrize("w0", [1e-3, 3.0])
@pytest.mark.parametrize("angle", [0.0, np.pi / 2, np.pi])
@pytest.mark.parametrize(("eta_a", "eta_w"), [(0.1, 3.0), (3.0, 0.1), (3.0, 3.0)])
def test_nothing_overflows_and_delta_is_conserved(a0, w0, angle, eta_a, eta_w):
    t = np.concatenate([[0], np.geomspace(1e-3, 1000, 40)])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        path = theory.trajectory(a0, towards(w0, angle), B, eta_a, eta_w, t)
    delta = eta_w * path.a**2 - eta_a * np.sum(path.w**2, axis=1)
    scale = np.max(eta_w * path.a**2 + eta_a * np.sum(path.w**2, axis=1))
    np.testing.assert_allclose(delta, delta[0], atol=1e-9 * scale)
    assert path.a[0] == pytest.approx(a0, abs=1e-14)
    np.testing.assert_allclose(path.w[0], towards(w0, angle), atol=1e-14)


def test_a_neuron_of_five_inputs_is_solved_as_well():
    rng, t = np.random.default_rng(2), np.linspace(0, 6, 30)
    b, w0 = rng.standard_normal(5), rng.standard_normal(5)

    def slope(_, z):
        gap = b - z[0] * z[1:]
        return np.concatenate([[0.7 * z[1:] @ gap], 1.3 * z[0] * gap])

    found = solve_ivp(
        slope, (0, 6), np.concatenate([[0.4], w0]), t_eval=t, rtol=1e-11, atol=1e-12
    ).y
    path = theory.trajectory(0.4, w0, b, 0.7, 1.3, t)
    np.testing.assert_allclose(path.a, found[0], atol=1e-7)
    np.testing.assert_allclose(path.w.T, found[1:], atol=1e-7)


def test_the_function_moves_by_the_kernel_of_the_moment():
    t = np.linspace(0, 6, 20001)
    path = theory.trajectory(0.3, towards(0.5, 2.0), B, 0.5, 2.0, t)
    beta = path.a[:, None] * path.w
    speed = np.gradient(beta, t, axis=0)[1:-1]
    gap = (B[None, :] - beta)[1:-1]
    a, w = path.a[1:-1, None], path.w[1:-1]
    expected = 2.0 * a**2 * gap + 0.5 * w * np.sum(w * gap, axis=1, keepdims=True)
    np.testing.assert_allclose(speed, expected, atol=1e-6)
