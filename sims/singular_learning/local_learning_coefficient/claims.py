"""What a heated network wants, what is measured of it, and what is claimed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import level
from sims.core.controls import OTHER_SEED, Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.knobs import filled
from sims.core.sentences import said
from sims.singular_learning.local_learning_coefficient import scales
from sims.singular_learning.local_learning_coefficient.params import local
from sims.singular_learning.local_learning_coefficient.training import orthogonal

if TYPE_CHECKING:
    from sims.singular_learning.local_learning_coefficient.params import Params

COLDEST_NEEDED = 300.0
STIFFEST_LEASH, LARGEST_BIAS, LEAST_PULL = 0.05, 0.1, 50.0
LARGEST_STEP = 0.25
FEWEST_TIMES, FEWEST_TIMES_LARGE = 24.0, 8.0
NARROW = 0.2
"""Size of other weights over the square of what a large start sees, in valley widths, at most."""
WIDEST = 0.15
SIGMAS = 4.0

# Measured


def settled(step: np.ndarray, heated_loss: np.ndarray, begin: float) -> float:
    """Mean of the heated loss over the later half of the heating steps so far; NaN before."""
    half = begin + (step[-1] - begin) / 2
    chosen = np.flatnonzero((step > half) & (step > begin) & np.isfinite(heated_loss))
    if not len(chosen):
        return math.nan
    taken = step[chosen] - step[chosen - 1]  # a record is the mean over these steps
    return float(np.sum(heated_loss[chosen] * taken) / np.sum(taken))


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """The later half's mean, less what a finite step adds."""
    del task
    at, heated = run["step"].values, np.asarray(run["heated_loss"].values, float)
    found = settled(at, heated, float(params.train_steps)) if len(at) else math.nan
    return xr.Dataset({"lambda_final": ((), found - float(prediction["step_shift"]))})


# Assumptions


