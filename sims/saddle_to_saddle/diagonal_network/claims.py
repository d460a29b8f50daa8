"""Assumptions of the jump algorithm, measured counterparts, and the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import Comparison, at_times, largest_gap
from sims.core.experiment import Assumption, Claim, Compared, Task, not_compared
from sims.core.sentences import said, share
from sims.saddle_to_saddle import mode_laws as laws
from sims.saddle_to_saddle.diagonal_network import regression, theory

if TYPE_CHECKING:
    from sims.saddle_to_saddle.diagonal_network.params import Params

WANTED_MARGIN = 6.0
WANTED_LOG_SCALE = 36.0
WANTED_LAG = 0.03
LIMIT_ORDER = 2.5
"""Times ln(1/α): the most by which a jump of a finite start was seen off its log time."""
LARGEST_TOLERANCE = 0.08
"""A theory whose times are 10 % wrong must not land."""
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
    """Share by which steps of size η delay the first jump; see `theory.step_lag`."""
    return theory.step_lag(
        float(params.eta), prediction["jump_times"].values / float(prediction["log_scale"])
    )


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken; one seed."""
    del task
    lag = step_lag(params, prediction)
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
            f"ln(1/alpha) = {said(scale, 3)}; the limit wants 36 or more.",
            small,
            1 / scale if scale > 0 else np.inf,
        ),
        Assumption(
            "small_step",
            "small step",
            f"A step of eta delays the first jump by {share(lag)} of its wait; wanted at most 3 %.",
            lag <= WANTED_LAG,
            lag,
        ),
    ]


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Times at which the loss passes the middle of two plateaus, and the last weights."""
    del params, task
    times, loss = run["time"].values, run["loss"].values
    jumps = [
        laws.crossing(times, -loss, -middle) if np.isfinite(middle) else np.nan
        for middle in theory.middles(prediction)
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
    """2.5/ln(1/α) + min(step lag, 0.03) + half the widest record spacing at a judged jump.

    The first term is the order of the limit, the second what a finite step adds; at most 0.08.
    """
    own = LIMIT_ORDER / float(prediction["log_scale"])
    lag = min(step_lag(params, prediction), WANTED_LAG)
    return min(own + lag + _blur(prediction), LARGEST_TOLERANCE)


def _blur(prediction: xr.Dataset) -> float:
    """Half the record spacing at a judged jump over its time, the largest."""
    times = prediction["time"].values
    jumps = prediction["jump_times"].values[judged_jumps(prediction)]
    jumps = jumps[jumps < times[-1]]
    if not len(jumps):
        return 0.0
    at = np.searchsorted(times, jumps)
    return float(np.max((times[at] - times[at - 1]) / (2 * jumps)))


def log_window(prediction: xr.Dataset) -> tuple[float, float]:
    """Times between which the staircase is compared: half the first jump, twice the last judged.

    The second is the end of the run where that comes first. NaN without a judged jump.
    """
    jumps = prediction["jump_times"].values
    judged = jumps[judged_jumps(prediction)]
    if not len(judged):
        return np.nan, np.nan
    return float(jumps[0]) / 2, min(2 * float(judged[-1]), float(prediction["time"].values[-1]))


def compare_loss(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """Area between loss and staircase over ln τ, in units of L_0: ∫|L_run - L| d ln τ / L_0.

    About the mean of |ln(τ_run/τ_k)| with the drops of the jumps as weights. Trapezoids between the
    records from `log_window`; shown is the largest gap.
    """
    del params
    first, last = log_window(prediction)
    seen = run["loss"].values.astype(float)
    times = prediction["time"].values
    inside = (times >= first) & (times <= last) & (times > 0)
    if inside.sum() < 3:
        return not_compared(NO_JUMP)
    whole = np.full(len(times), np.nan)
    whole[: len(seen)] = seen[: len(times)]
    p, m, tau = (values[inside] for values in (told["loss"].values, whole, times))
    gaps = np.abs(m - p) / float(prediction["loss_initial"])
    area = float(np.trapezoid(gaps, np.log(tau)))
    i = int(np.argmax(np.nan_to_num(gaps, nan=np.inf)))
    where = f"largest gap at τ = {said(tau[i] / float(prediction['log_scale']), 4)}"
    return Compared(float(p[i]), float(m[i]), area if np.isfinite(area) else np.inf, where)


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
        baseline=regression.JUMP_TIMES,
    ),
    Claim(
        "loss",
        Comparison("loss", "of L_0", compare_loss),
        tolerance_jump_times,
        relies_on=("log_scale", "small_step"),
        title="loss on the staircase",
        symbol=r"L(\tau)",
        unit="of L_0",
        baseline=regression.LOSS,
    ),
    Claim(
        "weights_final",
        largest_gap("weights_final", over="largest", at="weight {feature}"),
        0.06,
        relies_on=("trust_margin", "log_scale", "small_step"),
        title="weights at the end",
        symbol=r"\beta",
        unless=(_open_end,),
        baseline=regression.WEIGHTS,
    ),
)
