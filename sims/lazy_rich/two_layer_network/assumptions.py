"""What the lazy theory wants of these settings, and the banners before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr

from sims.core.experiment import Assumption, Task
from sims.core.sentences import said
from sims.lazy_rich import assumptions as lazy

if TYPE_CHECKING:
    from sims.lazy_rich.two_layer_network.params import Params


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """Those that concern these settings, held or broken; one seed."""
    del task
    alpha, c = float(params.alpha), float(params.c)
    change = float(prediction["feature_change_final"])
    found = [
        lazy.features_stay_put(change),
        lazy.features_frozen(change),
        lazy.smooth_activation(params.activation),
        lazy.below_the_edge(c),
        lazy.arithmetic_resolves(alpha, float(prediction["output_initial"]), "float64"),
    ]
    if "kinks_crossed" in prediction:
        found.append(lazy.kinks_enough(int(prediction["kinks_crossed"])))
    if c > 1:
        found.append(lazy.below_twice_the_edge(c))
        found.append(lazy.room_to_grow(alpha, float(prediction["train_loss"][0]), c))
    return found


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    del task, prediction
    c = float(params.c)
    if c >= 2:
        return [f"Likely to diverge. The rate is {said(c, 3)} times the edge of the linear model."]
    if c > 1:
        return [
            f"The linear model diverges. At {said(c, 3)} times its edge the loss rises first; "
            "expect the rate to end below the edge."
        ]
    return []
