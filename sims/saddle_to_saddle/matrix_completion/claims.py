"""Assumptions of the first escape, its measured counterpart, and the claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Assumption, Claim, Compared, Task, not_compared
from sims.saddle_to_saddle import mode_laws as laws
from sims.saddle_to_saddle.matrix_completion.theory import ESCAPED

if TYPE_CHECKING:
    from sims.saddle_to_saddle.matrix_completion.params import Params

WANTED_START = 0.05
WANTED_OVERLAP = 0.2
TOLERANCE = 0.02


def edge_ratio(params: Params, task: Task) -> float:
    """μ = η L s_1^{2-2/L}/2 of the whole matrix: η over 2/sharpness, at most, at the minimum."""
    strongest = float(task["spectrum"][0])
    return float(params.eta or 0) * params.depth * strongest ** (2 - 2 / params.depth) / 2


def share(value: float) -> str:
    """A fraction in words: 3.2 %, 0.04 %."""
    return f"{100 * value:.2g} %"


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken; one seed."""
    rival = float(prediction["overlap"]) if "overlap" in prediction else 0.0
    power = max(1, params.depth - 2)
    start, mu = float(params.alpha or 0) ** power, edge_ratio(params, task)
    name = "alpha" if power == 1 else f"alpha^{power}"
    held = f"eta s_1 = {mu:.3g}, held below 1"
    return [
        Assumption(
            "small_init",
            "small start",
            f"{name} = {start:.2g}, wanted at most {WANTED_START}.",
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
        Assumption(
            "before_the_edge",
            f"below the edge, μ = {mu:.3g} < 1" if mu < 1 else "below the edge, μ < 1",
            f"{held}." if mu < 1 else f"{held}: past the stability edge.",
            mu < 1,
            mu,
        ),
    ]


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    del prediction
    mu = edge_ratio(params, task)
    if mu > 1.3:
        return [
            f"Expected to diverge. The step gives μ = {mu:.3g}; beyond 1.3 the run leaves "
            "the finite range."
        ]
    if mu >= 1:
        step = f"η = {float(params.eta or 0):.3g}"
        return [f"Past the stability edge. The step {step} gives μ = {mu:.3g} > 1."]
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


def compare_escape(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|t_run/t_pred - 1|; a run that does not escape within the horizon is infinitely late."""
    if params.depth == 1:
        return not_compared("a single factor has no saddle to escape from.")
    p, m = float(prediction["first_escape_time"]), float(run["first_escape_time"])
    if p == 0 or m == 0:
        return not_compared("the start is already past the first escape.")
    if np.isnan(m) and p * (1 + TOLERANCE) > float(prediction.attrs["horizon"]):
        return not_compared("the escape is predicted behind the horizon.")
    error = np.inf if np.isnan(m) else abs(m / p - 1)
    return Compared(p, m, error, "top singular value at a tenth of its value in the data")


def tolerance_escape(params: Params, prediction: xr.Dataset) -> float:
    """2 % of the predicted time."""
    del params, prediction
    return TOLERANCE


CLAIMS = (
    Claim(
        "first_escape_time",
        "first escape",
        r"t_\mathrm{esc}",
        "relative",
        ("small_init", "separated_modes", "before_the_edge"),
        tolerance_escape,
        compare_escape,
    ),
)
