"""What the steady turn wants, what is measured of it, and what is claimed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import largest_gap, level
from sims.core.controls import Control
from sims.core.experiment import Assumption, Baseline, Claim, Task
from sims.core.sentences import said
from sims.symmetries.normalised_weights import theory
from sims.symmetries.normalised_weights.params import rates

if TYPE_CHECKING:
    from sims.symmetries.normalised_weights.params import Params

MEAN, EACH = (0.6, 0.2, 0.09), (1.2, 0.3, 0.18)
"""Of the drift and of the order that is left out, and the most that is allowed."""
FEWEST_ROWS = 8
"""The variance s² of a batch is like χ²: the squared kick goes as s⁻⁴, whose mean is finite from 6
rows on."""
FLOOR = 1e-5
GENTLE = 0.1
WATCHED, SHORT = 8.0, 0.01
"""Decays for the second half to be settled; squared length to which a long neuron comes down."""
SETTLED = "second half of the run"


def allowed(of: tuple[float, float, float]):
    """Tolerance a/N + b Y, at most c: |w|² may still change by e^2a within the second half."""
    drift, order, most = of

    def tolerance(params: Params, prediction: xr.Dataset) -> float:
        del params
        N, Y = float(prediction["decays"]), float(prediction["quickness"])
        return min(most, drift / N + order * Y) if N else most

    return tolerance


def normalised(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether length does not matter."""
    del task, prediction
    words = (
        "Without normalisation the length matters to the loss, and the gradient is not orthogonal "
        "to the weights."
    )
    return Assumption("normalised", "normalised layer", words, params.normalisation != "off")


def noisy_gradient(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the gradient goes on."""
    del task, prediction
    words = (
        "With (almost) all examples in every step the gradient dies as the loss does, and the "
        "length never settles."
    )
    held = 0 < params.batch_size <= params.n / 2
    return Assumption("noisy_gradient", "minibatches", words, held)


def enough_rows(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether a batch has a variance that is never almost 0."""
    del task, prediction
    size = params.batch_size
    words = (
        f"Normalised over {size or params.n} rows: where few agree, the variance is almost 0 and "
        f"one step throws the neuron (limit {FEWEST_ROWS})."
    )
    held = params.normalisation != "batch" or size == 0 or size >= FEWEST_ROWS
    return Assumption("enough_rows", "enough rows", words, held, size)


def no_floor(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the layer is blind to length."""
    del task, prediction
    eps = float(params.eps)
    words = (
        f"{said(eps)} under the root stops the layer from being blind to length once the weights "
        f"are short (limit {said(FLOOR)})."
    )
    return Assumption("no_floor", "nothing added to the variance", words, eps <= FLOOR, eps)


def decay_on(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether something pulls lengths in."""
    del task, prediction
    words = "Without decay the length grows for ever and the turning dies away."
    return Assumption("decay_on", "weight decay", words, float(params.weight_decay) > 0)


def long_enough(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the longest neuron has come down and is watched."""
    del task
    N = float(prediction["decays"])
    longest = float(prediction["wall"].values[0].max())
    if params.normalisation == "layer":
        longest /= params.width
    least = WATCHED + math.log(max(longest, SHORT) / SHORT)
    words = (
        f"{said(N, 3)} decays; the longest neuron needs {said(least, 3)} to come down and be "
        "watched."
    )
    return Assumption("long_enough", "settled", words, least <= N, N)


def gentle_decay(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether one step takes little of the length."""
    del params, task
    Y = float(prediction["quickness"])
    words = f"Each step takes {said(Y)} of the length, with momentum's factor (limit {GENTLE})."
    return Assumption("gentle_decay", "gentle decay", words, Y <= GENTLE, Y)


ASSUMPTIONS = (
    normalised,
    noisy_gradient,
    enough_rows,
    no_floor,
    decay_on,
    long_enough,
    gentle_decay,
)
_ALL = tuple(one.__name__ for one in ASSUMPTIONS)


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Root mean square turns over the second half, of each and of all, and the wall's margin.

    `wall_margin` is the smallest ln(|w|²/wall): no neuron goes below it.
    """
    del params, task
    steps = run["step"].values
    first = theory.watched(steps)
    each = theory.turns_between(run["turned"].values, steps, first, len(steps) - 1)
    mean = float(np.sqrt(np.mean(each**2)))
    wall = prediction["wall"].values[: len(steps)]
    with np.errstate(all="ignore"):
        margin = float(np.min(np.log(run["length2"].values / wall)))
    return xr.Dataset(
        {
            "turn_each": ("unit", each),
            "turn_mean": ((), mean),
            "turn_degrees": ((), math.degrees(mean)),
            "wall_margin": ((), margin),
        }
    )


def nearest_guess(params: Params, task: Task, prediction: xr.Dataset) -> float:
    """Of what one may guess without the balance, what comes nearest to it."""
    del task
    eta, lam, beta = rates(params)
    guesses = [float(np.sqrt(np.mean(prediction["first_turn"].values ** 2)))]
    if lam:
        guesses += [eta * lam] + [math.sqrt(2 * eta * lam)] * (beta > 0)
    turn = float(prediction["turn_mean"])
    return min(guesses, key=lambda guess: abs(guess - turn))


def first_of_each(params: Params, task: Task, prediction: xr.Dataset) -> np.ndarray:
    """The turn of the first step of each, (unit,)."""
    del params, task
    return prediction["first_turn"].values


CLAIMS = (
    Claim(
        "turn_mean",
        level("turn_mean", at=SETTLED),
        allowed(MEAN),
        relies_on=_ALL,
        on_divergence="not judged",
        baseline=Baseline("as at the first step, ηλ, or as without momentum", nearest_guess),
    ),
    Claim(
        "turn_each",
        largest_gap("turn_each", over="predicted", at=f"neuron {{unit}}, {SETTLED}"),
        allowed(EACH),
        relies_on=_ALL,
        on_divergence="not judged",
        baseline=Baseline("each turns as at the first step", first_of_each),
    ),
)

CONTROLS = (
    Control("weight decay is off", {"weight_decay": 0.0}),
    Control("0.1 is added to the variance", {"eps": 0.1}),
    Control("weight decay is larger by a fifth", {"weight_decay": 0.0121}),
)
