"""A sweep from its grid to its file, part by part: what is done is kept, and can be gone on from.

    swept(grid)            predicted, trained and judged here
    swept(grid, engine=cluster.on(address))

Each group of points is predicted whole, and hashed, before it trains; of a sweep that is one part
all groups are. What is claimed of the sweep as a whole is judged once all points are there. Memory
holds one part and a file's smaller variables, however many parts there are.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import xarray as xr

from sims.core import archive, files
from sims.core.grid import Grid
from sims.core.knobs import plain
from sims.core.part import Block, Part
from sims.core.registry import registry
from sims.core.setup import Setup
from sims.core.sweep import settled
from sims.core.sweep_run import GroupedRun
from sims.core.swept_file import tree_of
from sims.core.unfinished import InMemory, OnDisk, Place, begun_on, folder_of

UNREADABLE = (OSError, KeyError, ValueError, RuntimeError)
Keep: TypeAlias = Callable[[Place, Block], None]
Told: TypeAlias = Callable[[float], None]


@dataclass(frozen=True)
class Work:
    """What is to be done of a sweep, on which device; `done` are the blocks that are there."""

    grid: Grid
    device: str
    done: frozenset[Place]

    @property
    def left(self) -> list[tuple[int, range]]:
        """Number and points of each part that is not all there."""
        groups = {place.part: place.groups for place in self.done}
        return [
            (k, points)
            for k, points in enumerate(self.grid.parts(self.device))
            if k not in groups or len(self.groups_done(k)) < groups[k]
        ]

    def groups_done(self, part: int) -> frozenset[int]:
        """The groups of a part that are there."""
        return frozenset(place.group for place in self.done if place.part == part)


Engine: TypeAlias = Callable[[Work, Keep, Told], None]
"""What computes the blocks that are left, and keeps each as soon as it is there."""


def train(
    part: Part,
    number: int,
    which: list[int],
    keep: Keep,
    told: Told = lambda _: None,
    threads: int | None = None,
) -> None:
    """Predict some groups of a part, then train, judge and keep them one after the other.

    On a CPU as many train at once as there are cores, or `threads`.
    """
    starts = {i: part.studies[i].freeze() for g in which for i in part.groups[g]}
    run = GroupedRun(starts, [part.groups[g] for g in which], part.device)

    def judged(n: int) -> None:
        own = part.groups[which[n]]
        block = part.block(starts, {i: run.result(i) for i in own}, which[n])
        keep(Place(number, which[n], len(part.groups)), block)

    run.finish(told, judged, threads)


def here(work: Work, keep: Keep, told: Told) -> None:
    """Every part that is left, one after the other, in this process."""
    total, left = work.grid.points, work.left
    before = total - sum(len(points) for _, points in left)
    for number, points in left:
        part = Part(work.grid, points, work.device)
        done = work.groups_done(number)
        which = [g for g in range(len(part.groups)) if g not in done]
        share = partial(_share, told, before / total, len(points) / total)
        train(part, number, which, keep, share)
        before += len(points)


def _share(told: Told, before: float, own: float, inside: float) -> None:
    told(before + own * inside)


def swept(
    grid: Grid,
    *,
    device: str = "cpu",
    out: Path | None = None,
    overwrite: bool = False,
    resume: bool = False,
    engine: Engine = here,
    told: Told = lambda _: None,
) -> xr.DataTree:
    """The tree of a sweep; with `out` also its file, and until that is there its parts beside.

    With `resume` what is there of the same sweep is not computed again. The tree of a sweep with
    variables too large for memory is that of the file, which is read as it is asked for.

    Raises:
        ValueError: settings are refused, or `resume` is asked of a file or of parts with others.
        NotWritten: see `archive.write`; the parts are still there.
        KeyboardInterrupt: Ctrl-C, once what is done is kept; it says how much that is.
    """
    place = None if out is None or files.is_special(out) else out
    if resume and place is not None and (finished := _finished(grid, place)) is not None:
        return finished
    parts = grid.parts("cpu")
    if len(parts) > 1:  # a single one is prepared whole, and refused, before anything is trained
        for i in grid.corners():
            grid.setup(i)
    if device == "auto":
        device = begun_on(place) if resume and place is not None else ""
        device = device or settled(grid, parts[0], "auto").name
    store = InMemory() if place is None else _begun(grid, device, place, overwrite, resume)
    work = Work(grid, device, frozenset(store.places()))
    try:
        engine(work, store.keep, told)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_stopped(work, store, place)) from None
    tree = _tree(work, store)
    if out is not None:
        archive.write(tree, out)
    if isinstance(store, OnDisk):
        if store.is_mapped and place is not None and place.suffix.lower() == ".nc":
            tree = archive.opened(place)
        store.remove()
    return tree


def settings(grid: Grid, device: str) -> dict[str, Any]:
    """What decides every number of a sweep's file, as plain data."""
    return {
        "experiment": grid.experiment.name,
        "origin": registry.origin(grid.experiment).sha256,
        "knobs": plain(grid.base),
        "over": {name: values.tolist() for name, values in grid.axes.items()},
        "seed": grid.seed,
        "seeds": grid.seeds,
        "device": device,
        "versions": archive.versions(),
    }


