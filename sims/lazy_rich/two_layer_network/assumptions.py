"""What the lazy theory wants of these settings, and the banners before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr

from sims.core.experiment import Assumption, Task
from sims.core.sentences import said
from sims.lazy_rich import assumptions as lazy

if TYPE_CHECKING:
    from sims.lazy_rich.two_layer_network.params import Params

HALF_LEARNED = 0.3


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
    if "half_learned" in prediction:
        found.append(modes_learned(float(prediction["half_learned"])))
    if "kinks_crossed" in prediction:
        found.append(lazy.kinks_enough(int(prediction["kinks_crossed"])))
    if c > 1:
        found.append(lazy.below_twice_the_edge(c))
        found.append(lazy.room_to_grow(alpha, float(prediction["train_loss"][0]), c))
    return found


def modes_learned(half: float) -> Assumption:
    """At most 30 % along modes that are half learned; a question for one's own data alone.

    The teacher's leave 1 %. Of one's own, up to 16 % lands and from 55 % on may not.
    """
    held = half <= HALF_LEARNED
    sentence = (
        f"{said(100 * half, 2)} % of the movement is along modes that are half learned at the end "
        f"(held up to {said(100 * HALF_LEARNED)} %)"
    )
    sentence += "." if held else ": how far they come hangs on a kernel that moves a little."
    return Assumption("modes_learned", "modes learned", sentence, held, half / HALF_LEARNED)


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
