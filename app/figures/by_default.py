"""The picture of an experiment that declares none: it follows from its observables and claims."""

from __future__ import annotations

from collections.abc import Mapping

from sims.core.experiment import Experiment, Observable
from sims.view import Curves, Difference, Picture, Profile, Tile, View

MOST_TILES = 4


def default_view(experiment: Experiment) -> View:
    """Curves of what is recorded, profiles of what is in snapshots, and run minus theory.

    What is claimed first is the hero; a claim about one number is a tile.
    """
    seen = experiment.observables
    claimed = [claim.name for claim in experiment.claims if claim.name in seen]
    names = list(dict.fromkeys([*claimed, *seen]))
    pictures = [made for name in names if (made := _picture(name, seen[name])) is not None]
    compared = [n for n in claimed if seen[n].at == "records" and len(seen[n].dims) < 2]
    gaps = [Difference(name, id=f"{name}_gap") for name in compared]
    numbers = [n for n in claimed if seen[n].at == "measured" and not seen[n].dims]
    hero = pictures[0] if pictures else Curves(names[0] if names else "")
    tiles = [Tile(name, seen[name].label) for name in numbers]
    tiles += [Tile(f"{name}[-1]", f"{seen[name].label} at the end") for name in _ending(seen)]
    return View(hero, (*pictures[1:], *gaps), tuple(tiles[:MOST_TILES]))


def _picture(name: str, seen: Observable) -> Picture | None:
    """A curve or a bundle of them, or a profile; nothing for what takes more to be seen."""
    if seen.at == "records" and len(seen.dims) < 2:
        log = seen.scale == "log"
        if seen.dims:
            return Curves(name, linear=True, log=log, first=seen.scale, names="#", label="end")
        return Curves(name, linear=True, log=log, first=seen.scale)
    if seen.at == "snapshots" and len(seen.dims) == 1:
        return Profile(name)
    return None


def _ending(seen: Mapping[str, Observable]) -> list[str]:
    """Recorded numbers that have a value at the end."""
    return [name for name, one in seen.items() if one.at == "records" and not one.dims]
