"""Dendrograms: brackets that join what is alike, as high as what they join is apart."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.saddle_to_saddle.linear_network.tree import ITEMS, predicted_product
from sims.view import Arrays

CORNERS = 5
"""Points of a bracket: up, across, down, and a gap before the next one."""


def balanced(items: int) -> np.ndarray:
    """The joins of a balanced binary tree over a power of two of items, (join, side).

    Numbered as scipy does: items come first, then the joins in order.
    """
    return np.arange(2 * items - 2).reshape(-1, 2)


TREE = balanced(len(ITEMS))
"""The true tree: items in pairs, families, kingdoms."""


def members(pairs: np.ndarray) -> list[list[int]]:
    """The items below every node, items themselves first."""
    found = [[i] for i in range(len(pairs) + 1)]
    for a, b in pairs:
        found.append(found[a] + found[b])
    return found


def heights(points: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    r"""Mean distance between the two sides of every join of a given tree.

    `points` is (..., item, coordinate); the answer is (..., join), in the points' unit:

    $$ h = \frac{1}{|A| |B|} \sum_{i \in A, j \in B} \lVert w_i - w_j \rVert $$
    """
    apart = np.linalg.norm(points[..., :, None, :] - points[..., None, :, :], axis=-1)
    below = members(pairs)
    between = [apart[(..., *np.ix_(below[a], below[b]))] for a, b in pairs]
    return np.stack([each.mean(axis=(-2, -1)) for each in between], axis=-1)


def joined(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average-linkage clustering of points (item, coordinate): joins (join, side) and heights."""
    from scipy.cluster.hierarchy import linkage

    links = linkage(points, "average")
    return links[:, :2].astype(int), links[:, 2]


def brackets(pairs: np.ndarray, rise: np.ndarray) -> np.ndarray:
    """The tree as one broken line, (x and y, 5 points a join); item i stands at x = i.

    Small joins come first, from left to right, whatever order they were found in.
    """
    below = members(pairs)
    places = [float(i) for i in range(len(pairs) + 1)]
    levels = [0.0] * len(places)
    drawn = []
    for (a, b), height in zip(pairs, rise, strict=True):
        left, right = sorted((int(a), int(b)), key=places.__getitem__)
        x = [places[left], places[left], places[right], places[right], np.nan]
        y = [levels[left], height, height, levels[right], np.nan]
        places.append((places[left] + places[right]) / 2)
        levels.append(float(height))
        drawn.append((len(below[left]) + len(below[right]), places[-1], [x, y]))
    drawn.sort(key=lambda bracket: bracket[:2])
    return np.concatenate([lines for _, _, lines in drawn], axis=-1)


def clustered(points: np.ndarray) -> np.ndarray:
    """The dendrograms of points (row, item, coordinate) as lines (row, x and y, point).

    A row that left the finite range has none: it is NaN.
    """
    rows, items = points.shape[:2]
    lines = np.full((rows, 2, CORNERS * (items - 1)), np.nan)
    for line, one in zip(lines, points, strict=True):
        if np.isfinite(one).all():
            line[:] = brackets(*joined(one))
    return lines


def joints(product: np.ndarray) -> np.ndarray:
    """Mean distances between siblings, families and kingdoms in W (property, item), (3,)."""
    rise = heights(product.T, TREE)
    return np.array([rise[:4].mean(), rise[4:6].mean(), rise[6]])


def run_tree(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
    """The first seed's dendrogram at every snapshot, (1, snapshot, x and y, point)."""
    return clustered(np.swapaxes(run["product"][0], -1, -2))[None]


def predicted_tree(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Predicted heights of the true tree at the run's snapshots, (1, snapshot, point)."""
    product = predicted_product(prediction)[: run["product"].shape[1]]
    rise = heights(np.swapaxes(product, -1, -2), TREE)
    return np.array([[brackets(TREE, one)[1] for one in rise]])
