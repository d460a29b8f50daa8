"""Assumptions of the staircase, and the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap, level, one_sided, order
from sims.core.experiment import Assumption, Claim, Task
from sims.core.sentences import said, share
from sims.grokking.fourier_staircase.theory import EACH

if TYPE_CHECKING:
    from sims.grokking.fourier_staircase.params import Params

DISTINCT = 1.25
SMALL = 0.2
WAITS = 4.0
LEVELS_TOLERANCE = 0.075
LAST_TOLERANCE = 0.5


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken; one seed."""
    del task
    sizes = np.sort(prediction["magnitudes"].values)[::-1][: prediction.sizes["level"] - 1]
    ratios = sizes[:-1] / sizes[1:]
    closest = float(np.min(ratios, initial=np.inf))
    scale, wanted = float(params.init_scale), EACH * len(sizes)
    waits = float(prediction.attrs["horizon"]) / float(prediction["last_bound"])
    near = f"The two nearest magnitudes are {share(closest - 1)} apart"
    return [
        Assumption(
            "enough_neurons",
            "enough neurons",
            f"{params.width} neurons; each frequency needs about six.",
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
        LEVELS_TOLERANCE,
        relies_on=ALL,
        on_divergence="not judged",
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
    ),
    Claim(
        "loss_final",
        level(0.0, "loss_final", over=last_level, at="last record"),
        LAST_TOLERANCE,
        relies_on=("enough_neurons", "long_enough"),
        symbol=r"L(T)/L_{K-1}",
        unit="of the last level",
        on_divergence="not judged",
        sees_ten_percent=False,
        because="zero, 10 % higher, is still zero.",
    ),
    Claim(
        "first_drop_bound",
        one_sided(
            "first_drop_bound",
            "first_drop",
            side="above",
            unseen="the loss did not drop.",
            at="a bound from below: the drop may come later",
        ),
        1,
        relies_on=("small_start",),
        title="earliest first drop",
        symbol="t_1",
        unit="bound over drop",
        on_divergence="not judged",
        sees_ten_percent=False,
        because="a bound on one side holds 10 % higher too.",
    ),
)
