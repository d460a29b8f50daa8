import numpy as np
import pytest

from sims.representations.superposition import states
from sims.representations.superposition.energy import expected_loss, one_output
from sims.representations.superposition.theory import dimensions


def lowest(p, features=5, neurons=2, importance=1.0):
    return states.levels(features, neurons, p, importance)[0]


def test_a_pentagon_has_the_published_length_and_bias():
    energy, size, b = states.ring(5, np.array([0.1]))
    assert size[0] == pytest.approx(1.2110, abs=1e-4)
    assert b[0] == pytest.approx(-0.2099, abs=1e-4)
    assert 5 * energy[0] / 0.1 == pytest.approx(0.2631, abs=1e-4)


def test_levels_of_five_rare_features_are_the_published_ones():
    found = {one.rings: one.energy / 0.1 for one in states.levels(5, 2, 0.1, 1.0)}
    for rings, level in {(5,): 0.2631, (2, 2): 0.3747, (2, 1): 0.6499, (1, 1): 0.925}.items():
        assert found[rings] == pytest.approx(level, abs=1e-4)


@pytest.mark.parametrize(
    ("p", "rings"), [(0.22, (5,)), (0.24, (2, 2)), (0.64, (2, 2)), (0.66, (3,)), (0.75, (3,))]
)
def test_the_lowest_arrangement_changes_where_published(p, rings):
    assert lowest(p).rings == rings


def test_the_triangle_lies_below_a_pair_and_one_alone():
    first, second, *_ = states.levels(3, 2, 0.75, 1.0)
    assert (first.rings, second.rings) == ((3,), (2, 1))
    assert second.energy / first.energy - 1 == pytest.approx(0.046, abs=1e-3)


def test_an_unequal_pair_has_the_published_loss_and_lengths():
    pair = lowest(0.1, 2, 1, 0.2)
    assert pair.energy == pytest.approx(0.001965, abs=1e-6)
    np.testing.assert_allclose(pair.norms, [1.0244, 0.9446], atol=1e-3)


@pytest.mark.parametrize(("importance", "last"), [(0.5, 0.48), (0.2, 0.29), (0.1, 0.18)])
def test_a_pair_lives_up_to_the_published_density(importance, last):
    assert lowest(last - 0.01, 2, 1, importance).rings == (2,)
    assert lowest(last + 0.01, 2, 1, importance).rings == (1,)


def test_the_border_of_the_phase_map_is_where_pairs_end():
    found = states.let_go(np.array([0.18, 0.29, 0.48]))
    np.testing.assert_allclose(found, [0.1, 0.2, 0.5], rtol=0.1)


@pytest.mark.parametrize(("k", "p"), [(2, 0.4), (3, 0.75), (5, 0.02), (6, 0.1)])
def test_no_other_length_and_bias_near_by_lose_less(k, p):
    here = np.array([p])
    energy, size, b = states.ring(k, here)
    overlaps = np.array([-1.0]) if k == 2 else np.cos(2 * np.pi * np.arange(1, k) / k)
    for move in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01), (0.01, -0.01)):
        other = size + move[0]
        assert one_output(other, other[:, None] * overlaps, b + move[1], here)[0] > energy[0]


def test_places_are_what_the_energy_says():
    for one in states.levels(5, 2, 0.4, 1.0):
        W, b = np.zeros((1, 2, 5)), np.full((1, 5), 0.2)
        W[0, :, : len(one.places)] = one.places.T
        at = 0
        for k in one.rings:
            b[0, at : at + k] = states.ring(k, np.array([0.4]))[2]
            at += k
        assert expected_loss(W, b, 0.4, np.ones(5))[0] == pytest.approx(one.energy, rel=1e-9)
        np.testing.assert_allclose(np.sum(one.places**2, axis=1), one.norms)


def test_shares_of_a_dimension_are_fractions():
    expected = {(1, 1): 1, (2, 2): 1 / 2, (3,): 2 / 3, (5,): 2 / 5}
    for one in states.levels(5, 2, 0.1, 1.0):
        if one.rings in expected:
            np.testing.assert_allclose(dimensions(one.places), expected[one.rings])


def test_a_curve_passes_through_the_levels():
    p = states.DENSITIES[10]
    found = {one.rings: one.energy / p for one in states.levels(5, 2, p, 1.0)}
    for i, rings in enumerate(states.arrangements(5, 2)):
        assert states.curves(5, 2, 1.0)[10, i] == pytest.approx(found[rings], rel=1e-6)
