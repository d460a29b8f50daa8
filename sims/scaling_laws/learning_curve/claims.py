"""What the exact average wants of a race, and what is claimed of six schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import Comparison, largest_gap
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Compared, SweepClaim, Task
from sims.core.sentences import said, share
from sims.scaling_laws import races

if TYPE_CHECKING:
    from sims.scaling_laws.learning_curve.params import Params

MOST_FEEDBACK, LEAST_KNOWN = 0.1, 0.35
ROUNDING = 0.002
"""Share of the loss that float32, and the spread's own approximation, may be off by."""
EARLIEST, FEWEST = 30, 5
"""Steps, and records behind them, that pen and paper wants."""


# Assumptions


def light_tails(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether a few runs show the mean."""
    del params, task
    F, known = float(prediction["feedback"]), float(prediction["known"])
    words = (
        f"Noise feeds back {share(F)} of the loss, and the mean is known to {share(known)}; above "
        "10 % or 35 % rare runs carry it."
    )
    held = F <= MOST_FEEDBACK and known <= LEAST_KNOWN
    return Assumption("light_tails", "light tails", words, held, F)


def gaussian_inputs(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether inputs are normal, as the average over products of four of them wants."""
    del task, prediction
    is_held = params.inputs == "gaussian"
    words = "Inputs are Gaussian." if is_held else "Bursts: x⁴ is five times a Gaussian's."
    return Assumption("gaussian_inputs", "Gaussian inputs", words, is_held)


def fresh_samples(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether no sample is seen twice."""
    del task, prediction
    if not params.pool:
        return Assumption("fresh_samples", "fresh samples", "Every sample is fresh.", True, 1.0)
    times = float(params.steps) * params.batch_size / params.pool
    words = f"Each sample is used {said(times)} times; the theory sees none twice."
    return Assumption("fresh_samples", "fresh samples", words, False, times)


def signal_outlasts_noise(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether noise is forgotten so fast that it follows the signal."""
    del task
    a, b = float(params.a), float(params.b)
    words = (
        f"Noise is forgotten like t to the power −{said(2 - 1 / a)}, and the signal learned like t "
        f"to the power −{said(-float(prediction['slope']))}: the slower one rules."
    )
    return Assumption(
        "signal_outlasts_noise", "signal outlasts noise", words, b <= 2 * a - 0.5, b - 2 * a
    )


EXACT = (light_tails, gaussian_inputs, fresh_samples)
ASSUMPTIONS = (*EXACT, signal_outlasts_noise)
MEAN = tuple(one.__name__ for one in EXACT)


# What is compared


def of_mean(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """Standard error of the mean loss, and rounding, (record, schedule)."""
    del params
    return prediction["standard_error"].values + ROUNDING * prediction["loss"].values


def of_end(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """The same at the end, (schedule,)."""
    return of_mean(params, prediction)[-1]


def of_line(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """Relative standard error of the constant rate's mean, and one per cent, (record,)."""
    del params
    ratio = prediction["standard_error"].values[:, 0] / prediction["loss"].values[:, 0]
    return 0.01 + ratio


def is_late(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Records at which sums over coefficients are integrals, (record,)."""
    del params, run
    t, eta = prediction["step"].values, float(prediction["rate"])
    return (t >= EARLIEST) & (2 * eta * t >= 10)


def _too_short(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    late = is_late(params, prediction, run).sum()
    return "" if late >= FEWEST else f"pen and paper is for late steps, and has {late} records."


def power_and_floor(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The exponent alone, without its constant, over what is out of reach, (record,)."""
    del params, task
    t = np.append(np.nan, prediction["step"].values[1:].astype(float))
    return t ** float(prediction["slope"]) + float(prediction["tail"])


def regret(params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset) -> Compared:
    """How much more the (rate, schedule) that is said to be best ends at than the best one did."""
    del params
    picked, best = told["loss_final"].values, run["loss_final"].values
    at = np.unravel_index(np.argmin(picked), picked.shape)
    rate, name = prediction["c"].values[at[0]], prediction["schedule"].values[at[1]]
    where = f"{name} at c = {said(float(rate))}, of {best.size} choices"
    # where all choices end alike, as before any training, none of them is the best
    error = float(best[at] / best.min() - 1) if np.ptp(best) else np.inf
    return Compared(float(best[at]), float(best.min()), error, where)


def chance_of_best(params: Params, prediction: xr.Dataset) -> float:
    """One per cent, and two standard errors of either of two end losses near the best."""
    del params
    ends, errors = (prediction[n].values.ravel() for n in ("loss_final", "error_final"))
    at = int(np.argmin(ends))
    return float(0.01 + 4 * errors[at] / ends[at])


def middle_cosine(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """As if cosine at the middle rate were best, (c, schedule)."""
    del params, task
    found = np.ones(prediction["loss_final"].shape)
    names = list(prediction["schedule"].values)
    found[len(found) // 2, names.index("cosine")] = 0.0
    return found


CLAIMS = (
    Claim(
        "loss_curve",
        largest_gap(
            "loss", over=of_mean, within=lambda _, prediction, _run: prediction["step"].values >= 1,
            at="{schedule}, step {step}",
        ),
        6.0,
        relies_on=MEAN,
        title="mean loss of every schedule",
        symbol="L(t)",
        unit="standard errors",
        baseline=races.FULL_BATCH,
    ),
    Claim(
        "loss_final",
        largest_gap("loss_final", over=of_end, at="{schedule}, at the end"),
        5.0,
        relies_on=MEAN,
        unit="standard errors",
        baseline=races.FULL_BATCH_AT_END,
    ),
    Claim(
        "ranking",
        Comparison("pair_order", "pairs", races.wrong_pairs, "pair_order"),
        0.5,  # a guess with a single pair wrong is no test
        relies_on=MEAN,
        title="order of the schedules",
        symbol="",
        baseline=races.MORE_RATE,
        sees_ten_percent=False,
        because="all levels may be 10 % off in the same order.",
    ),
    Claim(
        "one_line",
        largest_gap(
            "one_line", lambda _, run: run["loss"].isel(schedule=0), over="logarithm",
            divided_by=of_line, within=is_late, at="constant rate, step {step}",
        ),
        5.0,
        relies_on=(*MEAN, "signal_outlasts_noise"),
        title="constant rate, with pen and paper",
        unit="standard errors",
        unless=(_too_short,),
        baseline=Baseline("t to the power −s, over what is out of reach", power_and_floor),
        sees_ten_percent=False,
        because="chance leaves the mean of the constant rate uncertain by some per cent.",
    ),
)  # fmt: skip

SWEEP_CLAIMS = (
    SweepClaim(
        "best_choice",
        Comparison("loss_final", "relative", regret, "loss_final"),
        chance_of_best,
        relies_on=("gaussian_inputs", "fresh_samples"),
        title="best peak rate and schedule",
        symbol=r"(c^*, \mathrm{schedule}^*)",
        applies=lambda axes: list(axes) == ["c"],
        baseline=Baseline("cosine at the middle rate", middle_cosine),
        sees_ten_percent=False,
        because="the least of several levels is the least with all of them 10 % off.",
    ),
)

CONTROLS = (
    Control("labels have no noise", values={"noise": "0"}),
    Control(
        "a hundred samples are drawn again and again",
        values={"pool": "100"},
        claims=("loss_curve", "loss_final", "one_line"),  # the order survives that
    ),
)
