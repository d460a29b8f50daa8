"""The picture of the local learning coefficient: a pile of heats, and what a rank costs."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.core.format import short
from sims.singular_learning.local_learning_coefficient.claims import settled
from sims.view import (
    Arrays,
    Clock,
    Curves,
    Given,
    Guess,
    Known,
    Law,
    Level,
    Moment,
    Profile,
    Tile,
    View,
    decades,
)  # fmt: skip

STEPS = Clock("step", "step")
APART = 1.4
"""Two names stand on one axis from here on."""
LEAST = 1e-13
"""Loss below which none is drawn."""


def pile(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Density of all heats in the later half of the heating so far, (seed, row, bin)."""
    heat = prediction["heat"].values
    size = heat[1] - heat[0]
    edges = np.append(heat - size / 2, heat[-1] + size / 2)
    steps, begin = prediction["step"].values, float(prediction["heating_step"].values.flat[0])
    seeds = []
    for now in np.asarray(run["heated_loss_now"], float):
        # one row of counts a record, so that any half of them is a difference of sums
        counts = np.array([np.histogram(row[np.isfinite(row)], edges)[0] for row in now])
        sums = np.vstack([np.zeros(len(heat)), np.cumsum(counts, axis=0)])
        at = steps[: len(now)]
        first = np.searchsorted(at, begin + (at - begin) / 2, side="right")
        found = sums[1:] - sums[np.minimum(first, np.arange(len(at)) + 1)]
        many = np.maximum(np.arange(len(at)) + 1 - first, 1)[:, None] * now.shape[1]
        seeds.append(np.where((at > begin)[:, None], found / (many * size), np.nan))
    return np.array(seeds)