def training_done(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether training reaches a minimum."""
    del task, prediction
    lasts = scales.RATE * float(params.train_steps)
    needed = 2 * math.log(1 / float(params.alpha)) + 10
    words = (
        f"Training lasts {said(lasts, 3)} units of time; a start of {said(float(params.alpha))} "
        f"needs {said(needed)}"
    )
    held = lasts >= needed
    words += "." if held else ": it is heated on a saddle, not in a minimum."
    return Assumption("training_done", "trained to the end", words, held, lasts)


def seen_by_the_start(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the directions that start large learn the map, before any others do."""
    del prediction
    name, label = "seen_by_the_start", "the start sees the map"
    r, large = int(params.rank), int(params.large)
    if not r or not 0 < large < min(params.d_in, params.width):
        return Assumption(name, label, "All units that can learn the map start alike.", True, 1.0)
    inputs, own = (np.linalg.svd(task[one])[2][:k] for one, k in (("A", large), ("C", r)))
    seen = float(np.linalg.svd(inputs @ own.T)[1][:r].min())
    width = (float(filled(params.nbeta)) * float(params.strength) ** 2) ** -0.25
    needed = math.sqrt(float(params.alpha) / (NARROW * width))
    words = f"The large directions see {said(seen)} of the map's inputs ({said(needed)} wanted)"
    held = seen >= needed
    words += "." if held else ": other units learn it as well, and A ends with a larger rank."
    return Assumption(name, label, words, held, seen)


def cold_enough(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the heat stays in the neighbourhood."""
    del task, prediction
    x = float(filled(params.nbeta)) * float(params.strength) ** 2
    held = x >= COLDEST_NEEDED
    words = f"t s² = {said(x, 3)}, at least {said(COLDEST_NEEDED, 3)} wanted"
    words += "." if held else ": the heat reaches beyond the neighbourhood."
    return Assumption("cold_enough", "cold enough", words, held, x)


def loose_enough(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the leash lets the valleys fill."""
    del task
    name, label = "loose_enough", "leash loose enough"
    g, bias = float(prediction["leash"]), float(prediction["leash_bias"])
    if int(params.large):
        words = f"The leash takes {said(bias)} of λ (limit {LARGEST_BIAS})."
        return Assumption(name, label, words, bias <= LARGEST_BIAS, bias)
    words = f"The leash is {said(g)} of the valleys' stiffness (limit {STIFFEST_LEASH})."
    return Assumption(name, label, words, g <= STIFFEST_LEASH, g)


def leash_holds(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the leash holds the copies in the minimum of a large start."""
    del task, prediction
    pull = float(filled(params.gamma)) * float(params.strength)
    if not int(params.large):
        words = "After a small start no place nearby is more singular."
        return Assumption("leash_holds", "leash holds", words, True, pull)
    held = pull >= LEAST_PULL
    words = f"γs = {said(pull, 3)}, and {said(LEAST_PULL)} wanted after a large start"
    words += "." if held else ": copies wander off to a more singular place, sooner or later."
    return Assumption("leash_holds", "leash holds", words, held, pull)


def gentle_step(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the step is small against the stiffest direction."""
    del task, prediction
    pull = float(filled(params.gamma)) * float(params.strength)
    x = float(params.c) * (1 + 1 / pull)
    words = f"The step is {said(x)} of the stiffest direction's time (limit {LARGEST_STEP})."
    return Assumption("gentle_step", "gentle step", words, x <= LARGEST_STEP, x)


def long_enough(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the valleys have time to fill."""
    del task
    times = float(filled(params.steps)) / float(prediction["wait"])
    is_partly = int(params.large) and local(params).rest
    wanted = FEWEST_TIMES_LARGE if is_partly else FEWEST_TIMES
    words = f"Heating lasts {said(times)} forgetting times ({said(wanted)} wanted)."
    return Assumption("long_enough", "long enough", words, times >= wanted, times)


ASSUMPTIONS = (
    training_done,
    seen_by_the_start,
    cold_enough,
    loose_enough,
    leash_holds,
    gentle_step,
    long_enough,
)
_ALL = tuple(one.__name__ for one in ASSUMPTIONS)

# Claims


def of_llc(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance: first orders in the leash, in ln ln t and in the step; four standard errors."""
    value = float(prediction["lambda_"])
    colder = float(filled(params.nbeta)) * float(params.strength) ** 2
    # where the log is small the page says that it is not cold
    double = (float(prediction["multiplicity"]) - 1) / (value * max(math.log(colder), 1.0))
    allowed = 0.01 + float(prediction["leash_bias"]) + double + float(prediction["step_bias"])
    return min(WIDEST, allowed + SIGMAS * float(prediction["noise"]) / value)


def of_exact(params: Params, prediction: xr.Dataset) -> float:
    """Tolerance: four standard errors of both sides, and what the shift by the step leaves out."""
    del params
    error = math.hypot(float(prediction["noise"]), float(prediction["exact_error"]))
    sampled = SIGMAS * error / float(prediction["lambda_"])
    return min(WIDEST, sampled + float(prediction["step_bias"]) + 0.015)


def of_lambda(params: Params, prediction: xr.Dataset) -> float:
    """What errors are counted in."""
    del params
    return float(prediction["lambda_"])


HALF_THE_MAPS = Baseline(
    "half the dimension of the set of maps", lambda *given: float(given[2]["half_the_maps"])
)
VOID = {OTHER_SEED: "no seed enters the prediction."}

CLAIMS = (
    Claim(
        "llc",
        level("lambda_", "lambda_final", at="the later half of the heating"),
        of_llc,
        relies_on=_ALL,
        title="local learning coefficient",
        symbol=r"\lambda",
        unit="relative",
        on_divergence="not judged",
        baseline=HALF_THE_MAPS,
        void=VOID,
    ),
    Claim(
        "exact_heat",
        level(
            "exact_lambda", "lambda_final", over=of_lambda, at="the later half of the heating"
        ),
        of_exact,
        relies_on=tuple(one for one in _ALL if one != "loose_enough"),
        title="heated loss at this very heat and leash",
        symbol=r"t\langle K\rangle_t",
        unit="of λ",
        on_divergence="not judged",
        baseline=HALF_THE_MAPS,
        void=VOID,
    ),
)  # fmt: skip


def _another_map(task: Task) -> Task:
    """A map of full rank in place of the one that theory was told of."""
    C, s = task["C"], scales.RATE / float(task["eta"])
    (N, M), rng = C.shape, np.random.default_rng(1)
    most = min(N, M, len(task["A"]))
    return {**task, "C": s * orthogonal(rng, N, most) @ orthogonal(rng, M, most).T}


CONTROLS = (Control("a map of full rank is learned instead", task=_another_map),)
