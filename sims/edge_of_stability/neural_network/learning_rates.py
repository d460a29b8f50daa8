"""The pictures of a sweep over the learning rate.

In the time t = ηn gradient flow is the same for all runs, so the time at which each comes to 0.95
of its own edge 2/η marks one point of the flow's sharpness.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sims.view import Difference, Known, Law, Picture

REACHED = 0.95
"""Share of the edge at which an approach counts."""


def approaches(known: Known) -> tuple[np.ndarray, np.ndarray]:
    """Flow times at which the runs come near their edges, in order, and sharpnesses there."""
    eta, steps = np.asarray(known["eta"], float), np.asarray(known["reach_step"], float)
    order = np.argsort(steps * eta)
    order = order[np.isfinite(steps[order])]
    return (steps * eta)[order], REACHED * 2 / eta[order]


def finite_steps(known: Known) -> np.ndarray:
    """Predicted steps of the approach, NaN where it never comes."""
    steps = np.asarray(known["reach_step"], float)
    return np.where(np.isfinite(steps), steps, np.nan)


def over_longest(known: Known) -> float:
    """A tolerance in steps as a share of the longest approach."""
    return 1 / float(np.nanmax(finite_steps(known))) if "tolerance_reach_step" in known else 1.0


def learning_rates(over: str) -> Sequence[Picture]:
    """Runs of several learning rates in lockstep: each reads one point off one gradient flow."""
    if over != "eta":
        return ()
    return (
        Law(id="lockstep", title="One flow for every learning rate",
            symbol=r"0.95\times 2\,/\,\eta", over=approaches, runs=("reached",), at="reach_time",
            x=r"time $t = \eta n$ of the approach", y="sharpness reached",
            shows=(0.0,), alt="Sharpness each run reaches against the flow time at which it does."),
        Law(finite_steps, id="reach_step", title="When the edge is near", symbol="t_{0.95}",
            runs=("reach_step",), y="step at 0.95 of the edge", log=True,
            alt="Step at 0.95 of the edge against the learning rate."),
        Difference("reach_step", id="difference", symbol="t_{0.95}", unit=over_longest, usual=0.03,
                   wide=3.0),
    )  # fmt: skip


DERIVED = {
    "reach_time": lambda run, _: run["reach_step"] * run["eta"],
    "reached": lambda run, _: REACHED * 2 / run["eta"],
}
