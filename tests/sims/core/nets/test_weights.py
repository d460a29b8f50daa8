import numpy as np
import pytest

from sims.core import nets
from sims.core.nets.modules import CNN, MLP, Transformer

PIXELS = 64


def drawn(net, seed=0, **rest):
    return nets.drawn(net, PIXELS, np.random.default_rng(seed), **rest)


def test_leaves_are_named_after_their_layer_and_ordered_by_it():
    names = [leaf.name for leaf in nets.shapes(CNN(8, 2, 4, "tanh"), PIXELS)]
    assert names == ["conv1_kernel", "conv1_bias", "conv2_kernel", "conv2_bias", "head_kernel",
                     "head_bias"]  # fmt: skip
    kept = [leaf.name for leaf in nets.shapes(MLP((5, 2), "tanh"), PIXELS)]
    assert kept == ["W1", "b1", "W2", "b2"]
    leaves = {leaf.name: leaf.shape for leaf in nets.shapes(Transformer(8, 1, 3, "gelu"), PIXELS)}
    assert leaves["position"] == (8, 8)
    assert leaves["up1_kernel"] == (8, 16)
    assert leaves["q1_kernel"] == (8, 8)


@pytest.mark.parametrize(
    ("net", "count"),
    [
        (CNN(8, 2, 4, "tanh"), 1508),
        (MLP((24, 4), "tanh"), 1660),
        (Transformer(8, 1, 3, "gelu"), 731),
    ],
)
def test_weights_are_as_many_as_counted_by_hand(net, count):
    assert nets.parameters(net, PIXELS) == count


def test_an_mlp_is_drawn_as_its_files_have_it():
    net = MLP((5, 4, 2), "tanh")
    wanted = nets.mlp_weights(np.random.default_rng(3), (PIXELS, 5, 4, 2))
    found = drawn(net, 3)
    assert list(found) == list(wanted)
    for name, values in wanted.items():
        np.testing.assert_array_equal(found[name], values)
    np.testing.assert_array_equal(
        nets.flat(net, PIXELS, found), nets.flattened(nets.layers(wanted))
    )


def test_a_kernel_has_variance_one_over_all_that_feeds_an_output():
    found = drawn(CNN(64, 2, 4, "tanh", norm=True))
    assert np.var(found["conv1_kernel"]) * 9 == pytest.approx(1, rel=0.2)
    assert np.var(found["conv2_kernel"]) * 9 * 64 == pytest.approx(1, rel=0.05)
    assert np.var(found["head_kernel"]) * 128 * 4 == pytest.approx(1, rel=0.1)
    assert not found["conv1_bias"].any()
    assert (found["norm2_scale"] == 1).all()
    doubled = drawn(CNN(64, 2, 4, "tanh", norm=True), gain=lambda n: 2.0 if "conv2" in n else 1.0)
    np.testing.assert_array_equal(doubled["conv2_kernel"], 2 * found["conv2_kernel"])
    np.testing.assert_array_equal(doubled["conv1_kernel"], found["conv1_kernel"])


def test_flat_weights_unfold_into_what_was_drawn():
    net = Transformer(8, 2, 3, "gelu", norm=True)
    task = drawn(net)
    w = nets.flat(net, PIXELS, task)
    assert w.shape == (nets.parameters(net, PIXELS),)
    unfolded = nets.unravel(net, PIXELS, w)
    for leaf in nets.shapes(net, PIXELS):
        value = unfolded
        for key in leaf.path:
            value = value[key]
        np.testing.assert_array_equal(value, task[leaf.name])


def test_the_same_seed_draws_the_same_and_another_another():
    net = Transformer(8, 1, 3, "gelu")
    one, again, other = drawn(net, 1), drawn(net, 1), drawn(net, 2)
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not np.array_equal(one["position"], other["position"])