def estimate(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The mean of the later half so far, (seed, row)."""
    steps, begin = prediction["step"].values, float(prediction["heating_step"].values.flat[0])
    rows = [
        [settled(steps[: i + 1], heat[: i + 1], begin) for i in range(len(heat))]
        for heat in np.asarray(run["heated_loss"], float)
    ]
    return np.array(rows)


def estimate_so_far(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """The same less what a finite step adds: what is measured of lambda."""
    return estimate(run, prediction) - float(prediction["step_shift"].values.flat[0])


def heated(known: Known, name: str) -> np.ndarray:
    """A predicted number and what the step adds, from where the heating begins on."""
    at = known["step"]
    return np.where(at > known["heating_step"], known[name] + known["step_shift"], np.nan)


def tallest(known: Known) -> tuple[float, float]:
    """Room for the piles around lambda, and around what is exact at this heat."""
    shape = max(min(known["lambda_"], known["exact_lambda"]), 1.0)
    return 0.0, 1.4 / np.sqrt(2 * np.pi * shape)


def up_to_half(known: Known) -> tuple[float, float]:
    """From nothing to what a network would have whose weights all count."""
    return 0.0, 1.08 * known["lambda_regular"]


def around(known: Known) -> tuple[float, float]:
    """Room for what maps and starts can cost."""
    shown = np.concatenate([known["lambda_curve"], known["lambda_large"]])
    low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    wide = max(high - low, 1.0)
    return low - 0.25 * wide, high + 0.25 * wide


def landmarks(known: Known) -> dict[float, str]:
    """What stands along the axis of heats."""
    value, half = known["lambda_"], known["lambda_regular"]
    named = {0.0: "0", value: f"λ = {short(value)}"}
    return named | ({half: f"d/2 = {short(half)}"} if half > APART * value else {})


def losses(known: Known) -> list[float]:
    """Decades from where single precision ends to the start, or to the heat."""
    top = max(known["start_loss"], known["lambda_"] / known["heat_t"])
    return decades(LEAST, 3 * top)


def worth(known: Known) -> float:
    """How many weights of an ordinary network it is worth."""
    return 2 * known["lambda_"]


def of_all(known: Known) -> str:
    """How many weights there are."""
    return f"of the {short(2 * known['lambda_regular'])} that there are"


def if_all(known: Known) -> str:
    """What it would be if every weight counted, and the guess."""
    return (
        f"{short(known['lambda_regular'])} if every weight counted, "
        f"{short(known['half_the_maps'])} for half its maps"
    )


def about_the_pile(known: Known) -> str:
    """What stands where."""
    return (
        f"dash-dotted: {short(known['lambda_regular'])}, if every weight counted; dots: heated "
        "copies, over the later half of the heating so far"
    )


def sweep(over: str) -> tuple[Law, ...]:
    """The coefficient, and what is exact at each heat, against a knob."""
    del over
    return (
        Law("lambda_", runs=("lambda_final",), second="exact_lambda", second_name="exact heat",
            note="dash-dotted: exact at each heat and leash; dots: runs, less what the step adds"),
    )  # fmt: skip


VIEW = View(
    Profile("pile", id="heats", theory="gamma_density", over="heat", second="regular_density",
            second_name="if every weight counted", ticks=landmarks,
            x="heat $t\\,(K - K_0)$", y="density", linear=tallest,
            title="How many weights does it use?", symbol=r"t\,(K-K_0)", note=about_the_pile,
            alt=lambda k: "Heats of warmed-up copies: predicted around "
            f"{short(k['lambda_'])}, far below {short(k['lambda_regular'])}."),
    (
        Curves(("heated_loss", "estimate"), id="heated_loss", title="The heated loss settles",
               symbol=r"t\langle K - K_0\rangle", y=r"heated loss $t\langle K-K_0\rangle$",
               theory=lambda k: heated(k, "lambda_"), second=lambda k: heated(k, "exact_lambda"),
               linear=up_to_half, at="records", bands=False,
               levels=(Level("lambda_regular", r"$d/2$"), Level("half_the_maps", "half the maps")),
               names=("each record", "later half so far"), label="lower",
               note="dashed: λ; dash-dotted: sampled exactly at this heat; both with what the step "
               "adds"),
        Law("lambda_curve", over="map_rank", id="price", title="The price of a rank",
            symbol=r"\lambda(r)", x="rank of the map $r$, small start", y=r"$\lambda$",
            linear=around, given=(Given("map_rank", "lambda_curve", "", "circle"),),
            run="estimate_so_far", at="target_rank", taken="scrub",
            note="a dot: this run, wherever it started"),
        Law("lambda_large", over="start", id="starts", title="The price of a start",
            symbol=r"\lambda(a_0)", x="directions that start large $a_0$", y=r"$\lambda$",
            linear=around, given=(Given("start", "lambda_large", "", "circle"),),
            run="estimate_so_far", at="large_directions", taken="scrub",
            note="the same map from other initial weights"),
        Curves("loss", theory=None, log=losses, floor=LEAST, bands=False, symbol="K",
               title="Trained, then heated", note="the copies climb out of the minimum, by λ/t",
               levels=(Level(lambda k: k["lambda_"] / k["heat_t"], r"$\lambda/t$"),)),
    ),
    (
        Tile("lambda_", "local learning coefficient", if_all, symbol=r"\lambda", places=1,
             measured="lambda_final", claim="llc"),
        Tile(worth, "weights that it is worth", of_all, symbol=r"2\lambda", places=0),
        Tile("exact_lambda", "at this very heat", "drawn exactly, without gradient or step",
             places=2, measured="lambda_final", claim="exact_heat"),
        Tile("step_shift", "what a finite step adds", "taken off the run before it is judged",
             symbol="", digits=2),
    ),
    (Moment("heating_step", "heat"),),
    clock=STEPS,
    legend={"second_theory": "all weights count; exact heat"},
    derived={"pile": pile, "estimate": estimate, "estimate_so_far": estimate_so_far},
    sweep=sweep,
    guess=Guess.level(
        "lambda_", "By how much does the loss rise, in units of the temperature?",
        panel="heated_loss", run="lambda_final",
    ),
)  # fmt: skip
