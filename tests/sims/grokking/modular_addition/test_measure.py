from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import compilation
from sims.grokking import modular_network as network
from sims.grokking.modular_addition import measure, pictures, theory

P = 11
quick = partial(jax.jit, compiler_options=compilation.known(compilation.QUICK_TO_COMPILE))
order, progress = quick(measure.order), quick(measure.progress)
logits = quick(network.logits, static_argnums=1)
curves = quick(network.curves, static_argnums=2)


def circuit(relation=1.0):
    A, B, C = theory.circuit(P, 6)
    theta = np.stack([A, B, C.T])
    if relation != 1.0:
        phases = 2 * np.pi * np.arange(6) / 6
        total = np.add.outer(phases, phases)
        total = (total + np.pi) % (2 * np.pi) - np.pi
        k = theory.frequencies(P)[:, None, None, None]
        angle = 2 * np.pi * k * np.arange(P) / P + total[None, :, :, None] / relation
        theta[2] = np.cos(angle).reshape(-1, P).T
    return jnp.asarray(theta)


def test_the_circuit_is_in_perfect_order():
    found = order(circuit())
    assert float(found["ipr"]) == pytest.approx(1)
    assert float(found["phase_defect"]) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(found["frequency_shares"], 1 / 5)


def test_a_phase_relation_ten_percent_off_exceeds_the_tolerance():
    # |χ| uniform up to π: 0.1 times its mean is 0.157, here on a grid of six
    found = float(order(circuit(1.1))["phase_defect"])
    assert found == pytest.approx(0.143, abs=0.02)
    assert found > 0.1


def test_the_lone_frequency_of_an_even_modulus_is_weighed_like_the_others():
    """Without a mirror image p/2 counts once in a norm, and has signs in place of phases."""
    theta = jnp.asarray(np.stack([t if i < 2 else t.T for i, t in enumerate(theory.circuit(8, 6))]))
    found = order(theta)
    assert float(found["ipr"]) == pytest.approx(1)
    assert float(found["phase_defect"]) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(found["frequency_shares"], theory.frequency_shares(8))
    columns = np.random.default_rng(0).standard_normal((8, 5))
    columns -= columns.mean(axis=0)
    re, im = measure.waves(8) @ columns
    np.testing.assert_allclose(2 / 8 * (re**2 + im**2).sum(axis=0), (columns**2).sum(axis=0))


def test_pictures_pass_over_the_lone_frequency_for_the_clock():
    A = theory.circuit(8, 6)[0]
    found = pictures.picture(np.where(np.arange(A.shape[1]) < 72, A, 5 * A))  # p/2 leads
    np.testing.assert_allclose(found["columns"], found["column_cosines"], atol=1e-6)
    assert 4 in found["column_frequencies"]
    assert float(found["clock_frequency"]) != 4
    np.testing.assert_allclose(np.hypot(*found["clock"]), 1, atol=1e-6)


@pytest.mark.parametrize("p", [30, 31])
def test_gaussian_weights_have_neither(p):
    theta = jnp.asarray(np.random.default_rng(0).standard_normal((3, p, 4000)))
    found = order(theta)
    assert float(found["ipr"]) == pytest.approx(theory.chance_ipr(p), rel=0.02)
    assert theory.chance_ipr(31) == pytest.approx(2 / 16)
    assert float(found["phase_defect"]) == pytest.approx(np.pi / 2, rel=0.03)
    assert float(jnp.sum(found["frequency_shares"])) == pytest.approx(1)


def test_angles_are_wrapped():
    found = measure.wrapped(jnp.array([3.5, -3.5, 6.5, 0.2]))
    turn = 2 * np.pi
    np.testing.assert_allclose(found, [3.5 - turn, turn - 3.5, 6.5 - turn, 0.2])


def test_what_the_circuit_says_depends_on_the_distance_alone():
    f = logits(circuit() / 5, "square")
    mask = jnp.asarray(np.random.default_rng(0).random((P, P)) < 0.4)
    found = progress(f, mask)
    both = curves(f, mask, "ce")
    assert float(found["restricted_loss"]) == pytest.approx(float(both["test_loss"]), rel=1e-9)
    assert float(found["excluded_loss"]) == pytest.approx(np.log(P))
    assert float(found["restricted_share"]) == pytest.approx(1)


def test_restricted_logits_are_the_mean_over_pairs_of_one_distance():
    rng = np.random.default_rng(1)
    table = rng.standard_normal((P, P, P))
    a, b, c = np.ogrid[:P, :P, :P]
    d = (a + b - c) % P
    g = np.array([table[d == k].mean() for k in range(P)])
    g -= g.mean()
    ordered = np.stack([table[(d == k).nonzero()] for k in range(P)])
    loss = np.log(np.exp(g).sum()) - g[0]
    found = progress(jnp.asarray(ordered), jnp.zeros((P, P), bool))
    assert float(found["restricted_loss"]) == pytest.approx(loss)
    centred = table - table.mean(axis=2, keepdims=True)
    share = P * P * np.sum(g**2) / np.sum(centred**2)
    assert float(found["restricted_share"]) == pytest.approx(share)


def test_the_restricted_loss_does_not_see_what_is_learnt_by_heart():
    mask = np.random.default_rng(0).random((P, P)) < 0.4
    f = np.random.default_rng(1).standard_normal((P, P * P))
    f[0] += 20 * mask.ravel()  # row 0 is the target
    found = progress(jnp.asarray(f), jnp.asarray(mask))
    assert float(found["restricted_loss"]) > 0.9 * np.log(P)
    whole = progress(jnp.asarray(f), jnp.zeros((P, P), bool))
    assert float(whole["restricted_loss"]) < 0.1


def test_answers_tell_right_from_wrong_and_train_from_test():
    f = np.zeros((2, 4))
    f[0] = [1, -1, 1, -1]
    mask = np.array([[True, True], [False, False]])
    np.testing.assert_array_equal(
        measure.answers(jnp.asarray(f), jnp.asarray(mask)), [[3, 2], [1, 0]]
    )


def test_pictures_of_the_circuit():
    A = theory.circuit(P, 6)[0]
    found = pictures.picture(A)
    np.testing.assert_allclose(found["columns"], found["column_cosines"], atol=1e-6)
    angle = 2 * np.pi * np.arange(P) / P
    wanted = np.stack([np.cos(angle), np.sin(angle)])
    np.testing.assert_allclose(found["clock"], wanted, atol=1e-6)
    np.testing.assert_allclose(found["spectrum"].sum(axis=1), 1, rtol=1e-6)
    assert np.all(np.diff(found["spectrum"].argmax(axis=1)) >= 0)


def test_pictures_where_there_are_fewer_frequencies_than_curves():
    found = pictures.picture(np.random.default_rng(0).standard_normal((5, 8)))
    assert np.isnan(found["columns"][2]).all()
    assert np.isfinite(found["clock"]).all()
