"""The picture of the Fourier staircase: levels, frequencies, the template, every neuron."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import short, significant
from sims.view import (
    LOG_TIME,
    Arrays,
    Curves,
    Difference,
    Guess,
    Known,
    Law,
    Level,
    Map,
    Moment,
    Picture,
    Profile,
    Tile,
    View,
)  # fmt: skip

HIGHEST = 2.4
"""Decade of the strongest frequency that fits in its panel."""
NEAR = 0.08
"""Distance of two levels below which the upper one alone is named."""
MOST_SHOWN = 8


def off_level(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The level nearest in ln L at every record, over the loss, minus one."""
    levels = np.atleast_2d(prediction["plateau_losses"].values)[0]
    kept = levels[levels > 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.log(run["loss"][..., None] / kept)
    nearest = np.take_along_axis(off, np.argmin(np.abs(off), axis=-1)[..., None], axis=-1)[..., 0]
    return np.expm1(np.where(run["loss"] > 0.7 * kept[-1], nearest, np.nan))


def apart(known: Known) -> np.ndarray:
    """Which levels have room for their names."""
    kept = known["plateau_losses"][known["plateau_losses"] > 0]
    free, last = [], math.inf
    for level in kept:
        free.append(last - level >= NEAR)
        last = level if free[-1] else last
    return np.array(free)


def levels(known: Known, *, named: bool) -> np.ndarray:
    """The levels above zero, NaN in place of those with a name, or without."""
    kept = known["plateau_losses"][known["plateau_losses"] > 0]
    return np.where(apart(known) == named, kept, np.nan)


def frequencies(known: Known) -> np.ndarray:
    """Frequencies in the order in which they should come."""
    return known["order"][1:].astype(int)


def shown(known: Known) -> list[int]:
    """Indices of the frequencies that are drawn."""
    return [int(k) - 1 for k in frequencies(known)[:MOST_SHOWN]]


def decades(known: Known) -> list[float]:
    """Range of the strengths, from below their start."""
    return [min(math.log10(known["start_strength"]), 0.0) - 2.2, HIGHEST]


def within_run(known: Known) -> float:
    """The first drop, if the run comes so far."""
    at = known["first_drop"]
    return at if at <= known["time"][-1] else math.nan


def earliest(known: Known) -> str:
    """The bound in words."""
    return f"none before {significant(known['first_drop_bound'], 3)}"


def tiles(known: Known) -> list[Tile]:
    """The first drop, the order, two levels, and the wait of the weakest frequency."""
    order, count = frequencies(known), len(known["plateau_losses"])
    lasts = short(round(known["time"][-1] / known["last_bound"], 1))
    return [
        Tile("first_drop", "first drop", earliest, symbol="t_1", unit="time", digits=3),
        Tile(lambda _: ", ".join(str(k) for k in order), "order of frequencies",
             "strongest first", symbol="k_j", claim="order"),
        *(
            Tile(f"plateau_losses[{j}]", "rests at", f"after {j} of {len(order)} frequencies",
                 symbol=f"L_{j}", places=4)
            for j in range(1, min(3, count - 1))
        ),
        Tile("last_bound", "wait of the weakest", f"the run lasts {lasts} of these",
             symbol=r"t_\mathrm{last}", unit="time", digits=3),
    ]  # fmt: skip


def sweep(over: str) -> Sequence[Picture]:
    """The first drop against a knob, above its bound."""
    del over
    return (
        Law("first_drop", id="first_drop_bound", title="First drop and its bound", symbol="t_1",
            y="first drop $t_1$", log=True, second="first_drop_bound", second_name="bound",
            note="no run can drop before the bound"),
    )  # fmt: skip


VIEW = View(
    Curves("loss", linear=(-0.04, 1.12), theory=None, note="three neurons have escaped at $t_1$",
           log=lambda k: [math.log10(levels(k, named=True)[0] * 1e-3), 0.4],
           levels=(Level(lambda k: levels(k, named=True), "$L_#$", first=0),
                   Level(lambda k: levels(k, named=False)))),
    (
        Curves("frequency_strengths", entries=shown, names="$k = #$", label="left", bands=False,
               y="strength", log=decades, note="strongest in the template first"),
        Profile("learned_template", id="template", title="The template, as far as learned",
                over="position", theory="template", name="the template",
                steps=lambda k: k["partial_templates"][1:-1], x="position $n$", y="$x[n]$",
                note="thin dashes: after one, two, ... frequencies; drag the scrubber"),
        Map("neuron_spectrum", id="neurons", title="Every neuron's spectrum", rows="frequency",
            columns=lambda k: np.arange(1, int(k["width"]) + 1), x="neuron $i$", y="frequency $k$",
            span=(0.0, lambda k: 1.2 * np.max(k["magnitudes"]) ** (1 / 3)),
            hover="neuron %{x}, frequency %{y}: %{z:.3f}",
            note="bright is large: a neuron ends on one frequency alone"),
        Difference("plateau_losses", by="off_level", scale=100, wide=9, usual=0.03, bands=False,
                   title="Distance to the nearest level", symbol="L/L_j-1",
                   y="difference in per cent",
                   note="flat pieces are rests; tolerance for their median"),
    ),
    tiles,
    (Moment(within_run, "t_1"),),
    clock=LOG_TIME,
    legend={
        "theory": "theory, the template after each frequency",
        "second_theory": "the whole template",
        "predicted": "predicted level or first drop",
    },
    derived={"off_level": off_level},
    sweep=sweep,
    guess=Guess.time("first_drop", "When does the first drop come?"),
)  # fmt: skip
