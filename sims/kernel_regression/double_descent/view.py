"""The picture of double descent: the error at every width, what makes its peak, and luck."""

from __future__ import annotations

import math

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
    Level,
    Moment,
    Picture,
    Profile,
    Tile,
    View,
    decades,
)  # fmt: skip

DEEPEST = 1e-9
"""Eigenvalues over the largest that are still drawn."""
VISIBLE = 1.3
"""How far above both of its sides a peak is called one."""
NEURONS = Clock("neurons $k$", "step", "log", switches=True, step_word="neuron")


def other_ridge(known: Known) -> np.ndarray:
    """The error of the other choice of ridge: the best one, or the given one."""
    return known["test_error_tuned" if "test_error_tuned" in known else "test_error_fixed"]


def is_tuned(known: Known) -> bool:
    """Whether the run has the best ridge at every width."""
    return "test_error_fixed" in known


def errors(known: Known) -> list[float]:
    """Decades that hold both lines."""
    both = np.concatenate([known["test_error"], other_ridge(known)])
    return decades(float(0.8 * both.min()), float(1.6 * both.max()))


def beside(known: Known) -> str:
    """What the second line is, and what chance leaves."""
    other = "one ridge" if is_tuned(known) else "the best ridge"
    return f"second line: {other} at every width; dots: typical over all training sets"


def neurons(known: Known) -> np.ndarray:
    """Neurons k at the records with any, (record,)."""
    return known["step"][1:]


def spectrum(known: Known) -> list[float]:
    """Decades of the spectrum that are drawn."""
    top = float(np.nanmax(known["spectrum"]))
    return decades(top * DEEPEST, 2 * top)


def shown(known: Known) -> np.ndarray:
    """The eigenvalues that are drawn, (snapshot, mode)."""
    values = known["spectrum"]
    return np.where(values > DEEPEST * np.nanmax(values), values, np.nan)


def threshold(known: Known) -> np.ndarray:
    """The threshold κ as a line of height κ for every snapshot, (snapshot, mode)."""
    return np.repeat(known["kappa"][:, None], known["spectrum"].shape[1], axis=1)


def widest(known: Known) -> str:
    """How wide that is."""
    return f"{short(float(known['step'][-1]))} neurons"


def other_words(known: Known) -> str:
    """What the second line of the hero is, for the legend."""
    return "theory, one ridge" if is_tuned(known) else "theory, best ridge"


def log_ratio(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Ln of the typical error over the predicted one, (seed, record); NaN before any neuron."""
    theory = np.atleast_2d(prediction["test_error"].values)
    theory = theory[: len(run["test_error"]), : run["test_error"].shape[1]]
    gap = np.log(run["test_error"] / theory)
    gap[:, 0] = np.nan
    return gap


def least(known: Known) -> str:
    """Where the smallest error is predicted."""
    k = known["step"][int(np.argmin(known["test_error"]))]
    return f"at {short(float(k))} neurons"


def peak(known: Known) -> float:
    """Where the predicted peak is; NaN if it does not stand above what is left and right of it."""
    k, E, at = known["step"], known["test_error"], known["peak_place"]
    valleys = [E[(k > 0) & (k <= at)].min(), E[-1]]
    return float(at) if E[k == at][0] >= VISIBLE * max(valleys) else math.nan


def place(known: Known) -> str:
    """Where the peak is, if there is one."""
    return "no peak" if math.isnan(peak(known)) else f"at {short(known['peak_place'])} neurons"


def sweep(over: str) -> tuple[Picture, ...]:
    """The height of the peak against a knob."""
    del over
    return (Law("peak_height", linear=True, log=True), Law("peak_place"))


VIEW = View(
    Curves("test_error", log=errors, second=other_ridge, dots=7, bands=False,
           title="Test error at every width", y="test error $E$", note=beside,
           levels=(Level(1.0, "nothing learned"),),
           alt=lambda k: f"Test error against the number of neurons; the largest predicted is "
           f"{significant(k['test_error'].max(), 3)}, at {short(k['peak_place'])} neurons."),
    (
        Law(lambda k: k["inflation"][1:], over=neurons, id="inflation", name="by chance, E₀",
            second=lambda k: k["bias"][1:], second_name="not learned", x="neurons $k$", x_log=True,
            title="What makes the peak", symbol="E_0, B",
            y="factor, and error", log=True, marks=((peak, r"k_\mathrm{peak}"),),
            note="what is not learned falls; chance multiplies it near $k = n$"),
        Profile(id="spectrum", theory=shown, second=threshold, second_name=r"threshold $\kappa$",
                title="Spectrum of the neurons", symbol=r"\lambda_i", x="mode $i$",
                y=r"eigenvalue $\lambda_i$", log=spectrum,
                note="modes above the line are learned; drag the scrubber"),
        Curves("spread", log=True, dots=5, bands=False, y="standard deviation over mean",
               note="over training sets; where it is large, chance decides"),
        Difference("test_error", by="log_ratio", id="difference", claim="right_branch", scale=1,
                   usual=0.1, wide=3, dots=5, title="Run over theory, logarithm",
                   symbol=r"\ln E/E_\mathrm{theory}", y="difference of logarithms",
                   note="tolerance: of the mean above $k = n$"),
    ),
    (
        Tile("peak_height", "peak over the widest network", place, digits=3),
        Tile("test_error_final", "error of the widest network", widest, digits=3),
        Tile(lambda k: float(k["test_error"].min()), "smallest error", least,
             symbol=r"E_\mathrm{min}", digits=3),
        Tile("rarest", "examples the rarest neuron sees", "below 5 the law breaks", symbol="",
             digits=2),
    ),
    (Moment(peak, r"k_\mathrm{peak}"),),
    clock=NEURONS,
    legend={"theory": "theory, these neurons' spectrum", "second_theory": other_words},
    derived={"log_ratio": log_ratio},
    sweep=sweep,
    guess=Guess.curve("test_error", "How does the error on new data go as neurons are added?"),
)  # fmt: skip
