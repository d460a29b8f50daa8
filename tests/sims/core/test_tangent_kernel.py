import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sims.compare import falls_through
from sims.core import tangent_kernel as ntk
from sims.core import two_layer
from sims.lazy_rich import teacher

ACTIVATIONS = ("tanh", "erf", "relu")


def lazy(activation="tanh", N=32, d=3, n=7, seed=1, data_seed=0):
    found = teacher.data(data_seed, d=d, n=n, neurons=3, noise=0.0, activation=activation)
    W, a = two_layer.initial(np.random.default_rng(seed), N, d)
    return ntk.Lazy(W, a, found.X, found.y, activation), found


def on_device(*arrays) -> Any:
    return tuple(map(jnp.asarray, arrays))


def sphere(activation, N, seed):
    return lazy(activation, N, d=5, n=40, seed=seed)[0]


def flat(W, a):
    return jnp.concatenate([jnp.ravel(W), a])


def jacobian(theta, X, shape, activation):
    N, d = shape

    def h(theta):
        return two_layer.output(theta[: N * d].reshape(N, d), theta[N * d :], X, activation)

    return jax.jacrev(h)(theta)


def test_relu_kernel_of_infinite_width_at_known_overlaps():
    d, angles = 2, np.arccos([0.6, 0.0, 0.8, 1.0])
    X = math.sqrt(d) * np.array([[1.0, 0.0]])
    Z = math.sqrt(d) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    found = ntk.infinite_width_kernel(X, Z, "relu")[0]
    np.testing.assert_allclose(found, [0.550224, 0.159155, 0.731627, 1.0], atol=1e-6)


@pytest.mark.parametrize("activation", ["relu", "erf", "tanh"])
def test_infinite_width_agrees_with_sampled_neurons(activation):
    N = 400_000
    X = np.array([[1.0, 0.3, -0.5], [0.2, 1.4, 0.6], [-2.0, 0.1, 1.0]])
    W, a = two_layer.initial(np.random.default_rng(3), N, 3)
    sampled = ntk.tangent_kernel(W, a, X, X, activation)
    closed = ntk.infinite_width_kernel(X, X, activation)
    # entries are means of N terms whose standard deviation is at most about 6
    np.testing.assert_allclose(sampled, closed, atol=5 * 6 / math.sqrt(N))


def test_the_sum_over_hermite_polynomials_gives_the_closed_form_of_a_smooth_activation(
    monkeypatch,
):
    X = np.array([[1.0, 0.3], [0.2, 1.4], [-2.0, 0.1]])
    closed = ntk.infinite_width_kernel(X, X, "erf")
    own = ntk.value_and_slope
    monkeypatch.setattr(ntk, "value_and_slope", lambda z, _: own(z, "erf"))
    np.testing.assert_allclose(ntk.infinite_width_kernel(X, X, "tanh"), closed, atol=1e-11)


