"""A net's way forward and back in numpy, against what JAX says of the same net."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.width_transfer import families, gradients, nets

K = np.array([1.3, 0.7, 1.1, 0.4])
RATES = np.array([0.5, 2.0, 1.0, 3.0])
RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((6, 5)), RNG.standard_normal(6)
NET = next(families.normals(RNG, 1, 5, 7, 3))


def output(W, activation):
    return nets.output([k * w for k, w in zip(K, W, strict=True)], jnp.asarray(X), activation)


@pytest.fixture(params=["linear", "relu", "tanh"])
def activation(request):
    with jax.enable_x64(True):
        yield request.param


def test_what_a_net_says_is_what_it_says_inside_a_run(activation):
    said = gradients.forward(NET, X, activation, K)[1]
    assert said == pytest.approx(
        np.asarray(output([jnp.asarray(w) for w in NET], activation)), rel=1e-12
    )


@pytest.mark.parametrize("optimizer", ["gd", "adam"])
def test_the_first_step_adds_to_the_output_what_its_tangent_says(activation, optimizer):
    def loss(W):
        return nets.loss(output(W, activation), jnp.asarray(Y))

    W = [jnp.asarray(w) for w in NET]
    steps = jax.grad(loss)(W)
    steps = [jnp.sign(g) for g in steps] if optimizer == "adam" else steps
    moves = [-rate * g for rate, g in zip(RATES, steps, strict=True)]
    _, told = jax.jvp(lambda W: output(W, activation), (W,), (moves,))
    found = gradients.first_changes(NET, X, Y, RATES, optimizer, activation, K)
    assert found.sum(axis=0) == pytest.approx(np.asarray(told), rel=1e-9)


def test_the_tangent_kernel_is_the_square_of_the_jacobian(activation):
    jacobian = jax.jacobian(lambda W: output(W, activation))([jnp.asarray(w) for w in NET])
    flat = [np.asarray(J).reshape(len(X), -1) for J in jacobian]
    told = sum(rate * J @ J.T for rate, J in zip(RATES, flat, strict=True))
    assert gradients.tangent_kernel(NET, X, RATES, activation, K) == pytest.approx(told, rel=1e-9)


def test_the_best_rate_leaves_least():
    r, phi = RNG.standard_normal((2, 6))
    best = gradients.best_rate(r, phi)
    left = [np.sum((r - eta * phi) ** 2) for eta in (0.99 * best, best, 1.01 * best)]
    assert left[1] == min(left)
