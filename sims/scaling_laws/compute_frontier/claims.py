"""What the laws of the frontier want, what is measured of it, and what is claimed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap, level
from sims.core.comparison import Comparison
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Compared, Task, not_compared
from sims.core.format import significant
from sims.core.sentences import said
from sims.scaling_laws.compute_frontier import theory
from sims.scaling_laws.compute_frontier.params import signal_lasts

if TYPE_CHECKING:
    from sims.scaling_laws.compute_frontier.params import Params

MOST_FEEDBACK = 0.1
LEAST_KNOWN = 0.35
"""Standard error over what can be learned, up to which the mean is known."""
MOST_NOISE = 0.02
LEAD = 4.0
"""How far a size must be ahead of all others, in 0.1 % and standard errors of both."""
SMALLEST_BEST, GROWTH = 4, 4
"""Of the law's best size: the least at the first compute, and the factor to the last."""


# Assumptions


def light_tails(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the mean is not that of a few rare runs, and known from as many as there are."""
    del params
    fed = float(prediction["feedback"][0])
    learnable = prediction["loss"].values - task["tails"]
    relative = prediction["standard_error"].values[1:] / learnable[1:]
    known = float(relative.max())
    words = (
        f"Noise feeds back {said(100 * fed)} % of the loss, and the mean is known to "
        f"{said(100 * known)} %; above 10 % or 35 % rare runs carry it."
    )
    is_held = fed <= MOST_FEEDBACK and known <= LEAST_KNOWN
    return Assumption("light_tails", "light tails", words, is_held, fed)


def signal_outlasts_noise(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether noise is forgotten faster than the signal is learned."""
    del task, prediction
    a, b = float(params.a), float(params.b)
    words = (
        f"Noise is forgotten like 1/t to the power {said(2 - 1 / a)}, the signal learned like 1/t "
        f"to the power {said((b - 1) / a)}: the slower one rules (limit: b at most 2a − 1/2)."
    )
    return Assumption(
        "signal_outlasts_noise", "the signal outlasts noise", words, signal_lasts(a, b), b
    )


def no_noise_floor(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether label noise keeps next to nothing of the loss."""
    del task
    fed = float(prediction["feedback"][0])
    kept = float(params.noise) ** 2 * fed / (1 - fed) / float(prediction["frontier"][-1])
    words = (
        f"Label noise keeps {said(100 * kept)} % of the last loss (limit {100 * MOST_NOISE:.0f} %)"
        + (": the frontier bends." if kept > MOST_NOISE else ".")
    )
    return Assumption("no_noise_floor", "no noise floor", words, kept <= MOST_NOISE, kept)


def sizes_matter(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the law's best size moves, and stays among the sizes there are."""
    del params, task
    largest, *_, smallest = (int(m) for m in prediction["size"].values)
    first, last = (float(prediction["law_width"][i]) for i in (0, -1))
    is_held = max(SMALLEST_BEST, smallest) <= first and GROWTH * first <= last <= largest
    words = (
        f"The best size goes from {significant(first, 3)} to {significant(last, 3)}, among "
        f"{smallest} to {largest}; a slope needs a factor of {GROWTH} within them."
    )
    return Assumption("sizes_matter", "sizes matter", words, is_held, last / first)


ASSUMPTIONS = (light_tails, signal_outlasts_noise, no_noise_floor, sizes_matter)
PEN_AND_PAPER = ("light_tails", "signal_outlasts_noise", "no_noise_floor")


# Measured


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """The run's losses at every compute, the least of them, its size, and its slope."""
    del task
    ms, compute = prediction["size"].values, prediction["compute"].values
    steps, loss = run["step"].values, run["loss"].values
    none = np.full(len(compute), np.nan)
    if len(steps) < 2 or steps[-1] < int(params.steps):  # it left the finite range
        at_compute, least, best = np.full((len(compute), len(ms)), np.nan), none, none
    else:
        B = int(params.batch_size)
        at_compute = theory.at_budgets(compute, steps, loss, ms, B)
        least, at = theory.smallest_loss(at_compute)
        best = ms[at].astype(float)
    return xr.Dataset(
        {
            "loss_at_compute": (("budget", "size"), at_compute),
            "frontier": ("budget", least),
            "best_width": ("budget", best),
            "frontier_slope": ((), theory.slope(compute, least)),
        }
    )


# Claims


def standard_errors(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """Standard error of the mean and 0.2 % of it, (record, size)."""
    del params
    return prediction["standard_error"].values + 0.002 * prediction["loss"].values


def collapse_scale(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """What the one curve may be off by, five times 1 % and the standard error, (record, size)."""
    del params
    own = prediction["standard_error"].values / prediction["loss"].values
    return 5 * (0.01 + own) * prediction["law_loss"].values


def best_width_gap(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """At how many computes another size has the least loss than the one that is told.

    Of the computes at which theory has one size ahead by more than chance can hide.
    """
    del params
    measured = run["best_width"].values
    decided = np.flatnonzero(prediction["lead"].values > LEAD)
    if not decided.size:
        return not_compared("at every compute two sizes have nearly the same loss.")
    wrong = decided[told["best_width"].values[decided] != measured[decided]]
    i = int(wrong[0]) if wrong.size else int(decided[-1])
    where = (
        f"compute {significant(float(prediction['compute'][i]), 3)}; a size is well ahead at "
        f"{decided.size} of {len(measured)}"
    )
    return Compared(float(told["best_width"][i]), float(measured[i]), float(wrong.size), where)


def slope_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.005 and five standard errors."""
    del params
    return 0.005 + 5 * float(prediction["slope_error"])


def exponent_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """The same, and what sizes in doublings and few decades leave of the law."""
    law = abs(float(prediction["scaling_exponent"]))
    return 0.015 * (1 + law) + slope_tolerance(params, prediction)


def like_the_largest(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """All sizes learn as the largest does."""
    del params, task
    loss = prediction["loss"].values
    return np.repeat(loss[:, :1], loss.shape[1], axis=1)


def middle_size(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """The middle one of the sizes there are, at every compute."""
    del params, task
    ms = prediction["size"].values
    return float(ms[len(ms) // 2])


def nearer_power(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """Of the steps' power and one half the one that is nearer to the law's."""
    del task
    law = float(prediction["scaling_exponent"])
    powers = (-(float(params.b) - 1) / float(params.a), -0.5)
    return min(powers, key=lambda power: abs(power - law))


OWN_POWER = Baseline("the power of the steps at one size, or one half: the nearer", nearer_power)

CLAIMS = (
    Claim(
        "loss_curve",
        largest_gap(
            "loss", over=standard_errors, within=lambda _, __, run: run["step"].values >= 1,
            at="size {size}, step {step}",
        ),
        6.0,
        relies_on=("light_tails",),
        title="loss of every size",
        unit="standard errors",
        baseline=Baseline("every size learns as the largest", like_the_largest),
    ),
    Claim(
        "best_width",
        Comparison("best_width", "computes", best_width_gap),
        0.0,
        relies_on=("light_tails",),
        baseline=Baseline("the middle size", middle_size),
        sees_ten_percent=False,
        because="sizes are doubled: one of them is chosen, or its neighbour.",
    ),
    Claim(
        "frontier_slope",
        level("frontier_slope", over=1.0, at="least squares over all computes"),
        slope_tolerance,
        relies_on=("light_tails",),
        title="slope of the frontier, these sizes",
        symbol=r"d\ln L/d\ln C",
        unit="absolute",
        baseline=OWN_POWER,
    ),
    Claim(
        "scaling_exponent",
        level("scaling_exponent", "frontier_slope", over=1.0, at="pen and paper, all sizes"),
        exponent_tolerance,
        relies_on=(*PEN_AND_PAPER, "sizes_matter"),
        title="slope of the frontier, pen and paper",
        unit="absolute",
        baseline=OWN_POWER,
    ),
    Claim(
        "collapse",
        largest_gap(
            "law_loss", "loss", over=collapse_scale, at="size {size}, step {step}",
            empty="no size has trained for long enough.",
        ),
        1.0,
        relies_on=PEN_AND_PAPER,
        title="one curve for all sizes",
        unit="of the tolerance",
        baseline=Baseline(
            "a floor and a power law, summed", lambda *given: given[2]["guess_loss"].values
        ),
    ),
)  # fmt: skip


def _all_alike(task: Task) -> Task:
    """The task in which every size holds as much as the largest."""
    alike = {name: np.repeat(task[name][:1], len(task[name]), axis=0)
             for name in ("held", "targets", "tails", "noises")}  # fmt: skip
    return {**task, **alike}


CONTROLS = (Control("every size holds as much as the largest", task=_all_alike),)
