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

GENTLE, GENTLE_BY_P = 2.0, 9.0
"""Decay that leaves the circuit: up to 2, and up to p/9.

At 2 the test accuracy ended at 0.67 to 0.8 for p = 11, 0.9 to 1 for 13, and 1 from 17 on.
"""
MILD, UNSEEN = 1.0, 2.0
"""Decay, and unseen pairs over p, at which the circuit is seen before the answers change.

At 2 answers and circuit come together, 1.02 to 1.6 of the jump's step for p from 11 to 23.
"""
LEAST_FRACTION, TIMES_COVERAGE = 0.3, 1.8
DECAY_TIMES, PHASE_STEPS = 12.0, 2000.0
"""Decay times, and steps times the decay, after which the phases had settled."""
CUBIC_TIME, CUBIC_LARGEST_P = 50.0, 23
SLINGSHOT_DECAY = 0.65
"""Decoupled decay below which the cross-entropy falls until Adam divides rounding by rounding.

The smallest train loss seen falls from 1e-6 at 1 over 4e-7 at 0.84 to 6e-8 at 0.62. Of 8 runs
between 0.13 and 0.25 it was 0 in all, and 6 lost test accuracy; at 0.5 one of 32 lost a fifth.
"""
SLINGSHOT_DECAY_64 = 0.5
"""The same in float64, where nothing is thrown about: what is left is the 1e-8 that Adam adds.

Train losses end at 2e-8 for a decay of 0.13 and 1.4e-7 for 0.5, with test accuracies of 0.85 and 1
(p = 17, two seeds each; in float32 the same runs end at 0.14 to 0.19 and 0.58 to 0.77).
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
        found += [_loss_stays_up(params), _mild_decay(params), _many_unseen(params)]
    if is_cubic(params) or is_decoupled(params):
        found += [_enough_neurons(params), _long_enough(params)]
    return found


def _square_activation(params: Params) -> Assumption:
    held = params.activation == "square"
    sentence = "The circuit was derived for squares." if held else (
        "The circuit was derived for squares; with relu half of the runs seen did not generalise."
    )  # fmt: skip
    return Assumption("square_activation", "square activation", sentence, held)


def _decay_on(params: Params) -> Assumption:
    decay = float(params.weight_decay)
    sentence = "Nothing erases the memorised part." if decay == 0 else (
        f"weight_decay {said(decay, 3)} erases the memorised part."
    )  # fmt: skip
    return Assumption("decay_on", "decay on", sentence, decay > 0, decay)


def _gentle_decay(params: Params) -> Assumption:
    decay = float(params.weight_decay)
    most = min(GENTLE, params.p / GENTLE_BY_P)
    held = decay <= most
    word = f"leaves the circuit; above {said(most, 2)} it would erase that too" if held else (
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


def _mild_decay(params: Params) -> Assumption:
    decay = float(params.weight_decay)
    sentence = (
        f"weight_decay {said(decay, 3)}: up to {MILD:.0f} what is learnt by heart stands until the "
        "circuit is seen, above it both change at once."
    )
    return Assumption("mild_decay", "mild decay", sentence, decay <= MILD, decay)


def _many_unseen(params: Params) -> Assumption:
    pairs = params.p**2
    unseen = pairs - round(float(params.fraction) * pairs)
    sentence = (
        f"{unseen} unseen pairs; their mean needs {UNSEEN * params.p:.0f} for what differs from "
        "pair to pair to cancel."
    )
    return Assumption(
        "many_unseen", "many unseen pairs", sentence, unseen >= UNSEEN * params.p, unseen
    )


def _loss_stays_up(params: Params) -> Assumption:
    decay = float(params.weight_decay)
    wide = params.dtype == "float64"
    least = SLINGSHOT_DECAY_64 if wide else SLINGSHOT_DECAY
    held = params.loss_kind != "ce" or decay >= least
    sentence = (
        f"weight_decay {said(decay, 3)} lets the gradients fall to the 10⁻⁸ that Adam adds to "
        f"their size: seen at 0.25, not at {least}."
        if not held and wide
        else f"weight_decay {said(decay, 3)} lets the cross-entropy underflow, and Adam then "
        f"throws the weights about: seen up to 0.5, not from {least} on."
        if not held
        else f"From weight_decay {least} on the cross-entropy stays above rounding."
        if params.loss_kind == "ce"
        else "Squared errors stay above rounding."
    )
    return Assumption("loss_stays_up", "loss above rounding", sentence, held, decay)


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
        settling = PHASE_STEPS * float(params.eta)
        held = time >= max(DECAY_TIMES, settling) - ROUNDS
        sentence = f"{time:.0f} decay times; the jump takes 4 to 10"
        slow = settling > DECAY_TIMES
        sentence += f", the phases {settling:.0f} at this learning rate." if slow else "."
    return Assumption("long_enough", "long enough", sentence, held, time)


def _all_pairs(params: Params) -> Assumption:
    pairs = params.p**2
    held = round(float(params.fraction) * pairs) == pairs
    sentence = "The max-margin theorem sees every pair."
    return Assumption("all_pairs", "all pairs", sentence, held, float(params.fraction))


def _cubic_decay(params: Params) -> Assumption:
    sentence = "The margin is measured in the 2,3-norm."
    return Assumption("cubic_decay", "cubic decay", sentence, params.regulariser == "cubic")


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
    narrow = params.dtype == "float32"
    if narrow and params.loss_kind == "ce" and is_decoupled(params) and decay < SLINGSHOT_DECAY:
        found.append(
            "The loss may underflow. With so little decay the cross-entropy falls below 10⁻⁷, "
            "where Adam divides rounding by its own size and can throw the weights about."
        )
    return found
