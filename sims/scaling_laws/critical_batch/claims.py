"""What the hyperbola wants, what is measured, and what is claimed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap, level
from sims.core.comparison import Comparison
from sims.core.controls import OTHER_SEED, Control
from sims.core.experiment import Assumption, Baseline, Claim, Compared, Task
from sims.core.sentences import said
from sims.scaling_laws.critical_batch import theory

if TYPE_CHECKING:
    from sims.scaling_laws.critical_batch.params import Params

MOST_FEEDBACK = 0.1
FEWEST_STEPS = 5.0
ROUNDING = 0.004
"""Of ln S: what reading the crossing between two records may cost."""
SIGMAS = 4.0
RULE_OF_THUMB = 0.25
"""What the hyperbola errs by in ln S, for all spectra, targets and noise within the sliders."""
WITHIN = 0.6
"""The same of the noise scale for B_crit, with what the runs add."""

# Measured


def crossings(
    samples: np.ndarray, loss: np.ndarray, batches: np.ndarray, target: float, tail: float
) -> np.ndarray:
    """Steps after which each learner is at the target, (batch,), a fraction; NaN if it never is.

    A learner changes where its batch is full: ln E is taken as linear in the number of its steps
    between the first records of two such numbers. `loss` is (record, batch), `samples` (record,).
    """
    found = np.full(len(batches), np.nan)
    for k, B in enumerate(batches.astype(np.int64)):
        steps, first = np.unique(samples // B, return_index=True)
        E, level_ = loss[first, k] - tail, target - tail
        below = np.flatnonzero(level_ >= E)
        if len(below) and (i := below[0]) > 0:
            part = np.log(E[i - 1] / level_) / np.log(E[i - 1] / E[i])
            found[k] = steps[i - 1] + (steps[i] - steps[i - 1]) * part
    return found


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Steps to the target of every learner, and the critical batch of the first and the last.

    S = S_min(1 + B_crit/B) at B = 1 and at the largest: with r their ratio, B_crit = (r - 1)/(1 -
    r/B), negative where so many more samples buy no fewer steps.
    """
    del task
    B = prediction["batch"].values
    loss = np.asarray(run["loss"].values, float)
    S = crossings(run["step"].values, loss, B, float(params.target), float(prediction["tail"]))
    r = S[0] / S[-1]
    return xr.Dataset(
        {
            "steps_to_target": ("batch", S, {"units": "steps"}),
            "critical_batch": ((), (r - 1) / (1 - r / B[-1]) if r < B[-1] else np.nan),
        }
    )


# Assumptions


def light_tails(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether an average over some hundred runs is near the mean over all."""
    del params, task
    F = float(prediction["feedback"])
    words = (
        f"Noise feeds back {said(100 * F)} % of the loss at the hottest batch; above 10 % rare "
        "runs carry the mean."
    )
    return Assumption("light_tails", "light tails", words, F <= MOST_FEEDBACK, F)


def best_rates(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether every batch size has its own best rate."""
    del task, prediction
    held = params.rule == "best"
    rule = {"linear": "goes up as B", "sqrt": "goes up as √B", "fixed": "is the same for all"}
    words = "Every batch size has its best rate." if held else (
        f"The hyperbola supposes the best rate for each batch; here the rate {rule[params.rule]}."
    )  # fmt: skip
    return Assumption("best_rates", "best rates", words, held)


def many_steps(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether even the full batch takes several steps."""
    del params, task
    S = float(prediction["s_min"])
    words = f"A full batch needs {said(S)} steps; below 5 the noise scale changes between them."
    return Assumption("many_steps", "many steps", words, S >= FEWEST_STEPS, S)


# Claims


def steps_gap(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """The largest over batches of |ln(S/S_predicted)| in standard errors.

    Never, on either side, counts as the steps within which the target is looked for; where it is
    predicted the standard error is the largest of the others.
    """
    del params
    p, m = (np.asarray(side["steps_to_target"].values, float) for side in (told, run))
    m = np.where(np.isnan(m), np.inf, m)
    error = prediction["error_of_steps"].values
    error = np.where(np.isnan(error), np.nanmax(error), error) + ROUNDING
    gaps = np.abs(np.log(np.minimum(m, theory.LONGEST) / np.minimum(p, theory.LONGEST))) / error
    at = int(np.argmax(gaps))
    where = f"batches of {int(prediction['batch'][at])}"
    return Compared(float(p[at]), float(m[at]), float(gaps[at]), where)


def of_hyperbola(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance: that of a rule of thumb, and four standard errors at B = 1."""
    del params
    return RULE_OF_THUMB + SIGMAS * float(prediction["error_of_steps"][0])


def _lowest(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del params, run
    if float(prediction["lowest_rate"]) >= theory.LOWEST:
        return ""
    return "the best rate of a batch of 1 lies below all that were tried."


def _out_of_range(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why no critical batch is measured between the ends of this ladder, if so."""
    del params
    critical, most = float(prediction["critical_batch"]), int(prediction["batch"][-1])
    if critical > most:
        return f"the corner, {said(critical)}, lies beyond the largest batch, {most}."
    if math.isnan(float(run["critical_batch"])):
        return "the smallest or the largest batch does not reach the target."
    return ""


def halved(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """Half the steps for every doubling of the batch, from those of B = 1."""
    del params, task
    return prediction["steps_to_target"].values[0] / prediction["batch"].values


def no_fewer(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """Half the steps for every doubling, or as many as before where the rate is not raised."""
    if params.rule != "fixed":
        return halved(params, task, prediction)
    return np.full(prediction.sizes["batch"], prediction["steps_to_target"].values[0])


def middle(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """The middle of the ladder of batch sizes."""
    del params, task
    return math.sqrt(float(prediction["batch"][-1]))


ALIKE = {OTHER_SEED: "the mean over all samples is the same for every seed."}
HALVING = "twice the batch, half the steps"

CLAIMS = (
    Claim(
        "steps_to_target",
        Comparison("steps_to_target", "standard errors", steps_gap, "steps_to_target"),
        SIGMAS,
        relies_on=("light_tails",),
        unit="standard errors",
        baseline=Baseline(f"{HALVING} (fixed rate: as many)", no_fewer),
        void=ALIKE,
    ),
    Claim(
        "hyperbola",
        largest_gap(
            "hyperbola", "steps_to_target", over="logarithm", at="batches of {batch}"
        ),
        of_hyperbola,
        relies_on=("light_tails", "best_rates"),
        unless=(_lowest,),
        baseline=Baseline(HALVING, halved),
        sees_ten_percent=False,
        because="it is a rule of thumb, good to a quarter; the steps themselves see it.",
        void=ALIKE,
    ),
    Claim(
        "noise_scale",
        level(
            "noise_scale", "critical_batch", over="logarithm",
            at="the step at which B = 1 is at the target",
        ),
        WITHIN,
        relies_on=("light_tails", "best_rates", "many_steps"),
        title="noise scale for the critical batch",
        unless=(_lowest, _out_of_range),
        baseline=Baseline("the middle of the ladder", middle),
        sees_ten_percent=False,
        because="it is a rule of thumb, good to a factor of 1.8; the steps themselves see it.",
        void=ALIKE,
    ),
)  # fmt: skip

CONTROLS = (
    Control(
        "labels without noise, and nothing out of reach",
        task=lambda task: {**task, "s": np.zeros_like(task["s"])},
    ),
)
