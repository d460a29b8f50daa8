"""The picture of the frontier: every size against compute, one curve for all, and the best size."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.scaling_laws.compute_frontier.theory import at_budgets
from sims.view import (
    Arrays,
    Bespoke,
    Clock,
    Difference,
    Guess,
    Known,
    Law,
    Picture,
    Profile,
    Tile,
    View,
    decades,
)  # fmt: skip


def of_rows(name: str, run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """A predicted variable on the run's rows so far, (seed, row, size)."""
    values = prediction[name].values
    values = values if values.ndim == 3 else values[None]
    return np.broadcast_to(values[:, : run["loss"].shape[1]], run["loss"].shape)


def spent(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Compute of every size so far; none has no place on a logarithmic axis."""
    values = of_rows("spent", run, prediction)
    return np.where(values > 0, values, np.nan)


def progress(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The x = eta t (M + 1/2)^-a of every size."""
    return of_rows("progress", run, prediction)


def over_floor(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Loss over its own floor, where all sizes are on one curve."""
    floor, law = (of_rows(name, run, prediction) for name in ("floor_of_size", "law_loss"))
    return np.where(np.isnan(law), np.nan, run["loss"] / floor)


def in_errors(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Run less theory in what the claim counts in, standard errors and 0.2 % of the loss."""
    told, error = (of_rows(name, run, prediction) for name in ("loss", "standard_error"))
    return (run["loss"] - told) / (error + 0.002 * told)


def width_so_far(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The best size at every compute among those that have spent it, (seed, row, budget)."""
    one = prediction.isel(seed=0) if "seed" in prediction.dims else prediction
    ms, compute, rows = one["size"].values, one["compute"].values, run["loss"].shape[1]
    steps, B = one["step"].values[:rows], float(one["spent"].values[1, 0] / ms[0])
    due = compute[:, None] / (B * ms)
    found = np.full((len(run["loss"]), rows, len(compute)), np.nan)
    if rows < 2:
        return found
    has_spent = steps[:, None, None] >= due
    for seed, loss in enumerate(run["loss"]):
        least = np.where(has_spent, at_budgets(compute, steps, loss, ms, int(B)), np.inf)
        found[seed] = np.where(has_spent.any(axis=2), ms[np.nanargmin(least, axis=2)], np.nan)
    return found


def computes(known: Known) -> np.ndarray:
    """Every compute at its place, in decades."""
    return np.log10(known["compute"])


def compute_ticks(known: Known) -> dict[float, str]:
    """The decades among them."""
    low, high = computes(known)[[0, -1]]
    return {float(k): f"10<sup>{k}</sup>" for k in range(int(np.ceil(low)), int(high) + 1)}


def width_span(known: Known) -> list[float]:
    """Decades that hold all sizes."""
    return decades(0.8 * float(known["size"][-1]), 1.25 * float(known["size"][0]))


def pen_and_paper(known: Known) -> str:
    """What one line says of it."""
    return f"pen and paper: {significant(known['scaling_exponent'], 3)}"


def last_width(known: Known) -> str:
    """What one line says of the best size at the last compute."""
    return f"pen and paper: {significant(float(known['law_width'][-1]), 3)}"


def last_compute(known: Known) -> str:
    """How much that is."""
    return f"at a compute of {significant(float(known['compute'][-1]), 3)}"


def sweep(over: str) -> tuple[Picture, ...]:
    """The slope against a knob."""
    del over
    return (Law("frontier_slope", second="scaling_exponent", second_name="pen and paper"),)


VIEW = View(
    Bespoke("sizes", id="frontier", title="Every size, and the edge no size crosses", symbol="L(C)",
            y="loss $L$",
            note="numbers: sizes; dash-dotted: the edge by pen and paper"),
    (
        Profile("width_so_far", id="best_widths", theory="best_width", over=computes,
                ticks=compute_ticks, x="compute $C$", y="best size $M^*$", log=width_span,
                lines=False, second="law_width", second_name="pen and paper",
                title="Best size for a compute", symbol="M^*(C)",
                note="dashes: among the sizes there are; dash-dotted: among all",
                alt="Best size of model against compute: measured, predicted among the sizes "
                "there are, and by pen and paper among all."),
        Bespoke("sizes", id="one_curve", title="One curve for all sizes", symbol="g(x)",
                y="loss over the floor of its size",
                note="$x = \\eta t M^{-a}$; training is best ended where it is dotted"),
        Difference("loss", by="in_errors", id="difference", claim="loss_curve", scale=1, usual=6,
                   entries=lambda k: range(len(k["size"])), bands=False,
                   title="Run minus theory", symbol="", y="in standard errors",
                   note="and 0.2 % of the loss; sizes err together, on the same samples"),
    ),
    (
        Tile("frontier_slope", "slope of the frontier", pen_and_paper, digits=3),
        Tile("best_width[-1]", "best size for the last compute", last_width, places=0),
        Tile("best_height", "times the floor of its size", "training is best ended there",
             symbol="g(x^*)", digits=3, measured=""),
        Tile("frontier[-1]", "least loss for the last compute", last_compute, digits=3),
    ),
    clock=Clock("step $t$", "step", "log", switches=True),
    legend={"theory": "theory, exact mean", "second_theory": "pen and paper"},
    derived={
        "spent_so_far": spent,
        "progress_so_far": progress,
        "over_floor": over_floor,
        "in_errors": in_errors,
        "width_so_far": width_so_far,
    },
    sweep=sweep,
    guess=Guess.level(
        "best_width[-1]", "Which size of model is best for the last compute?", panel="best_widths"
    ),
)  # fmt: skip
