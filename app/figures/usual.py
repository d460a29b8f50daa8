"""The picture of an experiment that declares none, from its observables and claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from app.figures import style
from sims.core.experiment import Experiment, Observable
from sims.view import (
    STEPS,
    TIME,
    Curves,
    Difference,
    Law,
    Map,
    Moment,
    Picture,
    Profile,
    Tile,
    View,
)  # fmt: skip
from sims.view.known import Known

MOST_TILES = 4
ROWS = ("record", "snapshot")


def usual(experiment: Experiment, known: Known) -> View:
    """Curves of numbers and of short vectors, profiles and maps of larger ones, differences.

    What is claimed first is the hero.
    """
    pictures = list(_panels(experiment, known))
    claimed = [claim.name for claim in experiment.claims]
    hero = min(pictures, key=lambda p: _rank(p, claimed))
    others = [p for p in pictures if p is not hero]
    measured = list(_numbers(experiment, known))
    moments = [n for n in measured if experiment.observables[n].unit == _unit(known)]
    return View(
        hero,
        [*others, *_differences(experiment, known)],
        [*(Tile(n, experiment.observables[n].label) for n in measured), *_ends(experiment, known)][
            :MOST_TILES
        ],
        tuple(Moment(name, experiment.observables[name].symbol) for name in moments),
        clock=STEPS if _unit(known) == "steps" else TIME,
    )


def _rank(picture: Picture, claimed: Sequence[str]) -> int:
    """Place among the claims; those of whom nothing is claimed come last."""
    name = getattr(picture, "of", "")
    return claimed.index(name) if name in claimed else len(claimed)


def _ends(experiment: Experiment, known: Known) -> Iterator[Tile]:
    """Recorded numbers at the end, where they are predicted."""
    for name, seen in experiment.observables.items():
        if seen.at == "records" and not seen.dims and name in known and np.ndim(known[name]):
            yield Tile(f"{name}[-1]", f"{seen.label} at the end", digits=3)


def _unit(known: Known) -> str:
    """Whether the prediction's time is the number of steps."""
    return "steps" if known["time"][-1] == known["step"][-1] else "time"


def _panels(experiment: Experiment, known: Known) -> Iterator[Picture]:
    for name, seen in experiment.observables.items():
        if seen.at == "measured":
            continue
        size = _size(seen, name, known)
        log = seen.scale == "log"
        if seen.at == "records" and not seen.dims:
            yield Curves(name, linear=True, log=log)
        elif seen.at == "records" and 0 < size <= style.MOST_MODES:
            yield Curves(name, linear=True, log=log, names="#", label="upper")
        elif seen.at == "snapshots" and not seen.dims:
            yield Curves(name)
        elif seen.at == "snapshots" and len(seen.dims) == 1 and size:
            yield Profile(name, x=seen.dims[0])
        elif len(seen.dims) == 2 and all(d in known for d in seen.dims):
            yield Map(name, rows=seen.dims[0], columns=seen.dims[1], y=seen.dims[0], x=seen.dims[1])


def _size(seen: Observable, name: str, known: Known) -> int:
    """Entries of a vector, 0 where neither its prediction nor its coordinate tells."""
    if len(seen.dims) != 1:
        return 0
    found = next((known[n] for n in (name, seen.dims[0]) if n in known), None)
    return 0 if found is None else int(found.shape[-1])


def _differences(experiment: Experiment, known: Known) -> Iterator[Picture]:
    """Run minus theory for every claim about a curve of the same name."""
    for claim in experiment.claims:
        seen = experiment.observables.get(claim.name)
        if seen is None or claim.name not in known:
            continue
        dims = known.whole[claim.name].dims
        if "record" in dims and len(seen.dims) < 2:
            yield Difference(claim.name, title=f"{claim.title.capitalize()}, run minus theory")


def _numbers(experiment: Experiment, known: Known) -> Iterator[str]:
    """Predicted numbers that a run measures."""
    for name, seen in experiment.observables.items():
        if seen.at == "measured" and not seen.dims and name in known:
            yield name


def swept(experiment: Experiment) -> Sequence[Picture]:
    """Panels of a sweep: what a run measures, with run over theory where that is claimed."""
    names = [n for n, o in experiment.observables.items() if o.at == "measured" and not o.dims]
    claimed = {claim.name for claim in experiment.claims}
    laws = [Law(n, log=experiment.observables[n].scale == "log", when=n) for n in names]
    return [*laws, *(Difference(n, when=n, wide=1.6) for n in names if n in claimed)]