@pytest.mark.parametrize("r", [-1.0, -0.4, 0.0, 0.95, 1.0])
def test_infinite_width_of_tanh_agrees_with_an_integral_over_the_plane(r):
    nodes, weights = np.polynomial.hermite_e.hermegauss(150)
    u = nodes[:, None]
    v = r * u + math.sqrt(1 - r**2) * nodes[None, :]
    both = np.outer(weights, weights) / weights.sum() ** 2
    slopes = np.sum(both * np.cosh(u) ** -2 * np.cosh(v) ** -2)
    expected = np.sum(both * np.tanh(u) * np.tanh(v)) + r * slopes
    X = np.sqrt(2) * np.array([[1.0, 0.0], [r, math.sqrt(1 - r**2)]])
    found = ntk.infinite_width_kernel(X[:1], X[1:], "tanh")[0, 0]
    # the poles of tanh keep 150 x 150 nodes from doing better
    assert found == pytest.approx(expected, abs=2e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_features_looked_at_in_blocks_are_those_of_all_points_at_once(activation, monkeypatch):
    model, _ = lazy(activation, N=48, n=37)
    eta = model.rate(0.5, 0.7, 300)
    whole = model.feature_change(0.7, eta, 300)
    for block in (1, 5 * 48):
        monkeypatch.setattr(ntk, "BLOCK", block)
        assert model.feature_change(0.7, eta, 300) == pytest.approx(whole, rel=1e-13)


def test_relu_diagonal_fluctuates_as_root_three_over_width():
    N, X = 1600, np.array([[1.0, 1.0, 1.0, 1.0, 1.0]])
    starts = [two_layer.initial(np.random.default_rng(seed), N, 5) for seed in range(2000)]
    drawn = [ntk.tangent_kernel(*start, X, X, "relu")[0, 0] for start in starts]
    # the spread of 2000 draws is itself known to 1/√4000, or 0.027
    assert math.sqrt(N) * np.std(drawn) == pytest.approx(math.sqrt(3), abs=0.08)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_kernel_and_its_end_point_agree_with_an_explicit_jacobian(activation):
    model, found = lazy(activation)
    shape, theta = model.W.shape, flat(model.W, model.a)
    J = np.asarray(jacobian(theta, jnp.asarray(found.X), shape, activation))
    np.testing.assert_allclose(model.kernel, J @ J.T, atol=1e-12)
    tested = np.asarray(jacobian(theta, jnp.asarray(found.X_test), shape, activation))
    across = ntk.tangent_kernel(model.W, model.a, found.X_test, found.X, activation)
    np.testing.assert_allclose(across, tested @ J.T, atol=1e-12)

    alpha, k = 0.7, 300
    eta = model.rate(0.5, alpha, k)
    linear = np.zeros(theta.shape)
    for _ in range(k):
        linear -= eta * J.T @ (J @ linear - found.y) / len(found.y)
    np.testing.assert_allclose(flat(*model.direction(eta, k)), linear, atol=1e-10)
    later = np.asarray(jacobian(theta + linear / alpha, jnp.asarray(found.X), shape, activation))
    R = np.linalg.norm(later - J) / np.linalg.norm(J)
    assert model.feature_change(alpha, eta, k) == pytest.approx(R, rel=1e-9)
    D = np.linalg.norm(linear) / alpha / np.linalg.norm(theta)
    assert model.weight_change(alpha, eta, np.array([k]))[0] == pytest.approx(D, rel=1e-9)
    loss = np.sum((J @ linear - found.y) ** 2) / (2 * len(found.y))
    assert model.train_loss(eta, np.array([k]))[0] == pytest.approx(loss, rel=1e-8)
    np.testing.assert_allclose(
        model.function(found.X_test, eta, np.array([k]))[0], tested @ linear, atol=1e-9
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_smooth_law_is_the_directional_derivative_of_the_jacobian(activation):
    model, found = lazy(activation)
    theta, c, k = flat(model.W, model.a), 0.5, 300
    v = flat(*map(jnp.asarray, model.direction(c * model.edge, k)))
    J, moved = jax.jvp(
        lambda theta: jacobian(theta, jnp.asarray(found.X), model.W.shape, activation),
        (theta,),
        (v,),
    )
    expected = jnp.linalg.norm(moved) / jnp.linalg.norm(J)
    assert model.smooth_alpha(c, k) == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_measured_features_agree_with_the_theory_of_the_same_weights(activation):
    model, found = lazy(activation)
    alpha, k = 0.3, 500
    eta = model.rate(0.5, alpha, k)
    W, a, X = on_device(model.W, model.a, found.X)
    born = two_layer.features(W, a, X, activation)
    later = on_device(*model.moved(alpha, eta, k))
    moved = two_layer.features(later[0], later[1], X, activation)
    R = two_layer.feature_change(moved, born, X)
    assert float(R) == pytest.approx(model.feature_change(alpha, eta, k), rel=1e-10)
    np.testing.assert_allclose(two_layer.kernel(born, X), model.kernel, atol=1e-13)


@pytest.mark.parametrize(
    ("activation", "expected"), [("erf", 0.3192), ("relu", 0.1451), ("tanh", 0.3418)]
)
def test_smooth_alpha_on_the_sphere(activation, expected):
    found = sphere(activation, 256, seed=1).smooth_alpha(0.5, 4000)
    assert found == pytest.approx(expected, abs=1e-3)


def test_smooth_alpha_halves_when_the_width_quadruples():
    narrow = [sphere("erf", 128, s).smooth_alpha(0.5, 4000) for s in (1, 2, 3)]
    wide = [sphere("erf", 512, s).smooth_alpha(0.5, 4000) for s in (1, 2, 3)]
    np.testing.assert_allclose(narrow, [0.503, 0.509, 0.472], atol=2e-3)
    np.testing.assert_allclose(wide, [0.245, 0.252, 0.220], atol=2e-3)
    assert np.mean(wide) / np.mean(narrow) == pytest.approx(0.483, abs=2e-3)


def test_descent_far_on_the_lazy_side_is_the_linear_model():
    model, found = lazy("tanh", N=64)
    alpha, k = 1e3, 50
    eta = model.rate(0.5, alpha, k)
    W, a, X, y, scale, size = on_device(model.W, model.a, found.X, found.y, alpha, eta)
    state = two_layer.start(W, a, X, "tanh")
    for _ in range(k):
        state = two_layer.step(state, X, y, scale, size, "tanh")
    f = alpha * (two_layer.output(state.W, state.a, X, "tanh") - state.h0)
    measured = np.sum((np.asarray(f) - found.y) ** 2) / (2 * len(found.y))
    # the features move by about α*/α, here 1e-3
    assert measured == pytest.approx(model.train_loss(eta, np.array([k]))[0], rel=5e-3)


def test_repeated_points_make_null_modes_that_stay_harmless():
    model, _ = lazy("tanh", N=64, n=4)
    doubled = ntk.Lazy(
        model.W, model.a, np.tile(model.X, (2, 1)), np.tile(model.y, 2), model.activation
    )
    k = np.array([0, 10, 1000])
    eta = doubled.rate(0.5, 1.0, 1000)
    assert np.all(np.isfinite(doubled.weight_change(1.0, eta, k)))
    np.testing.assert_allclose(
        doubled.train_loss(doubled.edge / 2, k), model.train_loss(model.edge / 2, k), rtol=1e-6
    )


@given(threshold=st.floats(0.1, 1.0), slope=st.floats(-2.0, -0.2), at=st.floats(-1.0, 1.0))
def test_boundary_finds_where_a_power_law_crosses(threshold, slope, at):
    curve = threshold * (ntk.ALPHAS / 10**at) ** slope
    assert falls_through(ntk.ALPHAS, curve, threshold) == pytest.approx(10**at, rel=1e-9)


def test_boundary_is_the_last_downward_crossing_or_none():
    alphas = np.array([1.0, 10.0, 100.0, 1000.0, 10_000.0])
    assert falls_through(alphas, np.array([1, 0.1, 1, 0.1, 0.01]), 0.3) > 100
    assert math.isnan(falls_through(alphas, np.full(5, 2.0), 0.3))
