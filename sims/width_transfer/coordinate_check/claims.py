"""When powers can be seen, what is measured of them, and what is claimed.

That a line is flat is no test where theory says so: whoever knows nothing says the same. So is that
of the output wherever nets are stable; its powers are measured, and not claimed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap
from sims.core.controls import OTHER_SEED, Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.sentences import said
from sims.width_transfer.coordinate_check import scales, theory
from sims.width_transfer.scales import widths

if TYPE_CHECKING:
    from sims.width_transfer.coordinate_check.params import Params

LEAST_GAP = 0.75
"""Between powers: less, and a factor of eight in width shows a mixture of both."""
LEAST_KEPT = 0.5
"""Power by which what comes back changes less than it was; else later steps mix both."""
LARGEST_SHARE = 0.8
"""Of the largest stable rate."""


def one_power(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the leading power of every hidden layer stands alone, at the first step and later."""
    del params, task
    gaps = prediction["gaps"].values
    at = int(np.argmin(gaps))
    gap = float(gaps[at])
    near = "no other power follows" if math.isinf(gap) else f"the next power is {said(gap)} lower"
    words = f"In layer {at + 1} {near} (limit {LEAST_GAP})."
    return Assumption("one_power", "one power rules", words, gap >= LEAST_GAP, gap)


def below_the_edge(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether gradient descent is stable at the start."""
    del task
    label = "below the edge"
    if params.optimizer == "adam":
        return Assumption("below_the_edge", label, "Adam's steps have a size of their own.", True)
    x = float(prediction["rate_over_edge"].max())
    words = (
        f"The rate is {said(x)} of the largest stable one at some width (limit {LARGEST_SHARE})."
    )
    return Assumption("below_the_edge", label, words, x <= LARGEST_SHARE, x)


def signals_stay(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether what comes back to the hidden layers of wide nets is what it was at the start."""
    del params, task
    kept = float(prediction["kept"])
    share = (
        "nothing of itself" if math.isinf(kept) else f"n to the power {said(0.0 - kept)} of itself"
    )
    words = f"What comes back to a layer changes by {share} (limit {said(-LEAST_KEPT)})."
    return Assumption("signals_stay", "signals stay", words, kept >= LEAST_KEPT, kept)


def stable(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether nothing grows with the width."""
    del params, task
    growth, kind = float(prediction["growth"]), scales.KINDS[int(prediction["kind"])]
    held = kind != "unstable"
    words = (
        "Nothing grows with the width."
        if held
        else f"These powers are unstable: something grows like n to the power {said(growth)}."
        if growth > 0
        else "These powers are unstable: signals shrink or grow from layer to layer."
    )
    return Assumption("stable", "stable powers", words, held, growth)


ASSUMPTIONS = (one_power, below_the_edge, signals_stay, stable)


def slopes(change: np.ndarray, ns: list[int]) -> np.ndarray:
    """Least-squares slopes of ln change (..., width, layer) over ln n, (..., layer)."""
    with np.errstate(all="ignore"):
        return theory.regression(ns) @ np.log(change)


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Powers at the first step and at the last one; NaN of a step that was not reached."""
    del task, prediction
    change, steps = run["change"].values, run["step"].values
    found = slopes(change, widths(params.width_min, params.width_max))
    found = np.where(np.isfinite(found), found, np.nan)
    at = dict(zip(steps.tolist(), found, strict=True))
    never = np.full(found.shape[-1], np.nan)
    first, last = at.get(1, never), at.get(int(params.steps), never)
    features = change[-1, :, -2]
    return xr.Dataset(
        {
            "features_first": ("hidden", first[:-1]),
            "features_last": ("hidden", last[:-1]),
            "output_first": ((), float(first[-1])),
            "output_last": ((), float(last[-1])),
            "widest_features": ((), float(features[-1] / features[0])),
        }
    )


def _claim(name: str, at: str, relies_on: tuple[str, ...]) -> Claim:
    return Claim(
        name,
        largest_gap(name, at=f"layer {{hidden}}, {at}"),
        lambda _, prediction: float(prediction[f"allowed_{name.partition('_')[2]}"]),
        relies_on=relies_on,
        unit="absolute",
        on_divergence="judged",
        baseline=Baseline("nothing depends on the width", 0.0),
        sees_ten_percent=False,
        because="10 % of a power is less than these widths tell apart; powers are multiples of "
        "1/4, and one that is wrong by so much is seen.",
        void={OTHER_SEED: "powers are the same for all nets."},
    )


CLAIMS = (
    _claim("features_first", "first step", ("one_power", "below_the_edge")),
    _claim("features_last", "last step", ("one_power", "below_the_edge", "signals_stay", "stable")),
)


def _forgotten(task: Task) -> Task:
    """The rates of the narrowest nets at every width: c is forgotten."""
    return {**task, "rates": np.broadcast_to(task["rates"][:1], task["rates"].shape)}


CONTROLS = (Control("the rates forget the width", task=_forgotten),)
