"""The picture of conservation: neurons on their rails, charges, what leaks, and the ledger."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import short, significant
from sims.symmetries.conservation_laws.charges import LEAKY
from sims.symmetries.conservation_laws.claims import ROUNDING
from sims.view import (
    STEPS,
    Arrays,
    Bespoke,
    Curves,
    Difference,
    Guess,
    Known,
    Law,
    Level,
    Picture,
    Tile,
    View,
    decades,
)  # fmt: skip

SHOWN = 8
"""Leaks that are drawn, the largest."""
LEAKS = (-7.0, 1.0)
"""Decades from hardly a leak to a whole length: they tell no guess."""
NAMES = {
    "translation": ("Sums of outgoing weights", "c_i", "sum of the outgoing weights $c_i$"),
    "rotation": ("Spins of pairs", "J_j", "spin of a pair $J_j$"),
    "rescale": ("Charges", "q_i", "charge $q_i = k|V_i|^2 - |W_i|^2$"),
    "scale": ("Squared lengths", "|W_i|^2", "squared length $|W_i|^2$"),
}
"""Of the charges: heading, symbol, axis."""


def is_leaky(known: Known) -> bool:
    """Whether the charge is one that leaks."""
    return known["watched"] in LEAKY


def every(known: Known) -> range:
    """All units."""
    return range(len(known["unit"]))


def largest(known: Known) -> list[int]:
    """The units that are predicted to leak most, in the order of the net."""
    return sorted(np.argsort(-known["largest_leak"])[:SHOWN].tolist())


def rail_in(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """|W_i|², (seed, row, unit), at the moment of the scrubber, too."""
    del prediction
    return np.asarray(run["norm_in"], float)


def rail_out(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """k|V_i|², (seed, row, unit)."""
    return prediction["degree"].values.flat[0] * np.asarray(run["norm_out"], float)


def leak_size(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """What has left or joined each charge, as far down as it is drawn, (seed, row, unit)."""
    rows = run["charge"].shape[1]
    sizes = np.abs(run["charge"] - prediction["decayed"].values[..., :rows, :])
    return np.where(sizes >= 10 ** LEAKS[0], sizes, np.nan)


def leak_sizes(known: Known) -> np.ndarray:
    """The same as predicted, (record, unit)."""
    return np.abs(known["leak"])


def ledger_share(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The largest |ledger| over the largest squared length so far, (seed, row)."""
    del prediction
    lengths = np.maximum(run["norm_in"], run["norm_out"]).max(axis=-1)
    return np.abs(run["ledger"]).max(axis=-1) / np.maximum.accumulate(lengths, axis=1)


def charges(known: Known) -> Curves:
    """Every unit's charge, dashed as predicted."""
    watched = known["watched"]
    title, symbol, y = NAMES[watched]
    spins = watched == "rotation"
    note = {
        "translation": lambda k: f"all in step: {short(100 * k['left'][-1])} % are left at the end",
        "rotation": "a straight line: each step leaves the share β, whatever is learned",
        "rescale": "flat: what decay and leak leave of every neuron's balance",
        "scale": "lengths that nothing in the loss can feel",
    }[watched]
    return Curves(
        "charge", id="charges", title=title, symbol=symbol, y=y, entries=every, bands=False,
        linear=True, log=spin_decades if spins else False, first="log" if spins else "linear",
        note=note, alt=f"{title} against the step: dashed as predicted, solid in the run.",
    )  # fmt: skip


def spin_decades(known: Known) -> list[float]:
    """Decades that hold all predicted spins, up to twelve of them."""
    J = known["charge"]
    return decades(max(0.5 * float(J.min()), 1e-12 * float(J.max())), 2 * float(J.max()))


RAILS = Bespoke(
    "rails",
    title="Every neuron on its rail",
    symbol="|W_i|^2, k|V_i|^2",
    y=r"outgoing weights $k|V_i|^2$",
    note="beads: the neurons at the time of the scrubber, each on its dashed rail",
)
"""Neurons in the plane of their two lengths."""


GROWTH = Curves(
    "leak", id="growth", entries=every, second=0.0, linear=True, bands=False, when="leak",
    title="What finite steps add", y=r"growth of $|W_i|^2$, but for decay",
    note="no gradient points along a length; every step goes off at a tangent",
    alt="How much the squared length of every neuron grows beside what decay takes, as predicted "
    "and in the run.",
)  # fmt: skip
"""Of lengths behind a normalisation."""


def hero(known: Known) -> Picture:
    """Rails where both lengths of a neuron share a charge; else what becomes of the charges."""
    watched = known["watched"]
    return {"rescale": RAILS, "scale": GROWTH}.get(watched) or charges(known)