def _begun(grid: Grid, device: str, out: Path, overwrite: bool, resume: bool) -> OnDisk:
    """The parts of that file: those that are there, or none."""
    folder = folder_of(out)
    if folder.exists() and not resume:
        if not overwrite:
            raise ValueError(
                f"{folder} holds the parts of an unfinished sweep: resume it, or overwrite it."
            )
        shutil.rmtree(folder)
    return OnDisk(folder, settings(grid, device))


def _tree(work: Work, store: InMemory | OnDisk) -> xr.DataTree:
    room = (lambda group: partial(store.room, group)) if isinstance(store, OnDisk) else None
    return tree_of(
        work.grid, store.blocks, work.device, lambda: _first(work.grid, work.device), room=room
    )


def _first(grid: Grid, device: str) -> Setup:
    """The first point as its run began."""
    study = Part(grid, grid.parts(device)[0], device).studies[0]
    return study.setup if grid.experiment.intervene is None else study.freeze().setup


def _stopped(work: Work, store: InMemory | OnDisk, out: Path | None) -> str:
    """What is kept of a sweep that was stopped; its file holds what is done, if none is there."""
    done = sum(len(block.tables["task"].points) for block in store.blocks())
    if isinstance(store, OnDisk) and not done:
        store.remove()
    if out is None or not done:
        return ""
    if out.suffix.lower() == ".nc" and (not out.exists() or _is_unfinished(out)):
        archive.write(_tree(work, store), out)
    return f"Stopped with {done} of {work.grid.points} points done, which are kept"


def _is_unfinished(out: Path) -> bool:
    try:
        with archive.opened(out) as tree:
            return "points_done" in tree.attrs
    except UNREADABLE:
        return False


def _finished(grid: Grid, out: Path) -> xr.DataTree | None:
    """The tree of a file that is there and whole, with nothing left to resume.

    Raises:
        ValueError: it is of another sweep, or none.
    """
    if not out.exists() or folder_of(out).exists() or _is_unfinished(out):
        return None
    try:
        tree = archive.opened(out)
        sweep = tree["sweep"].to_dataset()
        said = [tree.attrs[name] for name in ("experiment", "params", "seed", "seeds")]
    except UNREADABLE:
        raise ValueError(f"{out} is no sweep that can be resumed: give another name.") from None
    asked = [grid.experiment.name, json.dumps(plain(grid.base)), grid.seed, grid.seeds]
    axes = sweep.attrs["axes"].split(",")
    if said != asked or axes != list(grid.axes) or not all(
        np.array_equal(sweep[name].values, values) for name, values in grid.axes.items()
    ):  # fmt: skip
        raise ValueError(f"{out} is of another sweep: give another name.")
    return tree


__all__ = ["Engine", "Keep", "Told", "Work", "here", "swept", "train"]
