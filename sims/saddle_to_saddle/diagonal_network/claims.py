"""Assumptions of the jump algorithm, measured counterparts, and the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import at_times, largest_gap
from sims.core.experiment import Assumption, Claim, Task
from sims.core.sentences import said, share
from sims.saddle_to_saddle import mode_laws as laws

if TYPE_CHECKING:
    from sims.saddle_to_saddle.diagonal_network.params import Params

WANTED_MARGIN = 6.0
WANTED_LOG_SCALE = 18.0
LEAST_DROP = 0.05
"""Share of the initial loss a jump must remove to have its time judged."""
NEAR_THE_END = 0.05
"""Share of the horizon around its end in which a predicted jump leaves the end weights open."""


def trust_margin(prediction: xr.Dataset) -> float:
    """2 ln(1/α) min(1 - |s_i|) over inactive features and the jumps up to the horizon.

    An inactive weight is of size α^{2(1 - |s_i|)}: a small margin leaves it visible.
    """
    scale = float(prediction["log_scale"])
    within = prediction["jump_times"].values <= float(prediction.attrs["horizon"])
    return 2 * scale * float(np.min(prediction["margins"].values[within], initial=1.0))


def step_lag(params: Params, prediction: xr.Dataset) -> float:
    """Share by which steps of size η delay the first jump: η|g|/2 = η/(2 τ_1).

    A weight grows by ln(1 + η|g|) = η|g| - (η|g|)²/2 + ... a step, and the first jump comes where
    max|g| = 1/τ_1 is largest.
    """
    tau = prediction["jump_times"].values[:1] / float(prediction["log_scale"])
    return float(params.eta) / (2 * float(tau[0])) if len(tau) else 0.0


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken; one seed."""
    del task
    lag, allowed = step_lag(params, prediction), tolerance_jump_times(params, prediction) / 2
    margin, scale = trust_margin(prediction), float(prediction["log_scale"])
    trusted, small = margin >= WANTED_MARGIN, scale >= WANTED_LOG_SCALE
    return [
        Assumption(
            "trust_margin",
            "clear dual",
            f"Every feature that is off stops {said(margin, 3)} short of switching on; wanted 6."
            if trusted
            else f"A feature stops {said(margin)} short of switching on; wanted 6: "
            "its dual is nearly degenerate.",
            trusted,
            1 / margin if margin > 0 else np.inf,
        ),
        Assumption(
            "log_scale",
            "start small in its logarithm",
            f"ln(1/alpha) = {said(scale, 3)}; the limit wants 18 or more.",
            small,
            1 / scale if scale > 0 else np.inf,
        ),
        Assumption(
            "small_step",
            "small step",
            f"A step of eta delays the first jump by {share(lag)} of its wait; "
            f"wanted at most {share(allowed)}, half the tolerance.",
            lag <= allowed,
            lag,
        ),
    ]


def middles(prediction: xr.Dataset) -> np.ndarray:
    """Losses half way between neighbouring plateaus, (jump,); NaN where the loss does not drop."""
    levels = np.concatenate(
        [[float(prediction["loss_initial"])], prediction["plateau_losses"].values]
    )
    drops = levels[:-1] - levels[1:]
    return np.where(drops > 1e-9 * levels[0], (levels[:-1] + levels[1:]) / 2, np.nan)


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Times at which the loss passes the middle of two plateaus, and the last weights."""
    del params, task
    times, loss = run["time"].values, run["loss"].values
    jumps = [
        laws.crossing(times, -loss, -middle) if np.isfinite(middle) else np.nan
        for middle in middles(prediction)
    ]
    return xr.Dataset(
        {
            "jump_times": ("jump", np.array(jumps, float), {"units": "time"}),
            "weights_final": ("feature", run["weights"].values[-1]),
        },
        coords={name: prediction[name].values for name in ("jump", "feature")},
    )


def judged_jumps(prediction: xr.Dataset) -> np.ndarray:
    """Jumps that drop more than 5 % of the initial loss, up to the one that leaves 1 % of it."""
    start = float(prediction["loss_initial"])
    drops = -np.diff(prediction["plateau_losses"].values, prepend=start)
    judged = np.flatnonzero(drops > LEAST_DROP * start)
    return judged[judged < int(prediction["learned_jumps"])]


def horizon(params: Params, prediction: xr.Dataset) -> float:
    """Time at which the run ends."""
    del params
    return float(prediction.attrs["horizon"])


def is_judged(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Which jumps are judged, (jump,)."""
    del params, run
    return np.isin(np.arange(prediction.sizes["jump"]), judged_jumps(prediction))


def _open_end(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why the weights at the end are not compared."""
    del run
    end = horizon(params, prediction)
    if np.any(np.abs(prediction["jump_times"].values - end) <= NEAR_THE_END * end):
        return "a predicted jump lies within 5 % of the horizon."
    if not np.any(prediction["weights_final"].values):
        return "no feature is predicted to switch on within the horizon."
    return ""


def tolerance_jump_times(params: Params, prediction: xr.Dataset) -> float:
    """2.5/ln(1/α) plus the record spacing over the smallest judged jump time."""
    del params
    judged = prediction["jump_times"].values[judged_jumps(prediction)]
    spacing = float(np.max(np.diff(prediction["time"].values)))
    blur = spacing / float(np.min(judged)) if len(judged) else 0.0
    return 2.5 / float(prediction["log_scale"]) + blur


def tolerance_loss(params: Params, prediction: xr.Dataset) -> float:
    """1/ln(1/α) + 2/records."""
    del params
    return 1 / float(prediction["log_scale"]) + 2 / prediction.sizes["record"]


NO_JUMP = "no jump that drops 5 % of the initial loss falls within the horizon."

CLAIMS = (
    Claim(
        "jump_times",
        at_times(
            "jump_times",
            within=is_judged,
            until=horizon,
            spare=tolerance_jump_times,
            never=NO_JUMP,
            at="jump {jump}",
            empty=NO_JUMP,
        ),
        tolerance_jump_times,
        relies_on=("log_scale", "small_step"),
        symbol=r"\tau_k",
    ),
    Claim(
        "loss",
        largest_gap(
            "loss",
            over=lambda _, prediction: float(prediction["loss_initial"]),
            take="mean",
            at="largest gap at τ = {time:4}",
            clock=lambda _, prediction: float(prediction["log_scale"]),
        ),
        tolerance_loss,
        relies_on=("log_scale", "small_step"),
        title="loss on the staircase",
        symbol=r"L(\tau)",
        unit="of L_0",
        blind_in=("sparse_regression", "orthogonal_design"),
        because="the mean over records moves by 0.1 τ_k/horizon times each drop; where nearly all "
        "of the loss goes in the first twentieth of the horizon that is less than the tolerance.",
    ),
    Claim(
        "weights_final",
        largest_gap("weights_final", over="largest", at="weight {feature}"),
        0.06,
        relies_on=("trust_margin", "log_scale", "small_step"),
        title="weights at the end",
        symbol=r"\beta",
        unless=(_open_end,),
    ),
)
