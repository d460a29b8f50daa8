"""The picture of the diagonal network: loss and weights on the staircase of the jump algorithm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import decimals, short, significant
from sims.view import (
    LATER,
    Arrays,
    Clock,
    Curves,
    Difference,
    Guess,
    Known,
    Level,
    Moment,
    Tile,
    View,
)

MOST_SHOWN = 8
SHOWN_TILES = 4
ORDINALS = ("first", "second", "third", "fourth")
GONE = 1e-9
"""Share of the first loss below which a plateau counts as zero."""


def weight_gap(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Distance of every weight to its predicted end, over the largest predicted one."""
    final = prediction["weights_final"]
    ends = final.values if "seed" in final.dims else final.values[None]
    top = np.nanmax(np.abs(ends), axis=-1, keepdims=True)
    return (run["weights"] - ends[:, None]) / top[:, None]


def loss_difference(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Loss of the run minus the predicted one, over the loss at the start."""
    theory = np.atleast_2d(prediction["loss"].values)
    start = float(np.ravel(prediction["loss_initial"].values)[0])
    return (run["loss"] - theory[:, : run["loss"].shape[1]]) / start


def features(known: Known) -> list[int]:
    """The features that ever switch on, in order of entry; the eight largest if there are more."""
    supports = np.nan_to_num(known["supports"]) != 0
    size = np.abs(known["weights_final"])
    if "weights" in known:
        size = np.maximum(size, np.nanmax(np.abs(known["weights"]), axis=0))
    on = np.flatnonzero(supports.any(axis=0))
    largest = sorted(on, key=lambda i: -size[i])[:MOST_SHOWN]
    return [int(i) for i in sorted(largest, key=lambda i: (int(np.argmax(supports[:, i])), i))]


def reached(known: Known) -> np.ndarray:
    """Which jumps come within the run."""
    times = known["jump_times"]
    return np.isfinite(times) & (times <= known["time"][-1])


def stairs(known: Known) -> np.ndarray:
    """Losses of the start and of every plateau that is reached, each twice."""
    levels = known["plateau_losses"][reached(known)]
    return np.repeat(np.concatenate([[known["loss_initial"]], levels]), 2)


def edges(known: Known) -> np.ndarray:
    """Times at which the plateaus begin and end."""
    times = known["jump_times"][reached(known)]
    return np.repeat(np.concatenate([[0.0], times, [known["time"][-1]]]), 2)[1:-1]


def plateaus(known: Known) -> np.ndarray:
    """Losses of start and plateaus, as far as they are above zero."""
    levels = known["plateau_losses"]
    kept = levels > GONE * known["loss_initial"]
    return np.concatenate([[known["loss_initial"]], np.where(kept, levels, np.nan)])


def log_time(known: Known) -> float:
    """The ln(1/α) that a log time of 1 lasts."""
    return known["log_scale"]


def tiles(known: Known) -> Sequence[Tile]:
    """The first jumps, with their log times and the losses behind them."""
    if "jump_times" not in known:
        return ()
    times, levels = known["jump_times"], known["plateau_losses"]
    made = []
    for k, t in enumerate(times[:SHOWN_TILES]):
        end = levels[k] if levels[k] > GONE else 0.0
        line = rf"$\tau_{k + 1}$ = {decimals(t / log_time(known))}, "
        line += f"loss falls to $L_{k + 1}$ = {short(end)}"
        made.append(
            Tile(f"jump_times[{k}]", f"{ORDINALS[k]} jump", line, symbol=f"t_{k + 1}",
                 places=1 if t > 100 else 3, when=lambda _, t=t: bool(np.isfinite(t)))
        )  # fmt: skip
    return made


VIEW = View(
    Curves("loss", theory=stairs, along=edges, linear=True, log=True,
           levels=(Level(plateaus, "$L_#$", first=0),)),
    (
        Curves("weights", entries=features, names=r"$\beta_#$", label="end", steps="theory",
               y=r"weight $\beta_i$", shows=("weights_final",),
               levels=(Level(lambda k: k["weights_final"][features(k)],
                             when=lambda k: "weights" not in k),)),
        Curves("loss_difference", id="difference", title="Run minus theory", theory=lambda _: 0.0,
               symbol=r"(L-\mathrm{staircase})/L_0", y="share of $L_0$", linear=(-0.55, 0.55),
               empty=LATER, when="loss", alt="Loss of the run minus the predicted staircase; "
               "spikes only at jumps.", note=lambda k: "judged by its area over ln τ; tolerance "
               f"{significant(k['tolerance_loss'], 2)}"),
        Curves("absolute_weights", entries=features, names=r"$|\beta_#|$", bands=False,
               title="Weights, however small", symbol=r"|\beta_i|", y=r"size $|\beta_i|$",
               log=(-38.0, 1.5)),
        Difference("weights_final", by="weight_gap", entries=features, scale=1, usual=0.06,
                   names=r"$\beta_#$", title="Weights minus their predicted end",
                   symbol=r"(\beta_i-\beta_i^\mathrm{end})/\max|\beta|", y="difference",
                   linear=(-1.3, 1.3), when="weights_final"),
    ),
    tiles,
    (Moment("jump_times", r"\tau_#"),),
    clock=Clock(r"log time $\tau = t/\ln(1/\alpha)$", unit=log_time),
    legend={"theory": "theory, the jump algorithm (α → 0)"},
    derived={
        "absolute_weights": lambda run, _: np.abs(run["weights"]),
        "weight_gap": weight_gap,
        "loss_difference": loss_difference,
    },
    guess=Guess.time("jump_times[0]", "At which time t does the first jump come?"),
)  # fmt: skip
