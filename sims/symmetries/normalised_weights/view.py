"""The picture of normalised weights: a funnel of turns, lengths and their wall."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from sims.core.format import short, significant
from sims.symmetries.normalised_weights.theory import turns_between
from sims.view import (
    STEPS,
    Arrays,
    Curves,
    Given,
    Guess,
    Known,
    Law,
    Picture,
    Profile,
    Tile,
    View,
    decades,
)  # fmt: skip

WALLED = 5
"""Neurons whose wall is drawn: the longest."""
TURNS = (-3.0, 2.4)
"""Decades of degrees; they tell no guess."""


def every(known: Known) -> range:
    """All neurons, from the shortest to the longest."""
    return range(len(known["unit"]))


def turn_now(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Root mean square turn a step since the record before, degrees, (seed, row, unit)."""
    turned = np.asarray(run["turned"], float)
    waits = np.diff(prediction["step"].values[: turned.shape[1]])
    squares = np.maximum(np.diff(turned, axis=1), 0.0) / waits[:, None]
    first = np.full_like(turned[:, :1], np.nan)
    return np.concatenate([first, np.degrees(np.sqrt(squares))], axis=1)


def ratio_so_far(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Turns over the second half of the run so far, over the predicted one, (seed, row, unit)."""
    turned, steps = np.asarray(run["turned"], float), prediction["step"].values
    turn = float(np.ravel(prediction["turn_mean"].values)[0]) or math.nan
    rows = [turns_between(turned, steps, (k + 1) // 2, k) / turn for k in range(turned.shape[1])]
    found = np.stack(rows, axis=1)
    found[:, :2] = np.nan
    return found


def walls(known: Known) -> np.ndarray:
    """The walls of the longest, NaN of the others, (record, unit)."""
    wall = np.array(known["wall"])
    wall[:, :-WALLED] = np.nan
    return wall


def length_decades(known: Known) -> list[float]:
    """Decades that hold first lengths and those that neurons settle at."""
    first = known["wall"][0]
    return decades(min(0.5 * float(first.min()), 0.05), max(2 * float(first.max()), 1.0))


def one(known: Known) -> np.ndarray:
    """What every neuron's turn should be, over itself."""
    return np.ones(len(known["unit"]))


def edge(side: int) -> Given:
    """One end of what is allowed."""
    return Given("unit", lambda k: 1 + side * k["tolerance_turn_each"] * one(k), "tolerance", "bar")


def apart(known: Known) -> float:
    """How many times apart first turns are."""
    first = known["first_turn"]
    return float(first.max() / first.min()) if first.min() > 0 else math.nan


def sliding(known: Known) -> float:
    """Steps that the longest neuron slides down the wall to the shortest one's length."""
    per = known["decays"] / known["step"][-1]
    first = known["wall"][0]
    return float(0.5 * np.log(first.max() / first.min()) / per) if per else math.nan


def sweep(over: str) -> tuple[Picture, ...]:
    """The turn against a knob."""
    del over
    return (Law("turn_degrees", log=True, y="turn a step, degrees"),)


VIEW = View(
    Curves("turn_now", id="turn", theory="turn_degrees", entries=every, log=TURNS, bands=False,
           title="How far each neuron turns in a step", symbol=r"\varphi",
           y=r"turn a step $\varphi$, degrees",
           note="one line a neuron, coloured by its first length; dashed: what rate and decay fix",
           alt=lambda k: "Turn a step of every neuron against the step; predicted to settle at "
           f"{significant(k['turn_degrees'], 3)} degrees for all."),
    (
        Curves("length2", theory=walls, entries=every, log=length_decades, bands=False,
               title="Lengths", symbol="|w_i|^2", y=r"squared length $|w_i|^2$",
               note="dashed: the wall, a neuron without gradient, of the five longest",
               alt="Squared length of every neuron against the step, and the wall that the longest "
               "slide down."),
        Profile("ratio_so_far", id="each", theory=one, lines=False, linear=(0.0, 2.0),
                x="neuron, from short to long", y="turn over the predicted one",
                title="Where they stand", symbol=r"\varphi_i/\varphi",
                given=(edge(-1), edge(1)),
                note="over the second half of the run so far; bars: what is allowed at the end",
                alt="Turn of every neuron over the predicted one, at the time of the scrubber."),
        Curves("loss", theory=None, linear=True, bands=False, note="of which nothing is said"),
    ),
    (
        Tile("turn_degrees", "turn a step, once settled", "the same for every neuron", unit="°",
             symbol=r"\varphi", digits=3, claim="turn_mean"),
        Tile(apart, "times apart at the first step", "with all digits in it", digits=2, measured="",
             symbol=""),
        Tile("decays", "decays of a length in the run",
             lambda k: f"one in {short(k['step'][-1] / k['decays'])} steps" if k["decays"]
             else "lengths never shrink", digits=3, measured="", symbol="N"),
        Tile(sliding, "steps down the wall, from longest to shortest", "were there no gradient",
             digits=3, measured="", symbol=""),
    ),
    clock=STEPS,
    derived={"turn_now": turn_now, "ratio_so_far": ratio_so_far},
    sweep=sweep,
    guess=Guess.level(
        "turn_degrees", "By how many degrees does each neuron turn in a step, once all have "
        "settled?", panel="turn",
    ),
)  # fmt: skip
