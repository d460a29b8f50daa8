"""What the equations want, what is measured, and what is claimed of curve and scatter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import at_times, largest_gap
from sims.core.controls import OTHER_SEED, Control
from sims.core.experiment import NEVER, Assumption, Claim, Task
from sims.core.sentences import said, share
from sims.teacher_student.online_sgd import theory

if TYPE_CHECKING:
    from sims.teacher_student.online_sgd.params import Params

SIGMAS = 5.0
SKEWNESS = 20.0
"""Of the error's logarithm, times √d: where it falls to 0 its scatter is skew to high values."""
SIGMAS_OVERLAPS, SIGMAS_TIME = 5.0, 4.5
WIDEST_ERROR, WIDEST_OVERLAP = 0.3, 0.1
"""Predicted scatter, of the error and of an overlap, up to which it is small."""


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """When the run falls below half its plateau; NaN if it never does."""
    del params, task
    level, t = float(prediction["specialisation_level"]), run["time"].values
    time = theory.falls_below(t, np.asarray(run["eps"].values, float), level)
    seen = time if np.isfinite(time) else np.nan
    return xr.Dataset({"specialisation_time": ((), seen, {"units": "time"})})


# Assumptions


def gaussian_fields(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether sums over the inputs are Gaussian, with the variances of the theory."""
    del task, prediction
    held = params.inputs != "correlated"
    words = "Sums over many inputs alike are Gaussian." if held else (
        "Inputs of very uneven variance: a few of them decide, and the sums are not those of the "
        "theory."
    )  # fmt: skip
    return Assumption("gaussian_fields", "Gaussian fields", words, held)


def fresh_examples(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether every example is new."""
    del task, prediction
    samples = float(params.samples_per_dimension)
    words = "Every example is new." if not samples else (
        f"{said(samples)} d examples used again and again: the student has seen them before."
    )  # fmt: skip
    return Assumption("fresh_examples", "fresh examples", words, not samples, samples)


def narrow_band(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the predicted scatter is small, so that it may be linear."""
    del params, task
    error, overlap = float(prediction["error_band"]), float(prediction["overlap_band"])
    held = error <= WIDEST_ERROR and overlap <= WIDEST_OVERLAP
    words = f"The predicted scatter reaches {share(error)} of the error and {said(overlap)} in an "
    words += "overlap" if held else "overlap: the escape is seeded by chance"
    words += " (limits 30 %, 0.1)."
    return Assumption("narrow_band", "narrow band", words, held, overlap)


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """All of them; that the band is narrow is known when there is one."""
    made = [gaussian_fields, fresh_examples]
    made += [narrow_band] if "error_band" in prediction else []
    return [one(params, task, prediction) for one in made]


HELD = ("gaussian_fields", "fresh_examples", "narrow_band")

# Claims


def seen(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Records after the start at which an error is predicted that single precision can tell."""
    del params, run
    found = prediction["eps"].values >= theory.LEAST
    found[0] = False
    return found


def started(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """All records after the start, which is known exactly."""
    del params, run
    return np.arange(prediction.sizes["record"]) > 0


def error_deviations(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """Standard deviation of ln ε, at least 1/d, which the equations leave out, (record,)."""
    return np.hypot(prediction["sd_eps"].values / prediction["eps"].values, 1 / params.d)


def overlap_deviations(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """Standard deviation of every overlap, at least 1/d, (record, overlap)."""
    return np.hypot(prediction["sd_overlaps"].values, 1 / params.d)


def of_curve(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance: a hundred nearly independent looks, and 20/√d for their skewness."""
    del prediction
    return SIGMAS + SKEWNESS / float(np.sqrt(params.d))


def of_time(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance: four and a half predicted deviations of the time, which is a single number."""
    del params
    return SIGMAS_TIME * float(prediction["specialisation_deviation"])


def end(params: Params, prediction: xr.Dataset) -> float:
    """Time at the end of the run."""
    del params
    return float(prediction["time"][-1])


def never(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Not judged where no fall is predicted."""
    del params, run
    is_foreseen = np.isfinite(float(prediction["specialisation_time"]))
    return "" if is_foreseen else "no fall to half a plateau is predicted within this run."


ALIKE = {OTHER_SEED: "two starts differ by 1/√d, as do two runs from one start."}

CLAIMS = (
    Claim(
        "loss_curve",
        largest_gap("eps", over="logarithm", divided_by=error_deviations, within=seen),
        of_curve,
        relies_on=HELD,
        title="error over time",
        symbol=r"\varepsilon",
        unit="of its deviation",
        void=ALIKE,
    ),
    Claim(
        "overlaps",
        largest_gap(
            "overlaps", divided_by=overlap_deviations, within=started, at="{overlap}, t = {time:3}"
        ),
        SIGMAS_OVERLAPS,
        relies_on=HELD,
        unit="of its deviation",
        void=ALIKE,
    ),
    Claim(
        "specialisation_time",
        at_times(
            "specialisation_time",
            until=end,
            spare=of_time,
            short="predicted so near the end that it may still come after {end}.",
            at="half the error of the plateau",
        ),
        of_time,
        relies_on=HELD,
        unless=(never,),
        baseline=NEVER,
        void=ALIKE,
    ),
)


def other_teacher(task: Task) -> Task:
    """The student that was drawn, and another teacher; theory stays that of the first."""
    rng, B = np.random.default_rng([1, 7]), task["B"]
    drawn = np.linalg.qr(rng.standard_normal(B.shape[::-1]))[0].T
    return {**task, "B": drawn * np.sqrt(B.shape[1])}


CONTROLS = (Control("another teacher gives the answers", task=other_teacher),)
