"""The picture of the race: six schedules, the same at other rates, and what a loss is made of."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.scaling_laws import pictures
from sims.scaling_laws.learning_curve.claims import MOST_FEEDBACK
from sims.scaling_laws.schedules import NAMES
from sims.view import Arrays, Curves, Difference, Guess, Known, Level, Tile, View, decades


def over_line(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The constant rate's loss over pen and paper's, (seed, record)."""
    rows = run["loss"].shape[1]
    return run["loss"][..., 0] / prediction["one_line"].values[..., :rows]


def after_start(values: np.ndarray) -> np.ndarray:
    """The same but for the start, where nothing scatters yet; (..., record, schedule)."""
    at = np.arange(values.shape[-2])[:, None] > 0
    return np.where(at & (values > 0), values, np.nan)


def costs(known: Known) -> list[float]:
    """Decades that hold what scatters after the first step."""
    scatter = known["scatter"][1:]
    return decades(0.5 * float(scatter.min()), 2 * float(scatter.max()))


def at_constant(known: Known) -> str:
    """Where pen and paper put the end of the constant rate."""
    return f"with pen and paper {significant(float(known['one_line'][-1]), 3)}"


VIEW = View(
    pictures.hero(
        "Six schedules, drawn before the race",
        "means over all races; every schedule sees the same samples",
    ),
    (
        pictures.LANDSCAPE,
        pictures.PARTS,
        Difference("loss", by="off", id="off", claim="loss_curve", scale=1, usual=6, wide=1.4,
                   entries=pictures.PLACES, names=NAMES, symbol="",
                   title="Run minus theory, in standard errors", y="standard errors",
                   note="dotted: the tolerance"),
        Curves("over_line", id="pen_and_paper", theory=lambda k: k["loss"][:, 0] / k["one_line"],
               title="Constant rate over pen and paper", symbol=r"L/L_\mathrm{line}",
               levels=(Level(1.0, "one line"),), linear=(0.5, 1.5), y="loss over the line",
               note="dashed: the exact average; the line has no fitted constant"),
        Curves("scatter_seen", names=NAMES, entries=pictures.PLACES,
               theory=lambda k: after_start(k["scatter"]), log=costs, label="end",
               y="loss from scatter", title="What sampling costs",
               symbol=r"\lambda\cdot(c-m^2)"),
    ),
    (
        pictures.WINNER,
        Tile("loss_final[0]", "end loss of the constant rate", at_constant, digits=3,
             symbol="L(T)"),
        Tile("feedback", "of the loss is fed back by noise",
             f"above {MOST_FEEDBACK:g} rare runs carry the mean", symbol="F", digits=2),
        Tile("slope", "power of the step at a constant rate", "while signal is learned",
             symbol="-s", digits=3),
    ),
    clock=pictures.CLOCK,
    legend={"theory": "theory, the exact average", "second_theory": "without scatter"},
    derived={
        **pictures.DERIVED,
        "over_line": over_line,
        "scatter_seen": lambda run, _: after_start(run["scatter"]),
    },
    sweep=pictures.sweep,
    guess=Guess.level("loss_final[0]", "At which loss will the constant rate end?"),
)  # fmt: skip
