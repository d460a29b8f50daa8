"""The picture of the search: neurons that crawl along 0, turn up, and find the direction."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.teacher_student.single_index import theory
from sims.view import (
    Arrays,
    Clock,
    Curves,
    Guess,
    Known,
    Law,
    Level,
    Moment,
    Picture,
    Tile,
    View,
)  # fmt: skip

EXAMPLES = Clock("examples per dimension $t$")
END = 0.9999
"""Of an overlap of 1/2, up to where the way without chance is drawn: it is followed no further."""


def so_far(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Share of the runs that have reached an overlap of 1/2, (seed, row)."""
    del prediction
    reached = np.asarray(run["size"], float) >= theory.HALF
    return np.maximum.accumulate(reached, axis=1).mean(axis=2)


def noiseless(known: Known) -> np.ndarray:
    """The way without chance, as far as it is followed, (record,)."""
    way = known["size"][:, 0]
    return np.where(way < END * theory.HALF, way, np.nan)


def found(known: Known) -> bool:
    """Whether half of the lives find it."""
    return bool(np.isfinite(known["escape_median"]))


def search(known: Known) -> Picture:
    """The runs, the way without chance, and where most lives are."""
    many = known["size"].shape[1]
    return Curves(
        "size", id="search", theory=noiseless, entries=range(many), bands=False,
        between=("size_low", "size_high"), linear=(0.0, 1.04), y="overlap $|m|$",
        title="Search and find", symbol="|m|", levels=(Level(theory.HALF, "found"),),
        note="dashed: without chance, up to 1/2; shaded: 90 % of predicted lives",
        alt=f"Overlap of {many} neurons with the hidden direction over examples per dimension: "
        "near 0 for long, then up to 1.",
    )  # fmt: skip


def spread(known: Known) -> str:
    """Where nine in ten lives end."""
    low, high = known["escape_low"], known["escape_high"]
    late = significant(high, 3) if np.isfinite(high) else "never"
    return f"nine in ten lives: {significant(low, 3)} to {late}"


def examples(known: Known) -> float:
    """The same in examples, with the dimension from the clock."""
    return known["escape_median"] * known["step"][-1] / known["time"][-1]


def sweep(over: str) -> tuple[Picture, ...]:
    """When the middle one escapes, against a knob."""
    del over
    return (Law("escape_median", log=True, title="Examples needed, per dimension",
                y=r"examples per dimension $t_{1/2}$"),)  # fmt: skip


VIEW = View(
    search,
    (
        Curves("so_far", id="escaped", theory="escaped", steps="all", linear=(-0.03, 1.03),
               bands=False, title="Who has escaped", symbol="P(t)", y="share that has escaped",
               note="dashed: of 4 000 predicted lives, drawn before the first example"),
        Law("climb", id="climb", over="place", second="pull", second_name="pull back",
            name="climb", x="overlap $m$", y="per example per dimension", linear=True,
            title="Climb and pull back", symbol=r"\dot m", marks=(("first_overlap", "m_0"),),
            note="where the dash-dotted line is higher the neuron cannot climb",
            alt="Speed of the climb against the overlap, and what each step undoes."),
    ),
    (
        Tile("escape_median", "the middle one finds it", spread, places=1, claim="escape_mean",
             when=found),
        Tile(examples, "examples until then", digits=3, symbol="n", measured="", when=found),
        Tile("escape_noiseless", "without chance", places=1, symbol="t_0", measured="",
             when=lambda k: np.isfinite(k["escape_noiseless"])),
        Tile("first_overlap", "first overlap", digits=2, symbol="m_0", measured=""),
        Tile(lambda _: "never", "they are predicted to find it", symbol="", measured="",
             when=lambda k: not found(k)),
    ),
    (Moment("escape_median", "t_{1/2}", when=found),),
    clock=EXAMPLES,
    legend={"second_theory": "pull back"},
    derived={"so_far": so_far},
    sweep=sweep,
    guess=Guess.time(
        "escape_median",
        "When has half of the neurons found the direction?",
    ),
)  # fmt: skip
