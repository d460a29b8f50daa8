from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import nets
from sims.core.nets.modules import CNN, MLP, Transformer, attention, patches, side_of

PIXELS = 64
NETS: dict[str, Any] = {
    "mlp": MLP((6, 3), "tanh"),
    "mlp_norm": MLP((6, 3), "tanh", norm=True),
    "cnn": CNN(3, 2, 4, "gelu"),
    "cnn_norm": CNN(3, 2, 4, "tanh", norm=True),
    "transformer": Transformer(8, 1, 3, "gelu"),
    "transformer_norm": Transformer(8, 2, 3, "gelu", norm=True, heads=4),
}


def images(n=5, seed=1):
    return np.random.default_rng(seed).standard_normal((n, PIXELS))


def weights(net, seed=0):
    return nets.flat(net, PIXELS, nets.drawn(net, PIXELS, np.random.default_rng(seed)))


@pytest.mark.parametrize("stride", [1, 2])
def test_dense_on_patches_is_a_convolution_with_the_same_weights(stride):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4, 8, 8, 3))
    kernel = rng.standard_normal((3, 3, 3, 5))
    conv: Any = nn.Conv(5, (3, 3), (stride, stride), padding=((1, 1), (1, 1)), use_bias=False)
    wanted = conv.apply({"params": {"kernel": kernel}}, x)
    found = patches(jnp.asarray(x), stride) @ kernel.reshape(27, 5)
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)


def test_attention_is_the_one_of_flax_with_the_same_kernels():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 6, 8))
    q, k, v = (rng.standard_normal((8, 8)) for _ in "qkv")
    theirs: Any = nn.MultiHeadDotProductAttention(num_heads=2, qkv_features=8, use_bias=False)
    split = {n: {"kernel": w.reshape(8, 2, 4)} for n, w in zip(("query", "key", "value"),
                                                               (q, k, v), strict=True)}  # fmt: skip
    out = {"out": {"kernel": np.eye(8).reshape(2, 4, 8)}}
    wanted = theirs.apply({"params": split | out}, x)
    found = attention(jnp.asarray(x @ q), jnp.asarray(x @ k), jnp.asarray(x @ v), 2)
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("norm", [False, True])
def test_a_transformer_without_positions_does_not_see_the_order_of_its_tokens(norm):
    net: Any = Transformer(8, 2, 3, "gelu", norm=norm)
    params = nets.unravel(net, PIXELS, weights(net))
    rows = jnp.asarray(images().reshape(5, 8, 8))
    turned = rows[:, np.random.default_rng(2).permutation(8)].reshape(5, PIXELS)
    with_positions = net.apply({"params": params}, rows.reshape(5, PIXELS))
    assert not np.allclose(with_positions, net.apply({"params": params}, turned), atol=1e-6)
    params["position"] = jnp.zeros_like(params["position"])
    np.testing.assert_allclose(
        net.apply({"params": params}, rows.reshape(5, PIXELS)),
        net.apply({"params": params}, turned), rtol=1e-10,
    )  # fmt: skip


@pytest.mark.parametrize("name", NETS)
def test_a_gradient_is_the_slope_of_finite_differences(name):
    net, x = NETS[name], images()
    w = weights(net)

    def loss(w):
        return jnp.sum(nets.apply(net, PIXELS, w, x) ** 2)

    along = np.random.default_rng(3).standard_normal(w.shape)
    h = 1e-6
    slope = (loss(w + h * along) - loss(w - h * along)) / (2 * h)
    np.testing.assert_allclose(jax.grad(loss)(w) @ along, slope, rtol=1e-6)


@pytest.mark.parametrize("name", NETS)
def test_a_net_is_a_static_key_and_compiles_once_for_its_equals(name):
    net = NETS[name]
    again = type(net)(**{f: getattr(net, f) for f in net.__dataclass_fields__
                         if f not in ("parent", "name")})  # fmt: skip
    assert net == again
    assert hash(net) == hash(again)
    traced = []

    def out(net, w, x):
        traced.append(net)
        return nets.apply(net, PIXELS, w, x)

    program = jax.jit(out, static_argnums=0)
    w, x = weights(net), images()
    assert program(net, w, x).shape == (5, nets.apply(net, PIXELS, w, x).shape[1])
    program(again, w, x)
    assert len(traced) == 1


def test_a_norm_changes_what_a_net_computes_and_how_many_weights_it_has():
    for name in ("mlp", "cnn"):
        plain, normed = NETS[name], NETS[f"{name}_norm"]
        assert nets.parameters(normed, PIXELS) > nets.parameters(plain, PIXELS)
    outputs = nets.apply(NETS["mlp_norm"], PIXELS, weights(NETS["mlp_norm"]), images())
    scaled = nets.apply(NETS["mlp_norm"], PIXELS, weights(NETS["mlp_norm"]), 5 * images())
    np.testing.assert_allclose(outputs, scaled, rtol=1e-4)


def test_an_image_must_be_square():
    assert side_of(64) == 8
    with pytest.raises(ValueError, match="63 inputs are no square image"):
        side_of(63)
