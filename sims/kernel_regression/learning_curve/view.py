"""The picture of a learning curve: the error, what is learned, what is left open, the spectrum."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.core.format import short, significant
from sims.view import (
    Arrays,
    Clock,
    Curves,
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

DEEPEST = 1e-9
"""Eigenvalues over the largest that are still drawn."""
EXAMPLES = Clock("examples $n$", "step", "log", switches=True, step_word="example")


def lines(known: Known) -> list[np.ndarray]:
    """The error of the finite world, the infinite one, and from the covariance alone."""
    names = ("test_error", "test_error_infinite", "test_error_raw")
    return [known[name] for name in names if name in known]


def errors(known: Known) -> list[float]:
    """Decades that hold all lines."""
    both = np.concatenate(lines(known))
    return decades(0.8 * float(both.min()), 1.4 * float(both.max()))


def raw(known: Known) -> np.ndarray:
    """The error from the covariance alone, where there is one."""
    return known.get("test_error_raw", np.full(len(known["step"]), np.nan))


def beside(known: Known) -> str:
    """What the lines are."""
    off = float(known["test_error_infinite"][-1] / known["test_error"][-1]) - 1
    side = "lower" if off < 0 else "higher"
    said = f"the infinite world ends {significant(100 * abs(off), 2)} % {side}"
    return said + ("; dotted: from the covariance alone" if "test_error_raw" in known else "")


def modes_learned(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Learnabilities at the snapshots, which are all records, (seed, snapshot, mode)."""
    del prediction
    return run["learnability"]


def threshold(known: Known) -> np.ndarray:
    """The threshold κ as a line of height κ for every snapshot, (snapshot, mode)."""
    return np.repeat(known["kappa"][:, None], len(known["spectrum"]), axis=1)


def spectrum(known: Known) -> np.ndarray:
    """The eigenvalues that are drawn, (snapshot, mode): the same at every one."""
    values = known["spectrum"]
    shown = np.where(values > DEEPEST * values[0], values, np.nan)
    return np.repeat(shown[None], len(known["step"]), axis=0)


def heights(known: Known) -> list[float]:
    """Decades of the spectrum and of κ."""
    shown = spectrum(known)[0]
    kappa = known["kappa"][np.isfinite(known["kappa"])]
    low = min(float(np.nanmin(shown)), float(kappa.min()))
    return decades(max(low, DEEPEST * float(shown[0])), 2 * max(float(shown[0]), float(kappa[0])))


def log_ratio(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Ln of the error over the predicted one, (seed, record); NaN before any example."""
    theory = np.atleast_2d(prediction["test_error"].values)
    gap = np.log(run["test_error"] / theory[: len(run["test_error"]), : run["test_error"].shape[1]])
    gap[:, 0] = np.nan
    return gap


def at_most(known: Known) -> str:
    """How many examples the run ends with."""
    return f"after {short(float(known['step'][-1]))} examples"


def of_all(known: Known) -> str:
    """How much of the error there was at first is left."""
    return f"at first {significant(float(known['test_error'][0]), 3)}"


def sweep(over: str) -> tuple[Picture, ...]:
    """The typical error against a knob."""
    del over
    return (Law("typical_error", linear=True, log=True),)


VIEW = View(
    Curves("test_error", log=errors, linear=True, first="log", second="test_error_infinite",
           part=raw, dots=7, bands=False, title="Test error after n examples", y="test error $E$",
           note=beside,
           alt=lambda k: "Test error against the number of examples; predicted to end at "
           f"{significant(k['test_error'][-1], 3)}."),
    (
        Profile("modes_learned", id="learnability", theory="learnability", x="mode $i$",
                y=r"learnability $L_i$", linear=(-0.03, 1.05), lines=False,
                title="What is learned of each mode", symbol=r"L_i",
                note="the area under the line is $n$, less what the ridge takes"),
        Profile(id="spectrum", theory=spectrum, second=threshold, second_name=r"threshold $\kappa$",
                title="Spectrum of the kernel", symbol=r"\lambda_i", x="mode $i$",
                y=r"eigenvalue $\lambda_i$", log=heights,
                note="modes above the sinking line are learned; drag the scrubber"),
        Curves("uncertainty", log=True, linear=True, dots=5, bands=False,
               y="posterior variance $m$", note="needs no label: one number for all targets"),
        Difference("test_error", by="log_ratio", id="difference", claim="test_error", scale=1,
                   usual=0.06, wide=4, dots=5, title="Run over theory, logarithm",
                   symbol=r"\ln E/E_\mathrm{theory}", y="difference of logarithms",
                   note="tolerance: of the mean from 8 examples on"),
    ),
    (
        Tile("test_error_final", "test error at the end", at_most, digits=3, claim="test_error"),
        Tile("typical_error", "typical error, from 8 examples on", of_all, digits=3,
             claim="test_error"),
        Tile("uncertainty[-1]", "left open at the end", "needs no label", digits=3,
             claim="uncertainty"),
        Tile("budget[-1]", "modes learned, all shares together", at_most, places=1,
             claim="budget"),
    ),
    clock=EXAMPLES,
    legend={"theory": "theory, finite world", "second_theory": "theory, infinite world",
            "predicted": "theory, covariance alone"},
    derived={"log_ratio": log_ratio, "modes_learned": modes_learned},
    sweep=sweep,
    guess=Guess.curve("test_error", "How does the error fall as examples are added?"),
)  # fmt: skip
