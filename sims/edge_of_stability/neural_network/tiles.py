"""The predicted numbers of this experiment that are shown large."""

from __future__ import annotations

import math

from sims.core.format import THIN, decimals, significant
from sims.view import Known, Tile


def has_central_flow(known: Known) -> bool:
    """Whether a central flow is predicted."""
    return "break_step" in known


def number(known: Known, name: str) -> float:
    """A predicted number, NaN where it is not known."""
    return float(known.get(name, math.nan))


def start_of_run(known: Known) -> str:
    """Where the sharpness starts."""
    start = number(known, "start_over_edge")
    return f"the run starts at {significant(start, 2)} of it" if math.isfinite(start) else ""


def start_of_oscillation(known: Known) -> str:
    """When the oscillation begins."""
    start = number(known, "break_step")
    finite = math.isfinite(start)
    return rf"oscillation begins at $t_\mathrm{{break}}$ = {decimals(start, 0)}" if finite else ""


def share_of_loss(known: Known) -> str:
    """How much of the mean loss at the end is oscillation."""
    share = 100 * (1 - known["loss_central_flow"][-1] / known["loss"][-1])
    return f"{share:.0f}{THIN}% of it is oscillation" if share > 0.5 else ""


def first_size(known: Known) -> str:
    """The size at which the oscillation begins."""
    kick = number(known, "quiet_kick")
    return f"begins with size {significant(kick, 3)}" if math.isfinite(kick) else ""


def one_cycle(known: Known) -> float:
    """Period of a small cycle, where no central flow averages over it."""
    omega = number(known, "cycle_frequency")
    return math.nan if has_central_flow(known) else 2 * math.pi / omega


def frequency(known: Known) -> str:
    """Its frequency."""
    return rf"$\omega$ = {significant(number(known, 'cycle_frequency'), 3)} per step"


def edge_in_words(known: Known) -> str:
    """The edge, whole where it is a whole number."""
    edge = known["edge"]
    return decimals(edge, 0) if edge == round(edge) else significant(edge, 4)


TILES = (
    Tile(edge_in_words, "edge of stability", start_of_run, symbol=r"\lambda_1", measured="",
         claim="sharpness_at_edge"),
    Tile("reach_step", "at 0.95 of the edge", start_of_oscillation, places=0),
    Tile("mean_loss[-1]", "mean loss, end", share_of_loss, digits=3,
         when=lambda known: known["loss"][-1] > 0 and "loss_central_flow" in known),
    Tile("oscillation[-1]", "oscillation, end", first_size, digits=3,
         when=lambda known: known["oscillation"][-1] > 0),
    Tile(one_cycle, "one cycle", frequency, symbol=r"2\pi/\omega", unit="steps", places=0),
)  # fmt: skip
