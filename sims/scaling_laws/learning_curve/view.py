"""The picture of the race: six schedules, the same at other rates, and what a loss is made of."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.scaling_laws.learning_curve.claims import MOST_FEEDBACK
from sims.scaling_laws.schedules import NAMES
from sims.view import (
    Arrays,
    Bespoke,
    Clock,
    Curves,
    Difference,
    Guess,
    Known,
    Law,
    Level,
    Picture,
    Profile,
    Tile,
    View,
    decades,
)  # fmt: skip

PLACES = range(len(NAMES))


def floor(known: Known) -> np.ndarray:
    """The loss without what samples scatter, at every record, (record, schedule)."""
    return known["signal"] + known["tail"]


def losses(known: Known) -> list[float]:
    """Decades that hold every schedule's loss, and some runs above it."""
    return decades(0.8 * float(known["loss"].min()), 1.5 * float(known["loss"].max()))


def parts(known: Known) -> list[float]:
    """Decades that hold the loss and what of it is no scatter."""
    return decades(0.8 * float(floor(known).min()), 1.5 * float(known["loss"].max()))


def off(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Run minus theory in standard errors of the mean, (seed, record, schedule)."""
    rows = run["loss"].shape[1]
    told, error = (
        np.asarray(prediction[name].values, float)[..., :rows, :]
        for name in ("loss", "standard_error")
    )
    with np.errstate(all="ignore"):
        return np.where(error > 0, (run["loss"] - told) / error, 0.0)


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


def steps_scale(known: Known) -> str:
    """Logarithmic where the constant rate learns to the end, linear where noise has stopped it."""
    is_stopped = known["scatter"][-1, 0] > 0.5 * known["loss"][-1, 0]
    return "linear" if is_stopped else "log"


def winner(known: Known) -> str:
    """The schedule that is predicted to end lowest."""
    return NAMES[int(known["winner"])]


def saved(known: Known) -> str:
    """How many races it takes to find the winner by trying."""
    return f"{winner(known)}, known without the {len(known['loss_final'])} races"


def at_constant(known: Known) -> str:
    """Where pen and paper put the end of the constant rate."""
    return f"with pen and paper {significant(float(known['one_line'][-1]), 3)}"


def sweep(over: str) -> tuple[Picture, ...]:
    """End losses against a knob."""
    del over
    return (
        Law("loss_final", id="end_losses", names=NAMES, log=True,
            title="End loss of every schedule"),
        Difference("loss_final", id="end_ratios", names=NAMES, usual=0.2, wide=3,
                   title="End loss, run over theory, minus one"),
        Law("best_final", log=True),
    )  # fmt: skip


VIEW = View(
    Curves("loss", names=NAMES, label="end", log=losses, y="loss $L$",
           title="Six schedules, drawn before the race", symbol="L(t)",
           note="means over all races; every schedule sees the same samples",
           alt=lambda k: "Loss against the step for six schedules of the learning rate; theory "
           f"says that {winner(k)} ends lowest, at {significant(k['best_final'], 3)}."),
    (
        Bespoke("landscape", id="landscape", title="The same race at every peak rate",
                symbol="L(T)", y="end loss", when="landscape",
                note="dotted: the rate of this race; each schedule has its own best"),
        Profile("loss_now", id="parts", theory="loss", over=lambda _: np.arange(len(NAMES)),
                x="schedule", ticks=lambda _: dict(enumerate(NAMES)), second=floor,
                second_name="without scatter", log=parts, lines=False,
                title="What the loss is made of", symbol="", y="loss $L$",
                note="between the lines: scatter of the weights, from the noise of the samples"),
        Difference("loss", by="off", id="off", claim="loss_curve", scale=1, usual=6, wide=1.4,
                   entries=PLACES, names=NAMES, title="Run minus theory, in standard errors",
                   symbol="", y="standard errors",
                   note="dotted: the tolerance"),
        Curves("over_line", id="pen_and_paper", theory=lambda k: k["loss"][:, 0] / k["one_line"],
               title="Constant rate over pen and paper", symbol=r"L/L_\mathrm{line}",
               levels=(Level(1.0, "one line"),), linear=(0.5, 1.5), y="loss over the line",
               note="dashed: the exact average; the line has no fitted constant"),
        Curves("scatter_seen", names=NAMES, entries=PLACES,
               theory=lambda k: after_start(k["scatter"]), log=costs, label="end",
               y="loss from scatter", title="What sampling costs",
               symbol=r"\lambda\cdot(c-m^2)"),
    ),
    (
        Tile("best_final", "end loss of the predicted winner", saved, digits=3, symbol="L(T)",
             claim="loss_final"),
        Tile("loss_final[0]", "end loss of the constant rate", at_constant, digits=3,
             symbol="L(T)"),
        Tile("feedback", "of the loss is fed back by noise",
             f"above {MOST_FEEDBACK:g} rare runs carry the mean", symbol="F", digits=2),
        Tile("slope", "power of the step at a constant rate", "while signal is learned",
             symbol="-s", digits=3),
    ),
    clock=Clock("step $n$", "step", steps_scale, switches=True),
    legend={"theory": "theory, the exact average", "second_theory": "without scatter"},
    derived={
        "off": off,
        "over_line": over_line,
        "loss_now": lambda run, _: run["loss"],
        "scatter_seen": lambda run, _: after_start(run["scatter"]),
    },
    sweep=sweep,
    guess=Guess.level("loss_final[0]", "At which loss will the constant rate end?"),
)  # fmt: skip
