"""Pictures that all races of six schedules share."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.scaling_laws.schedules import NAMES
from sims.view import (
    Arrays,
    Bespoke,
    Clock,
    Curves,
    Derived,
    Difference,
    Known,
    Law,
    Picture,
    Profile,
    Tile,
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


def hero(title: str, note: str) -> Curves:
    """The losses of all schedules over the steps."""
    return Curves("loss", names=NAMES, label="end", log=losses, y="loss $L$", title=title,
                  symbol="L(t)", note=note,
                  alt=lambda k: "Loss against the step for six schedules of the learning rate; "
                  f"theory says that {winner(k)} ends lowest, at {significant(k['best_final'], 3)}."
                  )  # fmt: skip


def usual_error(known: Known) -> float:
    """The middle one of all relative standard errors of end losses."""
    return float(np.median(known["error_final"] / known["loss_final"]))


def sweep(over: str) -> tuple[Picture, ...]:
    """End losses against a knob."""
    del over
    return (
        Law("loss_final", id="end_losses", names=NAMES, log=True,
            title="End loss of every schedule"),
        Difference("loss_final", id="end_ratios", names=NAMES, unit=usual_error, wide=2,
                   title="End loss, run over theory, minus one",
                   note="dotted: the tolerance of the middle one of all choices"),
        Law("best_final", log=True),
    )  # fmt: skip


LANDSCAPE = Bespoke(
    "landscape", id="landscape", title="The same race at every peak rate", symbol="L(T)",
    y="end loss", when="landscape",
    note="dotted: the rate of this race; each schedule has its own best",
)  # fmt: skip
PARTS = Profile(
    "loss_now", id="parts", theory="loss", over=lambda _: np.arange(len(NAMES)), x="schedule",
    ticks=lambda _: dict(enumerate(NAMES)), second=floor, second_name="without scatter", log=parts,
    lines=False, title="What the loss is made of", symbol="", y="loss $L$",
    note="between the lines: scatter of the weights, from the noise of the samples",
)  # fmt: skip
WINNER = Tile(
    "best_final", "end loss of the predicted winner", saved, digits=3, symbol="L(T)",
    claim="loss_final",
)  # fmt: skip
CLOCK = Clock("step $n$", "step", steps_scale, switches=True)
DERIVED: dict[str, Derived] = {"off": off, "loss_now": lambda run, _: run["loss"]}
