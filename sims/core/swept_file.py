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
from sims.core.tables import Allocate, gridded


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

    `blocks` is asked several times, and `first` for the first point where something is claimed of
    the sweep as a whole: that is guessed and judged only once all points are there. `room` gives,
    by group, where the variables are put. Without `predicted_at` it is when the last block was
    predicted, each before it trained, and `blocks_sha256` is the SHA-256 over theirs in order.
    """
    seeds = np.arange(grid.seed, grid.seed + grid.seeds)
    how = {} if room is None else {name: {"allocate": room(name)} for name in GROUPS}
    found = {
        name: gridded(
            lambda name=name: (b.tables[name] for b in blocks() if name in b.tables),
            grid, seeds, **how.get(name, {}),
        )
        for name in GROUPS
    }  # fmt: skip
    found["sweep"] = found["sweep"].transpose(*grid.axes, "seed", ...)
    found["claims"] = found["claims"].transpose("claim", *grid.axes, "seed")
    heads = [(b.sha256, b.predicted_at, len(b.tables["task"].points)) for b in blocks()]
    done = sum(points for *_, points in heads)
    if (whole := grid.whole_claims) and done == grid.points:
        setup = first()
        guesses = of_a_sweep(whole, setup, found["prediction"], next(iter(grid.axes)))
        found["prediction"] = found["prediction"].assign(guesses)
        listed = worst_of(list(blocks()))
        judged = judge_sweep(whole, setup, found["prediction"], found["sweep"], listed)
        found["claims"] = found["claims"].merge(judged)
    found["sweep"].attrs["axes"] = ",".join(grid.axes)
    found["task"] = found["task"].merge(archive.own_group(own_of(grid.base)))
    made = Result.from_dict({f"/{name}": found[name] for name in GROUPS})
    made.attrs = archive.root_attributes(
        grid.experiment,
        grid.base,
        seeds,
        preset=grid.preset,
        device=device,
        prediction=found["prediction"],
        predicted_at=predicted_at or max(at for _, at, _ in heads),
    )
    if not predicted_at:
        every = "".join(sha256 for sha256, *_ in heads)
        made.attrs["blocks_sha256"] = hashlib.sha256(every.encode()).hexdigest()
    if done < grid.points:
        made.attrs["points_done"] = done
    return made


__all__ = ["tree_of"]
