"""The picture of true against random labels: both errors, both labels' energy, both ways."""

from __future__ import annotations

import numpy as np

from sims.core.format import short, significant
from sims.view import (
    Clock,
    Curves,
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

NAMES = ("true", "random")
DEEPEST = 3e-3
"""Error down to which there is room; the level is at least 0.03."""


def errors(known: Known) -> list[float]:
    """Decades that hold both lines as far as somebody looks."""
    least = max(float(known["train_loss"].min()), DEEPEST * float(known["learned_at"]) / 0.1)
    return decades(0.7 * least, 1.3)


def drawn(known: Known) -> np.ndarray:
    """Both predicted errors as far down as they are drawn, (record, label)."""
    low = 10 ** errors(known)[0]
    return np.where(known["train_loss"] >= low, known["train_loss"], np.nan)


def beside(known: Known) -> str:
    """How much longer noise takes."""
    times = significant(known["slow_down"], 2)
    return f"mean over the labels; noise takes {times} times as many steps to the dotted level"


def share(label: int):
    """The share of the labels along the first j eigenvectors, (mode,)."""
    return lambda known: np.cumsum(known["label_energy"][label])


def blind(known: Known) -> str:
    """What was said before the labels were drawn."""
    percent = significant(100 * known["blind_deviation"], 2)
    steps = short(round(known["steps_blind"]))
    return f"before they were drawn: {steps} steps, give or take {percent} %"


def all_right(label: int):
    """When every label is predicted to be right."""
    return lambda k: f"every label right at {short(round(k['memorised'][label]))}"


def way(known: Known) -> str:
    """How much farther noise moves the weights."""
    ratio = known["travel_final"][1] / known["travel_final"][0]
    return f"noise moves the weights {significant(ratio, 2)} times as far"


def sweep(over: str) -> tuple[Picture, ...]:
    """The time of both nets against a knob."""
    del over
    return (
        Law("steps_needed", names=NAMES, log=True, linear=True, y="steps to the level $k$"),
        Law("slow_down", linear=True),
        Law("steps_blind", linear=True, title="Before the labels were drawn"),
    )


VIEW = View(
    Curves("train_loss", log=errors, theory=drawn, names=NAMES, label="upper",
           title="Training error", y="mean squared error $E$", note=beside, bands=True,
           levels=(Level("learned_at", "level"),),
           alt=lambda k: "Mean squared error of both nets against the step; predicted to pass the "
           "level at {} and {} steps.".format(*(short(round(x)) for x in k["steps_needed"]))),
    (
        Law(share(0), over="mode", id="label_energy", name="true labels", second=share(1),
            second_name="random labels", title="Where the labels lie", symbol=r"\sum(u_j\cdot y)^2",
            x="eigenvectors $j$", x_log=True, y="share of the labels", linear=(0.0, 1.05),
            note="truth lies along few eigenvectors that learn fast, noise along all"),
        Curves("train_accuracy", names=NAMES, label="lower", linear=(0.0, 1.04),
               y="labels that are right", note="1: every label is memorised"),
        Curves("travel", names=NAMES, label="end", linear=True, note=way),
        Curves("test_accuracy", names=NAMES, label="lower", linear=(0.0, 1.04),
               y="test images that are right",
               note="true labels teach something about new images, random ones nothing"),
    ),
    (
        Tile("steps_needed[0]", "steps, true labels", all_right(0), symbol=r"k_\mathrm{true}",
             places=1, claim="steps_true", hue=(0, 2)),
        Tile("steps_needed[1]", "steps, random labels", all_right(1), symbol=r"k_\mathrm{random}",
             places=1, claim="steps_random", hue=(1, 2)),
        Tile("slow_down", "noise over truth", blind, digits=3),
        Tile("test_accuracy_final", "right on new images, true labels", digits=3,
             claim="accuracy"),
    ),
    (
        Moment(lambda k: k["steps_needed"][0], r"k_\mathrm{true}"),
        Moment(lambda k: k["steps_needed"][1], r"k_\mathrm{random}"),
    ),
    clock=Clock("step $k$", "step"),
    legend={
        "theory": "theory, the kernel at birth",
        "second_theory": "random labels, where they lie",
    },
    sweep=sweep,
    guess=Guess.time(
        "steps_needed[1]", "True labels take few steps. When do random ones come down?"
    ),
)  # fmt: skip
