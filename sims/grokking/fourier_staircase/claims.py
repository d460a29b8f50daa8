"""Assumptions of the staircase, and the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import at_times, largest_gap, level, order
from sims.core.controls import OTHER_SEED, Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.sentences import said, share
from sims.grokking.fourier_staircase.theory import WANTED

if TYPE_CHECKING:
    from sims.grokking.fourier_staircase.params import Params

DISTINCT = 1.25
SMALL = 0.2
WAITS = 4.0
LEVEL, LEVEL_BY_SCALE = 0.02, 0.1
"""Tolerance of the levels, and for each unit of the scale: rests are known to half a per cent."""
LAST_TOLERANCE = 0.15
READ, BY_SCALE = 0.04, 0.2
"""Tolerance of the first drop for its reading between records, and for each unit of the scale."""


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken; one seed."""
    del task
    sizes = np.sort(prediction["magnitudes"].values)[::-1][: prediction.sizes["level"] - 1]
    ratios = sizes[:-1] / sizes[1:]
    closest = float(np.min(ratios, initial=np.inf))
    scale, wanted = float(params.init_scale), WANTED * len(sizes)
    waits = float(prediction.attrs["horizon"]) / float(prediction["last_bound"])
    near = f"The two nearest magnitudes are {share(closest - 1)} apart"
    return [
        Assumption(
            "enough_neurons",
            "enough neurons",
            f"{params.width} neurons; each frequency needs six, and two to spare.",
            params.width >= wanted,
            params.width,
        ),
        Assumption(
            "distinct_magnitudes",
            "distinct magnitudes",
            f"Two magnitudes within {share(closest - 1)}: their order is a lottery."
            if closest < DISTINCT
            else f"{near}, wanted at least 25 %."
            if np.isfinite(closest)
            else "There is one frequency alone.",
            closest >= DISTINCT,
            closest,
        ),
        Assumption(
            "small_start",
            "small start",
            f"Scale {said(scale)}: neurons are not dormant."
            if scale > SMALL
            else f"Scale {said(scale)}, wanted at most {SMALL}.",
            scale <= SMALL,
            scale,
        ),
        Assumption(
            "long_enough",
            "long enough",
            f"{waits:.1f} of the 4 waiting times that the last frequency needs.",
            waits >= WAITS,
            waits,
        ),
    ]


def is_above_zero(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Which levels are above 0, (level,)."""
    del params, run
    return prediction["plateau_losses"].values > 0


def last_level(params: Params, prediction: xr.Dataset) -> float:
    """The last level above 0, from which the last frequency leads to 0."""
    del params
    return float(prediction["plateau_losses"].values[-2])


def _not_all(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    left = float(run["loss_final"]) / last_level(params, prediction)
    return "" if left <= LAST_TOLERANCE else "not every frequency was acquired."


def end(params: Params, prediction: xr.Dataset) -> float:
    """Time at which the run ends."""
    del params
    return float(prediction.attrs["horizon"])


def level_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.02 + 0.1 σ."""
    del prediction
    return LEVEL + LEVEL_BY_SCALE * float(params.init_scale)


def drop_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.04 + 0.2 σ + how much later the sixth neuron escapes than the third."""
    return READ + BY_SCALE * float(params.init_scale) + float(prediction["first_drop_spread"])


# What would be guessed


def equal_steps(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """L_0 (1 - j/K), (level,)."""
    del params, task
    levels = prediction["plateau_losses"].values
    return levels[0] * np.linspace(1, 0, len(levels))


def lowest_first(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The frequencies by their number, (level,)."""
    del params, task
    return np.sort(prediction["order"].values)


def rests(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """The last level above 0."""
    del task
    return last_level(params, prediction)


def bound(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """The earliest moment of the first drop."""
    del params, task
    return float(prediction["first_drop_bound"])


ALL = ("enough_neurons", "distinct_magnitudes", "small_start", "long_enough")

CLAIMS = (
    Claim(
        "plateau_losses",
        largest_gap(
            "plateau_losses",
            over="predicted",
            within=is_above_zero,
            take="median",
            unseen="skipped",
            at="median of {n} levels; the farthest is {farthest} off",
            empty="no level was rested on between two drops.",
        ),
        level_tolerance,
        relies_on=ALL,
        on_divergence="not judged",
        baseline=Baseline("steps of one height", equal_steps),
        void={OTHER_SEED: "seeds differ in the phases, and levels do not know of them."},
    ),
    Claim(
        "order",
        order("order", skip=1),
        0,
        relies_on=ALL,
        unless=(_not_all,),
        on_divergence="not judged",
        sees_ten_percent=False,
        because="an order stays what it is 10 % later.",
        baseline=Baseline("the lowest first", lowest_first),
    ),
    Claim(
        "loss_final",
        level(0.0, "loss_final", over=last_level, at="last record"),
        LAST_TOLERANCE,
        relies_on=("enough_neurons", "small_start", "long_enough"),
        symbol=r"L(T)/L_{K-1}",
        unit="of the last level",
        on_divergence="not judged",
        sees_ten_percent=False,
        because="zero, 10 % higher, is still zero.",
        baseline=Baseline("it rests on the last level", rests),
    ),
    Claim(
        "first_drop",
        at_times(
            "first_drop",
            until=end,
            spare=drop_tolerance,
            short="the run ends at t = {end}, before it is due.",
            at_missed="never, within t = {end:4}",
        ),
        drop_tolerance,
        relies_on=("enough_neurons", "distinct_magnitudes", "small_start"),
        on_divergence="not judged",
        sees_ten_percent=False,
        because="the six neurons of a frequency escape within 5 to 20 % of the time.",
        baseline=Baseline("at the earliest moment", bound),
        void={OTHER_SEED: "the third of many neurons escapes at much the same time anywhere."},
    ),
)


def as_strong(task: Task) -> Task:
    """The template with all its frequencies made equally strong, of the same loss."""
    spectrum = np.fft.rfft(task["template"])
    size = np.abs(spectrum)
    there = size > 1e-9 * size.max()
    flat = np.where(there, spectrum / np.where(there, size, 1.0), 0)
    x = np.fft.irfft(flat, len(task["template"]))
    return {**task, "template": x * np.linalg.norm(task["template"]) / np.linalg.norm(x)}


CONTROLS = (
    Control(
        "all frequencies are equally strong",
        task=as_strong,
        claims=("plateau_losses", "order", "first_drop"),
    ),
)