def panels(known: Known) -> Sequence[Picture]:
    """What else is seen."""
    loss = Curves("loss", linear=True, bands=False,
                  note="dashed: the smooth path, of which nothing is claimed")  # fmt: skip
    if not is_leaky(known):
        return (
            Difference("charge", entries=every, bands=False, unit=at_the_start,
                       note="rounding is all that is left"),
            Curves("loss", theory=None, linear=True, bands=False,
                   note="what is learned meanwhile is no concern of the charges"),
        )  # fmt: skip
    leak = Curves(
        "leak_size",
        id="leak",
        theory=leak_sizes,
        entries=largest,
        linear=True,
        log=LEAKS,
        first="log",
        bands=False,
        title="What leaks",
        symbol=r"|\Delta q_i|",
        y=r"leak $|\Delta q_i|$",
        when="leak",
        alt=leak_words,
        note="the eight neurons that leak most; infinitely small steps leak nothing",
    )
    ledger = Curves(
        "ledger_share", theory=None, log=(-18.0, 0.5), bands=False, title="Ledger of the steps",
        symbol="", y="ledger less charge, relative", levels=(Level(ROUNDING, "rounding"),),
        note="the kinetic terms of all steps, added up, against the charge",
        alt="How far the added kinetic terms of all steps are from the charge.",
    )  # fmt: skip
    if known["watched"] == "scale":
        return (charges(known), ledger, loss)
    return (charges(known), leak, ledger, loss)


def leak_words(known: Known) -> str:
    """What the panel of the leak shows."""
    return (
        "What leaks of the eight largest charges against the step: predicted up to "
        f"{significant(known['leak_largest'], 3)}."
    )


def at_the_start(known: Known) -> float:
    """The largest charge of the start, in which errors are counted."""
    return float(np.abs(known["charge"][0]).max())


def tiles(known: Known) -> Sequence[Tile]:
    """Numbers of the symmetry that is watched."""
    left = Tile(lambda k: 100 * float(k["left"][-1]), "of every charge is left by the end", fate,
                unit="%", digits=4, symbol="q(T)/q(0)", measured="")  # fmt: skip
    if not is_leaky(known):
        return (left, Tile(turns, turning_words(known), "from rate, decay and momentum alone",
                           digits=3, symbol="n", measured=""))  # fmt: skip
    return (
        Tile("leak_largest", "the largest leak of a neuron by the end",
             "nothing, were steps infinitely small", digits=3, claim="leak"),
        Tile("travel_largest", "along its rail, at most", "by the smooth path; not claimed",
             digits=3, claim="", when=lambda k: k["watched"] == "rescale"),
        left,
        Tile("step_sharpness", "step times sharpness", "a small step up to 0.28", symbol="x",
             digits=2, measured=""),
    )  # fmt: skip


def fate(known: Known) -> str:
    """Why."""
    if known["watched"] in LEAKY:
        return (
            "apart from the leak; decay takes the rest"
            if known["left"][-1] < 1
            else ("apart from the leak")
        )
    return "whatever digits, net and batches are"


def turning_words(known: Known) -> str:
    """What `turns` counts."""
    return (
        "steps to a tenth of the spin"
        if known["watched"] == "rotation"
        else ("steps until the sums cross zero")
    )


def turns(known: Known) -> float:
    """Steps to a tenth of the spin, or until the sums first cross zero; NaN where they never do."""
    left, step = known["left"], known["step"]
    if known["watched"] == "rotation":
        share = float(left[-1]) ** (1 / float(step[-1]))
        return math.log(0.1) / math.log(share) if 0 < share < 1 else math.nan
    below = np.flatnonzero(left < 0)
    if not below.size:
        return math.nan
    i = int(below[0])
    return float(step[i] - (step[i] - step[i - 1]) * left[i] / (left[i] - left[i - 1]))


def sweep(over: str) -> tuple[Picture, ...]:
    """The leak against a knob; its slope over the learning rate is 1, as anyone would guess."""
    return (
        Law("leak_largest", log=True, x_log=over == "eta", title="Largest leak of a neuron",
            y=r"leak $\max|\Delta q|$"),
        Law("ledger_drift", log=True, title="Ledger less charge", y="relative to the lengths"),
    )  # fmt: skip


VIEW = View(
    hero,
    panels,
    tiles,
    clock=STEPS,
    legend={"second_theory": "infinitely small steps"},
    derived={
        "rail_in": rail_in,
        "rail_out": rail_out,
        "leak_size": leak_size,
        "ledger_share": ledger_share,
    },
    sweep=sweep,
    guess=Guess.level(
        "leak_largest",
        "Nothing pushes a neuron off its rail but the size of a step. How far off is the farthest "
        "by the end?",
        panel="leak",
    ),
)
