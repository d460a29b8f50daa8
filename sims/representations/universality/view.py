"""The picture of universality: digits of all seeds on their way to one place, and how alike."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.representations.universality.images import CLASSES
from sims.view import (
    STEPS,
    Arrays,
    Curves,
    Guess,
    Known,
    Law,
    Level,
    Places,
    Tile,
    View,
)

GROUPS = ("cka_narrow", "cka_wide", "cka_other")


def edge(name: str, side: int):
    """One end of what is allowed around a curve, (record,)."""
    return lambda known: known[name] + side * known[f"allowed_{name}"]


def band(*names: str):
    """Both ends of what is allowed around these curves."""
    return tuple({name: edge(name, side) for name in names} for side in (-1, 1))


def first_ten(known: Known) -> range:
    """Points that are named: the digits of one network, since those of all should be there."""
    del known
    return range(CLASSES)


def digits(known: Known) -> list[str]:
    """The digit of every point."""
    return [str(int(c)) for c in known["digit"]]


def networks(known: Known) -> list[str]:
    """What the colours stand for."""
    return [f"network {r + 1}" for r in range(int(known["network"][-1]) + 1)]


def where(of: str, id: str, title: str, note: str) -> Places:
    """Every digit of every network of a group, on axes by which 0 to 9 should go around."""
    return Places(
        of, id=id, title=title, names=digits, named=first_ten, kinds="network", symbol="",
        kind_names=networks, x="cosine of the digit", y="sine of the digit", note=note,
    )  # fmt: skip


def from_start(name: str):
    """Where a group begins, in words."""
    return lambda known: f"{significant(float(known[name][0]), 3)} before the first step"


def narrow_now(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """How alike the narrow networks are, as one point, (seed, record, 1)."""
    del prediction
    return run["cka_narrow"][..., None]


def sweep(over: str) -> tuple[Law, ...]:
    """How alike the groups are in the end, against a knob."""
    del over
    return tuple(Law(f"{name}_final", linear=(-0.02, 1.05), y="CKA at the end") for name in GROUPS)


VIEW = View(
    where("places", "hero", "Every seed, one picture",
          "every digit in each narrow network; rings: where infinitely wide ones put it"),
    (
        Curves(GROUPS, id="cka", linear=(-0.02, 1.05), title="How alike", symbol="", y="CKA",
               names=("narrow", "wide", "other labels"), label="lower", bands=False,
               between=band(*GROUPS),
               levels=(Level("floor", "images mixed up"),),
               note="mean over pairs of networks; shaded: what chance allows"),
        where("places_other", "others", "What the others see",
              "the same plane, for the networks that were asked something else"),
        Law("curve_end", over="curve_width", id="width", name="trained", second="curve_start",
            second_name="untrained", run="narrow_now", at="width_here", taken="scrub",
            x="width $N$", x_log=True, linear=(-0.02, 1.05), symbol="", y="CKA",
            title="Alike by width alone",
            note="the dot: narrow networks, at the time of the scrubber"),
        Curves("debiased", linear=True, bands=False, levels=(1.0,),
               between=band("debiased"),
               title="Without the bias of width", y="CKA$_\\mathrm{u}$",
               note="1 as long as neurons are independent; trained ones are not"),
        Curves(("dimension_narrow", "dimension_wide"), id="dimension", linear=True, bands=False,
               names=("narrow", "wide"), label="end", title="Dimensions in use", symbol="",
               y="dimensions $(\\mathrm{tr} K)^2/|K|^2$"),
        Curves("loss", linear=True, bands=False, between=band("loss"),
               title="Loss of the wide ones"),
    ),
    (
        Tile("cka_narrow_final", "narrow networks, alike in the end", from_start("cka_narrow"),
             claim="cka_narrow", symbol="", hue=(0, 3)),
        Tile("cka_wide_final", "wide ones", from_start("cka_wide"), claim="cka_wide", symbol="",
             hue=(1, 3)),
        Tile("cka_other_final", "asked something else", from_start("cka_other"), claim="cka_other",
             symbol="", hue=(2, 3)),
        Tile("floor", "alike by chance", "where one sees the images in another order", symbol="",
             measured=""),
    ),
    clock=STEPS,
    guess=Guess.level(
        "cka_other_final",
        "All begin equally alike. How alike are the digits' networks and the others in the end?",
        panel="cka",
    ),
    sweep=sweep,
    derived={"narrow_now": narrow_now},
)  # fmt: skip
