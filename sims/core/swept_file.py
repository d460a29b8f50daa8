"""The file of a sweep, made of blocks: task, prediction, sweep and claims over the axes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

import numpy as np
import xarray as xr

from sims.core import archive
from sims.core.baseline import of_a_sweep
from sims.core.claims import judge_sweep
from sims.core.grid import Grid
from sims.core.part import GROUPS, Block, worst_of
from sims.core.result import Result
from sims.core.setup import Setup, own_of
from sims.core.tables import Allocate, Gathered


def tree_of(
    grid: Grid,
    blocks: Callable[[], Iterable[Block]],
    device: str,
    first: Callable[[], Setup],
    *,
    predicted_at: str = "",
    room: Callable[[str], Allocate] | None = None,
) -> xr.DataTree:
    """The whole tree; where blocks are missing it has NaN, and points that are not judged.

    `blocks` is asked twice, and `first` for the first point where something is claimed of
    the sweep as a whole: that is guessed and judged only once all points are there. `room` gives,
    by group, where the variables are put. Without `predicted_at` it is when the last block was
    predicted, each before it trained, and `blocks_sha256` is the SHA-256 over theirs in order.
    """
    seeds = np.arange(grid.seed, grid.seed + grid.seeds)
    whole = grid.whole_claims
    gathered = {name: Gathered() for name in GROUPS}
    heads, assumed = [], []
    for block in blocks():
        for name, table in block.tables.items():
            gathered[name].show(table)
        heads.append((block.sha256, block.predicted_at))
        assumed += [block.assumed] * bool(whole)
    for name, found in gathered.items():
        found.make_room(grid.points, **({} if room is None else {"allocate": room(name)}))
    for block in blocks():
        for name, table in block.tables.items():
            gathered[name].fill(table)
    done = gathered["task"].points
    groups = {name: one.dataset(grid, seeds) for name, one in gathered.items()}
    groups["sweep"] = groups["sweep"].transpose(*grid.axes, "seed", ...)
    groups["claims"] = groups["claims"].transpose("claim", *grid.axes, "seed")
    if whole and done == grid.points:
        setup = first()
        guesses = of_a_sweep(whole, setup, groups["prediction"], next(iter(grid.axes)))
        groups["prediction"] = groups["prediction"].assign(guesses)
        listed = worst_of(assumed)
        judged = judge_sweep(whole, setup, groups["prediction"], groups["sweep"], listed)
        groups["claims"] = groups["claims"].merge(judged)
    groups["sweep"].attrs["axes"] = ",".join(grid.axes)
    groups["task"] = groups["task"].merge(archive.own_group(own_of(grid.base)))
    made = Result.from_dict({f"/{name}": groups[name] for name in GROUPS})
    made.attrs = archive.root_attributes(
        grid.experiment,
        grid.base,
        seeds,
        preset=grid.preset,
        device=device,
        prediction=groups["prediction"],
        predicted_at=predicted_at or max(at for _, at in heads),
    )
    if not predicted_at:
        every = "".join(sha256 for sha256, _ in heads)
        made.attrs["blocks_sha256"] = hashlib.sha256(every.encode()).hexdigest()
    if done < grid.points:
        made.attrs["points_done"] = done
    return made


__all__ = ["tree_of"]
