"""The picture of the real race: six lines drawn at birth, the spectrum they follow from."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sims.core.format import significant
from sims.scaling_laws import pictures
from sims.scaling_laws.real_network.claims import MOST_MOVED
from sims.scaling_laws.schedules import NAMES
from sims.view import Arrays, Curves, Guess, Known, Law, Tile, View, decades

DEEPEST = 1e-6
"""Eigenvalues over the largest that are drawn."""


def ratio(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
    """Run over theory, (seed, record, schedule)."""
    rows = run["loss"].shape[1]
    return run["loss"] / np.asarray(prediction["loss"].values, float)[..., :rows, :]


def visible(known: Known) -> np.ndarray:
    """Whether each mode is drawn, (mode,)."""
    return known["eigenvalue"] >= DEEPEST


def numbers(known: Known) -> np.ndarray:
    """Numbers of the modes that are drawn."""
    return np.arange(1.0, 1 + visible(known).sum())


def spectrum(known: Known) -> list[float]:
    """Decades of the eigenvalues, and of the larger shares."""
    return decades(float(known["eigenvalue"][visible(known)].min()), 2.0)


VIEW = View(
    pictures.hero(
        "A real network on real digits, six lines drawn at birth",
        "means over all races of the same network on other samples",
    ),
    (
        pictures.LANDSCAPE,
        Law(lambda k: k["eigenvalue"][visible(k)], over=numbers, id="spectrum", x="mode $j$",
            name="eigenvalue", second=lambda k: k["share"][visible(k)],
            second_name="share of the labels", x_log=True, log=spectrum, symbol=r"\lambda_j",
            title="All that theory knows of network and data", y="of the largest, of the labels",
            note="dash-dotted: how much of the labels lies along each mode"),
        Curves("over_theory", id="over_theory", theory=lambda k: 1 + 0 * k["loss"], names=NAMES,
               entries=pictures.PLACES, bands=False, linear=(0.0, 1.5), title="Run over theory",
               symbol=r"L/L_\mathrm{theory}", y="loss over the line",
               note="below 1: features that learn do better than the kernel says"),
        pictures.PARTS,
    ),
    (
        pictures.WINNER,
        Tile("loss_final[0]", "end loss of the constant rate", symbol="L(T)", digits=3),
        Tile("feature_change", "expected change of the features",
             f"lazy below {MOST_MOVED:g}", symbol=r"R_\mathrm{pred}", digits=2),
        Tile("largest_eigenvalue", "largest eigenvalue of the kernel",
             lambda k: f"in feature space |x|⁴ is {significant(k['flat'], 2)} of a Gaussian's",
             symbol="k_1", digits=3),
    ),
    clock=pictures.CLOCK,
    legend={"theory": "theory, tangent kernel at birth", "second_theory": "without scatter"},
    derived={**pictures.DERIVED, "over_theory": ratio},
    sweep=pictures.sweep,
    guess=Guess.level("best_final", "At which loss will the best schedule end?"),
)  # fmt: skip
