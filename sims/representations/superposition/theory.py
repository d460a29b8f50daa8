"""The arrangement of least loss, and all others, before any network is drawn.

Nothing here sees a run, or a seed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Task
from sims.core.schedule import Schedule
from sims.representations.superposition import states
from sims.representations.superposition.energy import ignored

if TYPE_CHECKING:
    from sims.representations.superposition.params import Params


def dimensions(places: np.ndarray) -> np.ndarray:
    """D_i = |w_i|²/Σ_j (w_i·w_j/|w_i|)² of arrows (..., arrow, axis): the share of a dimension."""
    squares = np.sum(places**2, axis=-1)
    overlaps = np.einsum("...ia,...ja->...ij", places, places)
    with np.errstate(all="ignore"):
        found = squares**2 / np.sum(overlaps**2, axis=-1)
    return np.where(squares > 0, found, 0.0)


def padded(values: np.ndarray, count: int) -> np.ndarray:
    """A list of numbers, smallest first, and NaN up to so many of them."""
    found = np.full(count, np.nan)
    found[: len(values)] = np.sort(values)[:count]
    return found


def known_states(params: Params) -> tuple[states.State, ...]:
    """All arrangements at these settings, the lowest first."""
    return states.levels(
        params.features, params.neurons, float(params.density), float(params.importance)
    )


def predict(params: Params, task: Task, schedule: Schedule) -> xr.Dataset:
    """The level, number, lengths and angles of the lowest arrangement, and the levels of all.

    `norms` are |w|² of the features that are written, (arrow,), and `overlaps` their cosines,
    (pair,), smallest first and NaN behind the last; `corners` (arrow, axis) are their places up
    to a turn, 0 for those that are not written. `energies` (state) are all levels, NaN for one
    that does not exist here; `level_curves` (curve_density, state) are levels over density.
    `level` is the loss over the density, `next_level` that of the second lowest.
    `gap` is how far the second lies above the lowest, relative; `fold` the number of turns by
    which the arrangement comes back to itself; `strongest` the most important feature.
    """
    del task, schedule
    n, p = params.features, float(params.density)
    found = known_states(params)
    lowest, energy = found[0], found[0].energy
    rings = states.arrangements(n, params.neurons)
    energies = {one.rings: one.energy for one in found}
    gap = found[1].energy / energy - 1 if len(found) > 1 and energy > 0 else math.inf
    kept = len(lowest.norms)
    corners = np.zeros((n, 2))
    corners[:kept] = lowest.places
    shares = np.zeros(n)
    shares[:kept] = dimensions(lowest.places)
    return xr.Dataset(
        {
            "loss_final": ((), energy),
            "level": ((), energy / p),
            "next_level": ((), found[1].energy / p if len(found) > 1 else np.nan),
            "kept": ((), float(kept)),
            "norms": ("arrow", padded(lowest.norms, n)),
            "overlaps": ("pair", padded(lowest.overlaps, n * (n - 1) // 2)),
            "corners": (("arrow", "axis"), corners),
            "shares": ("arrow", np.sort(shares)),
            "energies": ("state", np.array([energies.get(r, np.nan) for r in rings])),
            "level_curves": (
                ("curve_density", "state"),
                states.curves(n, params.neurons, float(params.importance)),
            ),
            "gap": ((), gap),
            "ignored": ((), ignored(p)),
            "fold": ((), float(lowest.fold)),
            "strongest": ((), 0.0 if float(params.importance) <= 1 else n - 1.0),
            "density_here": ((), p),
        },
        coords={
            "curve_density": states.DENSITIES,
            "state": np.array([states.named(r) for r in rings], object),
        },
        attrs={
            "lowest": states.named(lowest.rings),
            "second": states.named(found[1].rings) if len(found) > 1 else "none",
        },
    )
