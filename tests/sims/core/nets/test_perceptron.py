from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import nets
from sims.core.nets.modules import MLP

SIZES = (3, 5, 4, 2)


def drawn(seed=0):
    return nets.mlp_weights(np.random.default_rng(seed), SIZES)


def test_layers_are_drawn_in_order_with_variance_one_over_fan_in():
    rng = np.random.default_rng(0)
    weights = drawn()
    assert list(weights) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    for i, (a, b) in enumerate(pairwise(SIZES), start=1):
        np.testing.assert_array_equal(weights[f"W{i}"], rng.standard_normal((a, b)) / np.sqrt(a))
        assert not weights[f"b{i}"].any()


def test_flat_weights_unfold_into_the_same_layers():
    layers = nets.layers(drawn() | {"X": np.zeros(1)})
    w = nets.flattened(layers)
    assert w.shape == (nets.count(SIZES),)
    for one, other in zip(nets.unflattened(w, SIZES), layers, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])


@pytest.mark.parametrize("activation", nets.ACTIVATIONS)
def test_a_net_is_its_layers_one_after_another(activation):
    weights = drawn()
    weights["b2"] += 0.3
    x = np.random.default_rng(1).standard_normal((7, 3))
    act = nets.ACTIVATIONS[activation]
    h = act(jnp.asarray(x @ weights["W1"]))
    h = act(h @ weights["W2"] + 0.3)
    found = nets.apply(
        MLP(SIZES[1:], activation), SIZES[0], nets.flattened(nets.layers(weights)), x
    )
    np.testing.assert_allclose(found, h @ weights["W3"], rtol=1e-12)


def test_what_a_run_differentiates_is_the_plain_products_to_the_bit():
    """Hashes of files hold: flax's layers are the same operations as the formula."""
    layers = nets.layers({name: jnp.asarray(values) for name, values in drawn().items()})
    x = jnp.asarray(np.random.default_rng(1).standard_normal((7, 3)))

    def plain(w):
        *hidden, (W, b) = nets.unflattened(w, SIZES)
        h = x
        for V, c in hidden:
            h = jnp.tanh(h @ V + c[None, :])
        return jnp.sum((h @ W + b[None, :]) ** 2)

    def made(w):
        return jnp.sum(nets.apply(MLP(SIZES[1:], "tanh"), SIZES[0], w, x) ** 2)

    w = nets.flattened(layers)
    for derived in (lambda f: f, jax.grad, lambda f: lambda w: jax.jvp(jax.grad(f), (w,), (w,))[1]):
        found, wanted = (jax.jit(derived(f))(w) for f in (made, plain))
        np.testing.assert_array_equal(found, wanted)
