"""When the theories of modular addition are supposed to hold, and what is said beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr

from sims.core.experiment import Assumption, Task
from sims.core.sentences import said
from sims.grokking.modular_addition.params import is_prime
from sims.grokking.modular_addition.theory import is_cubic, is_decoupled
from sims.grokking.scales import coverage_fraction

if TYPE_CHECKING:
    from sims.grokking.modular_addition.params import Params

GENTLE = 2.0
LEAST_FRACTION, TIMES_COVERAGE = 0.3, 1.8
DECAY_TIMES = 12.0
CUBIC_TIME, CUBIC_LARGEST_P = 50.0, 23
SLINGSHOT_DECAY = 0.5
"""Decoupled decay up to which the cross-entropy falls until Adam divides rounding by rounding.

At 0.25 the run was seen to blow up, at 0.5 not, at 1 the loss stays above 1e-7.
"""
ROUNDS = 1e-9


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory that speaks here wants of these settings, held or broken."""
    del task, prediction
    found = [_square_activation(params)]
    if is_cubic(params):
        found += [_cubic_decay(params), _all_pairs(params)]
    elif is_decoupled(params):
        found += [_decay_on(params), _gentle_decay(params), _enough_data(params)]
    if is_cubic(params) or is_decoupled(params):
        found += [_enough_neurons(params), _long_enough(params)]
    return [*found, _homogeneous_l2(params)]


def homogeneous(params: Params) -> bool:
    """Gradient descent with L2 decay on the squared loss of a homogeneous net of squares."""
    kinds = params.optimizer, params.regulariser, params.loss_kind, params.activation
    return kinds == ("gd", "l2", "mse", "square")


def _square_activation(params: Params) -> Assumption:
    held = params.activation == "square"
    sentence = "The circuit was derived for squares."
    return Assumption("square_activation", "square activation", sentence, held)


def _decay_on(params: Params) -> Assumption:
    decay = float(params.weight_decay)
    sentence = "Nothing erases the memorised part." if decay == 0 else (
        f"weight_decay {said(decay, 3)} erases the memorised part."
    )  # fmt: skip
    return Assumption("decay_on", "decay on", sentence, decay > 0, decay)


def _gentle_decay(params: Params) -> Assumption:
    decay = float(params.weight_decay)
    held = decay <= GENTLE
    word = "leaves the circuit; above 2 it would erase that too" if held else (
        "also erases the circuit"
    )  # fmt: skip
    sentence = f"weight_decay {said(decay, 3)} {word}."
    return Assumption("gentle_decay", "gentle decay", sentence, held, decay)


def _enough_data(params: Params) -> Assumption:
    fraction, covered = float(params.fraction), coverage_fraction(params.p)
    sentence = (
        f"{fraction:.2f} of the pairs; coverage needs {covered:.2f}, learning about 1.8 times that."
    )
    held = fraction >= max(LEAST_FRACTION, TIMES_COVERAGE * covered) - ROUNDS
    return Assumption("enough_data", "enough data", sentence, held, fraction)


def _enough_neurons(params: Params) -> Assumption:
    needed = 4 * (params.p - 1)
    sentence = f"{params.width} neurons; the construction needs {needed}."
    held = params.width >= needed
    return Assumption("enough_neurons", "enough neurons", sentence, held, params.width)


def _long_enough(params: Params) -> Assumption:
    time = float(params.eta) * float(params.steps)
    if is_cubic(params):
        held = time >= CUBIC_TIME - ROUNDS and params.p <= CUBIC_LARGEST_P
        sentence = (
            f"{said(time, 3)} = η times steps at p = {params.p}; the margin was seen to arrive "
            "from 50 on, up to p = 23."
        )
    else:
        time *= float(params.weight_decay)
        held = time >= DECAY_TIMES - ROUNDS
        sentence = f"{time:.0f} decay times; the jump takes 4 to 10."
    return Assumption("long_enough", "long enough", sentence, held, time)


def _all_pairs(params: Params) -> Assumption:
    pairs = params.p**2
    held = round(float(params.fraction) * pairs) == pairs
    sentence = "The max-margin theorem sees every pair."
    return Assumption("all_pairs", "all pairs", sentence, held, float(params.fraction))


def _cubic_decay(params: Params) -> Assumption:
    sentence = "The margin is measured in the 2,3-norm."
    return Assumption("cubic_decay", "cubic decay", sentence, params.regulariser == "cubic")


def _homogeneous_l2(params: Params) -> Assumption:
    sentence = "The norm rule is for gradient descent with L2."
    return Assumption("homogeneous_l2", "gradient descent with L2", sentence, homogeneous(params))


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    del task
    found = []
    p, decay = params.p, float(params.weight_decay)
    if not is_prime(p):
        found.append(
            f"{p} is no prime. Addition works all the same, but a frequency that shares a factor "
            f"with {p} repeats itself and cannot tell all numbers apart."
        )
    if float(prediction["coverage"]) < 0.5:
        found.append(
            "Numbers are missing. With probability "
            f"{said(1 - float(prediction['coverage']), 2)} a random choice of so few pairs never "
            "shows some a, b or sum: nothing can be learnt about it."
        )
    if params.loss_kind == "ce" and is_decoupled(params) and decay <= SLINGSHOT_DECAY:
        found.append(
            "The loss may underflow. With so little decay the cross-entropy falls below 10⁻⁷, "
            "where Adam divides rounding by its own size and can throw the weights about."
        )
    return found
