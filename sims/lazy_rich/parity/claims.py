"""Assumptions of the lazy theory here, measured counterparts, and the claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import level
from sims.core.experiment import Assumption, Claim, Task
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


def tolerance(start: float, per_change: float) -> Callable[[Params, xr.Dataset], float]:
    """Start + per_change min(R_pred, 0.1)."""

    def allowed(params: Params, prediction: xr.Dataset) -> float:
        del params
        change = float(prediction["feature_change_final"])
        return start + per_change * min(change, lazy.STAYS_PUT)

    return allowed


RELIES_ON = ("features_stay_put", "rate_below_the_edge")

CLAIMS = (
    Claim(
        "test_loss_final",
        level("test_loss_final", at="last step"),
        tolerance(0.01, 0.6),
        relies_on=RELIES_ON,
        title="test loss at the end",
        symbol=r"L_\mathrm{test}",
        on_divergence="not judged",
    ),
    Claim(
        "relevant_share",
        level("relevant_share_final", over=1.0, at="last step"),
        tolerance(0.002, 0.02),
        relies_on=RELIES_ON,
        title="share of the bits that matter",
        symbol="s",
        unit="in the share",
        on_divergence="not judged",
    ),
)
