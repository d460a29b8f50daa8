import numpy as np
from scipy.cluster.hierarchy import linkage

from sims.saddle_to_saddle.linear_network.dendrogram import (
    CORNERS,
    TREE,
    brackets,
    clustered,
    heights,
    joined,
    joints,
    members,
)
from sims.saddle_to_saddle.linear_network.tree import LEARNED

GOALS = np.sqrt([2, 4, 6])


def test_learned_items_join_at_the_roots_of_two_four_and_six():
    np.testing.assert_allclose(joints(LEARNED), GOALS, rtol=1e-12)
    pairs, rise = joined(LEARNED.T)
    np.testing.assert_allclose(rise, np.repeat(GOALS, [4, 2, 1]), rtol=1e-12)
    groups = {tuple(sorted(g)) for g in members(pairs)}
    assert {(0, 1), (2, 3), (0, 1, 2, 3), (4, 5, 6, 7)} <= groups


def test_heights_of_a_known_tree_are_those_of_average_linkage():
    rng = np.random.default_rng(0)
    points = LEARNED.T + 0.1 * rng.normal(size=LEARNED.T.shape)
    found = np.sort(heights(points, TREE))
    np.testing.assert_allclose(found, np.sort(linkage(points, "average")[:, 2]), rtol=1e-12)


def test_a_bracket_stands_on_what_it_joins():
    x, y = brackets(np.array([[2, 1], [0, 3]]), np.array([1.0, 3.0]))
    np.testing.assert_allclose(x, [1, 1, 2, 2, np.nan, 0, 0, 1.5, 1.5, np.nan])
    np.testing.assert_allclose(y, [0, 1, 1, 0, np.nan, 0, 3, 3, 1, np.nan])


def test_brackets_have_an_order_of_their_own():
    rise = np.repeat(GOALS, [4, 2, 1])
    shuffled = np.array([[6, 7], [2, 3], [0, 1], [4, 5], [8, 11], [10, 9], [12, 13]])
    expected = brackets(TREE, rise)
    np.testing.assert_allclose(brackets(shuffled, rise), expected)


def test_a_run_that_left_the_finite_range_has_no_tree():
    lines = clustered(np.stack([LEARNED.T, np.full(LEARNED.T.shape, np.nan)]))
    assert np.isfinite(lines[0][1].reshape(-1, CORNERS)[:, 1]).all()
    assert np.isnan(lines[1]).all()
