"""The picture of one cycle: sharpness above the edge, size of the oscillation, their portrait."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sims.core.format import decimals, significant
from sims.view import STEPS, Curves, Guess, Known, Law, Level, Moment, Tile, View, decades

ROUNDING = 1e-17
"""About the smallest start rounding leaves: it bounds the overshoot where no kick is given."""
SMALLEST_DRAWN = 1e-9


def mapped(name: str, *, size: bool = False) -> Callable[[Known], np.ndarray]:
    """A curve of the map, or its size; it is not known where no kick is given."""

    def curve(known: Known) -> np.ndarray:
        if not np.isfinite(known[name]).any():
            raise KeyError(name)
        return np.abs(known[name]) if size else known[name]

    return curve


def is_kicked(known: Known) -> bool:
    """Whether the size of the kick is known, and with it the cycle."""
    return "sharpness_gap" in known and bool(np.isfinite(known["sharpness_gap"]).any())


def reach(known: Known) -> tuple[float, float]:
    """Lowest and highest sharpness above the edge that is to be expected."""
    if is_kicked(known):
        y = known["sharpness_gap"]
        return float(np.nanmin(y)), float(np.nanmax(y))
    alpha, delta = known["alpha"], known["delta"]
    if not (alpha > 0 and delta > 0):
        return -3.0, 3.0
    top = math.sqrt(2 * alpha * (math.log(delta / ROUNDING) - 0.5))
    return -top, top


def above_edge(known: Known) -> list[float]:
    """Range of the sharpness above the edge, with room for the run."""
    low, high = reach(known)
    return [low - 0.12 * (high - low), high + 0.24 * (high - low)]


def across(known: Known) -> list[float]:
    """Range of the same in the portrait, which also holds the curve of constant energy."""
    level = known["level_gap"][np.isfinite(known["level_gap"])] if "level_gap" in known else []
    ends = [*reach(known), *level]
    low, high = float(min(ends)), float(max(ends))
    return [low - 0.08 * (high - low), high + 0.08 * (high - low)]


def sizes(known: Known) -> list[float]:
    """Decades of the oscillation's size."""
    if not is_kicked(known):
        return [math.log10(SMALLEST_DRAWN) - 0.54, 0.54]
    seen = np.append(np.abs(known["displacement"]), known["delta"])
    seen = seen[np.isfinite(seen) & (seen > 0)]
    return decades(0.5 * float(seen.min()), 2 * float(seen.max()))


def about_size(known: Known) -> str:
    """What the panel of the size shows, in a sentence."""
    start = f"{significant(known['displacement'][0])}" if is_kicked(known) else "rounding"
    return f"Displacement along the sharpest direction, from {start} on, on a logarithmic axis."


def turns(known: Known) -> str:
    """How long a small cycle takes."""
    period = known["period"]
    return f"a small cycle takes {decimals(period, 1)} steps" if math.isfinite(period) else ""


def known_step(name: str) -> Callable[[Known], bool]:
    """Whether a step comes at all."""
    return lambda known: math.isfinite(known[name])


AT_REST = (Level("delta", r"$\delta$"),)

VIEW = View(
    Curves("sharpness_gap", theory=mapped("sharpness_gap"), title="Sharpness above the edge",
           symbol=r"y = \lambda_1-2/\eta", y="above the edge $y$", linear=above_edge,
           levels=(0.0, Level("overshoot_formula", "closed formula")),
           empty=lambda k: "" if is_kicked(k)
           else "nothing is predicted without a kick: rounding decides the start"),
    (
        Curves("size", theory=mapped("displacement", size=True), title="Size of the oscillation",
               symbol="|x|", y="displacement $|x|$", log=sizes, levels=AT_REST, alt=about_size,
               note="drawn, not judged: the map's peak is too high, it leaves out the next order"),
        Law(mapped("displacement", size=True), over="sharpness_gap", id="portrait",
            title="The cycle", symbol=r"|x|\,\mathrm{against}\,y", run="size", at="sharpness_gap",
            trail=True, second="level_displacement", second_over="level_gap",
            second_name="of constant energy", x="sharpness above the edge $y$", x_span=across,
            y="displacement $|x|$", log=sizes, levels=AT_REST,
            alt=lambda k: "Displacement against sharpness above the edge: one turn around the "
            f"fixed point, which is at zero and {significant(k['delta'])}."),
        Curves("loss", title="Loss, without theory", theory=None, log=(-2.6, 0.1),
               empty="spikes while the oscillation is large; appears with the run"),
    ),
    (
        Tile("overshoot", "overshoot of the sharpness",
             lambda k: f"closed formula: {decimals(k['overshoot_formula'])}",
             symbol=r"y_\mathrm{max}"),
        Tile("overshoot_step", "step of the overshoot", symbol=r"j_\mathrm{max}", places=0,
             when=known_step("overshoot_step")),
        Tile("return_step", "back below the edge", places=0, when=known_step("return_step")),
        Tile("delta", "size at rest", turns, symbol=r"\delta", digits=3),
    ),
    (Moment("overshoot_step", r"j_\mathrm{max}"), Moment("return_step", "j_0")),
    clock=STEPS,
    legend={
        "theory": "theory, the map with frozen constants",
        "second_theory": "continuous limit: a curve of constant energy",
    },
    derived={"size": lambda run, _: np.abs(run["displacement"])},
    guess=Guess.level("overshoot", "How far above the edge does the sharpness go?"),
)  # fmt: skip
