"""The semantic tree: 8 living things, what is true of them, and how a network places them."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.saddle_to_saddle.target_maps import semantic_tree_targets
from sims.view import Arrays, Derived, Known

ITEMS = ("canary", "robin", "salmon", "sunfish", "rose", "daisy", "oak", "pine")
BRANCHES = ("animals", "plants", "birds", "fish", "flowers", "trees")
PROPERTIES = ("lives", *BRANCHES, *ITEMS)
FIRST_LEAF = len(PROPERTIES) - len(ITEMS)
LEARNED = semantic_tree_targets()
"""What is true of every item, (property, item)."""
SQUARES = (15, 7, 3, 3, 1, 1, 1, 1)
"""Of the singular values, level by level."""


def is_tree(known: Known) -> bool:
    """Whether the task is the semantic tree: its size, and s² = 15, 7, 3, 3, 1, ..."""
    if "product" not in known or known["product"].shape[-2:] != LEARNED.shape:
        return False
    s = known["spectrum"]
    return s.size == len(SQUARES) and bool(np.allclose(s**2, SQUARES))


def illusion(product: np.ndarray) -> np.ndarray:
    """How far item 1 is believed to have what only item 0 has; W is (..., property, item)."""
    return product[..., FIRST_LEAF, 1]


def plane(learned: np.ndarray) -> np.ndarray:
    """Two fixed directions of property space, (property, 2): kingdoms apart, then what is below.

    Both are principal directions of the fully learned items, the columns of `learned`; the second
    mixes the equal ones so that no two items coincide.
    """
    sides = np.array([1, 1, 1, 1, -1, -1, -1, -1.0])
    families = np.array([3, 3, -3, -3, 3, 3, -3, -3.0])
    items = np.array([1, -1, 1, -1, 1, -1, 1, -1.0])
    weights = np.stack([sides + 0.25 * items, families / 3 + items], axis=-1)
    centred = learned - learned.mean(axis=1, keepdims=True)
    directions = centred @ weights
    return directions / np.linalg.norm(directions, axis=0)


def in_plane(product: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Items (columns of W) in the two directions: (..., item, 2)."""
    centred = product - product.mean(axis=-1, keepdims=True)
    return np.swapaxes(centred, -1, -2) @ plane


def predicted_product(prediction: xr.Dataset) -> np.ndarray:
    """The predicted W of the first seed, (snapshot, property, item)."""
    found = prediction["product"]
    return (found.isel(seed=0) if "seed" in found.dims else found).values


def embedding(direction: int) -> Derived:
    """One coordinate of the run's items in the plane of what is learned."""

    def coordinate(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        learned = predicted_product(prediction)[-1]
        return in_plane(run["product"], plane(learned))[..., direction]

    return coordinate
