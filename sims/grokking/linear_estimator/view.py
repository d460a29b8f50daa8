"""The picture of the linear estimator: two accuracies, and the spectrum behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr

from sims.core.format import short, significant
from sims.grokking.passage import falls_to
from sims.view import (
    LOG_STEPS,
    Arrays,
    Curves,
    Difference,
    Guess,
    Known,
    Law,
    Level,
    Moment,
    Picture,
    Tile,
    View,
    decades,
)  # fmt: skip

DEEPEST = 8.0
"""Decades of a loss that are drawn below the threshold."""
BARS = 40
NEAR_ZERO = 0.02
"""Share of the spectrum's width in which its density may rise without bound."""


def gap_to_sample(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Test loss over that of the sample's own eigenvalues, minus one, in standard deviations."""
    exact, spread = (
        np.atleast_2d(prediction[name].values)[: len(run["test_loss"]), : run["test_loss"].shape[1]]
        for name in ("test_loss_sample_exact", "test_loss_spread")
    )
    return (run["test_loss"] / exact - 1) / spread


def delay(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Grokking time over train time, from the record on at which both have come."""
    level = float(np.ravel(prediction["loss_level"].values)[0])
    steps = prediction["step"].values[: run["test_loss"].shape[1]]
    found = np.full(run["test_loss"].shape, np.nan)
    for i, (train, test) in enumerate(zip(run["train_loss"], run["test_loss"], strict=True)):
        early, late = (falls_to(steps, y, level, log=True) for y in (train, test))
        if early > 0 and np.isfinite(late):
            found[i, steps >= late] = late / early
    return found


def bars(known: Known) -> tuple[np.ndarray, np.ndarray]:
    """Outline (x, y) of a histogram of the eigenvalues of this sample that are not zero."""
    nu, at = known["eigenvalues"], known["bin"]
    own = nu[nu > 0]
    edges = np.linspace(at[0], max(at[-1], float(own.max())), BARS + 1)
    counts, _ = np.histogram(own, edges)
    heights = counts / len(nu) / np.diff(edges)
    return np.repeat(edges, 2), np.concatenate([[0.0], np.repeat(heights, 2), [0.0]])


def tallest(known: Known) -> list[float]:
    """Range of the density: all but its rise at zero, and all bars."""
    at, density = known["bin"], known["spectrum_density"]
    inside = at > NEAR_ZERO * (at[-1] - at[0]) + at[0]
    top = float(np.max(density[inside], initial=0.1))
    if "eigenvalues" in known:
        top = max(top, float(bars(known)[1].max()))
    return [0.0, 1.15 * top]


def about_spectrum(known: Known) -> str:
    """What of the spectrum learns last, or never."""
    if known["ratio"] > 1:
        return f"{significant(1 - 1 / known['ratio'], 2)} of all are 0"
    return f"smallest {significant(known['lowest'], 2)}: it learns last"


def ratios(known: Known) -> list[float]:
    """Ratios that are drawn: beyond 1 only where something is finite there."""
    beyond = np.isfinite(known["delay_curve"][known["curve_ratio"] > 1]).any()
    return [0.15, 2.55 if known["ratio"] > 1 or beyond else 1.02]


def losses(known: Known) -> list[float]:
    """Decades of the losses, down to far below the threshold."""
    seen = np.concatenate([known["train_loss"], known["test_loss"]])
    seen = seen[np.isfinite(seen) & (seen > 0)]
    low, high = max(seen.min(), known["loss_level"] * 10**-DEEPEST), seen.max()
    return decades(float(low), float(high))


def within(name: str) -> Moment:
    """A predicted passage, if the run comes so far."""

    def at(known: Known) -> float:
        return known[name] if 0 < known[name] <= known["step"][-1] else math.nan

    return Moment(at, {"train_time": r"t_\mathrm{tr}", "grok_time": r"t_\mathrm{gen}"}[name])


def how_much_later(known: Known) -> str:
    """The delay in words."""
    finite = math.isfinite(known["delay"])
    return f"{significant(known['delay'], 3)} times later" if finite else "some never are"


def accuracy(known: Known) -> str:
    """The accuracy to be reached."""
    return f"accuracy {short(known['level'])}"


def places(steps: float) -> int:
    """Decimals of a time in steps that say something."""
    return 1 if steps < 1000 else 0


def sweep(over: str) -> Sequence[Picture]:
    """Both times and their ratio against a knob."""
    del over
    return (
        Law("grok_time", log=True),
        Difference("grok_time", usual=0.055, wide=1.6),
        Law("delay", title="Delay", y=r"delay $t_\mathrm{gen}/t_\mathrm{tr}$", log=True),
        Law("train_time", log=True),
    )


VIEW = View(
    Curves(("train_accuracy", "test_accuracy"), id="accuracy", names=("train", "test"),
           label="half", title="Accuracy", symbol=r"A_\mathrm{tr}, A_\mathrm{gen}",
           y="share of outputs that are right", linear=(-0.03, 1.08),
           levels=(Level("level", "$A^*$"),),
           note=lambda k: f"right: squared error at most {short(k['eps'])}"),
    (
        Curves(("train_loss", "test_loss"), id="loss", names=("train", "test"), log=losses,
               second={n: f"{n}_sample_exact" for n in ("train_loss", "test_loss")},
               title="Loss per output", symbol=r"L_\mathrm{tr}, L_\mathrm{gen}",
               y="loss per output", levels=(Level("loss_level", "$L^*$"),),
               note=lambda k: f"at $L^*$ the accuracy is {short(k['level'])}"),
        Law("spectrum_density", over="bin", id="spectrum", title="Eigenvalues of the inputs",
            name="density", symbol=r"\nu", x=r"eigenvalue $\nu$", y=r"density $\rho(\nu)$",
            second=lambda k: bars(k)[1], second_over=lambda k: bars(k)[0],
            second_name="eigenvalues of this sample", linear=tallest, note=about_spectrum,
            x_span=lambda k: [min(0.0, k["bin"][0]), k["bin"][-1]],
            alt=lambda k: f"Eigenvalues of the inputs at ratio {significant(k['ratio'], 3)}, from "
            f"{significant(k['lowest'], 2)} to {significant(k['bin'][-1], 3)}."),
        Law("delay_curve", over="curve_ratio", id="delay", title="How much later, at every ratio",
            symbol=r"t_\mathrm{gen}/t_\mathrm{tr}", y=r"delay $t_\mathrm{gen}/t_\mathrm{tr}$",
            x=r"dimensions per sample $\lambda = d/N$", x_span=ratios, log=True, shows=(1.0,),
            run="delay", at="ratio", hue=1, ring="delay", when="delay_curve",
            note=lambda k: "beyond 1 decay alone decides" if k["weight_decay"]
            else "no delay is finite from 1 on"),
        Difference(("train_accuracy", "test_accuracy"), id="accuracy_difference", wide=2,
                   names=("train", "test"), claim="test_accuracy", usual=0.035,
                   title="Accuracy, run minus theory", symbol=r"\Delta A",
                   note="tolerance of the test accuracy"),
        Difference("test_loss", by="gap_to_sample", claim="test_loss_sample_exact", usual=5,
                   scale=1, wide=1.7, hue=1, second=True, when="test_loss_sample_exact",
                   title="Test loss over that of this very sample",
                   symbol=r"\Delta L_\mathrm{gen}/\sigma", y="standard deviations",
                   note=lambda k: f"what is left is the chance of {short(k['replicas'])} outputs"),
    ),
    (
        Tile("train_time", "own samples are right", accuracy, places=places, hue=(0, 2)),
        Tile("grok_time", "all others too", how_much_later, places=places, hue=(1, 2)),
        Tile("grok_time_sample_exact", "in this very sample", "from its own eigenvalues",
             symbol=r"t_\mathrm{gen}", unit="steps", measured="grok_time", places=places),
        Tile("grok_time_asymptotic", "edge formula",
             lambda k: f"{significant(k['tail'], 2)} decay times deep; needs 10",
             symbol=r"t_\mathrm{tr}+\Delta t", unit="steps", measured="grok_time", places=places),
    ),
    (within("train_time"), within("grok_time")),
    clock=LOG_STEPS,
    legend={
        "theory": "theory, Marchenko-Pastur",
        "second_theory": "theory, the sample's own eigenvalues",
        "run": "run: train blue, test orange",
    },
    derived={"gap_to_sample": gap_to_sample, "delay": delay},
    sweep=sweep,
    guess=Guess.time("grok_time", "At which step are all other samples right too?"),
)  # fmt: skip
