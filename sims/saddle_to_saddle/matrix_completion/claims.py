"""Assumptions of the first escape, its measured counterpart, and the claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import at_times
from sims.core.experiment import NEVER, Assumption, Claim, Task
from sims.core.knobs import filled
from sims.core.sentences import said, share
from sims.saddle_to_saddle import edge
from sims.saddle_to_saddle import mode_laws as laws
from sims.saddle_to_saddle.matrix_completion.theory import ESCAPED

if TYPE_CHECKING:
    from sims.saddle_to_saddle.matrix_completion.params import Params

WANTED_START = 0.03
WANTED_OVERLAP = 0.2
TOLERANCE = 0.012


def edge_ratio(params: Params, task: Task) -> float:
    """μ of the whole matrix, an upper bound for what is observed; see `edge.edge_ratio`."""
    return edge.edge_ratio(filled(params.eta), params.depth, float(task["spectrum"][0]))


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken; one seed."""
    rival = float(prediction["overlap"]) if "overlap" in prediction else 0.0
    power = max(1, params.depth - 2)
    start = filled(params.alpha) ** power
    name = "alpha" if power == 1 else f"alpha^{power}"
    return [
        Assumption(
            "small_init",
            "small start",
            f"{name} = {said(start)}, wanted at most {WANTED_START}.",
            start <= WANTED_START,
            start,
        ),
        Assumption(
            "separated_modes",
            "modes well separated",
            f"When the first mode escapes the next is already at {share(rival)} of it; "
            "one mode alone wants at most 20 %.",
            rival <= WANTED_OVERLAP,
            rival,
        ),
        edge.before_the_edge(edge_ratio(params, task)),
    ]


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    del prediction
    mu = edge_ratio(params, task)
    if mu > edge.DIVERGES:
        return [edge.divergence(mu)]
    if mu >= 1:
        step = f"η = {said(filled(params.eta), 3)}"
        return [f"Past the stability edge. The step {step} gives μ = {said(mu, 3)} > 1."]
    return []


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """When the top singular value reached σ_1/10, ln-linear between records; NaN if never."""
    del task
    if params.depth == 1:
        return xr.Dataset()
    top = run["singular_values"].values[:, 0]
    level = ESCAPED * float(prediction["observed_top"])
    time = laws.crossing(run["time"].values, np.log(top), np.log(level))
    return xr.Dataset({"first_escape_time": ((), time, {"units": "time"})})


def _one_factor(params: Params, *_: xr.Dataset) -> str:
    return "a single factor has no saddle to escape from." if params.depth == 1 else ""


LATE = "the escape is predicted behind the horizon."

CLAIMS = (
    Claim(
        "first_escape_time",
        at_times(
            "first_escape_time",
            until=lambda _, prediction: float(prediction.attrs["horizon"]),
            spare=TOLERANCE,
            never=LATE,
            short=LATE,
            started="the start is already past the first escape.",
            at="top singular value at a tenth of its value in the data",
        ),
        TOLERANCE,
        relies_on=("small_init", "separated_modes", "before_the_edge"),
        unless=(_one_factor,),
        baseline=NEVER,
    ),
)
