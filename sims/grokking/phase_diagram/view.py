"""The picture of the phase diagram: the map of four phases, a cut through it, one of its points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from sims.core.format import decimals, short, significant
from sims.grokking.phase_diagram.phases import LEARNT, PHASES
from sims.view import (
    LOG_STEPS,
    Arrays,
    Contour,
    Curves,
    Guess,
    Known,
    Law,
    Level,
    Map,
    Picture,
    Tile,
    View,
)

COLOURS = ("role:rule2/0.35", "role:series1/0.55", "role:series0/0.5", "role:series2/0.5")
LETTERS = ("conf", "mem", "grok", "comp")
BOTH: dict[str, Any] = {"names": ("test", "train"), "bands": (0,)}


def generalised(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
    """Whether the test pairs were learnt, 1 or 0."""
    return np.isfinite(run["test_step"]).astype(float)


def log_delay(run: Arrays, _prediction: xr.Dataset) -> np.ndarray:
    """Log10 of the steps between the passages; NaN where the test pairs were never learnt."""
    return np.log10(np.maximum(run["test_step_map"] - run["train_step_map"], 1.0))


def covered(known: Known) -> str:
    """The probability that every number is shown, or its range over the diagram."""
    least, most = float(np.min(known["coverage"])), float(np.max(known["coverage"]))
    return decimals(least, 2) if least == most else f"{decimals(least, 2)} to {decimals(most, 2)}"


def hope(known: Known) -> str:
    """What the data allow."""
    hopeless = float(np.max(known["coverage"])) < 0.5
    return "no cell should grok or comprehend" if hopeless else "what the data allow"


def bound(line: Any) -> Tile:
    """The fraction of pairs that shows every number with probability 0.95."""
    return Tile(lambda k: float(np.ravel(k["coverage_fraction"])[0]), "fraction of pairs for 0.95",
                line, symbol=r"f_\mathrm{cov}")  # fmt: skip


def cut(over: str) -> Sequence[Picture]:
    """When each set is learnt, against one knob."""
    del over
    return (
        Law(id="learnt", title="When each set is learnt", symbol="n, n'", names=("test", "train"),
            runs=("test_step", "train_step"), y=f"step with accuracy {LEARNT}",
            log=lambda k: [0.3, np.log10(1.5 * k["steps"])],
            levels=(Level("steps", "end of the run"),), note="no dot: never within the run"),
        Law("coverage", runs=("generalised",), name="coverage", title="What the data allow",
            symbol="P", y="probability, learnt (1) or not (0)", linear=(-0.06, 1.1),
            note="dashed: probability that every number is shown; dots: whether the test pairs "
            "were learnt"),
    )  # fmt: skip


def diagram(over: tuple[str, ...]) -> Sequence[Picture | Tile | Contour]:
    """The four phases over two knobs, and the times behind them."""
    del over
    times: dict[str, Any] = {"decades": True, "span": (1.0, lambda k: np.log10(k["steps"]))}
    return (
        Map("phase", title="The four phases", colours=COLOURS, names=PHASES, letters=LETTERS,
            tall=True, note=f"{', '.join(PHASES)}; one seed makes labels at small decay noisy; "
            "click a cell to open its run",
            alt=lambda k: f"Phase of every run; grokking is a gap of more than {k['gap']:.0f} "
            "steps."),
        Map("train_step", **times, title="When the train pairs are learnt", symbol="n",
            note="empty: never within the run"),
        Map("delay", **times, title="How much later the test pairs are", symbol="n'-n",
            note=lambda k: f"grokking above {short(k['gap'])} steps; empty: never within the run"),
        Tile(covered, "every number is shown with probability", hope, symbol="P"),
        bound(lambda k: f"here {significant(k['fraction'], 2)}"),
    )  # fmt: skip


VIEW = View(
    Curves(("test_accuracy", "train_accuracy"), **BOTH, id="accuracy", label="left",
           title="Accuracy", symbol="A', A", y="share of pairs that are right",
           linear=(-0.04, 1.06), levels=(Level(LEARNT, "learnt"),),
           note=lambda k: f"grokking if test passes the level more than {short(k['gap'])} steps "
           "behind train"),
    (
        Curves(("test_loss", "train_loss"), **BOTH, id="losses", title="Squared error", symbol="L",
               label="lower left",
               y="squared error $L$", log=(-4.6, 1.2), linear=(-0.05, 2.0), first="log",
               levels=(1.0,), note="dotted: what a constant zero has"),
        Curves("weight_norm", title="Norm of the weights", y=r"norm $|\theta|$", log=(-2.0, 2.3),
               note="decay that is too strong takes all of it"),
    ),
    (
        Tile("coverage", "every number is shown with probability",
             lambda k: f"{short(round(k['fraction'], 3))} of the pairs train", symbol="P",
             places=2),
        bound("below it no run can know all sums"),
        Tile(lambda _: "not predicted", "train pairs learnt", symbol="n", measured="train_step"),
        Tile(lambda _: "not predicted", "test pairs learnt", symbol="n'", measured="test_step"),
    ),
    clock=LOG_STEPS,
    legend={"theory": "every number is shown", "predicted": "what counts as learnt"},
    derived={"generalised": generalised, "log_delay_map": log_delay},
    sweep=cut,
    grid=diagram,
    guess=Guess.time("test_step", "When are the test pairs learnt?"),
)  # fmt: skip
