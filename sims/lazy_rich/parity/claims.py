"""Assumptions of the lazy theory here, measured counterparts, and the claim.

The share of the bits that matter is no claim: where the theory holds, it predicts a change of some
1e-4, which a network that is not trained at all meets as well. It is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import level
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.sentences import said
from sims.lazy_rich import assumptions as lazy

if TYPE_CHECKING:
    from sims.lazy_rich.parity.params import Params

ENDS = ("test_loss", "relevant_share")


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken; one seed."""
    del task
    return [
        lazy.features_stay_put(float(prediction["feature_change_final"])),
        lazy.below_the_edge(float(params.c)),
    ]


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    del task, prediction
    if float(params.c) <= 1:
        return []
    return [
        f"The linear model diverges. The rate is {said(float(params.c), 3)} times its edge: "
        "the loss rises first."
    ]


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Test loss and share of the bits that matter at the end."""
    del params, task, prediction
    last = {f"{n}_final": float(run[n][-1]) if run.sizes["record"] else np.nan for n in ENDS}
    return xr.Dataset({name: ((), value) for name, value in last.items()})


def size_of_loss(params: Params, prediction: xr.Dataset) -> float:
    """The predicted loss, at least a hundredth of that of a constant zero."""
    del params
    return max(float(prediction["test_loss_final"]), LEAST_LOSS)


def nothing_generalises(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why a loss near that of a constant zero, or above it, tests nothing."""
    del params, run
    p = float(prediction["test_loss_final"])
    if p < NOTHING_LEARNED:
        return ""
    return (
        f"the kernel learns nothing here that shuffled targets would not give: it ends at {p:.2f}."
    )


def tolerance(start: float, per_change: float) -> Callable[[Params, xr.Dataset], float]:
    """Start + per_change min(R_pred, 0.1)."""

    def allowed(params: Params, prediction: xr.Dataset) -> float:
        del params
        change = float(prediction["feature_change_final"])
        return start + per_change * min(change, lazy.STAYS_PUT)

    return allowed


ZERO_LOSS = 0.5
"""Test loss |y|²/2n' of a constant zero."""
LEAST_LOSS = 0.01 * ZERO_LOSS
NOTHING_LEARNED = 0.9 * ZERO_LOSS
"""Predicted loss from which on the kernel has learned nothing of the rule."""

RELIES_ON = ("features_stay_put", "rate_below_the_edge")

CLAIMS = (
    Claim(
        "test_loss_final",
        level("test_loss_final", over=size_of_loss, at="last step"),
        tolerance(0.01, 0.6),
        relies_on=RELIES_ON,
        title="test loss at the end",
        symbol=r"L_\mathrm{test}",
        unit="relative",
        unless=(nothing_generalises,),
        on_divergence="not judged",
        baseline=Baseline("an output of zero, right as often as wrong", ZERO_LOSS),
    ),
)
